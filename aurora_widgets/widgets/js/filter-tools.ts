/** What rows and groups of the filter editor may do; one object for all, so that rows stay as they are drawn. */
import type { Option } from "./controls";
import type { ColumnInfo } from "./protocol";
import type { Rule, Vocabulary } from "./rules";
import type { Branch } from "./tree";

export interface FilterTools {
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
