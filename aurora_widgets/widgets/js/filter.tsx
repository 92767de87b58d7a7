/** The filter editor: the tree of rules and groups, how many rows it keeps, and what is wrong with it, where it is. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { columnOptions, grouped, Notice, Spinner, type Option } from "./controls";
import { useEditors } from "./dialog";
import { drag, type Drop } from "./drag";
import { useDraft, type Drafting } from "./draft";
import { Frame, partOf, useFocusAfter, type EditorProps } from "./editor";
import { GroupItem } from "./filter-group";
import { Later, type FilterTools } from "./filter-tools";
import { useClient, useQuestion, useStatus, Refused } from "./model";
import { Menu, type Box, type MenuItem } from "./popover";
import type { Group, Question, Tree } from "./protocol";
import { newRule, vocabulary } from "./rules";
import * as tree from "./tree";

const FILTER: Drafting<tree.Branch> = {
  name: "filter",
  part: (question) => question.parts.filter,
  read: (question) => tree.read(question.parts.filter),
  write: (draft, question) => tree.write(draft, vocabulary(question)).where,
  unfinished: (draft, question) => {
    const { left_out, wrong } = tree.write(draft, vocabulary(question));
    return left_out + wrong > 0;
  },
};

const DRAWN_AT_ONCE = 12;

export function FilterEditor({ close, panel = false, start }: EditorProps) {
  const client = useClient();
  const question = useQuestion();
  const status = useStatus();
  const { announce } = useEditors();
  const { draft, edit, dirty, restored, discard, sent } = useDraft(FILTER);
  const words = useMemo(() => vocabulary(question), [question.base, question.final, question.operators]);
  const options = useMemo(() => columnOptions([...words.columns.values()]), [words]);
  const written = useMemo(() => tree.write(draft, words), [draft, words]);
  const counted = useCount(written.where, question.query);
  const faults = useFaults(question, draft, written, counted);
  const [folded, fold] = useState<ReadonlySet<string>>(new Set());
  const [menu, openMenu] = useState<{ id: string; anchor: Box } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const focusAfter = useFocusAfter(box);
  const latest = useRef(draft);
  latest.current = draft;

  const tools = useTools({ words, options, edit, latest, focusAfter, fold, openMenu, box, announce });

  // Nothing set yet, or asked for a column: there is a rule to fill in at once.
  useEffect(() => {
    const column = start?.column === undefined ? null : (words.columns.get(start.column) ?? null);
    if (question.table === null || (draft.children.length > 0 && column === null)) return;
    const rule = newRule(tree.newId(), column);
    edit((root) => tree.insert(root, root.id, root.children.length, rule));
    focusAfter(rule.id, column ? "value" : "column");
  }, []);

  const blank = draft.children.length === 0 || (tree.rules(draft) === 1 && written.where === null);
  const refused = written.wrong > 0
    ? `${written.wrong === 1 ? "A rule has" : `${written.wrong} rules have`} a value that can't be: correct it, or set the rule aside.`
    : counted.state === "refused" && dirty ? counted.message : null;
  const apply = () => {
    client.deed({ do: "filter", where: written.where });
    sent();
  };
  const elsewhere = faults.get("") ?? (counted.state === "failed" ? counted.message : null);
  const before = restored && status.error?.part === "filter" ? status.error.detail : null;
  return (
    <Frame
      title="Filter" icon="filter" close={close} panel={panel} width={820} dirty={dirty} restored={restored && !blank} discard={discard}
      apply={apply} refused={refused} beside={<Count root={draft} />}
      said={<Matches counted={counted} filtered={written.where !== null} left={blank ? 0 : written.left_out} wrong={written.wrong > 0 ? refused : null} />}
    >
      {before !== null && <Notice kind="bad">{before}</Notice>}
      {elsewhere !== null && <Notice kind="bad">{elsewhere}</Notice>}
      <div ref={box} class="au-tree" role="treegrid" aria-label="Filter" onKeyDown={(event) => onTreeKey(event, tools)} onFocusIn={rove}>
        <GroupItem group={draft} root tools={tools} level={1} index={0} size={1} off={false} faults={faults} folded={folded} />
      </div>
      {menu && <NodeMenu root={draft} id={menu.id} anchor={menu.anchor} tools={tools} onClose={() => openMenu(null)} />}
    </Frame>
  );
}

// ── edits

function useTools({ words, options, edit, latest, focusAfter, fold, openMenu, box, announce }: {
  words: ReturnType<typeof vocabulary>; options: Option[]; edit: (change: (root: tree.Branch) => tree.Branch) => void;
  latest: { current: tree.Branch }; focusAfter: (id: string, part: string) => void;
  fold: (change: (folded: ReadonlySet<string>) => ReadonlySet<string>) => void;
  openMenu: (menu: { id: string; anchor: Box } | null) => void; box: { current: HTMLDivElement | null }; announce: (text: string) => void;
}): FilterTools {
  return useMemo(() => {
    const structure = (change: (root: tree.Branch) => tree.Branch, id: string, part: string, why: string | null = null) => {
      const before = latest.current;
      const after = change(before);
      if (after === before) {
        if (why) announce(why);
        return;
      }
      focusAfter(id, part);
      edit(() => after);
      const place = tree.find(after, id);
      if (place?.parent) announce(`${place.index + 1} of ${place.parent.children.length}, level ${place.above.length + 1}`);
    };
    const tools: FilterTools = {
      later: new Later([...tree.walk(latest.current)].filter((node) => node.kind === "rule").slice(DRAWN_AT_ONCE).map(({ id }) => id)),
      words,
      options,
      column: (name) => words.columns.get(name),
      change: (id, change) => edit((root) => tree.changeRule(root, id, change)),
      apply: (change) => edit(change),
      structure,
      addRule: (group) => {
        const rule = newRule(tree.newId());
        structure((root) => tree.insert(root, group, Infinity, rule), rule.id, "column", tree.refusal(latest.current, group, rule));
        tools.fold(group, false);
      },
      addGroup: (group) => {
        const rule = newRule(tree.newId());
        const place = tree.find(latest.current, group);
        const made = tree.newGroup(place?.node.kind === "group" && place.node.op === "and" ? "or" : "and", [rule]);
        structure((root) => tree.insert(root, group, Infinity, made), rule.id, "column", tree.refusal(latest.current, group, made));
        tools.fold(group, false);
      },
      remove: (id) => {
        const place = tree.find(latest.current, id);
        if (!place?.parent) return;
        const next = place.parent.children[place.index + 1] ?? place.parent.children[place.index - 1] ?? place.parent;
        structure((root) => tree.remove(root, id), next.id, next === place.parent ? "add" : "remove");
        announce("Removed");
      },
      fold: (id, closed) => fold((folded) => {
        const to = closed ?? !folded.has(id);
        if (to === folded.has(id)) return folded;
        const next = new Set(folded);
        if (to) next.add(id);
        else next.delete(id);
        return next;
      }),
      menu: (id, element) => openMenu({ id, anchor: element.getBoundingClientRect() }),
      drag: (event, id) => {
        if (!box.current) return;
        const target = ({ id: over, side }: Drop): [string, number] | null => {
          const place = tree.find(latest.current, over);
          if (!place) return null;
          if (side === "inside" || !place.parent) return place.node.kind === "group" ? [over, 0] : null;
          return [place.parent.id, place.index + (side === "after" ? 1 : 0)];
        };
        drag(event, {
          id,
          box: box.current,
          allowed: (drop) => {
            const to = target(drop);
            return to !== null && tree.move(latest.current, id, ...to) !== latest.current;
          },
          drop: (drop) => {
            const to = target(drop);
            if (to) structure((root) => tree.move(root, id, ...to), id, "handle");
          },
        });
      },
    };
    return tools;
  }, [words, options, edit, announce]);
}

const STEPS: Record<string, tree.Step> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

/** Alt with arrows moves what holds the focus; on an item of the tree itself, arrows walk the tree. */
function onTreeKey(event: KeyboardEvent, tools: FilterTools): void {
  const item = (event.target as HTMLElement).closest<HTMLElement>('[role="row"]');
  const id = item?.dataset["id"];
  if (!item || id === undefined) return;
  const step = event.altKey && !event.ctrlKey && !event.metaKey ? STEPS[event.key] : undefined;
  if (step) {
    tools.structure((root) => tree.nudge(root, id, step), id, event.target === item ? "item" : partOf(event));
  } else if (event.target !== item || event.altKey || event.ctrlKey || event.metaKey || !walkTree(event.key, item, id, tools)) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function walkTree(key: string, item: HTMLElement, id: string, tools: FilterTools): boolean {
  const all = [...(item.closest('[role="treegrid"]')?.querySelectorAll<HTMLElement>('[role="row"]') ?? [])];
  const at = all.indexOf(item);
  const open = item.getAttribute("aria-expanded");
  const level = Number(item.getAttribute("aria-level"));
  const above = all.slice(0, at).reverse().find((row) => Number(row.getAttribute("aria-level")) < level);
  switch (key) {
    case "ArrowDown": all[at + 1]?.focus(); return true;
    case "ArrowUp": all[at - 1]?.focus(); return true;
    case "Home": all[0]?.focus(); return true;
    case "End": all.at(-1)?.focus(); return true;
    case "ArrowRight":
      if (open === "false") tools.fold(id, false);
      else if (open === "true") all[at + 1]?.focus();
      return true;
    case "ArrowLeft":
      if (open === "true" && above) tools.fold(id, true);
      else above?.focus();
      return true;
    case "Enter": case "F2":
      item.querySelector<HTMLElement>("input:not(:disabled), select, button")?.focus();
      return true;
    case "Delete": tools.remove(id); return true;
    default: return false;
  }
}

/** Tab comes back to the item of the tree that had focus last. */
function rove(event: FocusEvent): void {
  const item = (event.target as HTMLElement).closest<HTMLElement>('[role="row"]');
  const tree = item?.closest('[role="treegrid"]');
  if (!item || !tree || event.target !== item) return;
  for (const other of tree.querySelectorAll<HTMLElement>('[role="row"][tabindex="0"]')) if (other !== item) other.tabIndex = -1;
  item.tabIndex = 0;
}

function NodeMenu({ root, id, anchor, tools, onClose }: {
  root: tree.Branch; id: string; anchor: Box; tools: FilterTools; onClose: () => void;
}) {
  const place = tree.find(root, id);
  if (!place?.parent) return null;
  const act = (label: string, change: (root: tree.Branch) => tree.Branch, more: Partial<MenuItem> = {}): MenuItem => ({
    label, disabled: change(root) === root, onPick: () => tools.structure(change, id, "handle"), ...more,
  });
  const group = place.node.kind === "group";
  const items = [
    act("Move up", (root) => tree.nudge(root, id, "up"), { icon: "arrowUp" }),
    act("Move down", (root) => tree.nudge(root, id, "down"), { icon: "arrowDown" }),
    act("Move out of the group", (root) => tree.nudge(root, id, "out"), { icon: "chevronLeft" }),
    act("Move into the group beside it", (root) => tree.nudge(root, id, "in"), { icon: "chevronRight" }),
    act("Put into a new group", (root) => tree.wrap(root, id), { icon: "group", line: true }),
    ...(group ? [act("Ungroup", (root) => tree.unwrap(root, id), {
      icon: "groupBy",
      onPick: () => tools.structure((root) => tree.unwrap(root, id), place.node.kind === "group" ? (place.node.children[0]?.id ?? root.id) : id, "handle"),
    })] : []),
    act("Duplicate", (root) => tree.duplicate(root, id), { icon: "duplicate" }),
    act(place.node.disabled ? "Take into account" : "Set aside", (root) => tree.toggleDisabled(root, id), { icon: place.node.disabled ? "eye" : "eyeOff" }),
    { label: "Delete", icon: "trash" as const, line: true, onPick: () => tools.remove(id) },
  ];
  return <Menu anchor={anchor} items={items} label={group ? "Group" : "Rule"} onClose={onClose} />;
}

// ── how many rows, and what is wrong

/** `key` is the tree that was counted. */
type Counted =
  | { state: "waiting"; key: string }
  | { state: "rows"; key: string; rows: number; exact: boolean; fresh: boolean }
  | { state: "refused"; key: string; message: string; faults: Question["faults"] }
  | { state: "failed"; key: string; message: string };

/** The number of rows, asked again once nothing was typed for a moment; a late answer to an older tree is dropped. */
function useCount(where: Group | null, query: Question["query"]): Counted {
  const client = useClient();
  const ready = query !== null;
  const asked = useMemo(() => JSON.stringify(query), [query]);
  const key = `${useMemo(() => JSON.stringify(where), [where])} of ${asked}`;
  const [counted, set] = useState<Counted>({ state: "waiting", key });
  useEffect(() => {
    if (!ready) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      client.ask("count", { where }, abort.signal).then(
        ({ rows, exact }) => set({ state: "rows", key, rows, exact, fresh: true }),
        (reason: Error) => set(reason instanceof Refused && reason.code === "QUERY_INVALID"
          ? { state: "refused", key, message: reason.message, faults: reason.faults }
          : { state: "failed", key, message: reason.message }),
      );
    }, 350);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, key, ready]);
  if (counted.key === key) return counted;
  return counted.state === "rows" ? { ...counted, fresh: false } : { state: "waiting", key };
}

type Fault = Question["faults"][number];

/** What is wrong, by the node it is about; "" holds what is about none of them. */
function useFaults(question: Question, draft: tree.Branch, written: tree.Written, counted: Counted): ReadonlyMap<string, string> {
  const last = useRef<ReadonlyMap<string, string>>(new Map());
  const found = useMemo(() => {
    if (counted.state !== "refused") return standing(question, draft, written);
    const found = new Map<string, string>();
    for (const fault of counted.faults) {
      const id = written.where && names(fault, tree.at(written.where, fault.path)) ? tree.nodeOfPath(written.ids, fault.path) : null;
      found.set(id ?? "", fault.message);
    }
    if (counted.faults.length === 0) found.set("", counted.message);
    return found;
  }, [question, draft, written, counted.state === "refused" ? counted.faults : null]);
  // The same faults are the same map, so that typing draws no other row again.
  if (found.size !== last.current.size || [...found].some(([id, text]) => last.current.get(id) !== text)) last.current = found;
  return last.current;
}

/** Whether a fault speaks of this condition: its path may be one in a tree that was taken apart. */
function names({ message, path }: Fault, node: Tree | null): boolean {
  if (node?.type !== "condition") return path.startsWith("where") && node !== null;
  return message.includes(node.column) || (node.other !== undefined && message.includes(node.other));
}

/** Faults of the question as it stands, at the rules that are still as they were read, and of the filter that was refused last. */
function standing(question: Question, draft: tree.Branch, written: tree.Written): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const steps = (question.query?.["steps"] ?? []) as { type?: string; where?: Group }[];
  for (const fault of question.faults) {
    if (fault.path.startsWith("where")) {
      found.set((written.where && tree.nodeOfPath(written.ids, fault.path)) ?? "", fault.message);
      continue;
    }
    const step = /^steps\[(\d+)\]\.where/.exec(fault.path);
    const where = step ? steps[Number(step[1])]?.where : undefined;
    const condition = where ? tree.at(where, fault.path) : null;
    if (condition?.type !== "condition" || !names(fault, condition)) continue;
    const text = JSON.stringify(condition);
    for (const node of tree.walk(draft)) {
      if (node.kind === "rule" && !found.has(node.id) && node.source && JSON.stringify(node.source) === text) {
        found.set(node.id, fault.message);
        break;
      }
    }
  }
  return found;
}

// ── said

function Count({ root }: { root: tree.Branch }) {
  const rules = useMemo(() => [...tree.walk(root)].filter((node) => node.kind === "rule" && node.column !== "").length, [root]);
  return rules > 0 ? <span class="au-editor-count">{rules === 1 ? "1 rule" : `${grouped(rules)} rules`}</span> : null;
}

function Matches({ counted, filtered, left, wrong }: { counted: Counted; filtered: boolean; left: number; wrong: string | null }) {
  if (wrong !== null) return <span class="au-told au-told-bad" role="status">{wrong}</span>;
  const number = counted.state === "rows" ? `${counted.exact ? "" : "over "}${grouped(counted.rows)}` : "";
  const noun = counted.state === "rows" && counted.exact && counted.rows === 1 ? "row" : "rows";
  return (
    <span class="au-told" role="status">
      {counted.state === "waiting" && <Spinner label="Counting…" />}
      {counted.state === "rows" && (
        <span class={counted.fresh ? "" : "au-stale"}>{filtered ? "Matches " : "No filter: "}<b>{number}</b> {noun}</span>
      )}
      {counted.state === "refused" && <span class="au-told-bad">This can't be applied yet: see above</span>}
      {left > 0 && <span class="au-told-left">{left === 1 ? "1 unfinished rule is left out" : `${left} unfinished rules are left out`}</span>}
    </span>
  );
}
