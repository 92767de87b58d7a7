/** anywidget's way in: draws the panel that the trait `panel` names. */
import { render as draw } from "preact";
import { Client, Provide, type Model } from "./model";
import { Explorer } from "./explorer";
import { followTheme } from "./theme";
import "./theme.css";

/** Draws into `el`; what is returned takes it away again. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const root = document.createElement("div");
  root.className = "aurora";
  root.dataset["panel"] = String(model.get("panel") ?? "explorer");
  // JupyterLab: keys and right clicks in here are not its own.
  root.dataset["lmSuppressShortcuts"] = "true";
  root.dataset["jpSuppressContextMenu"] = "true";
  el.append(root);
  const client = new Client(model);
  const unfollow = followTheme(root);
  draw(
    <Provide client={client}>
      <Explorer panel={client.get("panel") ?? "explorer"} root={root} />
    </Provide>,
    root,
  );
  return () => {
    draw(null, root);
    client.close();
    unfollow();
    root.remove();
  };
}

export default { render };
