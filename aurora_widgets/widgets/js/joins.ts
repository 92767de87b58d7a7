/** The joins as the editor holds them: datasets, kinds and key pairs, also half filled in. */
import type { Before, First, Join, On, Question, Vintage } from "./protocol";
import { shift } from "./columns-list";
import { newId } from "./tree";
import { freeName } from "./summary";

export interface DraftPair {
  readonly id: string;
  /** Empty where no column is chosen yet. */
  readonly left: string;
  readonly right: string;
  readonly op: NonNullable<On["op"]>;
}

export interface DraftJoin {
  readonly id: string;
  /** Empty where no dataset is chosen yet. */
  readonly table: string;
  readonly how: Join["how"];
  /** None: not looked for yet, suggestions may fill them in. */
  readonly on: readonly DraftPair[];
  readonly as: string | null;
  readonly vintage: Vintage | null;
  readonly disabled: boolean;
}

export interface Joins {
  /** The first table; its vintage is known here only once the sides were swapped. */
  readonly table: string;
  readonly vintage: Vintage | null;
  readonly joins: readonly DraftJoin[];
}

export const pairOf = ({ left, right, op }: On): DraftPair => ({ id: newId(), left, right, op: op ?? "=" });
export const newPair = (): DraftPair => ({ id: newId(), left: "", right: "", op: "=" });
export const newJoin = (): DraftJoin => ({ id: newId(), table: "", how: "left", on: [], as: null, vintage: null, disabled: false });

export function joinOf(join: Join, id = newId()): DraftJoin {
  return {
    id, table: join.table, how: join.how, on: join.on.map(pairOf), as: join.as ?? null, vintage: join.vintage ?? null,
    disabled: join.disabled ?? false,
  };
}

export function read(question: Pick<Question, "table" | "parts">): Joins {
  return { table: question.table ?? "", vintage: null, joins: question.parts.joins.map((join) => joinOf(join)) };
}

export interface Written { joins: Join[]; first?: First }

/** What is complete; `first` where another table comes first now. */
export function write(draft: Joins, question: Pick<Question, "table">): Written {
  const joins = draft.joins.map(joinFrom).filter((join) => join !== null);
  return draft.table === question.table ? { joins } : { joins, first: firstOf(draft) };
}

const firstOf = ({ table, vintage }: Joins): First => (vintage ? { table, vintage } : { table });

const blank = ({ left, right }: DraftPair): boolean => left === "" && right === "";

/** A join of the document; null while something is missing. */
export function joinFrom(draft: DraftJoin): Join | null {
  const pairs = draft.on.filter((pair) => !blank(pair));
  if (missing(draft) !== null) return null;
  const made: Join = {
    type: "join", table: draft.table, how: draft.how,
    on: pairs.map(({ left, right, op }) => (op === "=" ? { left, right } : { left, right, op })),
  };
  if (draft.as !== null && draft.as.trim() !== "") made.as = draft.as.trim();
  if (draft.vintage) made.vintage = draft.vintage;
  if (draft.disabled) made.disabled = true;
  return made;
}

/** What is not filled in yet, in words; null where nothing is. */
export function missing({ table, on }: DraftJoin): string | null {
  if (table === "") return "Choose the dataset to add.";
  const pairs = on.filter((pair) => !blank(pair));
  if (pairs.length === 0) return "Choose the columns that belong together.";
  if (pairs.some(({ left, right }) => left === "" || right === "")) return "Choose both columns of each pair.";
  return null;
}

/** What a join's columns are called by where their names are taken. */
export const nameOf = (join: Pick<DraftJoin, "table" | "as">): string => join.as?.trim() || join.table;

/** Why a join can't be applied though nothing is missing; null where it can. */
export function problem(draft: Joins, id: string): string | null {
  const join = draft.joins.find((join) => join.id === id);
  if (!join || join.table === "") return null;
  const taken = [draft.table, ...draft.joins.filter((other) => other.id !== id && other.table !== "").map(nameOf)];
  if (taken.some((name) => name.toLowerCase() === nameOf(join).toLowerCase())) {
    return `"${nameOf(join)}" is here already: give this one another name.`;
  }
  const unequal = join.on.filter(({ op }) => op !== "=").length;
  if (unequal > 0 && unequal === join.on.filter((pair) => !blank(pair)).length) return "At least one pair must be compared with =.";
  return unequal > 1 ? "Only one pair may be compared with other than =." : null;
}

/** The draft before a join, for an ask; null where the question itself has the same. */
export function before(draft: Joins, index: number, question: Pick<Question, "table" | "parts">): Before | null {
  const joins = draft.joins.slice(0, index).map(joinFrom).filter((join) => join !== null);
  const same = draft.table === question.table && JSON.stringify(joins) === JSON.stringify(question.parts.joins.slice(0, index).map((join) => joinFrom(joinOf(join))));
  return same ? null : { first: firstOf(draft), joins };
}

// ── edits

export function change(draft: Joins, id: string, edit: (join: DraftJoin) => DraftJoin): Joins {
  return { ...draft, joins: draft.joins.map((join) => (join.id === id ? edit(join) : join)) };
}

/** Another right side: its keys are to be found anew, and a name that is taken gets a number. */
export function pickTable(draft: Joins, id: string, table: string): Joins {
  const taken = [draft.table, ...draft.joins.filter((join) => join.id !== id && join.table !== "").map(nameOf)];
  const free = freeName(table, taken);
  return change(draft, id, (join) => ({ ...join, table, on: [], as: free === table ? null : free, vintage: null }));
}

/** Another first table: the keys of the first join are to be found anew. */
export function pickFirst(draft: Joins, table: string): Joins {
  return { ...draft, table, vintage: null, joins: draft.joins.map((join, index) => (index === 0 ? { ...join, on: [] } : join)) };
}

const MIRRORED = { left: "right", right: "left", inner: "inner", full: "full" } as const;
const TURNED = { "=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<=" } as const;

/** The two sides of the first join change places; the rows stay the same. `vintage` is that of the first table as it stands. */
export function swap(draft: Joins, vintage: Vintage | null): Joins {
  const [first, ...rest] = draft.joins;
  if (!first || first.table === "") return draft;
  const swapped: DraftJoin = {
    ...first, table: draft.table, how: MIRRORED[first.how], vintage: draft.vintage ?? vintage, as: null,
    on: first.on.map((pair) => ({ ...pair, left: pair.right, right: pair.left, op: TURNED[pair.op] })),
  };
  return { table: first.table, vintage: first.vintage, joins: [swapped, ...rest] };
}

/** Starts from the first join's dataset and adds the other to it, so that no row of the former is there twice. */
export function startFromRight(draft: Joins, vintage: Vintage | null): Joins {
  const swapped = swap(draft, vintage);
  const [first, ...rest] = swapped.joins;
  return first && swapped !== draft ? { ...swapped, joins: [{ ...first, how: "left" }, ...rest] } : draft;
}

/** Moves a join by places; what it breaks is said, and kept. */
export function moveJoin(draft: Joins, id: string, by: number): Joins {
  const join = draft.joins.find((join) => join.id === id);
  const joins = join ? shift(draft.joins, join, by) : draft.joins;
  return joins === draft.joins ? draft : { ...draft, joins };
}

export function removePair(join: DraftJoin, id: string): DraftJoin {
  const on = join.on.filter((pair) => pair.id !== id);
  return { ...join, on: on.length ? on : [newPair()] };
}

export function changePair(join: DraftJoin, id: string, edit: Partial<Omit<DraftPair, "id">>): DraftJoin {
  return { ...join, on: join.on.map((pair) => (pair.id === id ? { ...pair, ...edit } : pair)) };
}
