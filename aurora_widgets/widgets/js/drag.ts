/** Dragging rows and pills with a pointer: nothing is drawn again until it is let go. */

export type Side = "before" | "after" | "inside";
export interface Drop { id: string; side: Side }

export interface Dragging {
  /** What is dragged, as `data-id`. */
  id: string;
  /** Holds the rows; it is `position: relative`, and the nearest box around it that scrolls is scrolled at its edges. */
  box: HTMLElement;
  /** Pills flow in lines; rows stand one below another. */
  flow?: "rows" | "pills";
  /** Of a row `[data-group]`, the lower half takes what is dropped into the group. */
  allowed?: (drop: Drop) => boolean;
  drop: (drop: Drop) => void;
}

/** Begins on `pointerdown` of a handle; ends on letting go, and Escape leaves everything as it was. */
export function drag(event: PointerEvent, { id, box, flow = "rows", allowed = () => true, drop }: Dragging): void {
  if (event.button !== 0) return;
  event.preventDefault();
  const handle = event.currentTarget as HTMLElement;
  handle.setPointerCapture(event.pointerId);
  const bar = box.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  const row = bar?.dataset["group"] === undefined ? bar : bar.parentElement; // a group goes with all that is in it
  const line = document.createElement("div");
  line.className = `au-drop au-drop-${flow}`;
  line.hidden = true;
  box.append(line);
  const start = { x: event.clientX, y: event.clientY };
  let moving = false;
  let target: Drop | null = null;
  let point = start;
  let frame = 0;

  const look = () => {
    frame = 0;
    const scroller = scrolling(box);
    if (scroller) {
      const edge = scroller.getBoundingClientRect();
      const step = point.y < edge.top + 28 ? -12 : point.y > edge.bottom - 28 ? 12 : 0;
      const was = scroller.scrollTop;
      scroller.scrollTop += step;
      if (step && scroller.scrollTop !== was) frame = requestAnimationFrame(look);
    }
    const found = under(box, point, flow);
    target = found && found.drop.id !== id && !row?.contains(found.element) && allowed(found.drop) ? found.drop : null;
    line.hidden = target === null;
    if (found && target) mark(line, box, found.element, target.side, flow);
  };
  const onMove = (moved: PointerEvent) => {
    point = { x: moved.clientX, y: moved.clientY };
    if (!moving && Math.hypot(point.x - start.x, point.y - start.y) < 4) return;
    moving = true;
    row?.classList.add("au-dragged");
    frame ||= requestAnimationFrame(look);
  };
  const finish = (apply: boolean) => {
    if (frame) cancelAnimationFrame(frame);
    if (apply && moving) look();
    cancelAnimationFrame(frame);
    line.remove();
    row?.classList.remove("au-dragged");
    handle.removeEventListener("pointermove", onMove);
    handle.removeEventListener("pointerup", onUp);
    handle.removeEventListener("pointercancel", onCancel);
    document.removeEventListener("keydown", onKey, true);
    if (apply && moving && target) drop(target);
  };
  const onUp = () => finish(true);
  const onCancel = () => finish(false);
  const onKey = (pressed: KeyboardEvent) => {
    if (pressed.key !== "Escape") return;
    pressed.preventDefault();
    pressed.stopPropagation();
    finish(false);
  };
  handle.addEventListener("pointermove", onMove);
  handle.addEventListener("pointerup", onUp);
  handle.addEventListener("pointercancel", onCancel);
  document.addEventListener("keydown", onKey, true);
}

function scrolling(element: HTMLElement): HTMLElement | null {
  for (let box: HTMLElement | null = element; box; box = box.parentElement) {
    if (box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY)) return box;
  }
  return null;
}

function under(box: HTMLElement, { x, y }: { x: number; y: number }, flow: "rows" | "pills"): { element: HTMLElement; drop: Drop } | null {
  const rows = [...box.querySelectorAll<HTMLElement>("[data-id]")];
  let best: { element: HTMLElement; away: number } | null = null;
  for (const element of rows) {
    const edge = element.getBoundingClientRect();
    const dy = y < edge.top ? edge.top - y : y > edge.bottom ? y - edge.bottom : 0;
    const dx = flow === "rows" ? 0 : x < edge.left ? edge.left - x : x > edge.right ? x - edge.right : 0;
    const away = dy * 4 + dx;
    if (!best || away < best.away) best = { element, away };
  }
  const id = best?.element.dataset["id"];
  if (!best || id === undefined) return null;
  const edge = best.element.getBoundingClientRect();
  const late = flow === "rows" ? y > edge.top + edge.height / 2 : x > edge.left + edge.width / 2;
  const side: Side = late && best.element.dataset["group"] !== undefined ? "inside" : late ? "after" : "before";
  return { element: best.element, drop: { id, side } };
}

function mark(line: HTMLElement, box: HTMLElement, element: HTMLElement, side: Side, flow: "rows" | "pills"): void {
  const outer = box.getBoundingClientRect();
  const edge = element.getBoundingClientRect();
  const [x, y] = [edge.left - outer.left + box.scrollLeft, edge.top - outer.top + box.scrollTop];
  const inset = side === "inside" ? 14 : 0;
  Object.assign(line.style, flow === "rows"
    ? { left: `${x + inset}px`, top: `${side === "before" ? y - 2 : y + edge.height}px`, width: `${edge.width - inset}px` }
    : { left: `${side === "before" ? x - 3 : x + edge.width + 1}px`, top: `${y}px`, height: `${edge.height}px` });
}
