/** What the menu of a column's header offers. */
import type { Editors } from "./dialog";
import type { MenuItem } from "./popover";
import type { Deed, PageColumn, Question } from "./protocol";

export interface Doing {
  deed: (deed: Deed) => void;
  open: Editors["open"];
  /** Gives the column the width that fits it. */
  fit: () => void;
}

export function headerItems(column: PageColumn, columns: readonly PageColumn[], question: Question, { deed, open, fit }: Doing): MenuItem[] {
  const { sort, aggregate, canonical, derives } = question.parts;
  const { name } = column;
  const others = sort.filter((key) => key.column !== name);
  const by = (descending: boolean, keep: boolean) =>
    deed({ do: "sort", by: [...(keep ? others : []), descending ? { column: name, descending } : { column: name }] });
  const items: MenuItem[] = [
    { label: "Sort ascending", icon: "arrowUp", onPick: () => by(false, false) },
    { label: "Sort descending", icon: "arrowDown", onPick: () => by(true, false) },
  ];
  if (others.length > 0) {
    items.push({ label: "Then ascending by this", icon: "sort", onPick: () => by(false, true) });
    items.push({ label: "Then descending by this", icon: "sort", onPick: () => by(true, true) });
  }
  if (sort.length !== others.length) items.push({ label: "Don't sort by this", icon: "x", onPick: () => deed({ do: "sort", by: others }) });
  if (canonical) items.push({ label: "Filter by this…", icon: "filter", line: true, onPick: () => open("filter", { column: name }) });
  if (canonical && !aggregate && question.base.some((info) => info.name === name)) {
    const own = derives.some((each) => each.column === name);
    items.push(
      {
        label: "Group by this", icon: "groupBy",
        onPick: () => deed({ do: "summarize", aggregate: { type: "aggregate", by: [{ column: name }], measures: [{ as: "rows", fn: "count" }] } }),
      },
      { label: "Summarize this…", icon: "sigma", onPick: () => open("summarize", { column: name }) },
      { label: own ? "Change its formula…" : "Calculate with this…", icon: "calculate", onPick: () => open("calculate", { column: name }) },
    );
  }
  items.push({
    label: "Hide", icon: "eyeOff", line: true, disabled: columns.length < 2,
    onPick: () => deed({ do: "select", columns: columns.filter((other) => other !== column).map((other) => other.name) }),
  });
  if (question.final.some((info) => info.name === name)) items.push({ label: "Profile…", icon: "chart", onPick: () => open("profile", { column: name }) });
  items.push({ label: "Width that fits", icon: "columns", onPick: fit });
  return items;
}
