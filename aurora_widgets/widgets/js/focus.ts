/** Where focus can go, and where it goes when what had it is gone: never to the page's start. */

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]';

/** What Tab reaches inside `box`, as it is read. */
export function stops(box: Element): HTMLElement[] {
  return focusable(box).filter(isStop);
}

/** The first of them; does not look at the rest, of which there may be thousands. */
export function firstStop(box: Element): HTMLElement | undefined {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const element = walker.currentNode as HTMLElement;
    if (element.matches(FOCUSABLE) && isStop(element)) return element;
  }
  return undefined;
}

const focusable = (box: Element): HTMLElement[] => [...box.querySelectorAll<HTMLElement>(FOCUSABLE)];

const isStop = (element: HTMLElement): boolean =>
  element.tabIndex >= 0 && element.getClientRects().length > 0 && !element.closest("[inert]");

/** Parts of the page that keep focus among themselves. */
const REGION = '[role="dialog"], [data-region]';

/** Where focus goes when its whole region is gone: a dataset was picked, and here are its rows. */
const NEXT = '[role="dialog"], [data-region="grid"], [data-region="start"]';

/**
 * Watches `root`: when the element that had focus is taken away (a removed chip, a deleted rule), focus goes to
 * its neighbour in the same region. Returns what ends the watch.
 */
export function keepFocus(root: HTMLElement): () => void {
  let last: { element: HTMLElement; region: HTMLElement; at: number } | null = null;
  const onFocus = (event: FocusEvent) => {
    const element = event.target as HTMLElement;
    const region = element.closest<HTMLElement>(REGION) ?? root;
    last = { element, region, at: Math.max(0, focusable(region).indexOf(element)) };
  };
  const onBlur = () => requestAnimationFrame(() => {
    // Left by a person while it still stands: not ours to bring back.
    if (last?.element.isConnected && document.activeElement !== last.element && !root.contains(document.activeElement))
      last = null;
  });
  const observer = new MutationObserver(() => {
    const active = document.activeElement;
    if (!last || (active && active !== document.body) || last.element.isConnected) return;
    const { region, at } = last;
    const near = region.isConnected ? focusable(region) : [];
    const instead = region.isConnected ? region : (root.querySelector<HTMLElement>(NEXT) ?? root);
    (near.slice(at).find(isStop) ?? near.slice(0, at).reverse().find(isStop) ?? firstStop(instead) ?? instead).focus();
  });
  root.addEventListener("focusin", onFocus);
  root.addEventListener("focusout", onBlur);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    observer.disconnect();
    root.removeEventListener("focusin", onFocus);
    root.removeEventListener("focusout", onBlur);
  };
}
