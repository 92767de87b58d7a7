/** A kernel made up for the harness: the same four traits, deeds and asks, over a thousand seeded rows. */
import type { Model } from "../../../aurora_widgets/widgets/js/model";
import type {
  AskMessage, Chip, ColumnInfo, Deed, Family, PageColumn, PageData, Parts, Question, Status, TableInfo,
} from "../../../aurora_widgets/widgets/js/protocol";

type Row = (string | null)[];

const COMPARE = ["=", "!=", "<", ">", "<=", ">=", "between", "not between", "in", "not in", "is empty", "is not empty"];
const DATES = [...COMPARE, "in the last", "in the next", "this", "previous"];
const TEXTS = ["=", "!=", "contains", "does not contain", "starts with", "ends with", "in", "not in", "is empty", "is not empty"];
const OPERATORS_OF: Record<Family, string[]> = {
  number: COMPARE, date: DATES, timestamp: DATES, text: TEXTS, boolean: ["is true", "is false", "is empty", "is not empty"], other: ["is empty", "is not empty"],
};
const OPERATORS: Question["operators"] = Object.fromEntries(
  [...new Set([...DATES, ...TEXTS, ...OPERATORS_OF.boolean])].map((name) => [name, {
    label: { "=": "is", "!=": "is not", "<=": "≤", ">=": "≥" }[name] ?? name,
    operand: /between/.test(name) ? "range" : /^(not )?in$/.test(name) ? "values" : /in the/.test(name) ? "relative"
      : /this|previous/.test(name) ? "unit" : /^is /.test(name) ? "none" : "value",
    case_sensitive: TEXTS.includes(name) && !/empty/.test(name) ? !/contain|with/.test(name) : null,
  }]),
);

const column = (name: string, label: string, type: string, family: Family, origin = "Global sales"): ColumnInfo => ({
  name, label, type, family, description: "", numeric: family === "number", origin, operators: OPERATORS_OF[family],
});

const SALES: ColumnInfo[] = [
  column("sale_id", "Sale ID", "int64", "number"),
  column("region", "Region", "string", "text"),
  column("country", "Country", "string", "text"),
  column("product", "Product", "string", "text"),
  column("segment", "Segment", "string", "text"),
  column("sale_date", "Sale date", "date", "date"),
  column("revenue", "Revenue", "decimal(12,2)", "number"),
  column("cost", "Cost", "decimal(12,2)", "number"),
  column("qty", "Quantity", "int32", "number"),
  column("discount", "Discount", "double", "number"),
  column("is_renewal", "Renewal", "boolean", "boolean"),
  column("sales_rep", "Sales rep", "string", "text"),
  column("loaded_at", "Loaded at", "timestamp", "timestamp"),
];

const LONG = "contractual_recurring_revenue_net_of_rebates_and_intercompany_eliminations_in_reporting_currency_at_budget_rate_2026_v2";

const TABLES: TableInfo[] = [
  { name: "global_sales", label: "Global sales", description: "One row an order line, actuals and forecasts, three years back.", columns: 13, rows: 1_000_000, has_vintage: true },
  { name: "employee_roster", label: "Employee roster", description: "Everyone who works here: team, manager, office, cost centre.", columns: 9, rows: 5_000, has_vintage: false },
  { name: "flights", label: "Flights", description: "All flights that departed from New York City in 2013.", columns: 19, rows: 336_776, has_vintage: false },
  { name: "airlines", label: "Airlines", description: "Carrier codes and their names.", columns: 2, rows: 16, has_vintage: false },
  { name: "planes", label: "Planes", description: "", columns: 9, rows: 3_322, has_vintage: false },
  { name: "weather", label: "Hourly weather at the three airports", description: "Temperature, wind, visibility and precipitation by hour, as measured at EWR, JFK and LGA.", columns: 15, rows: 26_115, has_vintage: false },
  { name: LONG, label: LONG, description: "A table whose name somebody generated.", columns: 200, rows: null, has_vintage: false },
];

const money = (n: number) => n.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function salesRows(): Row[] {
  let seed = 7;
  const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const of = <T>(all: T[]) => all[Math.floor(next() * all.length)] as T;
  return Array.from({ length: 1000 }, (_, i) => [
    String(5_000_000_152 + i), of(["EMEA", "APAC", "AMER", "LATAM"]), of(["United States", "Brazil", "France", "Germany", "Japan", "Côte d’Ivoire"]),
    `Product ${152 + (i % 40)}`, of(["Public", "SMB", "Enterprise", null]),
    new Date(Date.UTC(2024, 5, 1 + (i % 700))).toISOString().slice(0, 10),
    next() < 0.06 ? null : money(next() * 25_000), money(next() * 9_000), String(1 + Math.floor(next() * 36)),
    (next() * 0.3).toFixed(2), of(["true", "false"]), `REP-${1152 + (i % 300)}`, "2026-11-20 00:02:11",
  ]);
}

function wide(): { columns: ColumnInfo[]; rows: Row[] } {
  const columns = Array.from({ length: 200 }, (_, i) =>
    i === 3 ? column(LONG, LONG, "decimal(38,10)", "number") : column(`measure_${i}`, i === 5 ? "" : `Measure ${i}`, i % 3 ? "double" : "string", i % 3 ? "number" : "text"));
  const text = "A very long remark that goes on and on, with “quotes”, ümlauts, 日本語 and a\nline break, to see that a cell is cut and the whole stays in its place.";
  const rows = Array.from({ length: 1000 }, (_, r) => columns.map((c, i) => (r % 7 === 0 && i % 4 === 1 ? null : i === 0 ? text : c.numeric ? money(r * i + 0.5) : `text ${r}.${i}`)));
  return { columns, rows };
}

const NO_PARTS: Parts = { joins: [], derives: [], filter: null, aggregate: null, sort: [], select: null, search: "", canonical: true };

const NOTHING: Question = {
  query: null, link: "", table: null, undo: false, redo: false, vintage: null, base: [], final: [], parts: NO_PARTS, chips: [],
  counts: { filter: 0, join: 0, aggregate: 0, select: 0 }, faults: [],
  measures: [
    { fn: "sum", label: "Sum", families: ["number"], column: true }, { fn: "avg", label: "Average", families: ["number"], column: true },
    { fn: "min", label: "Smallest", families: ["number", "text", "date", "timestamp"], column: true },
    { fn: "max", label: "Largest", families: ["number", "text", "date", "timestamp"], column: true },
    { fn: "count", label: "Count", families: ["number", "text", "boolean", "date", "timestamp", "other"], column: false },
    { fn: "distinct_count", label: "Different values", families: ["number", "text", "boolean", "date", "timestamp"], column: true },
  ],
  buckets: ["year", "quarter", "month", "week", "day"], operators: OPERATORS,
};

const STATUS: Status = {
  state: "start", rows: null, exact: true, elapsed_ms: null, from_cache: false, offset: 0, page_rows: 50, max_offset: 100_000, notes: [],
  vintage: "", error: null, grid: "table", announce: "",
};

const FILTER: Parts["filter"] = {
  type: "group", op: "and", children: [
    { type: "condition", column: "sale_date", op: "between", low: "2024-06-01", high: "2025-06-30" },
    { type: "group", op: "or", children: [
      { type: "condition", column: "region", op: "in", values: ["EMEA", "APAC"] },
      { type: "condition", column: "revenue", op: ">", value: 15000 },
      { type: "condition", column: "product", op: "starts with", value: "Product 1" },
    ] },
  ],
};

const chip = (key: string, part: Chip["part"], text: string, more: Partial<Chip> = {}): Chip => ({
  key, part, text, step: key.startsWith("step:") ? Number(key.slice(5)) : null, broken: null, disabled: false, removable: key !== "table" && key !== "vintage", ...more,
});

const CHIPS: Chip[] = [
  chip("table", "table", "Global sales"),
  chip("vintage", "vintage", "Actuals, 2026-11-20 #4182"),
  chip("step:0", "join", "Employee roster (left) on Sales rep"),
  chip("step:1", "filter", "Sale date between 1 Jun 2024 and 30 Jun 2025 AND (Region in EMEA, APAC OR Revenue > 15,000 OR Product starts with “Product 1”)"),
  chip("step:2", "sort", "Revenue, largest first"),
];

const BROKEN: Chip[] = [
  chip("step:3", "having", "Sum of revenue > 1,000,000", { broken: "Sum of revenue is not there any more: the summary was removed." }),
  chip("step:4", "filter", "Country is not France", { disabled: true }),
  chip("step:5", "select", "14 of 200 columns"),
];

type Snapshot = { question: Question; rows: Row[]; columns: ColumnInfo[] };

export class FakeModel implements Model {
  traits: Record<string, unknown>;
  readonly sent: unknown[] = [];
  delay = 120;
  #listeners = new Map<string, Set<(...args: never[]) => void>>();
  #rows = salesRows();
  #columns = SALES;
  #past: Snapshot[] = [];
  #ahead: Snapshot[] = [];
  #epoch = 0;
  #timer = 0;

  constructor(scene: string, panel: string) {
    this.traits = { panel, tables: TABLES, question: NOTHING, page: null, status: STATUS };
    if (scene === "empty-catalog") this.traits["tables"] = [];
    if (scene !== "start" && scene !== "empty-catalog") this.#scene(scene);
  }

  #scene(scene: string): void {
    if (scene === "wide") Object.assign(this, {}, this.#use(wide()));
    this.traits["question"] = this.#question({
      parts: { ...NO_PARTS, filter: FILTER, sort: [{ column: "revenue", descending: true }] }, chips: CHIPS, undo: true,
      counts: { filter: 4, join: 1, aggregate: 0, select: 0 },
    });
    if (scene === "plain") this.traits["question"] = this.#question({});
    const page = this.#page(0);
    const ready: Status = { ...STATUS, state: "ready", rows: 937_368, exact: true, elapsed_ms: 346, vintage: "Actuals 2026-11-20 #4182" };
    Object.assign(this.traits, { page, status: ready });
    const page0 = { ...page, columns: [], rows: [] };
    const set = (status: Partial<Status>, also: Record<string, unknown> = {}) => Object.assign(this.traits, { status: { ...ready, ...status }, ...also });
    if (scene === "plain") set({ rows: 1_000_000, elapsed_ms: 41 });
    if (scene === "loading") set({ state: "loading", rows: null }, { page: null });
    if (scene === "reloading") set({ state: "loading" });
    if (scene === "wide") set({ rows: 1000, notes: ["limited to 200 of 312 columns"] });
    if (scene === "over") set({ rows: 100_000, exact: false, notes: ["limited to the first 100,000 rows when paging"] });
    if (scene === "none") set({ rows: 0 }, { page: { ...page, rows: [], more: false } });
    if (scene === "error") set({ state: "error", error: { code: "FILTER_REQUIRED", detail: "Global sales is too large to read whole: filter it by Sale date or by load first.", fix: "Add a date filter", retry_after: null, part: "table" } }, { page: page0 });
    if (scene === "error-filter") set({ state: "error", error: { code: "QUERY_INVALID", detail: "“12,5” is not a number: Revenue takes numbers such as 12.5.", fix: null, retry_after: null, part: "filter" } });
    if (scene === "error-plain") set({ state: "error", error: { code: "QUERY_TIMEOUT", detail: "The question took longer than 60 seconds and was stopped. Filter it, or ask for fewer rows.", fix: null, retry_after: null, part: null } }, { page: page0 });
    if (scene === "busy") set({ state: "busy", error: { code: "DATABASE_POOL_EXHAUSTED", detail: "The warehouse is busy.", fix: null, retry_after: 5, part: null } });
    if (scene === "broken") set({}, { question: this.#question({ chips: [...CHIPS, ...BROKEN], parts: { ...NO_PARTS, filter: FILTER }, counts: { filter: 5, join: 1, aggregate: 0, select: 14 }, undo: true, redo: true }) });
    if (scene === "totals") this.#summary(set);
  }

  #use({ columns, rows }: { columns: ColumnInfo[]; rows: Row[] }): void {
    this.#columns = columns;
    this.#rows = rows;
  }

  #summary(set: (status: Partial<Status>, also: Record<string, unknown>) => void): void {
    const columns = [
      column("region", "Region", "string", "text"), column("sale_date_month", "Sale date (month)", "date", "date"),
      column("revenue", "Sum of revenue", "decimal(38,2)", "number", "summary"), column("rows", "Rows", "int64", "number", "summary"),
    ];
    const rows: Row[] = [];
    const totals: number[] = [];
    for (const region of ["AMER", "APAC", "EMEA", null]) {
      for (let month = 1; month < 7; month++) {
        rows.push([region, `2025-0${month}-01`, money(month * 1_234_567.891), String(4000 + month)]);
        totals.push(0);
      }
      rows.push([region, null, money(25_925_925.71), "24,021"]);
      totals.push(1);
    }
    rows.push([null, null, money(103_703_702.84), "96,084"]);
    totals.push(2);
    this.#use({ columns, rows });
    set({ rows: rows.length, elapsed_ms: 742 }, {
      page: { ...this.#page(0), rows, totals, more: false },
      question: this.#question({
        base: SALES, final: columns, undo: true, counts: { filter: 0, join: 0, aggregate: 3, select: 0 },
        parts: { ...NO_PARTS, aggregate: { type: "aggregate", by: [{ column: "region" }, { column: "sale_date", bucket: "month" }], measures: [{ as: "revenue", fn: "sum", column: "revenue" }, { as: "rows", fn: "count" }], totals: "rollup" } },
        chips: [...CHIPS.slice(0, 2), chip("step:0", "aggregate", "Sum of revenue, count by Region, Sale date (month), with totals")],
      }),
    });
  }

  #question(more: Partial<Question>): Question {
    return {
      ...NOTHING, query: { version: 1, table: "global_sales", steps: [] }, table: "global_sales", base: this.#columns, final: this.#columns,
      vintage: {
        load_types: [{ value: "ACTUALS", label: "Actuals" }, { value: "FORECAST", label: "Forecast" }],
        load_ids: [{ value: "latest", label: "Newest load" }, { value: 4182, label: "2026-11-20 #4182" }, { value: 4101, label: "2026-10-20 #4101" }],
        load_type: "ACTUALS", load_id: 4182,
      },
      chips: CHIPS.slice(0, 2), ...more,
    };
  }

  #page(offset: number): PageData {
    const { sort } = (this.traits["question"] as Question).parts;
    const columns: PageColumn[] = this.#columns.map(({ name, label, type, family, numeric }, i) => {
      const at = sort.findIndex((key) => key.column === name);
      const key = sort[at];
      const longest = Math.max(...this.#rows.slice(0, 50).map((row) => (row[i] ?? "").length));
      return {
        name, label, type, family, numeric, sort: key ? (key.descending ? "desc" : "asc") : null,
        sort_rank: key && sort.length > 1 ? at + 1 : null, width: Math.max(48, Math.min(420, Math.max(longest, label.length + 7) * 6.3 + 17)),
      };
    });
    const all = [...this.#rows];
    for (const key of [...sort].reverse()) {
      const i = this.#columns.findIndex(({ name }) => name === key.column);
      const of = (row: Row) => row[i] ?? null;
      const number = this.#columns[i]?.numeric;
      const order = (a: string, b: string) => (number ? Number(a.replaceAll(",", "")) - Number(b.replaceAll(",", "")) : a < b ? -1 : a > b ? 1 : 0);
      all.sort((x, y) => {
        const [a, b] = [of(x), of(y)];
        if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
        return key.descending ? order(b, a) : order(a, b);
      });
    }
    return { epoch: ++this.#epoch, columns, rows: all.slice(offset, offset + 50), totals: null, offset, more: offset + 50 < all.length };
  }

  // ── the model
  get(name: string): unknown {
    return this.traits[name];
  }
  on(event: string, callback: (...args: never[]) => void): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(callback));
  }
  off(event: string, callback: (...args: never[]) => void): void {
    this.#listeners.get(event)?.delete(callback);
  }
  set(changes: Record<string, unknown>): void {
    Object.assign(this.traits, changes);
    for (const name of Object.keys(changes)) this.#emit(`change:${name}`);
  }
  #emit(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.#listeners.get(event) ?? [])]) (callback as (...all: unknown[]) => void)(...args);
  }

  send(content: unknown): void {
    this.sent.push(content);
    const message = content as Deed | AskMessage;
    if ("do" in message) this.#deed(message as Deed);
    else setTimeout(() => this.#emit("msg:custom", { id: message.id, ...this.#answer(message) }), 60);
  }

  #run(question: Question, offset = 0): void {
    const status = this.traits["status"] as Status;
    this.set({ question, status: { ...status, state: "loading", error: null } });
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.set({
      page: this.#page(offset),
      status: { ...status, state: "ready", error: null, rows: this.#rows.length, exact: true, elapsed_ms: this.delay, offset, vintage: "Actuals 2026-11-20 #4182", announce: `${this.#rows.length} rows` },
    }), this.delay);
  }

  #deed(deed: Deed): void {
    const now = this.traits["question"] as Question;
    const snapshot = (): Snapshot => ({ question: now, rows: this.#rows, columns: this.#columns });
    const edit = (more: Partial<Parts>, chips = now.chips) => {
      this.#past.push(snapshot());
      this.#ahead = [];
      this.#run({ ...now, parts: { ...now.parts, ...more }, chips, undo: true, redo: false });
    };
    switch (deed.do) {
      case "pick": this.#use({ columns: SALES, rows: salesRows() }); this.#run(this.#question({ table: deed.table })); break;
      case "sort": edit({ sort: deed.by }); break;
      case "page": this.#run(now, deed.offset); break;
      case "filter": edit({ filter: deed.where }, [...now.chips.filter((c) => c.part !== "filter"), ...(deed.where ? [chip("step:1", "filter", "A filter")] : [])]); break;
      case "search": edit({ search: deed.text }); break;
      case "joins": edit({ joins: deed.joins }); break;
      case "summarize": edit({ aggregate: deed.aggregate }); break;
      case "select": edit({ select: deed.columns }); break;
      case "remove": edit({}, now.chips.filter((c) => c.key !== deed.chip)); break;
      case "toggle": edit({}, now.chips.map((c) => (c.key === deed.chip ? { ...c, disabled: !c.disabled } : c))); break;
      case "undo": case "redo": {
        const [from, to] = deed.do === "undo" ? [this.#past, this.#ahead] : [this.#ahead, this.#past];
        const back = from.pop();
        if (!back) break;
        to.push(snapshot());
        this.#use(back);
        this.#run({ ...back.question, undo: this.#past.length > 0, redo: this.#ahead.length > 0 });
        break;
      }
      case "reset": edit(NO_PARTS, now.chips.slice(0, 2)); break;
      case "cancel": clearTimeout(this.#timer); this.set({ status: { ...(this.traits["status"] as Status), state: "ready", error: null } }); break;
      case "retry": case "fix": this.#run(now); break;
      default: break;
    }
  }

  #answer(ask: AskMessage): { answer: unknown } | { error: { code: string; detail: string } } {
    switch (ask.ask) {
      case "count": return { answer: { rows: 12_345, exact: true } };
      case "values": return { answer: { values: ["EMEA", "APAC", "AMER", "LATAM"].filter((v) => v.toLowerCase().includes(ask.search.toLowerCase())).map((value) => ({ value, text: value })), more: false } };
      case "columns": return { answer: { columns: [column("employee_id", "Employee ID", "string", "text", "Employee roster"), column("name", "Name", "string", "text", "Employee roster"), column("hired", "Hired", "date", "date", "Employee roster")] } };
      case "example": return { answer: { page: { ...this.#page(0), columns: this.#page(0).columns } } };
      case "suggest_keys": return { answer: { pairs: [{ left: "sales_rep", right: "employee_id" }], source: "declared", left: SALES, right: [column("employee_id", "Employee ID", "string", "text", "Employee roster"), column("name", "Name", "string", "text", "Employee roster")] } };
      case "join_check": return {
        answer: {
          left_rows: 1_000_000, matched: 981_220, unmatched: 18_780, multiplied: 12_004, right_unmatched: 12, average_matches: 3.2, exact: true,
          warning: "Each sale matches 3.2 rows: totals would be inflated.", fix: { label: "Keep one row an employee", join: ask.join }, sample: { ...this.#page(0), rows: this.#rows.slice(0, 20) },
        },
      };
      case "profile": return {
        answer: {
          rows: 937_368, empty: 56_242, distinct: 871_004, exact: true, min: "0.42", max: "24,999.98", average: "12,502.11",
          top: [["EMEA", 301_220], ["APAC", 240_008], ["AMER", 199_870], ["A rather long value that must be cut somewhere", 12_870], ["LATAM", 40]].map(([text, rows]) => ({ text: String(text), rows: Number(rows) })),
        },
      };
      case "cell": return { answer: { text: this.#rows[ask.row]?.[0] ?? "", cut: false } };
      case "code": return {
        answer: {
          sql: "SELECT\n  sale_id,\n  region,\n  revenue\nFROM global_sales\nWHERE\n  load_type = 'ACTUALS'\n  AND sale_date >= DATE '2024-06-01'\n  AND sale_date < DATE '2025-07-01'\nORDER BY\n  revenue DESC NULLS LAST,\n  sale_id",
          python: "import aurora_widgets as aurora\n\nexplorer = aurora.Explorer(\"data\")\nexplorer.query = aurora.Query.from_json('{…}')\nexplorer", json: JSON.stringify({ version: 1, table: "global_sales", steps: [] }, null, 2), url: "eJyrVipLLSrOzM9TsjI01lEqSi0uyVeyio6tBQB3MwhT",
        },
      };
      default: return { error: { code: "NOT_FOUND", detail: "Nothing." } };
    }
  }
}
