/** The page's copies of the kernel's widgets, kept by comm messages. */
import type { Model } from "../model";
import type { Message } from "./wire";

export type State = Record<string, unknown>;
type Callback = (...given: never[]) => void;
type Send = (type: string, content: State, metadata?: State) => void;

const CONTROL = "jupyter.widget.control";
const REFERENCE = "IPY_MODEL_";

/** One widget: what it shows, and who wants to know when that changes. */
export class WidgetModel implements Model {
  readonly id: string;
  #state: State;
  readonly #send: Send;
  readonly #callbacks = new Map<string, Set<Callback>>();

  constructor(id: string, state: State, send: Send) {
    [this.id, this.#state, this.#send] = [id, state, send];
  }

  get(name: string): unknown {
    return this.#state[name];
  }

  on(event: string, callback: Callback): void {
    const callbacks = this.#callbacks.get(event) ?? new Set();
    this.#callbacks.set(event, callbacks.add(callback));
  }

  off(event: string, callback: Callback): void {
    this.#callbacks.get(event)?.delete(callback);
  }

  send(content: unknown): void {
    this.#send("comm_msg", { comm_id: this.id, data: { method: "custom", content } });
  }

  /** What changes together is there before anybody is told. */
  update(state: State): void {
    const changed = Object.keys(state).filter((name) => JSON.stringify(state[name]) !== JSON.stringify(this.#state[name]));
    this.#state = { ...this.#state, ...state };
    for (const name of changed) this.#tell(`change:${name}`);
  }

  heard(content: unknown): void {
    this.#tell("msg:custom", content);
  }

  #tell(event: string, ...given: unknown[]): void {
    for (const callback of [...(this.#callbacks.get(event) ?? [])]) callback(...(given as never[]));
  }
}

/** Every widget of the kernel that the page has heard of, by id. */
export class Models {
  readonly #send: Send;
  readonly #all = new Map<string, WidgetModel>();
  #control = "";

  constructor(send: Send) {
    this.#send = send;
  }

  get(id: string): WidgetModel | undefined {
    return this.#all.get(id);
  }

  /** Takes in states as a saved notebook has them: `{id: {state}}`. */
  restore(states: Record<string, { state: State }>): void {
    for (const [id, { state }] of Object.entries(states)) this.#set(id, state);
  }

  /** Asks the kernel for all there is: first of all, and after the line was lost. */
  ask(): void {
    this.#control = crypto.randomUUID();
    this.#send("comm_open", { comm_id: this.#control, target_name: CONTROL, data: {} }, { version: "1.0.0" });
    this.#send("comm_msg", { comm_id: this.#control, data: { method: "request_states" } });
  }

  /** Takes in a message; returns whether it was the answer to `ask`. */
  hear({ type, content }: Message): boolean {
    const id = String(content["comm_id"]);
    const data = (content["data"] ?? {}) as State;
    if (type === "comm_open" && content["target_name"] === "jupyter.widget") this.#set(id, data["state"] as State);
    else if (type === "comm_close") this.#all.delete(id);
    else if (type === "comm_msg" && id === this.#control) {
      this.restore((data["states"] ?? {}) as Record<string, { state: State }>);
      return data["method"] === "update_states";
    } else if (type === "comm_msg" && data["method"] === "update") this.#set(id, data["state"] as State);
    else if (type === "comm_msg" && data["method"] === "custom") this.#all.get(id)?.heard(data["content"]);
    return false;
  }

  #set(id: string, state: State): void {
    const known = this.#all.get(id);
    if (known) known.update(state);
    else this.#all.set(id, new WidgetModel(id, state, this.#send));
  }
}

/** The ids that a value such as `["IPY_MODEL_…"]` names. */
export function named(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value])
    .filter((item): item is string => typeof item === "string" && item.startsWith(REFERENCE))
    .map((item) => item.slice(REFERENCE.length));
}
