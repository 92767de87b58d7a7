import { describe, expect, it } from "vitest";
import { asScalar, compareNumbers, joinList, readDate, readNumber, readTimestamp, readValue, splitList } from "../../aurora_widgets/widgets/js/typed";
import { dice, SEEDS } from "./random";

const plain = (read: ReturnType<typeof readNumber>) => (read.ok ? read.text : null);

describe("a number as typed", () => {
  it.each([
    ["15000", "15000"], [" 15000 ", "15000"], ["15,000", "15000"], ["7,921.13", "7921.13"], ["-1,234,567.5", "-1234567.5"],
    ["007", "7"], ["+5", "5"], [".5", "0.5"], ["5.", "5"], ["-0", "0"], ["-0.50", "-0.50"], ["0.10", "0.10"], ["1e5", "1e5"], ["2.5E-3", "2.5e-3"],
    ["−12", "-12"], ["12345678901234567890.123456789", "12345678901234567890.123456789"],
  ])("%s is %s", (typed, wanted) => expect(plain(readNumber(typed))).toBe(wanted));

  it.each(["", "-", ".", "12,5", "1,0000", "1_000", "0x10", "12 5", "1.2.3", "abc", "Infinity", "nan", "1e", "--1", "１２"])(
    "%s is refused", (typed) => expect(readNumber(typed).ok).toBe(false),
  );

  it("knows NaN and infinity where the column does", () => {
    expect(plain(readNumber("nan", "float64"))).toBe("NaN");
    expect(plain(readNumber("-inf", "float32"))).toBe("-Infinity");
    expect(readNumber("NaN", "decimal(12,2)").ok).toBe(false);
  });

  it("never passes through a float: any digits come out as they went in", () => {
    for (const seed of SEEDS) {
      const { below, chance } = dice(seed);
      const digits = (n: number) => Array.from({ length: n }, () => below(10)).join("");
      const text = `${chance(0.5) ? "-" : ""}${1 + below(9)}${digits(below(36))}${chance(0.5) ? `.${digits(1 + below(20))}` : ""}`;
      expect(plain(readNumber(text)), `seed ${seed}`).toBe(text);
      const sent = asScalar(text, "number");
      expect(JSON.stringify(sent).replaceAll('"', "")).toBe(text);
      if (typeof sent === "number") expect(Number.isSafeInteger(sent)).toBe(true);
    }
  });

  it("sends fractions and long numbers as text, so that Python reads them exactly", () => {
    expect(asScalar("15000", "number")).toBe(15000);
    expect(asScalar("0.1", "number")).toBe("0.1");
    expect(asScalar("9007199254740993", "number")).toBe("9007199254740993");
    expect(asScalar("15000", "text")).toBe("15000");
  });
});

it("compares numbers by their digits", () => {
  expect(compareNumbers("0.1", "0.10")).toBe(0);
  expect(compareNumbers("-2", "1")).toBe(-1);
  expect(compareNumbers("12345678901234567891", "12345678901234567890")).toBe(1);
  expect(compareNumbers("1e3", "999.9")).toBe(1);
  expect(compareNumbers("1e9999", "1")).toBeNull();
  expect(compareNumbers("NaN", "1")).toBeNull();
});

describe("dates as typed", () => {
  it.each(["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])("%s is one", (text) => expect(readDate(text)).toEqual({ ok: true, text }));
  it.each(["2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "01/06/2024", "0000-01-01", "20240601", ""])(
    "%s is none", (text) => expect(readDate(text).ok).toBe(false),
  );
  it.each([
    ["2024-06-01", "2024-06-01"], ["2024-06-01T10:30", "2024-06-01T10:30:00"], ["2024-06-01 10:30:05.123456", "2024-06-01T10:30:05.123456"],
    ["2024-06-01T10:30:00Z", "2024-06-01T10:30:00Z"], ["2024-06-01 10:30+02:00", "2024-06-01T10:30:00+02:00"],
  ])("%s is the moment %s", (typed, wanted) => expect(plain(readTimestamp(typed))).toBe(wanted));
  it.each(["2024-06-31T10:30", "2024-06-01T24:00", "2024-06-01T10", "2024-06-01x10:30", "soon"])(
    "%s is no moment", (text) => expect(readTimestamp(text).ok).toBe(false),
  );
});

it("leaves text as it is", () => {
  expect(readValue("  a  ", { family: "text", type: "text" })).toEqual({ ok: true, text: "  a  " });
});

describe("a list as typed", () => {
  it.each<[string, string[]]>([
    ["a, b", ["a", "b"]], ['a, b, "c, d"', ["a", "b", "c, d"]], ["", []], [" , ,", []], ['"", a', ["", "a"]], ['"say ""hi""", b', ['say "hi"', "b"]],
    ["a\nb\tc", ["a", "b", "c"]], ['5" pipe, x', ['5" pipe', "x"]], ['"open, a', ['"open', "a"]], ['"a" b, c', ['"a" b', "c"]], ['  " a "  ', [" a "]],
  ])("%j has %j", (text, items) => expect(splitList(text)).toEqual(items));

  it("takes pasted cells whole, with the commas in them", () => {
    expect(splitList("1,000\n2,500\r\n", { cells: true })).toEqual(["1,000", "2,500"]);
    expect(splitList("Smith, John\tDoe, Jane", { cells: true })).toEqual(["Smith, John", "Doe, Jane"]);
    expect(splitList("a, b", { cells: true })).toEqual(["a", "b"]);
  });

  it("reads back whatever it writes", () => {
    const letters = ["a", "B", '"', ",", " ", "\n", "\t", "é", "'", "1"];
    for (const seed of SEEDS) {
      const { below, pick } = dice(seed);
      const items = Array.from({ length: below(6) }, () => Array.from({ length: below(6) }, () => pick(letters)).join(""));
      expect(splitList(joinList(items)), `seed ${seed}`).toEqual(items);
    }
  });
});
