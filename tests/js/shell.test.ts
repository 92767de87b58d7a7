import { describe, expect, it } from "vitest";
import { written } from "../../aurora_widgets/widgets/js/bar";
import { editorOf } from "../../aurora_widgets/widgets/js/chips";
import { addressFor, linkFor } from "../../aurora_widgets/widgets/js/code";
import { glyph, matching } from "../../aurora_widgets/widgets/js/controls";
import { sizeInWords } from "../../aurora_widgets/widgets/js/datasets";
import { paging, rangeInWords, rowsInWords, timeInWords } from "../../aurora_widgets/widgets/js/paging";
import { place } from "../../aurora_widgets/widgets/js/popover";
import { ends, share } from "../../aurora_widgets/widgets/js/profile";
import type { Chip, PageData, Status } from "../../aurora_widgets/widgets/js/protocol";
import { themeOf } from "../../aurora_widgets/widgets/js/theme";
import { secondsLeft } from "../../aurora_widgets/widgets/js/trouble";

const status = (more: Partial<Status> = {}): Status => ({
  state: "ready", rows: 37_368, exact: true, elapsed_ms: 10, from_cache: false, offset: 0, page_rows: 50, max_offset: 100_000, notes: [], vintage: "",
  error: null, grid: "table", announce: "", ...more,
});
const page = (offset: number, count = 50, more = true): PageData => ({
  epoch: 1, columns: [], rows: Array.from({ length: count }, () => []), totals: null, offset, more,
});

describe("pages", () => {
  it("lead on from the first", () => {
    expect(paging(status(), page(0))).toEqual({ first: null, previous: null, next: 50, last: 37_350, page: 1, pages: 748, ends: null });
  });
  it("lead back from the last", () => {
    expect(paging(status(), page(37_350, 18, false))).toMatchObject({ first: 0, previous: 37_300, next: null, last: null, page: 748 });
  });
  it("have no last while rows are not counted, or only bounded", () => {
    expect(paging(status({ rows: null }), page(0))).toMatchObject({ next: 50, last: null, pages: null });
    expect(paging(status({ rows: 100_000, exact: false }), page(0))).toMatchObject({ next: 50, last: null, pages: null });
  });
  it("end where paging ends, and say so", () => {
    const deep = paging(status({ rows: 1_000_000 }), page(99_950));
    expect(deep).toMatchObject({ next: null, last: null });
    expect(deep.ends).toContain("100,000");
    expect(paging(status({ rows: 1_000_000 }), page(99_900)).next).toBe(99_950);
  });
  it("are one where the answer is empty", () => {
    expect(paging(status({ rows: 0 }), page(0, 0, false))).toEqual({ first: null, previous: null, next: null, last: null, page: 1, pages: 1, ends: null });
  });
  it("never land on an empty last page", () => {
    expect(paging(status({ rows: 100 }), page(0)).last).toBe(50);
    expect(paging(status({ rows: 101 }), page(0)).last).toBe(100);
  });
});

describe("figures in words", () => {
  it("says how many rows", () => {
    expect(rowsInWords(37_368, true, null)).toBe("37,368 rows");
    expect(rowsInWords(1, true, null)).toBe("1 row");
    expect(rowsInWords(100_000, false, null)).toBe("over 100,000 rows");
  });
  it("says what the page proves while rows are not counted", () => {
    expect(rowsInWords(null, false, page(50))).toBe("over 100 rows");
    expect(rowsInWords(null, false, page(50, 20, false))).toBe("70 rows");
    expect(rowsInWords(null, false, null)).toBe("");
  });
  it("says which rows", () => {
    expect(rangeInWords(status(), page(50))).toBe("Rows 51–100 of 37,368");
    expect(rangeInWords(status({ rows: 100_000, exact: false }), page(0))).toBe("Rows 1–50 of over 100,000");
    expect(rangeInWords(status({ rows: null }), page(0, 3))).toBe("Rows 1–3");
    expect(rangeInWords(status({ rows: 0 }), page(0, 0))).toBe("No rows");
  });
  it("says how long", () => {
    expect([timeInWords(346.4), timeInWords(2400)]).toEqual(["346 ms", "2.4 s"]);
  });
  it("calls the ends of a column by what it holds", () => {
    expect(ends("number")).toEqual(["Smallest", "Largest"]);
    expect(ends("timestamp")).toEqual(["Earliest", "Latest"]);
    expect(ends("text")).toEqual(["First in the alphabet", "Last in the alphabet"]);
  });
  it("never rounds a share to nothing or to all", () => {
    expect([share(0, 0), share(0, 9), share(1, 100_000), share(99_999, 100_000), share(1, 8), share(9, 9)])
      .toEqual(["0 %", "0 %", "< 0.1 %", "> 99.9 %", "12.5 %", "100 %"]);
  });
  it("says how large a dataset is", () => {
    const table = { name: "t", label: "T", description: "", columns: 1, rows: 1, has_vintage: false };
    expect(sizeInWords(table)).toBe("1 column · 1 row");
    expect(sizeInWords({ ...table, columns: 200, rows: null })).toBe("200 columns");
  });
});

describe("searching a list", () => {
  const options = ["Net revenue", "Region", "Revenue", "Renewal"].map((label) => ({ value: label.toLowerCase(), label }));
  const found = (search: string) => matching(options, search).map(({ label }) => label);
  it("shows all of it, in order, for no words", () => expect(found("  ")).toHaveLength(4));
  it("puts what begins with the words first", () => expect(found("rev")).toEqual(["Revenue", "Net revenue"]));
  it("wants every word", () => expect(found("revenue net")).toEqual(["Net revenue"]));
  it("looks into names and descriptions", () => {
    expect(matching([{ value: "amt_x", label: "Amount", description: "before tax" }], "tax")).toHaveLength(1);
    expect(matching([{ value: "amt_x", label: "Amount" }], "amt")).toHaveLength(1);
  });
});

describe("a popover", () => {
  const view = { width: 700, height: 400 };
  const anchor = { left: 600, right: 660, top: 100, bottom: 120 };
  it("goes below, and stays within the page", () => expect(place(anchor, 200, 150, view)).toMatchObject({ left: 494, top: 123 }));
  it("goes above where there is more room", () => {
    expect(place({ ...anchor, top: 330, bottom: 350 }, 100, 150, view).top).toBe(330 - 150 - 3);
  });
});

describe("light or dark", () => {
  it.each([
    [undefined, "false", false, "dark"], [undefined, "true", true, "light"], [undefined, undefined, true, "dark"],
    ["light", "false", true, "light"], ["auto", "true", true, "dark"],
  ] as const)("said %s, Lab's light %s, wish dark %s: %s", (said, lab, dark, theme) => expect(themeOf(said, lab, dark)).toBe(theme));
});

describe("a link", () => {
  it("carries the question in this page's address, and no older question", () => {
    expect(addressFor("eJyr", "http://host/?q=old")).toBe("http://host/?q=eJyr");
    expect(addressFor("", "http://host/?q=old&user=1")).toBe("http://host/?user=1");
    expect(linkFor("eJyr", "https://host/voila/render/portal.ipynb?q=old&user=1#x")).toBe("https://host/voila/render/portal.ipynb?user=1&q=eJyr");
    expect(linkFor("?q=eJyr", "http://host/")).toBe("http://host/?q=eJyr");
    expect(linkFor("https://portal/?q=a", "http://host/")).toBe("https://portal/?q=a");
  });
});

it("counts down by the clock", () => {
  expect([secondsLeft(5, 0, 0), secondsLeft(5, 0, 1200), secondsLeft(5, 0, 5000), secondsLeft(5, 0, 60_000)]).toEqual([5, 4, 0, 0]);
});

it("tells types by a few letters", () => {
  expect([glyph("number", "int64"), glyph("number", "decimal(12,2)"), glyph("text", "string"), glyph("boolean", "boolean")])
    .toEqual(["123", "#.0", "Abc", "T/F"]);
});

it("keeps a load's number apart from the same digits as text", () => {
  expect(written(4182)).not.toBe(written("4182"));
});

it("opens what edits a chip, with its step", () => {
  const chip: Chip = { key: "step:2", part: "having", text: "", step: 2, broken: null, disabled: false, removable: true };
  expect(editorOf(chip)).toEqual({ name: "filter", start: { step: 2 } });
  expect(editorOf({ ...chip, part: "limit" })).toBeNull();
});
