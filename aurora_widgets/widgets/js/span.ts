/** Which columns of a wide page are drawn: those in sight and some beside them, so that 200 cost no more than 20. */

export interface Span { readonly first: number; readonly end: number }

/** Pages with no more columns than this are drawn whole. */
export const WHOLE = 40;
const BESIDE = 700; // px drawn on either side of what is in sight
const SLACK = 250; // px that may be left of them before others are drawn

/** Where each column begins, and last where all end. */
export function edges(widths: readonly number[]): number[] {
  const found = [0];
  for (const width of widths) found.push((found.at(-1) as number) + width);
  return found;
}

const at = (edges: readonly number[], px: number): number => {
  let [low, high] = [0, edges.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((edges[middle] as number) <= px) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
};

/** The columns to draw where `left` px are scrolled away and `wide` px are in sight; `held` stays while it will do. */
export function spanOf(edges: readonly number[], left: number, wide: number, held: Span | null = null): Span {
  const count = edges.length - 1;
  if (count <= WHOLE) return { first: 0, end: count };
  const total = edges[count] as number;
  const from = Math.max(0, Math.min(left, total - wide));
  if (held && held.end <= count) {
    const before = (edges[held.first] as number) <= Math.max(0, from - SLACK);
    const after = (edges[held.end] as number) >= Math.min(total, from + wide + SLACK);
    if (before && after) return held;
  }
  return { first: at(edges, from - BESIDE), end: Math.min(count, at(edges, from + wide + BESIDE) + 1) };
}

/** How far to scroll so that a column is in sight; null where it is. */
export function reveal(edges: readonly number[], column: number, left: number, wide: number): number | null {
  const [from, to] = [edges[column] as number, edges[column + 1] as number];
  if (from < left) return from;
  return to > left + wide ? Math.min(from, to - wide) : null;
}

/** The one column that was added to what was there before; null where more has changed. */
export function added(before: readonly string[], now: readonly string[]): number | null {
  if (before.length === 0 || now.length !== before.length + 1) return null;
  const index = now.findIndex((name, at) => name !== before[at]);
  return before.every((name, at) => now[at < index ? at : at + 1] === name) ? index : null;
}
