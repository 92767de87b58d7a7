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
  /** The operator of the group around it; null for the whole filter. */
  parent: "and" | "or" | null;
  tools: FilterTools;
  level: number;
  index: number;
  size: number;
  /** A group around it is set aside. */
  off: boolean;
  faults: ReadonlyMap<string, string>;
  folded: ReadonlySet<string>;
}

export const GroupItem = memo(function GroupItem({ group, parent, tools, level, index, size, off, faults, folded }: GroupProps) {
  const root = parent === null;
  const closed = folded.has(group.id);
  const aside = off || group.disabled;
  const inside = rules(group);
  const name = `${group.negate ? "not " : ""}${group.op === "and" ? "all of" : "any of"} ${inside} ${inside === 1 ? "rule" : "rules"}`;
  const fault = faults.get(group.id);
  const many = group.children.length > 1;
  return (
    <div class={`au-group au-rail-${(level - 1) % RAILS} ${aside ? "au-aside" : ""} ${level > 7 ? "au-deep" : ""}`}>
      <div
        role="row" class="au-group-bar" tabIndex={root ? 0 : -1} data-id={group.id} data-part="item" data-group=""
        aria-level={level} aria-posinset={index + 1} aria-setsize={size} aria-expanded={!closed}
      >
        <div role="gridcell" aria-colspan={4} class="au-group-cell">
        <span class="au-unseen">{`${root ? "Keep" : "Group:"} ${name}${group.disabled ? ", set aside" : ""}`}</span>
        {!root && <Handle id={group.id} name={`group, ${name}`} tools={tools} />}
        {!root && (
          <span data-part="fold">
            <IconButton icon={closed ? "chevronRight" : "chevronDown"} size={13} label={closed ? "Show what is in it" : "Fold"} onClick={() => tools.fold(group.id)} />
          </span>
        )}
        <span data-part="op">
          <Segments
            label="Which of the rules" class="au-andor" value={group.op} onChange={(op) => tools.apply((tree) => setOp(tree, group.id, op))}
            choices={[{ value: "and", label: "AND", title: "Rows for which all of these are true" }, { value: "or", label: "OR", title: "Rows for which any of these is true" }]}
          />
        </span>
        <button
          type="button" class="au-not" data-part="not" aria-pressed={group.negate} title={group.negate ? "Keeps the rows for which this is not true" : "Turn it round: keep the rows for which this is not true"}
          onClick={() => tools.apply((tree) => toggleNegate(tree, group.id))}
        >NOT</button>
        <span class="au-adds" data-part="add">
          <Button icon="plus" label="Rule" title="Add a rule" onClick={() => tools.addRule(group.id)} />
          <Button icon="group" label="Group" title={level >= MAX_DEPTH ? `Groups go at most ${MAX_DEPTH} levels deep` : "Add a group"} disabled={level >= MAX_DEPTH} onClick={() => tools.addGroup(group.id)} />
        </span>
        {closed && <span class="au-quiet au-cut">{inside === 1 ? "1 rule" : `${inside} rules`}</span>}
        <span class="au-grow" />
        {root && (
          <span data-part="disable" class={`au-acts ${group.disabled ? "" : "au-act-quiet"}`}><IconButton icon={group.disabled ? "eyeOff" : "eye"} size={13} pressed={group.disabled} label="Set the whole filter aside" onClick={() => tools.apply((tree) => toggleDisabled(tree, group.id))} /></span>
        )}
        {!root && (
          <span class="au-acts">
            <span data-part="duplicate" class="au-act-quiet"><IconButton icon="duplicate" size={13} label="Duplicate group" onClick={() => tools.structure((tree) => duplicate(tree, group.id), group.id, "duplicate")} /></span>
            <span data-part="disable" class={group.disabled ? "" : "au-act-quiet"}><IconButton icon={group.disabled ? "eyeOff" : "eye"} size={13} pressed={group.disabled} label="Set group aside" onClick={() => tools.apply((tree) => toggleDisabled(tree, group.id))} /></span>
            <span data-part="remove"><IconButton icon="trash" size={13} kind="danger" label="Delete group" onClick={() => tools.remove(group.id)} /></span>
          </span>
        )}
        </div>
        {fault !== undefined && <div role="gridcell" aria-colspan={4}><p class="au-row-bad" role="alert"><Icon name="circleAlert" size={12} />{fault}</p></div>}
      </div>
      {!closed && (
        <div class="au-children">
          {group.children.map((child, at) => child.kind === "group"
            ? <GroupItem key={child.id} group={child} parent={group.op} tools={tools} level={level + 1} index={at} size={group.children.length} off={aside} faults={faults} folded={folded} />
            : <RuleItem key={child.id} rule={child} tools={tools} level={level + 1} index={at} size={group.children.length} off={aside} fault={faults.get(child.id) ?? null} />)}
          {!many && group.children.length === 0 && <p class="au-nothing">{root ? "Every row is kept." : "Nothing in it yet: it has no effect."}</p>}
        </div>
      )}
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
