import { describe, expect, it } from "vitest";
import * as columns from "../../aurora_widgets/widgets/js/columns-list";
import { settle, type Drafting } from "../../aurora_widgets/widgets/js/draft";
import { share } from "../../aurora_widgets/widgets/js/join-check";
import * as joins from "../../aurora_widgets/widgets/js/joins";
import type { ColumnInfo, Join, Question } from "../../aurora_widgets/widgets/js/protocol";
import * as summary from "../../aurora_widgets/widgets/js/summary";
import { dice, SEEDS } from "./random";
import { question } from "./harness-editors/world";

const world = question("none", "");
const known = new Map(world.base.map((column) => [column.name, column]));
const get = (name: string) => known.get(name) as ColumnInfo;

describe("columns", () => {
  const four = ["a", "b", "c", "d"].map((name) => ({ ...get("region"), name }));
  it("all in their own order are no choice at all", () => {
    expect(columns.write(columns.read(null, four), four)).toBeNull();
    expect(columns.write(columns.read(["a", "b", "c", "d"], four), four)).toBeNull();
    expect(columns.write(columns.read(["b", "a", "c", "d"], four), four)).toEqual(["b", "a", "c", "d"]);
  });
  it("come back as they were chosen, also one that is gone", () => {
    expect(columns.read(["c", "gone", "a"], four).map(({ name, shown }) => (shown ? name : `-${name}`))).toEqual(["c", "gone", "a", "-b", "-d"]);
    expect(columns.write(columns.read(["c", "gone", "a"], four), four)).toEqual(["c", "gone", "a"]);
  });
  it("move without losing any", () => {
    for (const seed of SEEDS) {
      const { below, pick } = dice(seed);
      let items: readonly string[] = ["a", "b", "c", "d", "e"];
      for (let turn = 0; turn < 10; turn += 1) items = turn % 2 ? columns.shift(items, pick(items), below(9) - 4) : columns.move(items, pick(items), pick([...items, null]));
      expect([...items].sort()).toEqual(["a", "b", "c", "d", "e"]);
    }
    expect(columns.shift(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
    expect(columns.shift(["a", "b", "c"], "c", -2)).toEqual(["c", "a", "b"]);
    expect(columns.shift(["a", "b", "c"], "c", 1)).toEqual(["a", "b", "c"]);
    expect(columns.move(["a", "b", "c"], "a", "c")).toEqual(["b", "a", "c"]);
  });
});

describe("a summary", () => {
  const add = (draft: summary.Summary, name: string | null) => summary.addMeasure(draft, name === null ? null : get(name), world.measures);
  const last = ({ measures }: summary.Summary) => measures.at(-1) as summary.DraftMeasure;

  it("comes back as it was read", () => {
    const aggregate = question("none", "summary").parts.aggregate;
    expect(summary.write(summary.read(aggregate))).toEqual(aggregate);
    expect(summary.write(summary.read({ type: "aggregate", by: [{ column: "a", as: "b" }], measures: [], totals: "rollup", disabled: true })))
      .toEqual({ type: "aggregate", by: [{ column: "a", as: "b" }], measures: [], totals: "rollup", disabled: true });
    expect(summary.write(summary.NOTHING)).toBeNull();
  });

  it("names measures after what they are, never two alike", () => {
    let draft = add(summary.NOTHING, "revenue");
    expect(last(draft)).toMatchObject({ fn: "sum", as: "sum_revenue" });
    draft = add(draft, "revenue");
    expect(last(draft).as).toBe("sum_revenue_2");
    draft = add(draft, "region");
    expect(last(draft)).toMatchObject({ fn: "count", as: "count_region" });
    draft = add(draft, null);
    expect(last(draft)).toMatchObject({ fn: "count", column: null, as: "count" });
    expect(summary.problems(draft, known, world.measures).size).toBe(0);
    expect(summary.freeName("Total", ["total", "TOTAL_2"])).toBe("Total_3");
    const labels = summary.result(draft, known, world.measures).map(({ label }) => label);
    expect(labels).toEqual([`Sum of ${get("revenue").label}`, "sum_revenue_2", `Count of ${get("region").label}`, "Rows"]);
  });

  it("names follow function and column until one is given by hand", () => {
    let draft = add(summary.NOTHING, "revenue");
    const { id } = last(draft);
    draft = summary.changeMeasure(draft, id, { fn: "avg" }, known, world.measures);
    expect(last(draft).as).toBe("avg_revenue");
    draft = summary.changeMeasure(draft, id, { column: "region" }, known, world.measures);
    expect(last(draft)).toMatchObject({ fn: "min", as: "min_region" });
    draft = summary.changeMeasure(draft, id, { as: "first region" }, known, world.measures);
    draft = summary.changeMeasure(draft, id, { fn: "count" }, known, world.measures);
    expect(last(draft).as).toBe("first region");
    draft = summary.settleName(summary.changeMeasure(draft, id, { as: "" }, known, world.measures), id);
    expect(last(draft).as).toBe("count_region");
  });

  it("offers the functions that take the column", () => {
    const names = (family: ColumnInfo["family"] | null) => summary.functionsFor(family, world.measures).map(({ fn }) => fn);
    expect(names("text")).toEqual(["min", "max", "count", "distinct_count"]);
    expect(names("boolean")).toEqual(["count", "distinct_count"]);
    expect(names(null)).toEqual(["count"]);
  });

  it("groups by a date once for each bucket", () => {
    let draft = summary.addKey(summary.NOTHING, get("sale_date"), world.buckets);
    expect(draft.by.map(summary.keyName)).toEqual(["sale_date_month"]);
    for (let turn = 0; turn < 9; turn += 1) draft = summary.addKey(draft, get("sale_date"), world.buckets);
    expect(draft.by.map(({ bucket }) => bucket)).toEqual(["month", "year", "quarter", "week", "day", null]);
    draft = summary.addKey(summary.addKey(draft, get("region"), world.buckets), get("region"), world.buckets);
    expect(draft.by.filter(({ column }) => column === "region")).toHaveLength(1);
    expect(summary.bucketsOf(get("loaded_at"), world.buckets)).toContain("hour");
  });

  it("says which names are given twice, whatever their case, and which columns are gone", () => {
    let draft = add(summary.addKey(summary.NOTHING, get("region"), world.buckets), "revenue");
    draft = summary.changeMeasure(draft, last(draft).id, { as: "Region" }, known, world.measures);
    expect([...summary.problems(draft, known, world.measures).values()][0]).toMatch(/Two results are called "Region"/);
    const gone = summary.read({ type: "aggregate", by: [{ column: "gone" }], measures: [] });
    expect([...summary.problems(gone, known, world.measures).values()][0]).toMatch(/"gone" is not a column/);
  });
});

describe("joins", () => {
  const sales: Join = { type: "join", table: "employee_roster", how: "left", on: [{ left: "sales_rep", right: "employee_id" }] };
  const asked = (list: Join[]): Pick<Question, "table" | "parts"> => ({ table: "global_sales", parts: { ...world.parts, joins: list } });
  const draft = joins.read(asked([sales]));
  const first = (draft: joins.Joins) => draft.joins[0] as joins.DraftJoin;

  it("come back as they were read", () => {
    const list: Join[] = [sales, { ...sales, as: "boss", how: "full", vintage: { load_id: "latest" }, disabled: true, on: [...sales.on, { left: "sale_date", right: "hired", op: ">=" }] }];
    expect(joins.write(joins.read(asked(list)), asked(list))).toEqual({ joins: list });
  });

  it("are left out while something is missing, and an empty pair is no pair", () => {
    expect(joins.joinFrom(joins.newJoin())).toBeNull();
    expect(joins.joinFrom({ ...first(draft), on: [...first(draft).on, joins.newPair()] })).toEqual(sales);
    expect(joins.joinFrom({ ...first(draft), on: [...first(draft).on, { ...joins.newPair(), left: "region" }] })).toBeNull();
  });

  it("swap their sides so that the same rows come out", () => {
    const two = joins.read(asked([{ ...sales, vintage: { load_id: "2" }, on: [...sales.on, { left: "sale_date", right: "hired", op: ">=" }] }]));
    const swapped = joins.swap(two, { load_type: "ACTUALS" });
    expect(joins.write(swapped, asked([sales]))).toEqual({
      first: { table: "employee_roster", vintage: { load_id: "2" } },
      joins: [{ type: "join", table: "global_sales", how: "right", vintage: { load_type: "ACTUALS" },
        on: [{ left: "employee_id", right: "sales_rep" }, { left: "hired", right: "sale_date", op: "<=" }] }],
    });
    expect(joins.write(joins.swap(swapped, null), asked([sales]))).toMatchObject({ joins: [{ table: "employee_roster", how: "left", vintage: { load_id: "2" } }] });
  });

  it("give a dataset that is joined twice a name of its own, and refuse the same name twice", () => {
    const twice = { ...draft, joins: [...draft.joins, joins.newJoin()] };
    const id = twice.joins[1]?.id ?? "";
    const picked = joins.pickTable(twice, id, "employee_roster");
    expect(picked.joins[1]?.as).toBe("employee_roster_2");
    expect(joins.problem(picked, id)).toBeNull();
    expect(joins.problem(joins.change(picked, id, (join) => ({ ...join, as: "Employee_Roster" })), id)).toMatch(/another name/);
    expect(joins.pickTable(twice, id, "airlines").joins[1]?.as).toBeNull();
  });

  it("ask about the draft where it is not what the question has", () => {
    expect(joins.before(draft, 0, asked([sales]))).toBeNull();
    expect(joins.before(draft, 1, asked([sales]))).toBeNull();
    expect(joins.before(draft, 1, asked([]))).toEqual({ first: { table: "global_sales" }, joins: [sales] });
    expect(joins.before(joins.pickFirst(draft, "flights"), 0, asked([sales]))).toEqual({ first: { table: "flights" }, joins: [] });
  });

  it("compare with other than = in one pair of several", () => {
    const pairs = (...ops: ("=" | "<")[]) => joins.change(draft, first(draft).id, (join) => ({ ...join, on: ops.map((op) => ({ id: op, left: "a", right: "b", op })) }));
    expect(joins.problem(pairs("=", "<"), first(draft).id)).toBeNull();
    expect(joins.problem(pairs("<"), first(draft).id)).toMatch(/At least one/);
    expect(joins.problem(pairs("=", "<", "<"), first(draft).id)).toMatch(/Only one/);
  });

  it("call all only what is all", () => {
    expect(share(1_000_000, 1_000_000)).toBe("100 %");
    expect(share(999_999, 1_000_000)).toBe("> 99.9 %");
    expect(share(1, 1_000_000)).toBe("< 0.1 %");
    expect(share(0, 10)).toBeNull();
    expect(share(905_112, 937_368)).toBe("96.6 %");
    expect(share(0, 0)).toBeNull();
  });
});

describe("a draft", () => {
  const how: Drafting<string[]> = {
    name: "select", part: ({ parts }) => parts.select, read: ({ parts }) => [...(parts.select ?? [])],
    write: (draft) => draft.filter((name) => name !== "?"), unfinished: (draft) => draft.includes("?"),
  };
  const at = (...select: string[]): Question => ({ ...world, parts: { ...world.parts, select } });

  it("is fresh where nothing was changed, also when the question changes", () => {
    const kept = settle(null, at("a"), how);
    expect(settle(kept, at("a"), how)).toBe(kept);
    expect(settle(kept, at("a", "b"), how).draft).toEqual(["a", "b"]);
  });
  it("keeps edits, also when the question changes under it", () => {
    const kept = { ...settle(null, at("a"), how), draft: ["a", "mine"] };
    expect(settle(kept, at("a"), how)).toBe(kept);
    expect(settle(kept, at("b"), how).draft).toEqual(["a", "mine"]);
  });
  it("keeps what is unfinished as long as the question is the one it was made from", () => {
    const kept = { ...settle(null, at("a"), how), draft: ["a", "?"] };
    expect(settle(kept, at("a"), how).draft).toEqual(["a", "?"]);
    expect(settle(kept, at("b"), how).draft).toEqual(["b"]);
  });
});
