/** The value editors of a rule: which one it is follows from the operator's operand and the column's type. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Checkbox, Combobox, IconButton, Select, TextInput, type Option } from "./controls";
import { TagInput, SuggestInput } from "./values-tags";
import type { ColumnInfo } from "./protocol";
import { UNITS, caseSensitive, changeOperand, comparable, operandOf, type Operands, type Problem, type Rule, type Vocabulary } from "./rules";
import { readValue } from "./typed";

export interface ValueProps {
  rule: Rule;
  column: ColumnInfo;
  vocabulary: Vocabulary;
  options: readonly Option[];
  problem: Problem | null;
  onChange: (edit: (rule: Rule) => Rule) => void;
}

export function ValueEditor({ rule, column, vocabulary, options, problem, onChange }: ValueProps) {
  const set = (operands: Operands) => onChange((rule) => changeOperand(rule, operands));
  const sensitive = caseSensitive(rule, vocabulary);
  const wrong = (part: Problem["part"]) => (problem?.part === part && problem.kind === "wrong" ? problem.text : null);
  const lacks = (part: Problem["part"]) => problem?.part === part && problem.kind === "missing";
  const cases = sensitive !== null && (
    <button
      type="button" class="au-case" aria-pressed={sensitive} data-part="case" aria-label="Upper and lower case differ"
      title={sensitive ? "Upper and lower case differ" : "Upper and lower case are the same"}
      onClick={() => set({ case_sensitive: !sensitive })}
    >Aa</button>
  );
  switch (operandOf(rule, vocabulary)) {
    case "value": {
      const others = options.filter(({ value }) => {
        const other = vocabulary.columns.get(value);
        return other !== undefined && comparable(column, other);
      });
      const compare = rule.other !== null;
      return (
        <>
          {compare
            ? <span class="au-grow au-value" data-part="other">
                <Combobox value={rule.other || null} options={others} label="Column to compare with" placeholder="Column…"
                  broken={wrong("other")} onChange={(other) => set({ other })} class={lacks("other") ? "au-lacks" : ""} />
              </span>
            : <OneValue part="value" label="Value" text={rule.value} column={column} suggest
                wrong={wrong("value")} lacks={lacks("value")} onChange={(value) => set({ value })} />}
          {!compare && cases}
          {(others.length > 0 || compare) && (
            <IconButton icon="columns" size={13} class="au-other" pressed={compare}
              label={compare ? "Compare with a value" : "Compare with another column"}
              onClick={() => set({ other: compare ? null : "" })} />
          )}
        </>
      );
    }
    case "values":
      return (
        <>
          <TagInput column={column} values={rule.values ?? []} wrong={wrong("values")} lacks={lacks("values")}
            onChange={(values) => set({ values: values.length ? values : null })} />
          {cases}
        </>
      );
    case "range":
      return (
        <>
          <OneValue part="low" label="From" text={rule.low} column={column} wrong={wrong("low")} lacks={lacks("low")}
            onChange={(low) => set({ low })} />
          <span class="au-quiet">and</span>
          <OneValue part="high" label="To" text={rule.high} column={column} wrong={wrong("high")} lacks={rule.high === null}
            onChange={(high) => set({ high })} />
        </>
      );
    case "relative":
      return (
        <>
          <span data-part="count"><TextInput class="au-count" label="How many" inputMode="numeric" value={rule.count} invalid={wrong("count")}
            onInput={(count) => set({ count })} /></span>
          <Unit unit={rule.unit} plural={rule.count.trim() !== "1"} onChange={(unit) => set({ unit })} />
          <Checkbox label={`with this ${rule.unit}`} checked={rule.include_current}
            onChange={(include_current) => set({ include_current })} />
        </>
      );
    case "unit":
      return <Unit unit={rule.unit} onChange={(unit) => set({ unit })} />;
    case "none":
    case null:
      return null;
  }
}

function Unit({ unit, plural = false, onChange }: { unit: string; plural?: boolean; onChange: (unit: string) => void }) {
  return (
    <Select class="au-unit" label="Unit" value={unit} onChange={onChange}
      choices={UNITS.map((value) => ({ value, label: plural ? `${value}s` : value }))} />
  );
}

interface OneProps {
  part: "value" | "low" | "high";
  label: string;
  text: string | null;
  column: ColumnInfo;
  wrong: string | null;
  lacks: boolean;
  suggest?: boolean;
  onChange: (text: string | null) => void;
}

/** True once `value` has not changed for a while: so that nothing is called wrong while it is being typed. */
function useRested(value: unknown, delay = 600): boolean {
  const [rested, rest] = useState<unknown>(value);
  useEffect(() => {
    const timer = setTimeout(() => rest(value), delay);
    return () => clearTimeout(timer);
  }, [value]);
  return Object.is(rested, value);
}

/** One value as text, number, date, or date and time. */
function OneValue({ part, label, text, column, wrong, lacks, suggest = false, onChange }: OneProps) {
  const rested = useRested(text);
  const [left, leave] = useState(true);
  const bad = wrong !== null && (rested || left) ? wrong : null;
  const type = (typed: string) => {
    leave(false);
    onChange(typed === "" ? null : typed);
  };
  const tidy = () => {
    leave(true);
    if (text === null || column.family !== "number") return;
    const read = readValue(text, column);
    if (read.ok && read.text !== text) onChange(read.text);
  };
  const klass = `au-grow au-value ${lacks ? "au-lacks" : ""}`;
  if (column.family === "boolean") {
    return (
      <span class={klass} data-part={part}>
        <Select label={label} value={text ?? ""} onChange={(value) => onChange(value || null)}
          choices={[{ value: "", label: "Choose…", disabled: true }, { value: "true", label: "true" }, { value: "false", label: "false" }]} />
      </span>
    );
  }
  if (column.family === "date" || column.family === "timestamp") {
    return <span class={klass} data-part={part}><DateInput label={label} text={text} column={column} wrong={bad} onChange={type} onBlur={tidy} /></span>;
  }
  const empty = text === "" ? "(empty text)" : lacks ? "Enter a value" : "";
  return (
    <span class={klass} data-part={part}>
      {suggest && column.family === "text"
        ? <SuggestInput label={label} text={text ?? ""} placeholder={empty} column={column} onChange={type} />
        : <TextInput label={label} value={text ?? ""} placeholder={empty} invalid={bad} onInput={type} onBlur={tidy}
            {...(column.family === "number" ? { inputMode: "decimal" as const } : {})} />}
    </span>
  );
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/;

/** The browser's own picker where it can hold the value exactly, else text. */
function DateInput({ label, text, column, wrong, onChange, onBlur }: {
  label: string; text: string | null; column: ColumnInfo; wrong: string | null; onChange: (text: string) => void; onBlur: () => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const value = (text ?? "").replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, "$1T");
  const kind = value === "" || DAY.test(value) ? "date" : MOMENT.test(value) && column.family === "timestamp" ? "datetime-local" : "text";
  if (kind === "text") return <TextInput label={label} value={text ?? ""} invalid={wrong} onInput={onChange} onBlur={onBlur} />;
  const timed = kind === "datetime-local";
  return (
    <span class="au-field">
      <span class={`au-input ${wrong ? "au-input-bad" : ""}`}>
        <input
          key={kind} ref={input} type={kind} value={value} max={timed ? "9999-12-31T23:59:59" : "9999-12-31"} {...(timed ? { step: "1" } : {})}
          aria-label={label} aria-invalid={wrong ? true : undefined} onInput={(event) => onChange(event.currentTarget.value)} onBlur={onBlur}
        />
        {column.family === "timestamp" && value !== "" && (
          <IconButton icon={timed ? "x" : "clock"} size={12} label={timed ? "Whole day, no time" : "Add a time of day"}
            onClick={() => { onChange(timed ? value.slice(0, 10) : `${value}T00:00`); requestAnimationFrame(() => input.current?.focus()); }} />
        )}
      </span>
      {wrong && <span class="au-field-bad">{wrong}</span>}
    </span>
  );
}
