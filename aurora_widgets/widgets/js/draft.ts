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
export function settle<T>(kept: Kept<T> | null, question: Question, how: Drafting<T>, base = text(how.part(question))): Kept<T> {
  if (kept?.base === base) return kept;
  const draft = how.read(question);
  const clean = text(how.write(draft, question));
  const own = kept !== null && text(how.write(kept.draft, question)) !== kept.clean;
  return { draft: own ? kept.draft : draft, base, clean };
}

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
  const held = useRef<Kept<T> | null>(null);
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => { shown.current = false; };
  }, []);

  const before = held.current ?? shelf<T>(client).get(how.name) ?? null;
  const base = useMemo(() => text(how.part(question)), [question, how]);
  const now = settle(before, question, how, base);
  const [restored, restore] = useState(before !== null && now.draft === before.draft);
  held.current = now;

  const edit = useCallback((change: (draft: T) => T) => {
    const { draft, ...rest } = held.current as Kept<T>;
    const next = change(draft);
    if (next === draft) return;
    held.current = { ...rest, draft: next };
    shelf<T>(client).set(how.name, held.current);
    redraw();
  }, [client, how]);

  const discard = useCallback(() => {
    shelf<T>(client).delete(how.name);
    held.current = null;
    restore(false);
    redraw();
  }, [client, how]);

  const sent = useCallback(() => {
    const mine = held.current as Kept<T>;
    shelf<T>(client).set(how.name, mine);
    restore(false);
    const end = client.watch("question", () => {
      const question = client.get("question");
      const base = text(how.part(question));
      if (shelf<T>(client).get(how.name) !== mine) return end();
      if (base === mine.base) return undefined; // not about this draft
      end();
      if (how.unfinished(mine.draft, question)) {
        held.current = { draft: mine.draft, base, clean: text(how.write(mine.draft, question)) };
        shelf<T>(client).set(how.name, held.current);
      } else {
        shelf<T>(client).delete(how.name);
        held.current = null;
      }
      if (shown.current) redraw();
      return undefined;
    });
  }, [client, how]);

  const dirty = useMemo(() => text(how.write(now.draft, question)) !== now.clean, [now, question, how]);
  return { draft: now.draft, edit, dirty, restored: restored && (dirty || how.unfinished(now.draft, question)), discard, sent };
}
