/** Lays the parts out and opens the editors. */
import type { PanelName } from "./protocol";

export function Explorer({ panel }: { panel: PanelName; root: HTMLElement }) {
  return <p>{panel}</p>;
}
