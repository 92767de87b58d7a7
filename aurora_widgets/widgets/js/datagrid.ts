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

/**
 * A click on the middle of a header of the grid below `root` sorts, with shift by one column more. Which header it was
 * the grid says; but not whether shift was held, and its icon and its edges are pressed as well.
 */
export function sortByHeaders(root: HTMLElement, client: Client): () => void {
  const onClick = (event: MouseEvent) => {
    const grid = (event.target as Element).closest<HTMLElement>(".lm-DataGrid-viewport");
    if (event.button !== 0 || !grid || grid.closest(".aurora-explorer") !== root.closest(".aurora-explorer")) return;
    if (event.clientY - grid.getBoundingClientRect().top > HEADER) return;
    if (grid.style.cursor.endsWith("resize") || document.querySelector(".ipydatagrid-context-menu")) return;
    client.deed({ do: "sort_header", also: event.shiftKey });
  };
  document.addEventListener("click", onClick, true);
  return () => document.removeEventListener("click", onClick, true);
}
