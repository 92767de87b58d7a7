/** ?editor=filter&filter=look&extra=&theme=dark&panel=1 */
import { render } from "preact";
import { useState } from "preact/hooks";
import { ColumnsEditor } from "../../../aurora_widgets/widgets/js/columns";
import { FilterEditor } from "../../../aurora_widgets/widgets/js/filter";
import { JoinEditor } from "../../../aurora_widgets/widgets/js/join";
import { Client, Provide } from "../../../aurora_widgets/widgets/js/model";
import { SummarizeEditor } from "../../../aurora_widgets/widgets/js/summarize";
import "../../../aurora_widgets/widgets/js/theme.css";
import { World } from "./world";

const asked = new URLSearchParams(location.search);
const world = new World(asked.get("filter") ?? "look", asked.get("extra") ?? "");
Object.assign(window, { world });
const editors = { filter: FilterEditor, columns: ColumnsEditor, summarize: SummarizeEditor, join: JoinEditor } as const;
const panel = asked.has("panel");

function Page() {
  const [open, set] = useState(!asked.has("closed"));
  const Editor = editors[(asked.get("editor") ?? "filter") as keyof typeof editors];
  return (
    <>
      {!panel && <button id="open" onClick={() => { performance.mark("open"); set(true); }}>Open</button>}
      {(open || panel) && <Editor close={() => set(false)} panel={panel} {...(asked.has("column") ? { start: { column: asked.get("column") as string } } : {})} />}
    </>
  );
}

const root = document.getElementById("root") as HTMLElement;
const aurora = document.createElement("div");
aurora.className = "aurora";
aurora.dataset["theme"] = asked.get("theme") ?? "light";
aurora.style.cssText = panel ? "" : "height:100vh;background:var(--au-page)";
root.append(aurora);
render(<Provide client={new Client(world)}><Page /></Provide>, aurora);
