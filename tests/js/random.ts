/** Random trees, the same ones every time: a failure names its seed. */
import type { Condition, Group, Tree } from "../../aurora_widgets/widgets/js/protocol";

export function dice(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T, chance: (p: number) => next() < p };
}

export const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

export function someCondition(seed: number): Condition {
  const { pick, chance } = dice(seed);
  const made = pick<Condition>([
    { type: "condition", column: "revenue", op: ">", value: 15000 },
    { type: "condition", column: "revenue", op: "=", value: "12345678901234567890.123" },
    { type: "condition", column: "region", op: "in", values: ["EMEA", "a, b", ""] },
    { type: "condition", column: "region", op: "contains", value: "", case_sensitive: true },
    { type: "condition", column: "day", op: "between", low: "2024-06-01", high: "2025-06-30" },
    { type: "condition", column: "day", op: "in the last", count: 3, unit: "month", include_current: true },
    { type: "condition", column: "gone", op: "sounds like", value: "x" },
    { type: "condition", column: "revenue", op: "<", other: "cost" },
  ]);
  return chance(0.2) ? { ...made, disabled: true } : made;
}

export function someGroup(seed: number, deep = 4): Group {
  const { below, chance, pick } = dice(seed);
  const children: Tree[] = Array.from({ length: below(5) }, (_, index) => {
    const inner = seed * 31 + index * 7 + deep;
    return deep > 0 && chance(0.4) ? someGroup(inner, deep - 1) : someCondition(inner);
  });
  const made: Group = { type: "group", op: pick(["and", "or"] as const), children };
  if (chance(0.2)) made.negate = true;
  if (chance(0.1)) made.disabled = true;
  return made;
}
