/** What rows and groups of the filter editor may do; one object for all, so that rows stay as they are drawn. */
import type { Option } from "./controls";
import type { ColumnInfo } from "./protocol";
import type { Rule, Vocabulary } from "./rules";
import type { Branch } from "./tree";

export interface FilterTools {
  later: Later;
  words: Vocabulary;
  options: readonly Option[];
  column(name: string): ColumnInfo | undefined;
  /** Changes a rule. */
  change(id: string, change: (rule: Rule) => Rule): void;
  /** Changes the tree where focus stays. */
  apply(change: (root: Branch) => Branch): void;
  /** Changes the tree's shape; focus then goes to `part` of node `id`, and where nothing could change, `why` is said. */
  structure(change: (root: Branch) => Branch, id: string, part: string, why?: string | null): void;
  addRule(group: string): void;
  addGroup(group: string): void;
  remove(id: string): void;
  fold(id: string, closed?: boolean): void;
  menu(id: string, element: HTMLElement): void;
  drag(event: PointerEvent, id: string): void;
}

/**
 * Rows that are drawn in full only once they come near to what is seen: with hundreds of rules the editor
 * opens as fast as with ten. What was drawn once stays.
 */
export class Later {
  readonly #ids: Set<string>;
  readonly #near = new Map<Element, () => void>();
  #observer: IntersectionObserver | null = null;

  constructor(ids: Iterable<string>) {
    this.#ids = new Set(ids);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Calls back when the row is to be drawn; returns what ends the watch. */
  watch(id: string, element: Element, draw: () => void): () => void {
    this.#observer ??= new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#near.get(target)?.();
    }, { rootMargin: "300px" });
    this.#near.set(element, () => {
      this.#ids.delete(id);
      draw();
    });
    this.#observer.observe(element);
    return () => {
      this.#observer?.unobserve(element);
      this.#near.delete(element);
    };
  }
}
