import { describe, expect, it } from "vitest";
import { added, edges, reveal, spanOf, WHOLE } from "../../aurora_widgets/widgets/js/span";
import { dice, SEEDS } from "./random";

describe("the columns that are drawn", () => {
  it("are all of them where there are few", () => {
    expect(spanOf(edges(Array.from({ length: WHOLE }, () => 100)), 900, 500)).toEqual({ first: 0, end: WHOLE });
    expect(spanOf(edges([]), 0, 500)).toEqual({ first: 0, end: 0 });
  });

  it("always cover what is in sight, however wide each is and however far one scrolls", () => {
    for (const seed of SEEDS) {
      const { below } = dice(seed);
      const found = edges(Array.from({ length: 200 }, () => 36 + below(400)));
      const total = found[200] as number;
      let held = null;
      for (let turn = 0; turn < 20; turn += 1) {
        const left = below(total);
        held = spanOf(found, left, 1200, held);
        const from = Math.min(left, total - 1200);
        expect(found[held.first]).toBeLessThanOrEqual(from);
        expect(found[held.end]).toBeGreaterThanOrEqual(Math.min(total, from + 1200));
        expect(held.end - held.first).toBeLessThan(120);
      }
    }
  });

  it("stay while a small move needs no others", () => {
    const found = edges(Array.from({ length: 200 }, () => 100));
    const held = spanOf(found, 5_000, 1_000);
    expect(spanOf(found, 5_100, 1_000, held)).toBe(held);
    expect(spanOf(found, 9_000, 1_000, held)).not.toBe(held);
  });
});

describe("a column out of sight", () => {
  const found = edges([100, 100, 100, 100, 900]);
  it("is scrolled to, and no further than needed", () => {
    expect(reveal(found, 0, 150, 200)).toBe(0);
    expect(reveal(found, 3, 0, 200)).toBe(200);
    expect(reveal(found, 2, 150, 200)).toBeNull();
    expect(reveal(found, 4, 0, 200)).toBe(400);
  });
  it("is the new one where just one was added", () => {
    expect(added(["a", "b"], ["a", "b", "c"])).toBe(2);
    expect(added(["a", "b"], ["a", "x", "b"])).toBe(1);
    expect(added(["a", "b"], ["b", "a", "c"])).toBeNull();
    expect(added([], ["a"])).toBeNull();
    expect(added(["a"], ["a", "b", "c"])).toBeNull();
  });
});
