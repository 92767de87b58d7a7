/**
 * One rule of the filter editor: a column, an operator and whatever operand has been typed.
 * All operands are kept side by side, so that changing the operator and back loses nothing;
 * which of them counts follows from the operator.
 */
import type { ColumnInfo, Condition, Operand, Question, Scalar } from "./protocol";
import { asScalar, asText, compareNumbers, readValue } from "./typed";

/** What is typed is text; null is "nothing entered", which is not the same as an empty text. */
export interface Rule {
  readonly kind: "rule";
  readonly id: string;
  readonly column: string;
  readonly op: string;
  readonly value: string | null;
  readonly low: string | null;
  readonly high: string | null;
  readonly values: readonly string[] | null;
  readonly count: string;
  readonly unit: string;
  readonly include_current: boolean;
  readonly other: string | null;
  /** null: what the operator does by itself. */
  readonly case_sensitive: boolean | null;
  readonly disabled: boolean;
  /** The condition as read, while nobody has touched it: it is written back as it is. */
  readonly source: Condition | null;
}

/** What there is to choose from. */
export interface Vocabulary {
  readonly columns: ReadonlyMap<string, ColumnInfo>;
  readonly operators: Question["operators"];
}

export const UNITS = ["day", "week", "month", "quarter", "year"] as const;

export function vocabulary(question: Pick<Question, "base" | "final" | "operators">): Vocabulary {
  const columns = new Map(question.base.map((column) => [column.name, column]));
  for (const column of question.final) if (!columns.has(column.name)) columns.set(column.name, column);
  return { columns, operators: question.operators };
}

const EMPTY: Omit<Rule, "id"> = {
  kind: "rule", column: "", op: "", value: null, low: null, high: null, values: null, count: "1", unit: "month",
  include_current: false, other: null, case_sensitive: null, disabled: false, source: null,
};

export function newRule(id: string, column: ColumnInfo | null = null): Rule {
  return { ...EMPTY, id, column: column?.name ?? "", op: column?.operators[0] ?? "" };
}

const typed = (value: Scalar | undefined): string | null => (value === null || value === undefined ? null : asText(value));

export function ruleOf(source: Condition, id: string): Rule {
  return {
    ...EMPTY,
    id,
    column: source.column,
    op: source.op,
    value: typed(source.value),
    low: typed(source.low),
    high: typed(source.high),
    values: source.values ? source.values.map(asText) : null,
    count: source.count === undefined ? EMPTY.count : String(source.count),
    unit: source.unit ?? EMPTY.unit,
    include_current: source.include_current ?? false,
    other: source.other ?? null,
    case_sensitive: source.case_sensitive ?? null,
    disabled: source.disabled ?? false,
    source,
  };
}

export function operandOf(rule: Rule, { operators }: Vocabulary): Operand | null {
  return operators[rule.op]?.operand ?? null;
}

/** Whether upper and lower case differ for this rule; null where that has no meaning. */
export function caseSensitive(rule: Rule, { columns, operators }: Vocabulary): boolean | null {
  if (columns.get(rule.column)?.family !== "text") return null;
  const operator = operators[rule.op];
  if (!operator || (operator.operand !== "value" && operator.operand !== "values")) return null;
  if (operator.case_sensitive === null) return null;
  return rule.case_sensitive ?? operator.case_sensitive ?? true;
}

// ── edits: each makes the rule a person's own

export type Operands = Partial<
  Pick<Rule, "value" | "low" | "high" | "values" | "count" | "unit" | "include_current" | "other" | "case_sensitive">
>;

export function changeOperand(rule: Rule, operands: Operands): Rule {
  return { ...rule, ...operands, source: null };
}

/** Another operator; what was entered goes over as far as it can. */
export function changeOperator(rule: Rule, op: string, vocabulary: Vocabulary): Rule {
  if (op === rule.op) return rule;
  const from = operandOf(rule, vocabulary);
  const next: Rule = { ...rule, op, source: null };
  const to = operandOf(next, vocabulary);
  if (from === to || from === null) return next;
  const entered =
    from === "value" ? [rule.value] : from === "values" ? (rule.values ?? []) : from === "range" ? [rule.low, rule.high] : [];
  const items = entered.filter((item): item is string => item !== null);
  if (items.length === 0) return next;
  if (to === "value") return { ...next, value: items[0] as string };
  if (to === "values") return { ...next, values: [...new Set(items)] };
  if (to === "range") return { ...next, low: items[0] as string, high: items[1] ?? next.high };
  return next;
}

/** Another column; operator and values stay where they make sense there. */
export function changeColumn(rule: Rule, name: string, vocabulary: Vocabulary): Rule {
  if (name === rule.column) return rule;
  const column = vocabulary.columns.get(name);
  if (!column) return { ...rule, column: name, source: null };
  const fits = (text: string | null) => (text !== null && readValue(text, column).ok ? text : null);
  const values = rule.values?.filter((text) => fits(text) !== null) ?? null;
  const other = rule.other === null ? undefined : vocabulary.columns.get(rule.other);
  const moved: Rule = {
    ...rule,
    column: name,
    value: fits(rule.value),
    low: fits(rule.low),
    high: fits(rule.high),
    values: values?.length ? values : null,
    other: other && comparable(column, other) ? other.name : null,
    case_sensitive: column.family === "text" ? rule.case_sensitive : null,
    source: null,
  };
  return column.operators.includes(rule.op) ? moved : changeOperator(moved, nearest(rule.op, column, vocabulary), vocabulary);
}

/** The operator of the column that is closest in kind to the one it does not have. */
function nearest(op: string, column: ColumnInfo, { operators }: Vocabulary): string {
  const kind = operators[op]?.operand;
  const negative = /not|!=/.test(op);
  const like = column.operators.filter((name) => operators[name]?.operand === kind);
  return like.find((name) => /not|!=/.test(name) === negative) ?? like[0] ?? column.operators[0] ?? "";
}

/** Whether two columns can stand on two sides of a comparison. */
export function comparable(left: ColumnInfo, right: ColumnInfo): boolean {
  const kind = ({ family }: ColumnInfo) => (family === "timestamp" ? "date" : family);
  return left.name !== right.name && kind(left) === kind(right);
}

// ── what is still wrong with a rule

export interface Problem {
  /** Which input it is about. */
  part: "column" | "op" | "value" | "low" | "high" | "values" | "count" | "other";
  /** `missing` is just not filled in yet; `wrong` was filled in with something that can't be. */
  kind: "missing" | "wrong";
  text: string;
}

const missing = (part: Problem["part"], text: string): Problem => ({ part, kind: "missing", text });
const wrong = (part: Problem["part"], text: string): Problem => ({ part, kind: "wrong", text });

/** The first thing that keeps a rule from being applied; null where it is complete. */
export function problem(rule: Rule, vocabulary: Vocabulary): Problem | null {
  if (rule.source) return null; // as the document says; what is wrong with that is Python's to say
  if (!rule.column) return missing("column", "Choose a column");
  const column = vocabulary.columns.get(rule.column);
  if (!column) return wrong("column", `"${rule.column}" is not a column here any more`);
  const operand = operandOf(rule, vocabulary);
  if (!operand || !column.operators.includes(rule.op)) return missing("op", "Choose an operator");
  const one = (part: "value" | "low" | "high", entered: string | null): Problem | null => {
    if (entered === null) return missing(part, "Enter a value");
    const read = readValue(entered, column);
    return read.ok ? null : wrong(part, read.reason);
  };
  switch (operand) {
    case "none":
    case "unit":
      return null;
    case "relative":
      if (/^[1-9]\d{0,4}$/.test(rule.count.trim())) return null;
      return rule.count.trim() ? wrong("count", "Write a whole number from 1") : missing("count", "Enter a number");
    case "range":
      return one("low", rule.low) ?? one("high", rule.high);
    case "values": {
      if (!rule.values?.length) return missing("values", "Enter at least one value");
      for (const text of rule.values) {
        const read = readValue(text, column);
        if (!read.ok) return wrong("values", read.reason);
      }
      return null;
    }
    case "value": {
      if (rule.other === null) return one("value", rule.value);
      const other = vocabulary.columns.get(rule.other);
      if (!rule.other || !other) return missing("other", "Choose the column to compare with");
      return comparable(column, other) ? null : wrong("other", `"${other.label}" is of another kind than "${column.label}"`);
    }
  }
}

/** Something that is allowed but is hardly meant; null where there is nothing to say. */
export function doubt(rule: Rule, vocabulary: Vocabulary): string | null {
  const column = vocabulary.columns.get(rule.column);
  if (!column || operandOf(rule, vocabulary) !== "range" || problem(rule, vocabulary)) return null;
  if (rule.low === null || rule.high === null) return null;
  const low = readValue(rule.low, column);
  const high = readValue(rule.high, column);
  if (!low.ok || !high.ok) return null;
  const backwards =
    column.family === "number"
      ? compareNumbers(low.text, high.text) === 1
      : (column.family === "date" || column.family === "timestamp") && low.text.slice(0, 10) > high.text.slice(0, 10);
  return backwards ? "The first is after the second: nothing lies between them" : null;
}

/** The rule as a condition of the document; null while something is missing. */
export function condition(rule: Rule, vocabulary: Vocabulary): Condition | null {
  if (rule.source) return withDisabled(rule.source, rule.disabled);
  const column = vocabulary.columns.get(rule.column);
  const operand = operandOf(rule, vocabulary);
  if (!column || !operand || problem(rule, vocabulary)) return null;
  const scalar = (text: string | null): Scalar => {
    const read = readValue(text ?? "", column);
    return asScalar(read.ok ? read.text : (text ?? ""), column.family);
  };
  const made: Condition = { type: "condition", column: rule.column, op: rule.op };
  switch (operand) {
    case "none":
      break;
    case "unit":
      made.unit = rule.unit;
      break;
    case "relative":
      made.count = Number(rule.count.trim());
      made.unit = rule.unit;
      if (rule.include_current) made.include_current = true;
      break;
    case "range":
      made.low = scalar(rule.low);
      made.high = scalar(rule.high);
      break;
    case "values":
      made.values = [...(rule.values ?? [])].map(scalar);
      break;
    case "value":
      if (rule.other === null) made.value = scalar(rule.value);
      else made.other = rule.other;
  }
  const sensitive = caseSensitive(rule, vocabulary);
  if (sensitive !== null && sensitive !== caseSensitive({ ...rule, case_sensitive: null }, vocabulary)) {
    made.case_sensitive = sensitive;
  }
  return withDisabled(made, rule.disabled);
}

function withDisabled(made: Condition, disabled: boolean): Condition {
  const { disabled: _, ...rest } = made;
  return disabled ? { ...rest, disabled: true } : rest;
}
