/** A question and a stand-in for the kernel that answers as Python would, for looking at the editors. */
import type { Model } from "../../../aurora_widgets/widgets/js/model";
import type { AskMessage, ColumnInfo, Condition, Deed, Family, Group, Join, Question, Tree } from "../../../aurora_widgets/widgets/js/protocol";

const OPERATORS: Question["operators"] = {
  "=": { label: "=", operand: "value", case_sensitive: true }, "!=": { label: "≠", operand: "value", case_sensitive: true },
  "<": { label: "<", operand: "value", case_sensitive: null }, ">": { label: ">", operand: "value", case_sensitive: null },
  "<=": { label: "≤", operand: "value", case_sensitive: null }, ">=": { label: "≥", operand: "value", case_sensitive: null },
  between: { label: "between", operand: "range" }, "not between": { label: "not between", operand: "range" },
  in: { label: "in", operand: "values", case_sensitive: true }, "not in": { label: "not in", operand: "values", case_sensitive: true },
  contains: { label: "contains", operand: "value", case_sensitive: false }, "does not contain": { label: "does not contain", operand: "value", case_sensitive: false },
  "starts with": { label: "starts with", operand: "value", case_sensitive: false }, "ends with": { label: "ends with", operand: "value", case_sensitive: false },
  "is empty": { label: "is empty", operand: "none" }, "is not empty": { label: "is not empty", operand: "none" },
  "in the last": { label: "in the last", operand: "relative" }, "in the next": { label: "in the next", operand: "relative" },
  this: { label: "this", operand: "unit" }, previous: { label: "previous", operand: "unit" },
  "is true": { label: "is true", operand: "none" }, "is false": { label: "is false", operand: "none" },
};
const COMPARE = ["=", "!=", "<", ">", "<=", ">=", "between", "not between", "in", "not in", "is empty", "is not empty"];
const BY_FAMILY: Record<Family, string[]> = {
  number: COMPARE,
  date: [...COMPARE, "in the last", "in the next", "this", "previous"],
  timestamp: [...COMPARE, "in the last", "in the next", "this", "previous"],
  text: ["=", "!=", "contains", "does not contain", "starts with", "ends with", "in", "not in", "is empty", "is not empty"],
  boolean: ["is true", "is false", "is empty", "is not empty"],
  other: ["is empty", "is not empty"],
};

export function column(name: string, type: string, family: Family, origin = "global_sales", label = name): ColumnInfo {
  return { name, label, type, family, description: "", numeric: family === "number", origin, operators: BY_FAMILY[family] };
}

const SALES: ColumnInfo[] = [
  column("sale_id", "int64", "number"), column("region", "text", "text"), column("country", "text", "text"),
  column("product", "text", "text"), column("segment", "text", "text"), column("sale_date", "date", "date"),
  column("revenue", "decimal(12,2)", "number"), column("cost", "decimal(12,2)", "number"), column("qty", "int32", "number"),
  column("discount", "float64", "number"), column("is_renewal", "boolean", "boolean"), column("sales_rep", "text", "text"),
  column("loaded_at", "timestamp", "timestamp"),
];
const PEOPLE: ColumnInfo[] = [
  column("employee_id", "text", "text", "employee_roster"), column("name", "text", "text", "employee_roster"),
  column("hired", "date", "date", "employee_roster"), column("region", "text", "text", "employee_roster"),
];
const LONG = "the_name_of_a_column_that_goes_on_for_a_hundred_and_twenty_letters_because_a_warehouse_somewhere_has_one_exactly_like_it";

const c = (column: string, op: string, rest: Partial<Condition> = {}): Condition => ({ type: "condition", column, op, ...rest });
const g = (op: "and" | "or", children: Tree[], rest: Partial<Group> = {}): Group => ({ type: "group", op, children, ...rest });

const FILTERS: Record<string, () => Group | null> = {
  none: () => null,
  look: () => g("and", [
    c("sale_date", "between", { low: "2024-06-01", high: "2025-06-30" }),
    g("or", [
      c("region", "in", { values: ["EMEA", "APAC"] }), c("revenue", ">", { value: 15000 }),
      c("product", "starts with", { value: "Product 1" }),
    ]),
  ]),
  all: () => g("and", [
    c("sale_date", "in the last", { count: 3, unit: "month", include_current: true }), c("loaded_at", ">=", { value: "2026-11-20T00:02:00" }),
    c("loaded_at", "this", { unit: "quarter" }), c("revenue", ">", { other: "cost" }), c("revenue", "between", { low: "100.50", high: "20.10" }),
    c("is_renewal", "is true"), c("country", "=", { value: "France", case_sensitive: false }), c("region", "is not empty"),
    c("segment", "not in", { values: ["Public", "SMB", "Enterprise", "Mid-market", "Smith, John", "Government"] }),
    g("or", [c("discount", "<", { value: "0.15", disabled: true }), g("and", [c("qty", ">", { value: 3 }), c("qty", "<", { value: 30 })], { negate: true })], { disabled: false }),
    g("or", [c("product", "contains", { value: "1" })], { disabled: true }),
  ]),
  rules: () => g("and", Array.from({ length: 20 }, (_, i) => g(i % 2 ? "and" : "or", Array.from({ length: 10 }, (_, j) => [
    c("region", "in", { values: ["EMEA", "APAC"] }), c("revenue", ">", { value: i * 1000 + j }),
    c("product", "starts with", { value: `Product ${j}` }), c("sale_date", "between", { low: "2024-06-01", high: "2025-06-30" }),
  ][j % 4] as Condition)))),
  deep: () => {
    let tree: Group = g("and", [c("revenue", ">", { value: 20 }), c("region", "in", { values: ["EMEA", "APAC"] })]);
    for (let level = 19; level > 0; level -= 1) tree = g(level % 2 ? "and" : "or", [c("revenue", ">", { value: level }), tree]);
    return tree;
  },
  long: () => g("and", [
    c(LONG, "contains", { value: "A value that is also rather long, so that nothing of it may push anything out of the box it is in" }),
    c(LONG, "in", { values: ["A value that is also rather long, so that nothing of it may push anything out of the box it is in", "B"] }),
    g("or", [c(LONG, "=", { other: "region" }), c("sale_date", "between", { low: "2024-06-01", high: "2025-06-30" })]),
  ]),
};

export function question(filter: string, extra: string): Question {
  const base = filter === "long" || extra === "long" ? [...SALES, column(LONG, "text", "text")] : SALES;
  const joined: Join = { type: "join", table: "employee_roster", how: "left", on: [{ left: "sales_rep", right: "employee_id" }] };
  const summary = extra === "summary";
  const where = (FILTERS[filter] ?? FILTERS["none"])!();
  return {
    query: { version: 1, table: "global_sales", steps: where ? [{ type: "filter", where }] : [] }, link: "", table: "global_sales",
    undo: true, redo: false, vintage: null, base, final: base,
    parts: {
      joins: extra === "join" ? [joined] : [], derives: [], filter: where,
      aggregate: summary ? {
        type: "aggregate", by: [{ column: "region" }, { column: "product" }, { column: "sale_date", bucket: "month" }],
        measures: [{ as: "sum_revenue", fn: "sum", column: "revenue" }, { as: "avg_discount", fn: "avg", column: "discount" },
          { as: "orders", fn: "count" }, { as: "max_cost", fn: "max", column: "cost" }],
      } : null,
      sort: [], select: extra === "columns" ? ["region", "revenue", "gone_column", "sale_date"] : null, search: "", canonical: true,
    },
    chips: [], counts: { filter: 4, join: 0, aggregate: 0, select: 0 },
    faults: extra === "fault" && where ? [{ code: "unknown-column", path: "steps[0].where.children[1].children[1].value", message: "`15,000` does not fit `revenue`: it takes values like 1234.56.", suggestion: null }] : [],
    measures: [
      { fn: "sum", label: "Sum", families: ["number"], column: true }, { fn: "avg", label: "Average", families: ["number"], column: true },
      { fn: "min", label: "Minimum", families: ["number", "text", "date", "timestamp"], column: true },
      { fn: "max", label: "Maximum", families: ["number", "text", "date", "timestamp"], column: true },
      { fn: "count", label: "Count", families: ["number", "text", "date", "timestamp", "boolean", "other"], column: true },
      { fn: "distinct_count", label: "Distinct count", families: ["number", "text", "date", "timestamp", "boolean"], column: true },
      { fn: "median", label: "Median", families: ["number"], column: true },
    ],
    buckets: ["year", "quarter", "month", "week", "day", "hour"], operators: OPERATORS,
  };
}

export class World implements Model {
  readonly sent: unknown[] = [];
  readonly #traits: Record<string, unknown>;
  readonly #heard = new Map<string, Set<(...args: never[]) => void>>();
  readonly fail: boolean;

  constructor(filter: string, extra: string) {
    this.fail = extra === "error";
    this.#traits = {
      question: question(filter, extra), page: null, panel: "explorer",
      tables: [["global_sales", "Global sales", "One row an order line.", 1_000_000], ["employee_roster", "Employee roster", "Who works where.", 5000],
        ["flights", "Flights", "Out of New York in 2013.", 336_776], ["airlines", "Airlines", "", 16], ["planes", "Planes", "", 3322]]
        .map(([name, label, description, rows]) => ({ name, label, description, rows, columns: 9, has_vintage: false })),
      status: { state: "ready", rows: 937368, exact: true, elapsed_ms: 3, from_cache: false, offset: 0, page_rows: 50, max_offset: 100000, notes: [], vintage: "", error: null, grid: "table", announce: "" },
    };
  }
  get(name: string): unknown { return this.#traits[name]; }
  on(event: string, callback: (...args: never[]) => void): void {
    this.#heard.set(event, (this.#heard.get(event) ?? new Set()).add(callback));
  }
  off(event: string, callback: (...args: never[]) => void): void { this.#heard.get(event)?.delete(callback); }
  #tell(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.#heard.get(event) ?? [])]) (callback as (...args: unknown[]) => void)(...args);
  }
  send(content: unknown): void {
    this.sent.push(content);
    const message = content as (AskMessage | Deed);
    if ("ask" in message) {
      const delay = message.ask === "join_check" ? 350 : 60;
      setTimeout(() => this.#tell("msg:custom", this.fail && message.ask !== "suggest_keys"
        ? { id: message.id, error: { code: "QUERY_TIMEOUT", detail: "This took longer than 60 s and was stopped: narrow the question." } }
        : { id: message.id, answer: answer(message) }), delay);
      return;
    }
    const old = this.#traits["question"] as Question;
    const parts = { ...old.parts };
    if (message.do === "filter") parts.filter = message.where;
    if (message.do === "joins") parts.joins = message.joins;
    if (message.do === "summarize") parts.aggregate = message.aggregate;
    if (message.do === "select") parts.select = message.columns;
    this.#traits["question"] = { ...old, parts };
    setTimeout(() => this.#tell("change:question"), 30);
  }
}

function answer(message: AskMessage): unknown {
  switch (message.ask) {
    case "count": return { rows: 37368, exact: true };
    case "values": return {
      values: ["EMEA", "APAC", "AMER", "LATAM", "Antarctica (no office yet)"].filter((v) => v.toLowerCase().includes(message.search.toLowerCase())).map((value) => ({ value, text: value })),
      more: false,
    };
    case "columns": return { columns: message.table === "employee_roster" ? PEOPLE : SALES };
    case "suggest_keys": return {
      pairs: message.table === "employee_roster" ? [{ left: "sales_rep", right: "employee_id" }] : [], source: message.table === "employee_roster" ? "declared" : "none",
      left: message.before?.first.table === "employee_roster" ? PEOPLE : SALES, right: message.table === "employee_roster" ? PEOPLE : SALES,
    };
    case "join_check": return {
      left_rows: 937368, matched: 905112, unmatched: 32256, multiplied: 611204, right_unmatched: 312, average_matches: 3.2, exact: true,
      warning: "Each sale matches 3.2 rows of employee_roster on average: totals would be inflated.",
      fix: { label: "Join on region as well", join: { ...message.join, on: [...message.join.on, { left: "region", right: "region" }] } },
      sample: {
        epoch: 1, offset: 0, more: false, totals: null,
        columns: [["sale_id", true], ["region", false], ["sale_date", false], ["revenue", true], ["sales_rep", false], ["name", false], ["hired", false], ["employee_roster.region", false]]
          .map(([name, numeric]) => ({ name, label: name, type: "text", family: "text", numeric, sort: null, sort_rank: null, width: 110 })),
        rows: Array.from({ length: 50 }, (_, i) => [`${5_000_000_152 + i}`, "EMEA", "2024-06-01", "7,921.13", `REP-${1152 + i}`, i % 7 ? "Jane Müller-Lüdenscheidt" : null, i % 7 ? "2019-04-01" : null, i % 7 ? "EMEA" : null]),
      },
    };
    case "summary": return { columns: [] };
    case "functions": return { functions: [], kept: [] };
    case "formulas": return { columns: message.columns.map(() => ({ type: "decimal(13,2)", family: "number", wrong: [], misnamed: null })) };
    default: return {};
  }
}
