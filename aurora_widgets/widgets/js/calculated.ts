/** The calculated columns as their editor holds them, and what a formula's text can be completed with. */
import type { Calculated, ColumnInfo, FunctionInfo, Question } from "./protocol";
import { freeName } from "./summary";
import { newId } from "./tree";

export interface DraftColumn {
  readonly id: string;
  readonly column: string;
  readonly formula: string;
  /** Its name in the question; null where it is new. */
  readonly was: string | null;
  readonly disabled: boolean;
}

export function read(derives: Question["parts"]["derives"]): DraftColumn[] {
  return derives.map(({ column, formula, disabled }) => ({ id: newId(), column, formula, was: column, disabled: disabled ?? false }));
}

/** What has a formula; a new one that was left empty is none. */
export function write(draft: readonly DraftColumn[]): Calculated[] {
  return draft.filter((item) => item.was !== null || item.formula.trim() !== "").map(({ column, formula, was, disabled }) => {
    const made: Calculated = { column: column.trim(), formula };
    if (was !== null) made.was = was;
    if (disabled) made.disabled = true;
    return made;
  });
}

export function newColumn(taken: Iterable<string>, formula = ""): DraftColumn {
  return { id: newId(), column: freeName("calculated", taken), formula, was: null, disabled: false };
}

export function change(draft: readonly DraftColumn[], id: string, edit: Partial<Omit<DraftColumn, "id">>): readonly DraftColumn[] {
  return draft.map((item) => (item.id === id ? { ...item, ...edit } : item));
}

const PLAIN = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u;

/** How a formula names a column. */
export function named(column: string, kept: ReadonlySet<string>): string {
  return PLAIN.test(column) && !kept.has(column.toLowerCase()) ? column : `[${column.replaceAll("]", "]]")}]`;
}

/** What is being typed before the caret: a name's beginning, or null. Inside a text nothing is completed. */
export function fragment(text: string, caret: number): { from: number; word: string } | null {
  const before = text.slice(0, caret);
  if ((before.split('"').length - 1) % 2 === 1) return null;
  const match = /(\[[^[\]]*|[\p{L}_][\p{L}\p{N}_.]*)$/u.exec(before);
  if (!match || /[\p{L}\p{N}_]/u.test(text[caret] ?? "")) return null;
  return { from: caret - match[0].length, word: match[0].replace(/^\[/, "") };
}

export interface Offer {
  value: string;
  /** What is put into the text, and how far behind its beginning the caret stands then. */
  text: string;
  caret: number;
  label: string;
  hint: string;
  kind: "column" | "function";
  column?: ColumnInfo;
}

const MOST = 12; // more are found by typing on

/** Columns and functions whose name holds the word; those that begin with it first, columns before functions. */
export function offers(word: string, columns: readonly ColumnInfo[], functions: readonly FunctionInfo[], kept: ReadonlySet<string>): Offer[] {
  const sought = word.toLowerCase();
  const found: { rank: number; offer: Offer }[] = [];
  for (const column of columns) {
    const texts = [column.name.toLowerCase(), column.label.toLowerCase()];
    if (!texts.some((text) => text.includes(sought))) continue;
    const text = named(column.name, kept);
    found.push({
      rank: texts.some((text) => text.startsWith(sought)) ? 0 : 2,
      offer: { value: `column ${column.name}`, text, caret: text.length, label: column.name, hint: column.label === column.name ? "" : column.label, kind: "column", column },
    });
  }
  for (const { name, written } of functions) {
    if (!name.includes(sought)) continue;
    found.push({ rank: name.startsWith(sought) ? 1 : 3, offer: { value: `function ${name}`, text: `${name}()`, caret: name.length + 1, label: written, hint: "", kind: "function" } });
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ offer }) => offer).slice(0, MOST);
}

/** The text with its marks, piece by piece, for what lies behind the input. */
export function pieces(text: string, marks: readonly { start: number; end: number }[]): { text: string; wrong: boolean }[] {
  const wrong = new Uint8Array(text.length + 1);
  for (const { start, end } of marks) wrong.fill(1, Math.min(start, text.length), Math.max(end, Math.min(start + 1, text.length + 1)));
  const shown = `${text} `;
  const made: { text: string; wrong: boolean }[] = [];
  for (let at = 0; at < shown.length; at += 1) {
    const last = made.at(-1);
    if (last && last.wrong === Boolean(wrong[at])) last.text += shown[at];
    else made.push({ text: shown[at] as string, wrong: Boolean(wrong[at]) });
  }
  return made;
}
