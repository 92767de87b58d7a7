import { describe, expect, it } from "vitest";
import * as calculated from "../../aurora_widgets/widgets/js/calculated";
import { question } from "./harness-editors/world";

const { base } = question("none", "");
const kept = new Set(["in", "is", "and"]);
const functions = [
  { name: "round", written: "round(x, [digits])", group: "Numbers", says: "Rounds." },
  { name: "concat", written: "concat(text, …)", group: "Text", says: "Puts texts together." },
];

describe("a formula's completion", () => {
  it("sees the name that is being typed, also in brackets, but none inside a text", () => {
    expect(calculated.fragment("1 + rev", 7)).toEqual({ from: 4, word: "rev" });
    expect(calculated.fragment("1 + [Sale d", 11)).toEqual({ from: 4, word: "Sale d" });
    expect(calculated.fragment('"rev', 4)).toBeNull();
    expect(calculated.fragment("revenue", 3)).toBeNull();
    expect(calculated.fragment("1 + ", 4)).toBeNull();
  });

  it("offers columns that begin with it, then functions, then what merely holds it", () => {
    expect(calculated.offers("co", base, functions, kept).map(({ label }) => label)).toEqual(["country", "cost", "concat(text, …)", "discount"]);
    expect(calculated.offers("round", base, functions, kept)[0]).toMatchObject({ text: "round()", caret: 6 });
  });

  it("puts a name that is no plain word in brackets", () => {
    expect(["revenue", "in", "Sale date", "a]b", "people.name", "2nd"].map((name) => calculated.named(name, kept)))
      .toEqual(["revenue", "[in]", "[Sale date]", "[a]]b]", "people.name", "[2nd]"]);
  });

  it("marks what is wrong and nothing else; at the end a place that is not there yet", () => {
    expect(calculated.pieces("a + csot", [{ start: 4, end: 8 }])).toEqual([{ text: "a + ", wrong: false }, { text: "csot", wrong: true }, { text: " ", wrong: false }]);
    expect(calculated.pieces("a +", [{ start: 3, end: 3 }]).at(-1)).toEqual({ text: " ", wrong: true });
    expect(calculated.pieces("", []).map(({ text }) => text).join("")).toBe(" ");
  });
});

describe("calculated columns", () => {
  it("come back as they were read, and a new one that is empty is none", () => {
    const stands = [{ column: "margin", formula: "revenue - cost", disabled: false }, { column: "b", formula: "1", disabled: true }];
    const draft = calculated.read(stands);
    expect(calculated.write(draft)).toEqual([{ column: "margin", formula: "revenue - cost", was: "margin" }, { column: "b", formula: "1", was: "b", disabled: true }]);
    expect(calculated.write([...draft, calculated.newColumn(["margin"])])).toHaveLength(2);
    expect(calculated.newColumn(["Calculated", "calculated_2"]).column).toBe("calculated_3");
  });
});
