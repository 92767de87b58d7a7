/** What ipydatagrid's own page lacks, and what is taken from it: the filters of its header menu are not the question's. */
import type { Client } from "./model";
import "./datagrid.css";

/** Marks the document while the last press was in an explorer: `datagrid.css` then hides the filters of that menu. */
export function trimGridMenu(): () => void {
  const onPress = (event: MouseEvent) => {
    const target = event.target as Element;
    if (!target.closest(".lm-Menu")) document.documentElement.toggleAttribute("data-aurora-grid", target.closest(".aurora-explorer") !== null);
  };
  document.addEventListener("mousedown", onPress, true);
  return () => {
    document.removeEventListener("mousedown", onPress, true);
    document.documentElement.removeAttribute("data-aurora-grid");
  };
}

/** The height of the headers, as `StreamedGrid` has it. */
const HEADER = 26;

/** A shift-click on a header of the grid below `root` sorts by one column more: the grid itself never says that shift was held. */
export function sortByMore(root: HTMLElement, client: Client): () => void {
  const onPress = (event: MouseEvent) => {
    const target = event.target as Element;
    const grid = target.closest(".lm-DataGrid-viewport");
    if (!event.shiftKey || event.button !== 0 || !grid || grid.closest(".aurora-explorer") !== root.closest(".aurora-explorer")) return;
    const { clientX, clientY, button, buttons } = event;
    if (clientY - grid.getBoundingClientRect().top > HEADER) return;
    event.stopImmediatePropagation();
    client.deed({ do: "sort_also" });
    target.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, clientX, clientY, button, buttons }));
  };
  document.addEventListener("mousedown", onPress, true);
  return () => document.removeEventListener("mousedown", onPress, true);
}
