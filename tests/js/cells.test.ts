import { describe, expect, it } from "vitest";
import { between, moved, nextSort, picked, shownRows } from "../../aurora_widgets/widgets/js/cells";
import { tsv } from "../../aurora_widgets/widgets/js/clipboard";
import type { PageColumn, PageData } from "../../aurora_widgets/widgets/js/protocol";

const extent = { rows: 50, columns: 5, visible: 10 };
const column = (name: string, more: Partial<PageColumn> = {}): PageColumn => ({
  name, label: name, type: "string", family: "text", numeric: false, sort: null, sort_rank: null, width: 60, ...more,
});

describe("keys in the grid", () => {
  it.each([
    ["ArrowDown", false, { row: -1, column: 2 }, { row: 0, column: 2 }],
    ["ArrowUp", false, { row: 0, column: 2 }, { row: -1, column: 2 }],
    ["ArrowUp", false, { row: -1, column: 2 }, { row: -1, column: 2 }],
    ["ArrowLeft", false, { row: 3, column: 0 }, { row: 3, column: 0 }],
    ["ArrowRight", false, { row: 3, column: 4 }, { row: 3, column: 4 }],
    ["ArrowRight", true, { row: 3, column: 1 }, { row: 3, column: 4 }],
    ["ArrowDown", true, { row: 3, column: 1 }, { row: 49, column: 1 }],
    ["ArrowUp", true, { row: 30, column: 1 }, { row: 0, column: 1 }],
    ["Home", false, { row: 3, column: 3 }, { row: 3, column: 0 }],
    ["End", true, { row: 3, column: 3 }, { row: 49, column: 4 }],
    ["PageDown", false, { row: -1, column: 0 }, { row: 9, column: 0 }],
    ["PageDown", false, { row: 45, column: 0 }, { row: 49, column: 0 }],
    ["PageUp", false, { row: 4, column: 0 }, { row: 0, column: 0 }],
  ])("%s (control %s) leads from %o to %o", (key, ctrl, from, to) => {
    expect(moved(key, ctrl, from, extent)).toEqual(to);
  });

  it("knows keys that are not its own", () => {
    expect(moved("x", false, { row: 0, column: 0 }, extent)).toBeNull();
  });

  it("stays on the header where there are no rows", () => {
    expect(moved("ArrowDown", false, { row: -1, column: 0 }, { ...extent, rows: 0 })).toEqual({ row: -1, column: 0 });
    expect(moved("End", true, { row: -1, column: 0 }, { ...extent, rows: 0 })).toEqual({ row: -1, column: 4 });
  });

  it("selects between two corners, whichever way they were drawn, and never the header", () => {
    expect(between({ row: 4, column: 1 }, { row: 2, column: 3 })).toEqual({ top: 2, bottom: 4, left: 1, right: 3 });
    expect(between({ row: -1, column: 1 }, { row: 2, column: 1 })).toEqual({ top: 0, bottom: 2, left: 1, right: 1 });
  });
});

describe("sorting by the header", () => {
  const up = (name: string) => ({ column: name });
  const down = (name: string) => ({ column: name, descending: true });
  it.each([
    ["first click goes up", [], "a", false, [up("a")]],
    ["second goes down", [up("a")], "a", false, [down("a")]],
    ["third ends it", [down("a")], "a", false, []],
    ["another column replaces it", [down("a")], "b", false, [up("b")]],
    ["one of several becomes the only one", [up("a"), down("b")], "b", false, [up("b")]],
    ["shift adds", [down("a")], "b", true, [down("a"), up("b")]],
    ["shift turns in place", [up("a"), up("b")], "a", true, [down("a"), up("b")]],
    ["shift ends in place", [down("a"), up("b")], "a", true, [up("b")]],
  ])("%s", (_, sort, name, add, next) => {
    expect(nextSort(sort, name, add)).toEqual(next);
  });
});

describe("copying", () => {
  const rows = [["a", null, "1,000.00"], ["b", "x\ty", null]];
  it("gives what is shown; an empty cell is an empty text", () => {
    expect(picked(rows, { top: 0, bottom: 1, left: 0, right: 2 })).toEqual([["a", "", "1,000.00"], ["b", "x\ty", ""]]);
    expect(picked(rows, { top: 0, bottom: 9, left: 2, right: 2 })).toEqual([["1,000.00"], [""]]);
  });
  it("quotes what would break a spreadsheet's rows and columns", () => {
    expect(tsv([["a", 'say "b"'], ["x\ty", "line\nbreak"]])).toBe('a\t"say ""b"""\r\n"x\ty"\t"line\nbreak"');
  });
});

describe("total rows", () => {
  const page = (rows: (string | null)[][], totals: number[] | null): PageData => ({
    epoch: 1, columns: [column("region"), column("sale_date_month"), column("revenue")], rows, totals, offset: 0, more: false,
  });
  const aggregate = { type: "aggregate" as const, by: [{ column: "region" }, { column: "sale_date", bucket: "month" }], measures: [] };
  it("says Total once, in the first key that was rolled up", () => {
    const shown = shownRows(page([[null, "2025-01-01", "1"], ["EMEA", null, "2"], [null, null, "3"]], [0, 1, 2]), aggregate);
    expect(shown).toEqual([[null, "2025-01-01", "1"], ["EMEA", "Total", "2"], ["Total", "", "3"]]);
  });
  it("keeps an empty key and an empty measure apart from a total", () => {
    expect(shownRows(page([[null, null, null]], [1]), aggregate)).toEqual([[null, "Total", null]]);
  });
  it("leaves a page without totals as it is", () => {
    const rows = [[null, null, "3"]];
    expect(shownRows(page(rows, null), aggregate)).toBe(rows);
    expect(shownRows(page(rows, [0]), aggregate)).toBe(rows);
  });
});
