/**
 * The page's side of the contract in `protocol.ts`: reads what Python shows, sends what a person does.
 *
 * `Client` wraps anywidget's model; components reach it through hooks:
 *   const question = useQuestion();  const client = useClient();
 *   client.deed({ do: "undo" });
 *   const { rows } = await client.ask("count", { where });
 */
import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Account, Asks, Deed, PageData, PanelName, Question, Status, TableInfo } from "./protocol";

/** What is used of anywidget's model. */
export interface Model {
  get(name: string): unknown;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
}

export interface Traits {
  tables: TableInfo[];
  question: Question;
  page: PageData | null;
  status: Status;
  account: Account;
  panel: PanelName;
}

/** An ask that Python refused; `message` is the sentence for a person. */
export class Refused extends Error {
  readonly code: string;
  /** What is wrong with the document asked about, by path. */
  readonly faults: Question["faults"];
  constructor(code: string, detail: string, faults: Question["faults"] = []) {
    super(detail);
    this.code = code;
    this.faults = faults;
  }
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(reason: Error): void;
}

export class Client {
  readonly #model: Model;
  readonly #waiting = new Map<number, Waiting>();
  // Several pages may show one model, and each hears all answers: numbers must not meet.
  #id = Math.floor(Math.random() * 2 ** 30) * 2 ** 16;

  constructor(model: Model) {
    this.#model = model;
    model.on("msg:custom", this.#hear);
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.#model.get(name) as Traits[K];
  }

  /** Calls back after a trait changed; returns what ends it. */
  watch(name: keyof Traits, callback: () => void): () => void {
    this.#model.on(`change:${name}`, callback);
    return () => this.#model.off(`change:${name}`, callback);
  }

  /** Tells Python what a person did; its answer is that traits change. */
  deed(deed: Deed): void {
    this.#model.send(deed);
  }

  /** Asks Python something that changes nothing. An aborted ask never settles. */
  ask<K extends keyof Asks>(kind: K, payload: Asks[K]["ask"], signal?: AbortSignal): Promise<Asks[K]["answer"]> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return;
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      signal?.addEventListener("abort", () => this.#waiting.delete(id));
      this.#model.send({ id, ask: kind, ...payload });
    });
  }

  close(): void {
    this.#model.off("msg:custom", this.#hear);
    this.#waiting.clear();
  }

  readonly #hear = (message: unknown): void => {
    const { id, answer, error } = (message ?? {}) as {
      id?: number; answer?: unknown; error?: { code: string; detail: string; faults?: Question["faults"] };
    };
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id as number);
    if (error) waiting.reject(new Refused(error.code, error.detail, error.faults));
    else waiting.resolve(answer);
  };
}

const ClientContext = createContext<Client | null>(null);

export function Provide({ client, children }: { client: Client; children: ComponentChildren }) {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>;
}

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("no client above this component");
  return client;
}

function useTrait<K extends keyof Traits>(name: K): Traits[K] {
  const client = useClient();
  const [, redraw] = useState(0);
  useEffect(() => {
    redraw((n) => n + 1); // it may have changed between the first drawing and now
    return client.watch(name, () => redraw((n) => n + 1));
  }, [client, name]);
  return client.get(name);
}

export const useTables = () => useTrait("tables");
export const useQuestion = () => useTrait("question");
/** null where there is no answer to show; an answer without rows still has columns. */
export const usePage = (): PageData | null => {
  const page = useTrait("page");
  return page && page.columns.length > 0 ? page : null;
};
export const useStatus = () => useTrait("status");
export const useAccount = (): Account => useTrait("account") ?? {};

export type Answer<T> = { state: "waiting" } | { state: "answer"; answer: T } | { state: "error"; message: string };

/**
 * The answer to an ask, asked again when `key` changes (`null` asks nothing) once it has rested for `delay` ms.
 * While a newer ask is under way the older answer stays, so that nothing flickers: `fresh` is then false.
 */
export function useAsk<K extends keyof Asks>(
  kind: K, payload: Asks[K]["ask"] | null, delay = 0,
): Answer<Asks[K]["answer"]> & { fresh: boolean } {
  const client = useClient();
  const key = payload === null ? null : JSON.stringify(payload);
  const [held, hold] = useState<{ key: string | null; answer: Answer<Asks[K]["answer"]> }>({
    key: null, answer: { state: "waiting" },
  });
  useEffect(() => {
    if (key === null || payload === null) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      client.ask(kind, payload, abort.signal).then(
        (answer) => hold({ key, answer: { state: "answer", answer } }),
        (reason: Error) => hold({ key, answer: { state: "error", message: reason.message } }),
      );
    }, delay);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, kind, key]);
  return { ...held.answer, fresh: held.key === key };
}

/** A function that runs `action` once it has not been called again for `delay` ms. */
export function useDebounced<A extends unknown[]>(action: (...args: A) => void, delay: number) {
  const timer = useRef(0);
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useRef({
    call(...args: A) {
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => latest.current(...args), delay);
    },
    cancel: () => clearTimeout(timer.current),
  }).current;
}
