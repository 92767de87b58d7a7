/** What is taken from ipydatagrid's own page: the filters of its header menu, which are not the question's. */
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
