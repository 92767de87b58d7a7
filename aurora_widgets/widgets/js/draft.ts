/**
 * What a person has changed in an editor and not applied yet. It outlives the editor, so that no edit is lost:
 * it is kept when the dialog closes, and offered again when it opens.
 */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { useClient, useQuestion, type Client } from "./model";
import type { Question } from "./protocol";

/** How one editor makes a draft of its part of the question, and what the draft would apply. */
export interface Drafting<T> {
  name: string;
  /** The part of the question that it edits. */
  part: (question: Question) => unknown;
  read: (question: Question) => T;
  /** What Apply would send; drafts that write the same are the same. */
  write: (draft: T, question: Question) => unknown;
  /** Whether it holds something that is not written yet, such as an unfinished rule. */
  unfinished: (draft: T, question: Question) => boolean;
}

export interface Kept<T> {
  readonly draft: T;
  /** The part of the question it was made from, and what it wrote when it was. */
  readonly base: string;
  readonly clean: string;
}

/** The draft to go on with: the kept one where it has edits of its own, else a fresh one. */
export function settle<T>(kept: Kept<T> | null, question: Question, how: Drafting<T>, base = baseOf(question, how)): Kept<T> {
  if (kept?.base === base) return kept;
  const draft = how.read(question);
  const clean = text(how.write(draft, question));
  const own = kept !== null && text(how.write(kept.draft, question)) !== kept.clean;
  return { draft: own ? kept.draft : draft, base, clean };
}

const baseOf = <T>(question: Question, how: Drafting<T>): string => text([question.table, how.part(question)]);

const text = (value: unknown): string => JSON.stringify(value ?? null);

const shelves = new WeakMap<Client, Map<string, Kept<unknown>>>();

function shelf<T>(client: Client): Map<string, Kept<T>> {
  const found = shelves.get(client) ?? new Map<string, Kept<unknown>>();
  shelves.set(client, found);
  return found as Map<string, Kept<T>>;
}

export interface Drafted<T> {
  draft: T;
  edit: (change: (draft: T) => T) => void;
  /** Something would change on Apply. */
  dirty: boolean;
  /** It was left here by an earlier look at this editor. */
  restored: boolean;
  discard: () => void;
  /** The draft is being sent: it goes as soon as the question shows it, and stays where it is refused. */
  sent: () => void;
}

export function useDraft<T>(how: Drafting<T>): Drafted<T> {
  const client = useClient();
  const question = useQuestion();
  const drafts = shelf<T>(client);
  const place = `${how.name} of ${question.table ?? "nothing"}`; // another dataset has drafts of its own
  const held = useRef<{ place: string; kept: Kept<T> } | null>(null);
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => { shown.current = false; };
  }, []);

  const before = held.current?.place === place ? held.current.kept : (drafts.get(place) ?? null);
  const base = useMemo(() => baseOf(question, how), [question, how]);
  const now = settle(before, question, how, base);
  const [restored, restore] = useState(before !== null && now.draft === before.draft);
  held.current = { place, kept: now };

  const edit = useCallback((change: (draft: T) => T) => {
    const { place, kept } = held.current as { place: string; kept: Kept<T> };
    const draft = change(kept.draft);
    if (draft === kept.draft) return;
    held.current = { place, kept: { ...kept, draft } };
    drafts.set(place, held.current.kept);
    redraw();
  }, [drafts]);

  const discard = useCallback(() => {
    if (held.current) drafts.delete(held.current.place);
    held.current = null;
    restore(false);
    redraw();
  }, [drafts]);

  const sent = useCallback(() => {
    const { place, kept: mine } = held.current as { place: string; kept: Kept<T> };
    drafts.set(place, mine);
    restore(false);
    const end = client.watch("question", () => {
      const question = client.get("question");
      const base = baseOf(question, how);
      if (drafts.get(place) !== mine) return end(); // edited again meanwhile
      if (base === mine.base) return undefined; // not about this draft, or it was refused
      end();
      drafts.delete(place);
      held.current = null;
      if (how.unfinished(mine.draft, question)) {
        drafts.set(place, { draft: mine.draft, base, clean: text(how.write(mine.draft, question)) });
      }
      if (shown.current) redraw();
      return undefined;
    });
  }, [client, drafts, how]);

  const dirty = useMemo(() => text(how.write(now.draft, question)) !== now.clean, [now, question, how]);
  return { draft: now.draft, edit, dirty, restored: restored && (dirty || how.unfinished(now.draft, question)), discard, sent };
}
