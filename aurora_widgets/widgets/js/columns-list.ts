/** Which columns are shown, and in which order, as the editor holds it. */
import type { ColumnInfo } from "./protocol";

export interface Item {
  readonly name: string;
  readonly shown: boolean;
}

/** Shown columns in their order, then those that are hidden, as the table has them. */
export function read(select: readonly string[] | null, columns: readonly ColumnInfo[]): Item[] {
  if (select === null) return columns.map(({ name }) => ({ name, shown: true }));
  const chosen = new Set(select);
  const hidden = columns.filter(({ name }) => !chosen.has(name));
  return [...[...chosen].map((name) => ({ name, shown: true })), ...hidden.map(({ name }) => ({ name, shown: false }))];
}

/** The names to show; null where that is every column in the table's own order. */
export function write(items: readonly Item[], columns: readonly ColumnInfo[]): string[] | null {
  const shown = items.filter((item) => item.shown).map(({ name }) => name);
  const all = shown.length === columns.length && shown.every((name, index) => columns[index]?.name === name);
  return all ? null : shown;
}

export function show(items: readonly Item[], names: ReadonlySet<string>, shown: boolean): Item[] {
  return items.map((item) => (names.has(item.name) && item.shown !== shown ? { ...item, shown } : item));
}

/** Puts an item before another one (before null: last). */
export function move<T>(items: readonly T[], item: T, before: T | null): readonly T[] {
  const from = items.indexOf(item);
  if (from < 0 || item === before) return items;
  const rest = items.filter((other) => other !== item);
  const at = before === null ? rest.length : rest.indexOf(before);
  if (at < 0 || at === from) return items;
  return [...rest.slice(0, at), item, ...rest.slice(at)];
}

/** Moves an item by places; past either end it stays at the end. */
export function shift<T>(items: readonly T[], item: T, by: number): readonly T[] {
  const from = items.indexOf(item);
  if (from < 0) return items;
  const to = Math.max(0, Math.min(items.length - 1, from + by));
  return move(items, item, (by > 0 ? items[to + 1] : items[to]) ?? null);
}
