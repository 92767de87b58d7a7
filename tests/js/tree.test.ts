import { describe, expect, it } from "vitest";
import { ruleOf, type Vocabulary } from "../../aurora_widgets/widgets/js/rules";
import * as tree from "../../aurora_widgets/widgets/js/tree";
import type { Branch, Node } from "../../aurora_widgets/widgets/js/tree";
import type { Group } from "../../aurora_widgets/widgets/js/protocol";
import { dice, SEEDS, someCondition, someGroup } from "./random";

const NOTHING: Vocabulary = { columns: new Map(), operators: {} };
const rule = (column: string) => ruleOf({ type: "condition", column, op: "=", value: 1 }, tree.newId());
const group = (children: Node[], op: "and" | "or" = "and") => tree.newGroup(op, children);
/** a(b c) as text, for reading. */
const shape = (node: Node): string => (node.kind === "rule" ? node.column : `${node.negate ? "not " : ""}${node.op}(${node.children.map(shape).join(" ")})`);
const ids = (root: Branch) => [...tree.walk(root)].map(({ id }) => id);

describe("a document in the editor", () => {
  it("comes back letter for letter where nobody touched it", () => {
    for (const seed of SEEDS) {
      const where = someGroup(seed);
      const { where: written, left_out } = tree.write(tree.read(where), NOTHING);
      if (where.children.length === 0 && !where.negate) expect(written).toBeNull();
      else expect(written, `seed ${seed}`).toEqual(where);
      expect(left_out).toBe(0);
    }
  });

  it("keeps an empty group that was read, where it keeps every row, and drops one that is not filled in yet", () => {
    const where: Group = { type: "group", op: "or", children: [someCondition(0), { type: "group", op: "and", children: [] }] };
    const read = tree.read(where);
    expect(tree.write(read, NOTHING).where).toEqual(where);
    const more = tree.insert(read, read.id, 9, tree.newGroup());
    expect(tree.write(more, NOTHING)).toMatchObject({ where, left_out: 1 });
  });

  it("counts what was filled in with what can't be, unless it is set aside", () => {
    const words: Vocabulary = {
      columns: new Map([["revenue", { name: "revenue", label: "revenue", type: "int64", family: "number", description: "", numeric: true, origin: "", operators: ["="] }]]),
      operators: { "=": { label: "=", operand: "value" } },
    };
    const wrong = { ...rule("revenue"), value: "12,5", source: null };
    expect(tree.write(group([wrong]), words)).toMatchObject({ where: null, wrong: 1, left_out: 0 });
    expect(tree.write(group([{ ...wrong, disabled: true }]), words)).toMatchObject({ wrong: 0 });
    expect(tree.write(group([{ ...group([wrong]), disabled: true }]), words)).toMatchObject({ wrong: 0 });
    expect(tree.write(group([{ ...wrong, value: null }]), words)).toMatchObject({ wrong: 0, left_out: 1 });
  });

  it("knows each node by its path, also with unfinished rules between them", () => {
    const blank = ruleOf({ type: "condition", column: "", op: "" }, "blank");
    const [a, b, c] = [rule("a"), rule("b"), rule("c")];
    const inner = group([{ ...blank, source: null }, b, c]);
    const root = group([{ ...blank, id: "other", source: null }, a, inner]);
    const written = tree.write(root, NOTHING);
    expect(written.left_out).toBe(2);
    expect(tree.nodeOfPath(written.ids, "where.children[0].value")).toBe(a.id);
    expect(tree.nodeOfPath(written.ids, "steps[3].where.children[1].children[1].low")).toBe(c.id);
    expect(tree.nodeOfPath(written.ids, "where.children[1]")).toBe(inner.id);
    expect(tree.nodeOfPath(written.ids, "where.op")).toBeNull();
    for (const [path, id] of written.ids) {
      const condition = tree.at(written.where as Group, path);
      if (condition?.type === "condition") expect((tree.find(root, id)?.node as { column: string }).column).toBe(condition.column);
    }
  });
});

describe("moving", () => {
  const make = () => {
    const [a, b, c, d] = [rule("a"), rule("b"), rule("c"), rule("d")];
    const inner = group([b, c], "or");
    return { a, b, c, d, inner, root: group([a, inner, d]) };
  };

  it("goes before the place counted with it still in the old one", () => {
    const { root, a, d } = make();
    expect(shape(tree.move(root, a.id, root.id, 3))).toBe("and(or(b c) d a)");
    expect(shape(tree.move(root, d.id, root.id, 0))).toBe("and(d a or(b c))");
    expect(tree.move(root, a.id, root.id, 0)).toBe(root);
    expect(tree.move(root, a.id, root.id, 1)).toBe(root);
  });

  it("goes between groups, and never into itself", () => {
    const { root, a, inner } = make();
    expect(shape(tree.move(root, a.id, inner.id, 1))).toBe("and(or(b a c) d)");
    const deeper = tree.wrap(root, inner.id);
    const around = tree.find(deeper, inner.id)?.parent as Branch;
    expect(tree.move(deeper, around.id, inner.id, 0)).toBe(deeper);
    expect(tree.move(root, inner.id, inner.id, 0)).toBe(root);
    expect(tree.move(root, root.id, inner.id, 0)).toBe(root);
  });

  it("goes by keyboard through and out of groups", () => {
    const { root, a, b, c, d, inner } = make();
    expect(shape(tree.nudge(root, d.id, "up"))).toBe("and(a d or(b c))");
    expect(shape(tree.nudge(root, b.id, "up"))).toBe("and(a b or(c) d)");
    expect(shape(tree.nudge(root, c.id, "down"))).toBe("and(a or(b) c d)");
    expect(shape(tree.nudge(root, c.id, "out"))).toBe("and(a or(b) c d)");
    expect(shape(tree.nudge(root, d.id, "in"))).toBe("and(a or(b c d))");
    expect(shape(tree.nudge(root, a.id, "in"))).toBe("and(or(a b c) d)");
    expect(tree.nudge(root, a.id, "up")).toBe(root);
    expect(tree.nudge(root, inner.id, "out")).toBe(root);
  });

  it("loses and doubles nothing, whatever is moved where", () => {
    for (const seed of SEEDS) {
      const { pick, below } = dice(seed + 1000);
      let root = tree.read(someGroup(seed));
      const all = ids(root).sort();
      for (let turn = 0; turn < 20; turn += 1) {
        const nodes = [...tree.walk(root)];
        const groups = nodes.filter((node) => node.kind === "group");
        root = turn % 3 ? tree.move(root, pick(nodes).id, pick(groups).id, below(6)) : tree.nudge(root, pick(nodes).id, pick(["up", "down", "in", "out"]));
        expect(ids(root).sort(), `seed ${seed}`).toEqual(all);
      }
    }
  });
});

describe("the rest of the edits", () => {
  it("leaves what it does not touch the very same", () => {
    const [a, b] = [rule("a"), rule("b")];
    const inner = group([b]);
    const root = group([a, inner]);
    const next = tree.changeRule(root, a.id, (rule) => ({ ...rule, value: "2" }));
    expect(next).not.toBe(root);
    expect(next.children[1]).toBe(inner);
    expect(tree.changeRule(root, "nobody", (rule) => ({ ...rule, value: "2" }))).toBe(root);
    expect(tree.setOp(root, root.id, "and")).toBe(root);
  });

  it("copies with ids of their own, right behind", () => {
    for (const seed of SEEDS) {
      const root = tree.read(someGroup(seed));
      const first = root.children[0];
      if (!first) continue;
      const next = tree.duplicate(root, first.id);
      expect(new Set(ids(next)).size).toBe(ids(next).length);
      expect(shape(next.children[1] as Node)).toBe(shape(first));
    }
  });

  it("wraps into a group of the other kind, and ungrouping undoes it", () => {
    const [a, b] = [rule("a"), rule("b")];
    const root = group([a, b]);
    const wrapped = tree.wrap(root, b.id);
    expect(shape(wrapped)).toBe("and(a or(b))");
    expect(shape(tree.unwrap(wrapped, (wrapped.children[1] as Branch).id))).toBe("and(a b)");
  });

  it("does not ungroup what is negated: its parts alone mean something else", () => {
    const inner = { ...group([rule("a")]), negate: true };
    const root = group([inner]);
    expect(tree.unwrap(root, inner.id)).toBe(root);
  });

  it("sets aside and takes back without losing anything", () => {
    for (const seed of SEEDS) {
      const where = someGroup(seed);
      const root = tree.read(where);
      for (const node of tree.walk(root)) {
        const back = tree.toggleDisabled(tree.toggleDisabled(root, node.id), node.id);
        expect(tree.write(back, NOTHING).where).toEqual(tree.write(root, NOTHING).where);
      }
    }
  });

  it("never takes the whole filter out of itself", () => {
    const root = group([rule("a")]);
    expect(tree.remove(root, root.id)).toBe(root);
    expect(tree.duplicate(root, root.id)).toBe(root);
    expect(tree.wrap(root, root.id)).toBe(root);
  });
});

describe("limits", () => {
  it("go 32 levels deep and no deeper, and say so", () => {
    let root = group([rule("a")]);
    let inside = root.id;
    for (let level = 2; level <= tree.MAX_DEPTH; level += 1) {
      const next = group([rule("a")]);
      root = tree.insert(root, inside, 0, next);
      inside = next.id;
    }
    expect(tree.depth(root)).toBe(32);
    expect(tree.insert(root, inside, 0, group([]))).toBe(root);
    expect(tree.refusal(root, inside, group([]))).toMatch(/32 levels/);
    expect(tree.refusal(root, inside, rule("b"))).toBeNull();
    expect(tree.wrap(root, (tree.find(root, inside)?.node as Branch).children[0]?.id ?? "")).toBe(root);
  });

  it("hold 1,000 rules and no more, but any of them may move", () => {
    const root = group(Array.from({ length: 1000 }, () => rule("a")));
    expect(tree.rules(root)).toBe(1000);
    expect(tree.insert(root, root.id, 0, rule("b"))).toBe(root);
    expect(tree.refusal(root, root.id, rule("b"))).toMatch(/1,000 rules/);
    expect(tree.duplicate(root, root.children[0]?.id ?? "")).toBe(root);
    expect(tree.move(root, root.children[0]?.id ?? "", root.id, 5)).not.toBe(root);
    expect(tree.wrap(root, root.children[0]?.id ?? "")).not.toBe(root);
  });
});
