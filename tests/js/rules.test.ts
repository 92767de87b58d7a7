import { describe, expect, it } from "vitest";
import {
  caseSensitive, changeColumn, changeOperand, changeOperator, condition, doubt, newRule, problem, ruleOf, vocabulary, type Rule,
} from "../../aurora_widgets/widgets/js/rules";
import type { Condition } from "../../aurora_widgets/widgets/js/protocol";
import { question } from "./harness-editors/world";

const words = vocabulary(question("none", ""));
const column = (name: string) => words.columns.get(name) ?? null;
const filled = (name: string, op: string, operands: Partial<Rule>): Rule => changeOperand(changeOperator(newRule("r", column(name)), op, words), operands);
const made = (name: string, op: string, operands: Partial<Rule>) => condition(filled(name, op, operands), words);

describe("a rule that is filled in", () => {
  it.each<[string, string, Partial<Rule>, Partial<Condition>]>([
    ["revenue", ">", { value: "15,000" }, { value: 15000 }],
    ["revenue", ">", { value: "0.10" }, { value: "0.10" }],
    ["revenue", "between", { low: "-1", high: "99999999999999999999" }, { low: -1, high: "99999999999999999999" }],
    ["sale_date", "in", { values: ["2024-06-01", "2024-06-02"] }, { values: ["2024-06-01", "2024-06-02"] }],
    ["sale_date", "in the last", { count: "3", unit: "month", include_current: true }, { count: 3, unit: "month", include_current: true }],
    ["sale_date", "this", { unit: "year" }, { unit: "year" }],
    ["loaded_at", ">=", { value: "2024-06-01T10:30" }, { value: "2024-06-01T10:30:00" }],
    ["region", "contains", { value: " 5 " }, { value: " 5 " }],
    ["region", "=", { value: "5", case_sensitive: false }, { value: "5", case_sensitive: false }],
    ["region", "=", { value: "5", case_sensitive: true }, { value: "5" }],
    ["revenue", "<", { other: "cost" }, { other: "cost" }],
    ["is_renewal", "is true", {}, {}],
  ])("%s %s %j", (name, op, operands, wanted) => {
    expect(made(name, op, operands)).toEqual({ type: "condition", column: name, op, ...wanted });
  });
});

describe("a rule that is not", () => {
  it.each<[string, string, Partial<Rule>, string, string]>([
    ["revenue", ">", {}, "value", "missing"],
    ["revenue", ">", { value: "12,5" }, "value", "wrong"],
    ["revenue", "in", { values: ["1", "x"] }, "values", "wrong"],
    ["revenue", "in", { values: [] }, "values", "missing"],
    ["sale_date", "=", { value: "2024-02-30" }, "value", "wrong"],
    ["sale_date", "between", { low: "2024-02-01" }, "high", "missing"],
    ["sale_date", "in the last", { count: "" }, "count", "missing"],
    ["sale_date", "in the last", { count: "0" }, "count", "wrong"],
    ["sale_date", "in the last", { count: "1.5" }, "count", "wrong"],
    ["revenue", ">", { other: "" }, "other", "missing"],
    ["revenue", ">", { other: "region" }, "other", "wrong"],
    ["revenue", ">", { other: "revenue" }, "other", "wrong"],
  ])("%s %s %j says so and is not sent", (name, op, operands, part, kind) => {
    expect(problem(filled(name, op, operands), words)).toMatchObject({ part, kind });
    expect(made(name, op, operands)).toBeNull();
  });

  it("begins with a column", () => {
    expect(problem(newRule("r"), words)).toMatchObject({ part: "column", kind: "missing" });
  });

  it("doubts ends in the wrong order, but lets them be", () => {
    expect(doubt(filled("revenue", "between", { low: "100.5", high: "20.10" }), words)).toMatch(/nothing lies/);
    expect(doubt(filled("revenue", "between", { low: "9", high: "10" }), words)).toBeNull();
    expect(doubt(filled("sale_date", "between", { low: "2025-01-01", high: "2024-01-01" }), words)).toMatch(/nothing lies/);
  });
});

describe("what was read", () => {
  const source: Condition = { type: "condition", column: "gone", op: "sounds like", value: 1, values: ["x"] };

  it("is written back as it is until it is touched, also where nothing here knows it", () => {
    const rule = ruleOf(source, "r");
    expect(problem(rule, words)).toBeNull();
    expect(condition(rule, words)).toEqual(source);
    expect(condition({ ...rule, disabled: true }, words)).toEqual({ ...source, disabled: true });
    expect(condition(changeOperand(rule, { value: "2" }), words)).toBeNull();
  });

  it("tells an empty text from nothing entered", () => {
    const rule = ruleOf({ type: "condition", column: "region", op: "=", value: "" }, "r");
    expect(condition(changeOperand(rule, {}), words)).toMatchObject({ value: "" });
    expect(condition(changeOperand(rule, { value: null }), words)).toBeNull();
  });
});

describe("changing the operator", () => {
  const from = (op: string, operands: Partial<Rule>, to: string) => changeOperator(filled("revenue", op, operands), to, words);
  it("keeps what fits", () => {
    expect(from("=", { value: "5" }, "in").values).toEqual(["5"]);
    expect(from("in", { values: ["5", "6"] }, "=").value).toBe("5");
    expect(from("=", { value: "5" }, "between")).toMatchObject({ low: "5", high: null });
    expect(from("between", { low: "5", high: "9" }, "in").values).toEqual(["5", "9"]);
    expect(from("in", { values: ["5", "6", "7"] }, "between")).toMatchObject({ low: "5", high: "6" });
    expect(from("=", { value: "5" }, ">").value).toBe("5");
  });
  it("and back loses nothing", () => {
    const rule = filled("revenue", "between", { low: "5", high: "9" });
    const back = changeOperator(changeOperator(rule, "is empty", words), "between", words);
    expect(back).toMatchObject({ low: "5", high: "9" });
  });
});

describe("changing the column", () => {
  it("keeps operator and value where the new column takes them", () => {
    expect(changeColumn(filled("revenue", ">", { value: "5" }), "cost", words)).toMatchObject({ column: "cost", op: ">", value: "5" });
    expect(changeColumn(filled("region", "=", { value: "5" }), "revenue", words)).toMatchObject({ op: "=", value: "5" });
    expect(changeColumn(filled("region", "=", { value: "EMEA" }), "revenue", words)).toMatchObject({ op: "=", value: null });
    expect(changeColumn(filled("region", "in", { values: ["EMEA", "7"] }), "revenue", words)).toMatchObject({ op: "in", values: ["7"] });
  });
  it("takes the operator nearest in kind where the column has not that one", () => {
    expect(changeColumn(filled("region", "does not contain", { value: "5" }), "revenue", words).op).toBe("!=");
    expect(changeColumn(filled("region", "contains", { value: "5" }), "revenue", words)).toMatchObject({ op: "=", value: "5" });
    expect(changeColumn(filled("sale_date", "in the last", {}), "is_renewal", words).op).toBe("is true");
  });
  it("drops a column to compare with that is of another kind now", () => {
    expect(changeColumn(filled("revenue", ">", { other: "cost" }), "sale_date", words).other).toBeNull();
    expect(changeColumn(filled("revenue", ">", { other: "cost" }), "qty", words).other).toBe("cost");
  });
});

it("upper and lower case matter on text alone, as the operator has it until someone says", () => {
  expect(caseSensitive(filled("region", "contains", {}), words)).toBe(false);
  expect(caseSensitive(filled("region", "in", {}), words)).toBe(true);
  expect(caseSensitive(filled("region", "contains", { case_sensitive: true }), words)).toBe(true);
  expect(caseSensitive(filled("region", "is empty", {}), words)).toBeNull();
  expect(caseSensitive(filled("revenue", "=", {}), words)).toBeNull();
});
