/** One row of the filter tree: column, operator, value, and what can be done with it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Combobox, IconButton, Select } from "./controls";
import { memo } from "./editor";
import { Handle } from "./filter-group";
import type { FilterTools } from "./filter-tools";
import { Icon } from "./icons";
import { changeColumn, changeOperator, doubt, operandOf, problem, type Rule, type Vocabulary } from "./rules";
import { duplicate, toggleDisabled } from "./tree";
import { joinList } from "./typed";
import { ValueEditor } from "./values";

interface RuleProps {
  rule: Rule;
  tools: FilterTools;
  level: number;
  index: number;
  size: number;
  /** A group around it is set aside. */
  off: boolean;
  fault: string | null;
}

/** Far below what is seen, a rule is just its words. */
export const RuleItem = memo(function RuleItem(props: RuleProps) {
  const { rule, tools, level, index, size } = props;
  const [drawn, draw] = useState(!tools.later.has(rule.id));
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => (drawn || !row.current ? undefined : tools.later.watch(rule.id, row.current, () => draw(true))), [drawn]);
  if (drawn) return <FullRule {...props} />;
  return (
    <div
      ref={row} role="row" class="au-rule au-rule-far" tabIndex={-1} data-id={rule.id} data-part="item"
      aria-level={level} aria-posinset={index + 1} aria-setsize={size} onFocus={() => draw(true)}
    >
      <span role="gridcell" aria-colspan={4} class="au-cut">{inWords(rule, tools.words)}</span>
    </div>
  );
});

function FullRule({ rule, tools, level, index, size, off, fault }: RuleProps) {
  const { words } = tools;
  const column = tools.column(rule.column);
  const wrong = problem(rule, words);
  const unsure = doubt(rule, words);
  const gone = rule.column !== "" && !column ? `"${rule.column}" is not a column here any more` : null;
  const name = inWords(rule, words);
  const operators = (column?.operators ?? []).map((op) => ({ value: op, label: words.operators[op]?.label ?? op }));
  if (rule.op && !operators.some(({ value }) => value === rule.op)) {
    operators.unshift({ value: rule.op, label: words.operators[rule.op]?.label ?? rule.op });
  }
  const said = fault ?? (rule.column !== "" && wrong?.part === "column" ? wrong.text : null);
  return (
    <div
      role="row" class={`au-rule ${off || rule.disabled ? "au-aside" : ""}`} tabIndex={-1} data-id={rule.id} data-part="item"
      aria-level={level} aria-posinset={index + 1} aria-setsize={size}
    >
      <div class="au-rule-bar">
        <span role="gridcell" class={`au-rule-column ${wrong?.part === "column" && wrong.kind === "missing" ? "au-lacks" : ""}`}>
          <Handle id={rule.id} name={`rule, ${name}`} tools={tools} />
          {rule.disabled && <span class="au-unseen">Set aside:</span>}
          <span data-part="column">
            <Combobox
              value={rule.column || null} options={tools.options} label="Column" placeholder="Column…" broken={gone}
              onChange={(column) => tools.change(rule.id, (rule) => changeColumn(rule, column, words))}
            />
          </span>
        </span>
        <span role="gridcell" class="au-rule-op" data-part="op">
          <Select label="Operator" value={rule.op} choices={operators} disabled={!column && !rule.op}
            onChange={(op) => tools.change(rule.id, (rule) => changeOperator(rule, op, words))} />
        </span>
        <span role="gridcell" class="au-rule-value">
          {column && <ValueEditor key={`${rule.column} ${operandOf(rule, words)}`} rule={rule} column={column} vocabulary={words} options={tools.options} problem={wrong}
            onChange={(edit) => tools.change(rule.id, edit)} />}
        </span>
        <span role="gridcell" class="au-acts">
          <span data-part="duplicate" class="au-act-quiet"><IconButton icon="duplicate" size={13} label="Duplicate rule" onClick={() => tools.structure((tree) => duplicate(tree, rule.id), rule.id, "duplicate")} /></span>
          <span data-part="disable" class={rule.disabled ? "" : "au-act-quiet"}><IconButton icon={rule.disabled ? "eyeOff" : "eye"} size={13} pressed={rule.disabled} label="Set rule aside" onClick={() => tools.apply((tree) => toggleDisabled(tree, rule.id))} /></span>
          <span data-part="remove"><IconButton icon="trash" size={13} kind="danger" label="Delete rule" onClick={() => tools.remove(rule.id)} /></span>
        </span>
      </div>
      {(said !== null || unsure !== null) && (
        <div role="gridcell" aria-colspan={4}>
          {said !== null
            ? <p class="au-row-bad" role="alert"><Icon name="circleAlert" size={12} />{said}</p>
            : <p class="au-row-doubt"><Icon name="alert" size={12} />{unsure}</p>}
        </div>
      )}
    </div>
  );
}

/** The rule as it would be read aloud. */
function inWords(rule: Rule, words: Vocabulary): string {
  const column = words.columns.get(rule.column)?.label ?? rule.column;
  if (!column) return "not filled in";
  const op = words.operators[rule.op]?.label ?? rule.op;
  switch (operandOf(rule, words)) {
    case "value": return `${column} ${op} ${rule.other ?? rule.value ?? "…"}`;
    case "values": return `${column} ${op} ${joinList((rule.values ?? []).slice(0, 5))}`;
    case "range": return `${column} ${op} ${rule.low ?? "…"} and ${rule.high ?? "…"}`;
    case "relative": return `${column} ${op} ${rule.count} ${rule.unit}`;
    case "unit": return `${column} ${op} ${rule.unit}`;
    case "none": case null: return `${column} ${op}`;
  }
}
