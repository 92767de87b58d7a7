/**
 * What Python shows and what a person does: the whole contract between the kernel and the page.
 * Python sends five JSON traits (`tables`, `question`, `page`, `status`, `account`) and answers; the page
 * sends one message a deed. Python checks every message: the page is not trusted.
 * The twin of this file is `widgets/protocol.py`.
 */

export type Family = "number" | "text" | "boolean" | "date" | "timestamp" | "other";
export type Scalar = string | number | boolean | null;

/** A column at some stage of the question. */
export interface ColumnInfo {
  name: string; // the document's name
  label: string; // what a person reads
  type: string; // query/types.py name, such as decimal(12,2)
  family: Family;
  description: string;
  numeric: boolean; // right-aligned
  origin: string; // table or "calculated" or "summary"
  operators: string[]; // allowed operators, in the order to offer them
}

// ── trait `tables`
export interface TableInfo {
  name: string;
  label: string;
  description: string;
  columns: number;
  rows: number | null;
  has_vintage: boolean;
}

// ── trait `question`
export interface Condition {
  type: "condition";
  column: string;
  op: string;
  value?: Scalar;
  values?: Scalar[];
  low?: Scalar;
  high?: Scalar;
  count?: number;
  unit?: string;
  include_current?: boolean;
  other?: string;
  case_sensitive?: boolean;
  disabled?: boolean;
}
export interface Group {
  type: "group";
  op: "and" | "or";
  negate?: boolean;
  children: Tree[];
  disabled?: boolean;
}
export type Tree = Condition | Group;
export interface On {
  left: string;
  right: string;
  op?: "=" | "<" | "<=" | ">" | ">=";
}
export interface Join {
  type: "join";
  table: string;
  how: "inner" | "left" | "right" | "full";
  on: On[];
  as?: string;
  vintage?: Vintage;
  disabled?: boolean;
}
export interface Vintage {
  load_type?: Scalar;
  load_id?: Scalar;
}
export interface Key {
  column: string;
  bucket?: string;
  as?: string;
}
export interface Measure {
  as: string;
  fn: string;
  column?: string;
}
export interface Aggregate {
  type: "aggregate";
  by: Key[];
  measures: Measure[];
  totals?: "none" | "grand" | "rollup";
  disabled?: boolean;
}
export interface SortKey {
  column: string;
  descending?: boolean;
}
/** A calculated column: what stands in the question, as its editor writes it. */
export interface Calculated {
  column: string;
  formula: string;
  disabled?: boolean;
  /** Its name in the question, where it is there already. */
  was?: string;
}

/** The document taken apart in the explorer's canonical order. */
export interface Parts {
  joins: Join[];
  derives: Calculated[];
  /** Both filters as one tree, as the one editor shows them. */
  filter: Group | null;
  aggregate: Aggregate | null;
  sort: SortKey[];
  /** null: every column. */
  select: string[] | null;
  search: string;
  /** False where the document has an order that the editors can't take apart; chips still work. */
  canonical: boolean;
}

export type Part =
  | "table" | "vintage" | "join" | "derive" | "filter" | "search"
  | "aggregate" | "having" | "sort" | "select" | "limit";

export interface Chip {
  key: string; // stable: "table", "vintage", or "step:<index>"
  part: Part;
  text: string; // in words; full, never cut (CSS cuts)
  step: number | null;
  broken: string | null; // why, where an earlier edit broke it (amber)
  disabled: boolean;
  removable: boolean;
}

export interface VintageView {
  load_types: { value: Scalar; label: string }[];
  load_ids: { value: Scalar; label: string }[]; // of the chosen load type, newest first
  load_type: Scalar;
  load_id: Scalar;
}

export interface Question {
  /** The whole document, broken steps included (chips point into it); null: no table chosen. */
  query: Record<string, unknown> | null;
  /** A link's `q`; empty where there is nothing to link to, or too much. */
  link: string;
  table: string | null;
  undo: boolean;
  redo: boolean;
  vintage: VintageView | null;
  /** Columns that a raw filter, a group key or a measure may name (after joins and calculated columns). */
  base: ColumnInfo[];
  /** After the aggregate where there is one, else `base`: what sort and Columns may name. */
  final: ColumnInfo[];
  parts: Parts;
  chips: Chip[];
  counts: { filter: number; join: number; aggregate: number; select: number };
  faults: { code: string; path: string; message: string; suggestion: string | null }[];
  measures: { fn: string; label: string; families: Family[]; column: boolean }[];
  buckets: string[];
  /** `case_sensitive`: what holds on text without a word on it; null or absent where it has no meaning. */
  operators: Record<string, { label: string; operand: Operand; case_sensitive?: boolean | null }>;
}
/** Which operand an operator takes: decides the value editor. */
export type Operand = "value" | "values" | "range" | "relative" | "unit" | "none";

// ── trait `page`
export interface PageColumn {
  name: string;
  label: string;
  type: string;
  family: Family;
  numeric: boolean;
  sort: null | "asc" | "desc";
  sort_rank: number | null; // 1-based, where more than one
  width: number; // px that fit the content, 48 … 420
}
export interface PageData {
  epoch: number; // grows with each new page
  columns: PageColumn[];
  rows: (string | null)[][]; // as shown, formatted by Python; null is an empty cell
  /** Per row: how many keys were rolled up (totals), where the question has totals. */
  totals: number[] | null;
  offset: number;
  more: boolean;
}

// ── trait `status`
export interface Status {
  state: "start" | "loading" | "ready" | "error" | "busy";
  rows: number | null; // null: not counted yet
  exact: boolean; // false: "over <rows>"
  elapsed_ms: number | null;
  /** Whether the rows were kept from the same question asked before. */
  from_cache: boolean;
  offset: number;
  page_rows: number;
  max_offset: number; // MAX_ROW_LIMIT: where paging ends
  notes: string[]; // "limited to …", "…", whenever anything was cut
  vintage: string; // in words, or ""
  error: null | {
    code: string;
    detail: string;
    fix: string | null; // the button's label; {do: "fix"} applies it
    retry_after: number | null; // busy: counts down, then {do: "retry"}
    part: Part | null; // next to what caused it
  };
  grid: "table" | "datagrid";
  announce: string; // for the live region
}

// ── trait `account`: whose page of the portal it is; empty in a notebook and without a hub
export interface Account {
  name?: string;
  sign_out?: string; // an address
}

// ── page → Python: deeds (no answer; traits change)
export type Deed =
  | { do: "pick"; table: string }
  | { do: "vintage"; load_type: Scalar; load_id: Scalar }
  | { do: "filter"; where: Group | null }
  | { do: "search"; text: string }
  /** `first`: the first table (and its vintage), where the two sides were swapped or it was changed. */
  | { do: "joins"; joins: Join[]; first?: First }
  | { do: "summarize"; aggregate: Aggregate | null }
  | { do: "calculate"; columns: Calculated[] }
  | { do: "sort"; by: SortKey[] }
  /** The header of the large grid that was pressed last sorts, with `also` beside the others. */
  | { do: "sort_header"; also: boolean }
  | { do: "select"; columns: string[] | null }
  | { do: "remove"; chip: string } // a Chip.key
  | { do: "toggle"; chip: string } // disable or enable
  /** `row`: of the page; `epoch`: which page it was read on, so that a row of a newer one is never meant. */
  | { do: "filter_cell"; row: number; column: string; negate: boolean; epoch?: number }
  | { do: "undo" } | { do: "redo" } | { do: "reset" }
  | { do: "page"; offset: number }
  | { do: "cancel" } | { do: "retry" } | { do: "fix" }
  | { do: "grid"; view: "table" | "datagrid" }
  | { do: "query"; query: Record<string, unknown> };

/** The first table of a question, as the join editor may change it. */
export interface First {
  table: string;
  vintage?: Vintage;
}
/** What stands before a join in an editor's draft; absent in an ask: the question's own. */
export interface Before {
  first: First;
  joins: Join[];
}

// ── page → Python: asks; Python answers {id, answer} or {id, error: {code, detail, faults?}}
// (`faults` as in the question, with paths from the ask: `where.children[1].value`).
export interface Asks {
  count: { ask: { where: Group | null }; answer: { rows: number; exact: boolean } };
  values: {
    ask: { column: string; search: string; limit: number };
    /** `cut`: the text is too long to be here whole, and is no value to filter by. */
    answer: { values: { value: Scalar; text: string; cut?: boolean }[]; more: boolean };
  };
  columns: { ask: { table: string }; answer: { columns: ColumnInfo[] } };
  /** Which loads of a table there are to choose from; null where it has none. */
  loads: { ask: { table: string; vintage: Vintage | null }; answer: { vintage: VintageView | null } };
  suggest_keys: {
    ask: { table: string; index: number; before?: Before }; // index: which join of the list it would be
    answer: { pairs: On[]; source: "declared" | "names" | "none"; left: ColumnInfo[]; right: ColumnInfo[] };
  };
  join_check: {
    ask: { join: Join; index: number; before?: Before };
    answer: {
      left_rows: number; matched: number; unmatched: number; multiplied: number;
      right_unmatched: number | null;
      average_matches: number; exact: boolean;
      warning: string | null; // "Each sale matches 3.2 rows: totals would be inflated."
      fix: { label: string; join: Join } | null;
      swap: boolean; // nothing else helps, but to start from the joined dataset would
      sample: PageData;
    };
  };
  /** The columns that come out, keys before measures. */
  summary: { ask: { aggregate: Aggregate }; answer: { columns: ColumnInfo[] } };
  /** An answer a column, in their order. */
  formulas: { ask: { columns: Calculated[] }; answer: { columns: FormulaLine[] } };
  /** A few rows of the column at `index`, beside those that it uses. */
  calculated: { ask: { columns: Calculated[]; index: number }; answer: { page: PageData } };
  /** What a formula can be made of; `kept`: words that are a column's only in square brackets. */
  functions: { ask: Record<string, never>; answer: { functions: FunctionInfo[]; kept: string[] } };
  example: { ask: { table: string }; answer: { page: PageData } };
  profile: {
    ask: { column: string };
    answer: {
      rows: number; empty: number; exact: boolean;
      distinct: number | null; // null: values of this type are not told apart (lists, structs)
      min: string | null; max: string | null; average: string | null;
      top: { text: string; rows: number }[];
    };
  };
  cell: { ask: { row: number; column: string; epoch?: number }; answer: { text: string; cut: boolean } };
  code: { ask: Record<string, never>; answer: { sql: string; python: string; json: string; url: string } };
}
export interface FormulaLine {
  type: string | null; // null: something is wrong
  family: Family | null;
  /** From one place of the formula to another. */
  wrong: { message: string; start: number; end: number; suggestion: string | null }[];
  misnamed: string | null;
}
export interface FunctionInfo {
  name: string;
  written: string; // round(x, [digits])
  group: string;
  says: string;
}
export type AskMessage = { [K in keyof Asks]: { id: number; ask: K } & Asks[K]["ask"] }[keyof Asks];

/** Which part of the toolkit a widget shows (trait `panel`). */
export type PanelName =
  | "explorer" // everything below, laid out as the portal page
  | "bar" | "chips" | "grid" | "status"
  | "datasets" | "filter" | "join" | "summarize" | "columns" | "calculate"
  | "head" | "foot"; // bar + chips, status: around an ipydatagrid
