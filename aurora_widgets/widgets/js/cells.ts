/** The grid's arithmetic, without a page: where the keys lead, what a click sorts, what a total row says. */
import type { Aggregate, PageData, SortKey } from "./protocol";

/** A cell of the page; row −1 is the header. */
export interface Cell { row: number; column: number }

export interface Extent { rows: number; columns: number; visible: number }

/** Where a key leads from `at`; null where the key is none of the grid's. */
export function moved(key: string, ctrl: boolean, at: Cell, extent: Extent): Cell | null {
  const last = { row: extent.rows - 1, column: extent.columns - 1 };
  const within = (row: number, column: number): Cell => ({
    row: Math.max(-1, Math.min(last.row, row)), column: Math.max(0, Math.min(last.column, column)),
  });
  const step = Math.max(1, extent.visible - 1);
  switch (key) {
    case "ArrowUp": return within(ctrl ? Math.min(0, at.row) : at.row - 1, at.column);
    case "ArrowDown": return within(ctrl ? last.row : at.row + 1, at.column);
    case "ArrowLeft": return within(at.row, ctrl ? 0 : at.column - 1);
    case "ArrowRight": return within(at.row, ctrl ? last.column : at.column + 1);
    case "Home": return ctrl ? within(0, 0) : within(at.row, 0);
    case "End": return ctrl ? within(last.row, last.column) : within(at.row, last.column);
    case "PageUp": return within(Math.max(0, at.row - step), at.column);
    case "PageDown": return within(Math.max(0, at.row) + step, at.column);
    default: return null;
  }
}

export interface Range { top: number; bottom: number; left: number; right: number }

/** The cells between two corners, both included; the header is never among them. */
export function between(a: Cell, b: Cell): Range {
  return {
    top: Math.max(0, Math.min(a.row, b.row)), bottom: Math.max(a.row, b.row),
    left: Math.min(a.column, b.column), right: Math.max(a.column, b.column),
  };
}

/** The sort after a click on a column: up, down, none. `add` (shift) keeps the others, in their order. */
export function nextSort(sort: readonly SortKey[], column: string, add: boolean): SortKey[] {
  const at = sort.findIndex((key) => key.column === column);
  const key = sort[at];
  if (!add && sort.length > 1) return [{ column }];
  const next: SortKey[] = !key ? [{ column }] : key.descending ? [] : [{ column, descending: true }];
  if (!add) return next;
  return at < 0 ? [...sort, ...next] : sort.flatMap((old, index) => (index === at ? next : [old]));
}

/** The name a group key has in the result. */
const keyName = (key: Aggregate["by"][number]): string =>
  key.as ?? (key.bucket ? `${key.column}_${key.bucket}` : key.column);

/**
 * What stands in a cell. In a total row the keys that were rolled up (the last `level` of them) are no empty
 * cells: the first says "Total", the others nothing.
 */
export function shownRows(page: PageData, aggregate: Aggregate | null): (string | null)[][] {
  const { totals, columns, rows } = page;
  if (!totals || !aggregate || !totals.some((level) => level > 0)) return rows;
  const keys = aggregate.by.map(keyName);
  return rows.map((row, r) => {
    const level = totals[r] ?? 0;
    if (level === 0) return row;
    const rolled = new Set(keys.slice(Math.max(0, keys.length - level)));
    let said = false;
    return row.map((cell, c) => {
      if (cell !== null || !rolled.has(columns[c]?.name ?? "")) return cell;
      const text = said ? "" : "Total";
      said = true;
      return text;
    });
  });
}

/** The text of the cells in `range`, as a person sees them; an empty cell is an empty text. */
export function picked(rows: readonly (readonly (string | null)[])[], range: Range): string[][] {
  return rows.slice(range.top, range.bottom + 1)
    .map((row) => row.slice(range.left, range.right + 1).map((cell) => cell ?? ""));
}
