/** A group of the filter tree: its header (AND, OR, NOT, add) and what is in it. */
import { Button, IconButton, Segments } from "./controls";
import { memo } from "./editor";
import { RuleItem } from "./filter-rule";
import type { FilterTools } from "./filter-tools";
import { Icon } from "./icons";
import { MAX_DEPTH, duplicate, rules, setOp, toggleDisabled, toggleNegate, type Branch } from "./tree";

const RAILS = 5;

interface GroupProps {
  group: Branch;
  /** The whole filter, which stays where it is. */
  root?: boolean;
  tools: FilterTools;
  level: number;
  index: number;
  size: number;
  /** A group around it is set aside. */
  off: boolean;
  faults: ReadonlyMap<string, string>;
  folded: ReadonlySet<string>;
}

export const GroupItem = memo(function GroupItem({ group, root = false, tools, level, index, size, off, faults, folded }: GroupProps) {
  const closed = folded.has(group.id);
  const aside = off || group.disabled;
  return (
    <div class={`au-group au-rail-${(level - 1) % RAILS} ${aside ? "au-aside" : ""} ${level > 7 ? "au-deep" : ""}`}>
      <GroupBar
        id={group.id} op={group.op} negate={group.negate} disabled={group.disabled} inside={rules(group)} closed={closed} root={root}
        tools={tools} level={level} index={index} size={size} fault={faults.get(group.id) ?? null}
      />
      {!closed && (
        <div class="au-children">
          {group.children.map((child, at) => child.kind === "group"
            ? <GroupItem key={child.id} group={child} tools={tools} level={level + 1} index={at} size={group.children.length} off={aside} faults={faults} folded={folded} />
            : <RuleItem key={child.id} rule={child} tools={tools} level={level + 1} index={at} size={group.children.length} off={aside} fault={faults.get(child.id) ?? null} />)}
          {group.children.length === 0 && <p class="au-nothing">{root ? "Every row is kept." : "Nothing in it yet: it has no effect."}</p>}
        </div>
      )}
    </div>
  );
});

interface BarProps extends Pick<Branch, "id" | "op" | "negate" | "disabled"> {
  /** How many rules are in it. */
  inside: number;
  closed: boolean;
  root: boolean;
  tools: FilterTools;
  level: number;
  index: number;
  size: number;
  fault: string | null;
}

/** The header alone: it stays as it is drawn while a rule below is typed in. */
const GroupBar = memo(function GroupBar({ id, op, negate, disabled, inside, closed, root, tools, level, index, size, fault }: BarProps) {
  const count = inside === 1 ? "1 rule" : `${inside} rules`;
  const name = `${negate ? "not " : ""}${op === "and" ? "all of" : "any of"} ${count}`;
  const what = root ? "the whole filter" : "group";
  return (
    <div
      role="row" class="au-group-bar" tabIndex={root ? 0 : -1} data-id={id} data-part="item" data-group="" {...(root ? { "data-autofocus": "" } : {})}
      aria-level={level} aria-posinset={index + 1} aria-setsize={size} aria-expanded={!closed}
    >
      <div role="gridcell" aria-colspan={4} class="au-group-cell">
        <span class="au-unseen">{`${root ? "Keep" : "Group:"} ${name}${disabled ? ", set aside" : ""}`}</span>
        {!root && <Handle id={id} name={`group, ${name}`} tools={tools} />}
        {!root && (
          <span data-part="fold">
            <IconButton icon={closed ? "chevronRight" : "chevronDown"} size={13} label={closed ? "Show what is in it" : "Fold"} onClick={() => tools.fold(id)} />
          </span>
        )}
        <span data-part="op">
          <Segments
            label="Which of the rules" class="au-andor" value={op} onChange={(op) => tools.apply((tree) => setOp(tree, id, op))}
            choices={[{ value: "and", label: "AND", title: "Rows for which all of these are true" }, { value: "or", label: "OR", title: "Rows for which any of these is true" }]}
          />
        </span>
        <button
          type="button" class="au-not" data-part="not" aria-pressed={negate}
          title={negate ? "Keeps the rows for which this is not true" : "Turn it round: keep the rows for which this is not true"}
          onClick={() => tools.apply((tree) => toggleNegate(tree, id))}
        >NOT</button>
        <span class="au-adds" data-part="add">
          <Button icon="plus" label="Rule" title="Add a rule" onClick={() => tools.addRule(id)} />
          <Button icon="group" label="Group" title={level >= MAX_DEPTH ? `Groups go at most ${MAX_DEPTH} levels deep` : "Add a group"} disabled={level >= MAX_DEPTH} onClick={() => tools.addGroup(id)} />
        </span>
        {closed && <span class="au-quiet au-cut">{count}</span>}
        <span class="au-grow" />
        <span class="au-acts">
          {!root && <span data-part="duplicate" class="au-act-quiet"><IconButton icon="duplicate" size={13} label="Duplicate group" onClick={() => tools.structure((tree) => duplicate(tree, id), id, "duplicate")} /></span>}
          <span data-part="disable" class={disabled ? "" : "au-act-quiet"}>
            <IconButton icon={disabled ? "eyeOff" : "eye"} size={13} pressed={disabled} label={`Set ${what} aside`} onClick={() => tools.apply((tree) => toggleDisabled(tree, id))} />
          </span>
          {!root && <span data-part="remove"><IconButton icon="trash" size={13} kind="danger" label="Delete group" onClick={() => tools.remove(id)} /></span>}
        </span>
      </div>
      {fault !== null && <div role="gridcell" aria-colspan={4}><p class="au-row-bad" role="alert"><Icon name="circleAlert" size={12} />{fault}</p></div>}
    </div>
  );
});

/** Drags with a pointer; pressed, it opens the menu of moves. */
export function Handle({ id, name, tools }: { id: string; name: string; tools: FilterTools }) {
  return (
    <button
      type="button" class="au-handle" data-part="handle" aria-haspopup="menu" aria-label={`Move ${name}`}
      title="Drag to move, press for more; Alt+arrows move too" onPointerDown={(event) => tools.drag(event, id)}
      onClick={(event) => tools.menu(id, event.currentTarget)}
    >
      <Icon name="grip" size={12} />
    </button>
  );
}
