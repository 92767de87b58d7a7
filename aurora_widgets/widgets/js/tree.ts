/**
 * The filter tree as the editor holds it: the document's conditions and groups, each with a
 * stable id, plus what a person has typed so far. Every function is pure: it returns a new tree
 * that shares whatever did not change, or the very same tree where the edit is not possible.
 *
 * `read` makes it from the document, `write` makes the document of what is complete. What was
 * read and not touched is written back letter for letter. What a rule's operand may be is in
 * `rules.ts`.
 */
import type { Group, Tree } from "./protocol";
import { condition, problem, ruleOf } from "./rules";
import type { Rule, Vocabulary } from "./rules";

export const MAX_DEPTH = 32;
export const MAX_RULES = 1000;

export interface Branch {
  readonly kind: "group";
  readonly id: string;
  readonly op: "and" | "or";
  readonly negate: boolean;
  readonly disabled: boolean;
  readonly children: readonly Node[];
  /** Read as empty from a document, where it keeps every row; a new empty group is just not filled in yet. */
  readonly empty: boolean;
}
export type Node = Rule | Branch;

let ids = 0;
/** An id that no other node of this page has. */
export const newId = (): string => `n${(ids += 1)}`;

export function newGroup(op: "and" | "or" = "and", children: readonly Node[] = []): Branch {
  return { kind: "group", id: newId(), op, negate: false, disabled: false, children, empty: false };
}

// ── document ↔ tree

export function read(where: Group | null): Branch {
  return where ? (readNode(where) as Branch) : newGroup();
}

function readNode(tree: Tree): Node {
  if (tree.type === "condition") return ruleOf(tree, newId());
  const children = tree.children.map(readNode);
  return {
    kind: "group",
    id: newId(),
    op: tree.op,
    negate: tree.negate ?? false,
    disabled: tree.disabled ?? false,
    children,
    empty: children.length === 0,
  };
}

export interface Written {
  /** null: nothing is complete, so nothing is filtered. */
  where: Group | null;
  /** How many rules and groups were left out because something is still missing in them. */
  left_out: number;
  /** How many rules that count were filled in with what can't be: the filter is not what was meant. */
  wrong: number;
  /** Node ids by their path in `where`: `children[1].children[0]`. */
  ids: ReadonlyMap<string, string>;
}

/** The document of what is complete; the rest stays in the editor. */
export function write(root: Branch, vocabulary: Vocabulary): Written {
  const ids = new Map<string, string>();
  let left_out = 0;
  let wrong = 0;
  const group = (branch: Branch, path: string, off: boolean): Group => {
    const aside = off || branch.disabled;
    const children: Tree[] = [];
    const inside: [Node, Tree][] = [];
    for (const child of branch.children) {
      const at = `${path}${path && "."}children[${children.length}]`;
      const tree = child.kind === "rule" ? condition(child, vocabulary) : group(child, at, aside);
      const hollow = tree?.type === "group" && tree.children.length === 0 && !(child as Branch).empty;
      if (tree && !hollow) {
        children.push(tree);
        inside.push([child, tree]);
        ids.set(at, child.id);
      } else if (child.kind === "rule") {
        if (problem(child, vocabulary)?.kind !== "wrong") left_out += 1;
        else if (!aside && !child.disabled) wrong += 1;
      } else if (child.children.length === 0) left_out += 1;
    }
    const made: Group = { type: "group", op: branch.op, children };
    if (branch.negate) made.negate = true;
    if (branch.disabled) made.disabled = true;
    return made;
  };
  const where = group(root, "", false);
  const nothing = where.children.length === 0 && !(root.empty && root.negate); // not nothing is something
  return { where: nothing ? null : where, left_out, wrong, ids };
}

/** The node that a fault's path points into: the longest known path it starts with. */
export function nodeOfPath(ids: ReadonlyMap<string, string>, path: string): string | null {
  const steps = path.match(/children\[\d+\]/g) ?? [];
  for (let length = steps.length; length > 0; length -= 1) {
    const id = ids.get(steps.slice(0, length).join("."));
    if (id !== undefined) return id;
  }
  return null;
}

// ── looking

/** Every node below and with this one, in the order shown. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  if (node.kind === "group") for (const child of node.children) yield* walk(child);
}

export interface Place {
  node: Node;
  parent: Branch | null;
  index: number;
  /** Groups above, the root first. */
  above: readonly Branch[];
}

export function find(root: Branch, id: string): Place | null {
  const above: Branch[] = [];
  const search = (branch: Branch): Place | null => {
    above.push(branch);
    for (const [index, node] of branch.children.entries()) {
      if (node.id === id) return { node, parent: branch, index, above: [...above] };
      const found = node.kind === "group" ? search(node) : null;
      if (found) return found;
    }
    above.pop();
    return null;
  };
  return root.id === id ? { node: root, parent: null, index: 0, above: [] } : search(root);
}

export function rules(node: Node): number {
  return node.kind === "rule" ? 1 : node.children.reduce((sum, child) => sum + rules(child), 0);
}

/** Levels of groups: 0 for a rule, 1 for a group of rules. */
export function depth(node: Node): number {
  return node.kind === "rule" ? 0 : 1 + node.children.reduce((most, child) => Math.max(most, depth(child)), 0);
}

/** Why this node can't be put into that group, in words; null where it can. */
export function refusal(root: Branch, group: string, node: Node, moved = false): string | null {
  const place = find(root, group);
  if (place?.node.kind !== "group") return "There is no such group any more.";
  if (!moved && rules(root) + rules(node) > MAX_RULES) return `A filter holds at most ${MAX_RULES.toLocaleString("en")} rules.`;
  if (place.above.length + 1 + depth(node) > MAX_DEPTH) return `Groups go at most ${MAX_DEPTH} levels deep.`;
  return null;
}

// ── editing

/** The tree with one node replaced; `null` from `change` takes it out. */
export function change(root: Branch, id: string, edit: (node: Node) => Node | null): Branch {
  const inside = (branch: Branch): Branch => {
    for (const [index, child] of branch.children.entries()) {
      const next = child.id === id ? edit(child) : child.kind === "group" ? inside(child) : child;
      if (next === child) continue;
      const children = [...branch.children];
      if (next) children[index] = next;
      else children.splice(index, 1);
      return { ...branch, children };
    }
    return branch;
  };
  if (root.id !== id) return inside(root);
  const next = edit(root);
  return next?.kind === "group" ? next : root;
}

export function changeRule(root: Branch, id: string, edit: (rule: Rule) => Rule): Branch {
  return change(root, id, (node) => (node.kind === "rule" ? edit(node) : node));
}

function changeGroup(root: Branch, id: string, edit: (branch: Branch) => Branch): Branch {
  return change(root, id, (node) => (node.kind === "group" ? edit(node) : node));
}

function put(root: Branch, group: string, index: number, nodes: readonly Node[]): Branch {
  return changeGroup(root, group, (branch) => {
    const children = [...branch.children];
    children.splice(Math.max(0, Math.min(index, children.length)), 0, ...nodes);
    return { ...branch, children, empty: false };
  });
}

/** Puts a node into a group before its child `index` (past the end: last). */
export function insert(root: Branch, group: string, index: number, node: Node): Branch {
  return refusal(root, group, node) ? root : put(root, group, index, [node]);
}

export function remove(root: Branch, id: string): Branch {
  return id === root.id ? root : change(root, id, () => null);
}

/** Moves a node before the child `index` (counted with it still in its old place) of a group. */
export function move(root: Branch, id: string, group: string, index: number): Branch {
  const from = find(root, id);
  const to = find(root, group);
  if (!from?.parent || to?.node.kind !== "group") return root;
  if (id === group || to.above.some((branch) => branch.id === id)) return root; // never into itself
  if (refusal(root, group, from.node, true)) return root;
  const same = from.parent.id === group;
  const target = Math.min(index, to.node.children.length) - (same && from.index < index ? 1 : 0);
  if (same && target === from.index) return root;
  return put(remove(root, id), group, target, [from.node]);
}

export type Step = "up" | "down" | "out" | "in";

/** Moves a node by keyboard: among its siblings, out of its group past either end, or into a group beside it. */
export function nudge(root: Branch, id: string, step: Step): Branch {
  const place = find(root, id);
  if (!place?.parent) return root;
  const { parent, index, above } = place;
  const outer = above.at(-2);
  const parentIndex = outer ? outer.children.indexOf(parent) : -1;
  const before = parent.children[index - 1];
  const after = parent.children[index + 1];
  switch (step) {
    case "up":
      if (before) return move(root, id, parent.id, index - 1);
      return outer ? move(root, id, outer.id, parentIndex) : root;
    case "down":
      if (after) return move(root, id, parent.id, index + 2);
      return outer ? move(root, id, outer.id, parentIndex + 1) : root;
    case "out":
      return outer ? move(root, id, outer.id, parentIndex + 1) : root;
    case "in":
      if (before?.kind === "group") return move(root, id, before.id, before.children.length);
      return after?.kind === "group" ? move(root, id, after.id, 0) : root;
  }
}

function copy(node: Node): Node {
  return node.kind === "rule"
    ? { ...node, id: newId() }
    : { ...node, id: newId(), children: node.children.map(copy) };
}

/** Puts a copy right after a node. */
export function duplicate(root: Branch, id: string): Branch {
  const place = find(root, id);
  return place?.parent ? insert(root, place.parent.id, place.index + 1, copy(place.node)) : root;
}

/** Puts a node into a new group of the other kind, in its place. */
export function wrap(root: Branch, id: string): Branch {
  const place = find(root, id);
  if (!place?.parent) return root;
  const group = newGroup(place.parent.op === "and" ? "or" : "and", [place.node]);
  if (refusal(root, place.parent.id, group, true)) return root;
  return change(root, id, () => group);
}

/** Puts a group's children in its place. A negated group stays: its parts alone mean something else. */
export function unwrap(root: Branch, id: string): Branch {
  const place = find(root, id);
  if (!place?.parent || place.node.kind !== "group" || place.node.negate) return root;
  return put(remove(root, id), place.parent.id, place.index, place.node.children);
}

export function setOp(root: Branch, id: string, op: "and" | "or"): Branch {
  return changeGroup(root, id, (branch) => (branch.op === op ? branch : { ...branch, op }));
}

export function toggleNegate(root: Branch, id: string): Branch {
  return changeGroup(root, id, (branch) => ({ ...branch, negate: !branch.negate }));
}

/** Sets a rule or group aside without losing it, or takes it back. */
export function toggleDisabled(root: Branch, id: string): Branch {
  return change(root, id, (node) => ({ ...node, disabled: !node.disabled }));
}

/** The condition in a document that lies at a path such as `children[1].children[0]`. */
export function at(where: Tree, path: string): Tree | null {
  let tree: Tree | undefined = where;
  for (const [, index] of path.matchAll(/children\[(\d+)\]/g)) {
    tree = tree?.type === "group" ? tree.children[Number(index)] : undefined;
  }
  return tree ?? null;
}
