/**
 * The explorer in a plain page, over a made-up kernel: `index.html?scene=ready&theme=dark&panel=explorer&cell`.
 * For looking at it and for measuring how fast it draws; whether answers are right is tested on the real kernel.
 */
import "../../../aurora_widgets/widgets/js/theme.css";
import aurora from "../../../aurora_widgets/widgets/js/index";
import { FakeModel } from "./fake";

const wish = new URLSearchParams(location.search);
const body = document.body;
body.classList.add(wish.has("cell") ? "cell" : "page");
body.dataset["theme"] = wish.get("theme") ?? "light";
if (wish.get("theme") === "dark") body.classList.add("dark");
const here = document.getElementById("here");
const model = new FakeModel(wish.get("scene") ?? "start", wish.get("panel") ?? "explorer");
Object.assign(window, { model });
if (here) aurora.render({ model, el: here });
