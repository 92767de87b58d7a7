/** The order of the rows: columns one after the other, each up or down. */
import { useState } from "preact/hooks";
import { Button, ColumnPicker, IconButton, Segments } from "./controls";
import { Dialog } from "./dialog";
import { useClient, useQuestion } from "./model";
import type { Family, SortKey } from "./protocol";
import "./sort.css";

/** The two ways, in the words of what is sorted. */
function ways(family: Family) {
  const [up, down] = family === "text" ? ["A → Z", "Z → A"] : family === "number" ? ["1 → 9", "9 → 1"]
    : family === "date" || family === "timestamp" ? ["Old → new", "New → old"] : ["Up", "Down"];
  return [{ value: "up" as const, label: up, title: "Ascending" }, { value: "down" as const, label: down, title: "Descending" }];
}

export function SortDialog({ close }: { close: () => void }) {
  const client = useClient();
  const { parts, final } = useQuestion();
  const [keys, setKeys] = useState<SortKey[]>(parts.sort);
  const set = (at: number, key: SortKey) => setKeys(keys.map((old, index) => (index === at ? key : old)));
  const move = (at: number, by: number) => {
    const next = [...keys];
    const [key] = next.splice(at, 1);
    if (key) next.splice(at + by, 0, key);
    setKeys(next);
  };
  const free = final.filter((column) => !keys.some((key) => key.column === column.name));
  const apply = () => {
    client.deed({ do: "sort", by: keys });
    close();
  };
  return (
    <Dialog title="Sort" icon="sort" close={close} width={520} said="Empty cells always come last." actions={(
      <>
        <Button label="Cancel" onClick={close} />
        <Button kind="main" label="Apply" onClick={apply} />
      </>
    )}>
      <ol class="au-sort">
        {keys.map((key, at) => (
          <li key={key.column}>
            <span class="au-quiet">{at === 0 ? "by" : "then by"}</span>
            <ColumnPicker
              class="au-grow" label={`Sort column ${at + 1}`} value={key.column}
              columns={final.filter((column) => column.name === key.column || free.includes(column))}
              onChange={(column) => set(at, { ...key, column })}
            />
            <Segments
              label={`Direction of sort column ${at + 1}`} value={key.descending ? "down" : "up"}
              choices={ways(final.find((column) => column.name === key.column)?.family ?? "other")}
              onChange={(way) => set(at, way === "down" ? { column: key.column, descending: true } : { column: key.column })}
            />
            <IconButton icon="arrowUp" label="Earlier" disabled={at === 0} onClick={() => move(at, -1)} />
            <IconButton icon="arrowDown" label="Later" disabled={at === keys.length - 1} onClick={() => move(at, 1)} />
            <IconButton icon="trash" kind="danger" label="Remove" onClick={() => setKeys(keys.filter((_, index) => index !== at))} />
          </li>
        ))}
      </ol>
      {keys.length === 0 && <p class="au-quiet">The rows come in the order of the data.</p>}
      {free.length > 0 && (
        <ColumnPicker
          key={keys.length} label="Sort by another column" placeholder="+ column" value={null} columns={free}
          onChange={(column) => setKeys([...keys, { column }])}
        />
      )}
    </Dialog>
  );
}
