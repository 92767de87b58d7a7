/** The four kinds of join as two circles: what is filled is kept. */
import type { Join } from "./protocol";

const LEFT = "M16 4a7.5 7.5 0 1 0 0 12 7.5 7.5 0 0 1 0-12z";
const RIGHT = "M16 4a7.5 7.5 0 1 1 0 12 7.5 7.5 0 0 0 0-12z";
const BOTH = "M16 4a7.5 7.5 0 0 1 0 12 7.5 7.5 0 0 1 0-12z";
const FILLED: Record<Join["how"], string[]> = { left: [LEFT, BOTH], inner: [BOTH], right: [BOTH, RIGHT], full: [LEFT, BOTH, RIGHT] };

export function Venn({ how, size }: { how: Join["how"]; size: number }) {
  return (
    <svg class="au-venn" width={size} height={(size * 20) / 32} viewBox="0 0 32 20" aria-hidden="true" focusable="false">
      {FILLED[how].map((path) => <path key={path} d={path} class="au-venn-kept" />)}
      <circle cx="11.5" cy="10" r="7.5" />
      <circle cx="20.5" cy="10" r="7.5" />
    </svg>
  );
}
