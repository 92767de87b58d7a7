/** Where the page control leads, and how it says how many rows there are. */
import { grouped } from "./controls";
import type { PageData, Status } from "./protocol";

export interface Paging {
  first: number | null;
  previous: number | null;
  next: number | null;
  last: number | null;
  page: number; // 1-based
  pages: number | null; // null: not known
  /** Why next can't be pressed although there is more. */
  ends: string | null;
}

/** Offsets a click leads to; null where it leads nowhere. */
export function paging(status: Status, page: PageData | null): Paging {
  const size = Math.max(1, status.page_rows);
  const offset = page?.offset ?? status.offset;
  const counted = status.rows !== null && status.exact;
  const more = page?.more ?? false;
  const reach = (to: number) => to + size <= status.max_offset;
  const pages = counted ? Math.max(1, Math.ceil((status.rows ?? 0) / size)) : null;
  const last = pages === null ? null : (pages - 1) * size;
  return {
    first: offset > 0 ? 0 : null,
    previous: offset > 0 ? Math.max(0, offset - size) : null,
    next: more && reach(offset + size) ? offset + size : null,
    last: last !== null && last > offset && reach(last) ? last : null,
    page: Math.floor(offset / size) + 1,
    pages,
    ends: more && !reach(offset + size)
      ? `Paging ends at ${grouped(status.max_offset)} rows: narrow the question to see what comes after.` : null,
  };
}

/** `37,368 rows`, `1 row`, `over 100,000 rows`; while it is not counted, what the page itself proves. */
export function rowsInWords(rows: number | null, exact: boolean, page: PageData | null): string {
  if (rows === null) {
    const seen = page ? page.offset + page.rows.length : 0;
    return seen === 0 ? "" : page?.more ? `over ${grouped(seen)} rows` : rowsInWords(seen, true, page);
  }
  if (!exact) return `over ${grouped(rows)} rows`;
  return rows === 1 ? "1 row" : `${grouped(rows)} rows`;
}

/** `346 ms`, `2.4 s`. */
export function timeInWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `Rows 51–100 of 37,368`. */
export function rangeInWords(status: Status, page: PageData): string {
  const from = page.rows.length === 0 ? 0 : page.offset + 1;
  const to = page.offset + page.rows.length;
  const of = status.rows === null ? "" : status.exact ? ` of ${grouped(status.rows)}` : ` of over ${grouped(status.rows)}`;
  return from === 0 ? "No rows" : `Rows ${grouped(from)}–${grouped(to)}${of}`;
}
