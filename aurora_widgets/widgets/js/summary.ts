/** The summary as the editor holds it: keys and measures with stable ids, and names that are never given twice. */
import type { Aggregate, ColumnInfo, Family, Key, Measure, Question } from "./protocol";
import { newId } from "./tree";

export interface DraftKey {
  readonly id: string;
  readonly column: string;
  readonly bucket: string | null;
  /** A name given by hand. */
  readonly as: string | null;
}

export interface DraftMeasure {
  readonly id: string;
  readonly fn: string;
  /** null: of rows. */
  readonly column: string | null;
  readonly as: string;
  /** The name was typed, and stays when function or column change. */
  readonly own: boolean;
}

export interface Summary {
  readonly by: readonly DraftKey[];
  readonly measures: readonly DraftMeasure[];
  readonly totals: "none" | "grand" | "rollup";
  readonly disabled: boolean;
}

export const NOTHING: Summary = { by: [], measures: [], totals: "none", disabled: false };

type Measures = Question["measures"];

export function read(aggregate: Aggregate | null): Summary {
  if (!aggregate) return NOTHING;
  return {
    by: aggregate.by.map(({ column, bucket, as }) => ({ id: newId(), column, bucket: bucket ?? null, as: as ?? null })),
    measures: aggregate.measures.map((measure) => ({
      id: newId(),
      fn: measure.fn,
      column: measure.column ?? null,
      as: measure.as,
      own: !new RegExp(`^${escape(plainName(measure.fn, measure.column ?? null))}(_\\d+)?$`).test(measure.as),
    })),
    totals: aggregate.totals ?? "none",
    disabled: aggregate.disabled ?? false,
  };
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** null: the rows are not summarized. */
export function write(summary: Summary): Aggregate | null {
  if (summary.by.length === 0 && summary.measures.length === 0) return null;
  const made: Aggregate = {
    type: "aggregate",
    by: summary.by.map(({ column, bucket, as }) => {
      const key: Key = { column };
      if (bucket !== null) key.bucket = bucket;
      if (as !== null) key.as = as;
      return key;
    }),
    measures: summary.measures.map(({ fn, column, as }) => {
      const measure: Measure = { as, fn };
      if (column !== null) measure.column = column;
      return measure;
    }),
  };
  if (summary.totals !== "none") made.totals = summary.totals;
  if (summary.disabled) made.disabled = true;
  return made;
}

// ── names

export function keyName({ column, bucket, as }: DraftKey): string {
  return as ?? (bucket === null ? column : `${column}_${bucket}`);
}

/** sum_revenue; count of rows is just count. */
export function plainName(fn: string, column: string | null): string {
  return column === null ? fn : `${fn}_${column}`;
}

/** `Sum of revenue`: what a result is called that nobody gave a name. */
export function resultLabel({ fn, column, as }: Pick<DraftMeasure, "fn" | "column" | "as">, columns: ReadonlyMap<string, ColumnInfo>, measures: Measures): string {
  if (column === null) return as === "count" || as === "rows" ? "Rows" : as;
  if (as !== plainName(fn, column)) return as;
  const of = columns.get(column)?.label ?? column;
  const inside = /^.\p{Ll}/u.test(of) ? of[0]!.toLowerCase() + of.slice(1) : of;
  return `${measures.find((measure) => measure.fn === fn)?.label ?? fn} of ${inside}`;
}

/** The name, or the name with the first number that makes it unlike all others; case makes no difference to a database. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  if (!used.has(wanted.toLowerCase())) return wanted;
  let number = 2;
  while (used.has(`${wanted}_${number}`.toLowerCase())) number += 1;
  return `${wanted}_${number}`;
}

const others = (summary: Summary, id: string): string[] => [
  ...summary.by.filter((key) => key.id !== id).map(keyName),
  ...summary.measures.filter((measure) => measure.id !== id).map(({ as }) => as),
];

// ── edits

/** Groups by one more column; the same column comes twice only with another bucket. */
export function addKey(summary: Summary, column: ColumnInfo, buckets: readonly string[]): Summary {
  const used = new Set(summary.by.filter((key) => key.column === column.name).map(({ bucket }) => bucket));
  const wanted = bucketsOf(column, buckets).find((bucket) => !used.has(bucket));
  if (wanted === undefined) return summary;
  return { ...summary, by: [...summary.by, { id: newId(), column: column.name, bucket: wanted, as: null }] };
}

/** What a column can be cut to; the first is offered. A date has no hours; null is the value itself. */
export function bucketsOf({ family }: Pick<ColumnInfo, "family">, buckets: readonly string[]): (string | null)[] {
  if (family !== "date" && family !== "timestamp") return [null];
  const fit = buckets.filter((bucket) => family === "timestamp" || bucket !== "hour");
  return [...fit.filter((bucket) => bucket === "month"), ...fit.filter((bucket) => bucket !== "month"), null];
}

export function changeKey(summary: Summary, id: string, change: Partial<Omit<DraftKey, "id">>): Summary {
  return { ...summary, by: summary.by.map((key) => (key.id === id ? { ...key, ...change } : key)) };
}

/** The functions that take such a column (null: rows). */
export function functionsFor(family: Family | null, measures: Measures): Measures {
  return measures.filter((measure) => (family === null ? !measure.column || measure.fn === "count" : measure.families.includes(family)));
}

export function addMeasure(summary: Summary, column: ColumnInfo | null, measures: Measures): Summary {
  const offered = functionsFor(column?.family ?? null, measures);
  const first = (column === null ? offered.find(({ fn }) => fn === "count") : undefined)
    ?? offered.find(({ fn }) => fn === (column?.family === "number" ? "sum" : "count")) ?? offered[0];
  if (!first) return summary;
  const id = newId();
  const as = freeName(plainName(first.fn, column?.name ?? null), others(summary, id));
  return { ...summary, measures: [...summary.measures, { id, fn: first.fn, column: column?.name ?? null, as, own: false }] };
}

export function changeMeasure(
  summary: Summary, id: string, change: Partial<Pick<DraftMeasure, "fn" | "column" | "as">>, columns: ReadonlyMap<string, ColumnInfo>, measures: Measures,
): Summary {
  return {
    ...summary,
    measures: summary.measures.map((measure) => {
      if (measure.id !== id) return measure;
      if (change.as !== undefined) return { ...measure, as: change.as, own: change.as.trim() !== "" };
      const next = { ...measure, ...change };
      const offered = functionsFor(next.column === null ? null : (columns.get(next.column)?.family ?? "other"), measures);
      if (!offered.some(({ fn }) => fn === next.fn)) next.fn = offered[0]?.fn ?? next.fn;
      return next.own ? next : { ...next, as: freeName(plainName(next.fn, next.column), others(summary, id)) };
    }),
  };
}

/** A name left empty gets the one it would have had. */
export function settleName(summary: Summary, id: string): Summary {
  return {
    ...summary,
    measures: summary.measures.map((measure) => (measure.id === id && measure.as.trim() === ""
      ? { ...measure, as: freeName(plainName(measure.fn, measure.column), others(summary, id)), own: false }
      : measure)),
  };
}

export function remove(summary: Summary, id: string): Summary {
  return { ...summary, by: summary.by.filter((key) => key.id !== id), measures: summary.measures.filter((measure) => measure.id !== id) };
}

// ── what comes out

/** The names of keys and measures by what they are; their types are Python's to say. */
export function result(summary: Summary, columns: ReadonlyMap<string, ColumnInfo>, measures: Measures): { id: string; name: string; label: string }[] {
  const keys = summary.by.map((key) => {
    const of = columns.get(key.column)?.label ?? key.column;
    return { id: key.id, name: keyName(key), label: key.as ?? (key.bucket === null ? of : `${of} (${key.bucket})`) };
  });
  return [...keys, ...summary.measures.map((measure) => ({ id: measure.id, name: measure.as, label: resultLabel(measure, columns, measures) }))];
}

/** What keeps the summary from being applied, by id of key or measure. */
export function problems(summary: Summary, columns: ReadonlyMap<string, ColumnInfo>, measures: Measures): Map<string, string> {
  const found = new Map<string, string>();
  const named = new Map<string, string>();
  for (const { id, name } of result(summary, columns, measures)) {
    const plain = name.toLowerCase();
    if (!name.trim()) found.set(id, "Give it a name");
    else if (named.has(plain)) found.set(id, `Two results are called "${name}": give one of them another name`);
    named.set(plain, id);
  }
  for (const { id, column } of [...summary.by, ...summary.measures]) {
    if (column !== null && !columns.has(column)) found.set(id, `"${column}" is not a column here any more`);
  }
  for (const { id, fn, column } of summary.measures) {
    const family = column === null ? null : columns.get(column)?.family;
    if (family !== undefined && !found.has(id) && !functionsFor(family, measures).some((measure) => measure.fn === fn)) {
      found.set(id, column === null ? "Choose a column" : `"${fn}" can't be taken of "${column}"`);
    }
  }
  return found;
}
