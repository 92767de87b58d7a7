/** The columns editor: which are shown, in which order. Only what is shown is fetched. */
import { useMemo, useRef, useState } from "preact/hooks";
import { Button, IconButton, TextInput, TypeGlyph, matching } from "./controls";
import { move, read, shift, show, write, type Item } from "./columns-list";
import { useEditors } from "./dialog";
import { drag } from "./drag";
import { useDraft, type Drafting } from "./draft";
import { Frame, memo, useFocusAfter, type EditorProps } from "./editor";
import { Icon } from "./icons";
import { useClient, useQuestion } from "./model";
import type { ColumnInfo } from "./protocol";

const COLUMNS: Drafting<readonly Item[]> = {
  name: "columns",
  part: ({ parts, final }) => [parts.select, final.map(({ name }) => name)],
  read: ({ parts, final }) => read(parts.select, final),
  write: (draft, { final }) => write(draft, final),
  unfinished: () => false,
};

export function ColumnsEditor({ close, panel = false }: EditorProps) {
  const client = useClient();
  const question = useQuestion();
  const { announce, open } = useEditors();
  const { draft, edit, dirty, restored, discard, sent } = useDraft(COLUMNS);
  const [search, setSearch] = useState("");
  const [active, setActive] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const focusAfter = useFocusAfter(list);
  const known = useMemo(() => new Map(question.final.map((column) => [column.name, column])), [question.final]);
  const found = useMemo(() => {
    const options = draft.map((item) => ({ item, value: item.name, label: known.get(item.name)?.label ?? item.name }));
    const kept = new Set(matching(options, search).map(({ item }) => item));
    return draft.filter((item) => kept.has(item));
  }, [draft, known, search]);
  const shown = draft.filter((item) => item.shown).length;
  const current = found.find((item) => item.name === active) ?? found[0] ?? null;

  const tools = useMemo<RowTools>(() => ({
    activate: setActive,
    toggle: (name) => edit((items) => items.map((item) => (item.name === name ? { ...item, shown: !item.shown } : item))),
    drag: (event, name) => {
      setActive(name);
      if (!list.current) return;
      drag(event, {
        id: name,
        box: list.current,
        drop: ({ id, side }) => edit((items) => {
          const item = items.find((item) => item.name === name);
          const at = items.findIndex((item) => item.name === id) + (side === "after" ? 1 : 0);
          return item ? move(items, item, items[at] ?? null) : items;
        }),
      });
    },
  }), [edit]);

  const step = (by: number, part = "item") => {
    if (!current) return;
    const next = shift(draft, current, by);
    if (next === draft) return;
    if (part === "item") focusAfter(current.name, "item");
    edit(() => next);
    announce(`${current.name}: ${next.indexOf(current) + 1} of ${next.length}`);
  };
  const all = (to: boolean) => edit((items) => show(items, new Set(found.map(({ name }) => name)), to));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || !current) return;
    const at = found.indexOf(current);
    const go = (index: number) => {
      const next = found[Math.max(0, Math.min(found.length - 1, index))];
      if (!next) return;
      setActive(next.name);
      focusAfter(next.name, "item");
    };
    if (event.altKey && event.key === "ArrowUp") step(-1);
    else if (event.altKey && event.key === "ArrowDown") step(1);
    else if (event.altKey) return;
    else if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "PageDown") go(at + 10);
    else if (event.key === "PageUp") go(at - 10);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(found.length - 1);
    else if (event.key === " " || event.key === "Enter") tools.toggle(current.name);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Frame
      title="Columns" icon="columns" close={close} panel={panel} width={400} dirty={dirty} restored={restored} discard={discard}
      apply={() => { client.deed({ do: "select", columns: write(draft, question.final) }); sent(); }}
      refused={shown === 0 ? "Show at least one column." : null}
      beside={<span class="au-editor-count" aria-label={`${shown} of ${draft.length} columns are shown`}>{shown}/{draft.length}</span>}
      said={shown === 0 ? <span class="au-told-bad" role="status">Show at least one column.</span> : null}
    >
      <div class="au-columns-bar">
        <TextInput class="au-grow" type="search" icon="search" label="Search columns" placeholder="Search columns" value={search} onInput={setSearch} clearable />
        <Button label="All" title={search ? "Show all that are found" : "Show all"} onClick={() => all(true)} />
        <Button label="None" title={search ? "Hide all that are found" : "Hide all"} onClick={() => all(false)} />
        <IconButton icon="arrowUp" label="Move up" disabled={!current} onClick={() => step(-1, "")} />
        <IconButton icon="arrowDown" label="Move down" disabled={!current} onClick={() => step(1, "")} />
      </div>
      <ul
        ref={list} role="listbox" aria-multiselectable={true} aria-label="Columns, shown ones are selected" class="au-columns" onKeyDown={onKeyDown}
      >
        {found.map((item) => (
          <Row key={item.name} item={item} column={known.get(item.name)} active={item === current} tools={tools} />
        ))}
      </ul>
      <Button kind="dashed" icon="calculate" class="au-columns-add" label={question.parts.derives.length ? "Calculated columns…" : "Add a calculated column…"} onClick={() => open("calculate")} />
      {found.length === 0 && <p class="au-quiet" role="status">No column matches “{search}”.</p>}
    </Frame>
  );
}

interface RowTools {
  activate: (name: string) => void;
  toggle: (name: string) => void;
  drag: (event: PointerEvent, name: string) => void;
}

const Row = memo(function Row({ item, column, active, tools }: {
  item: Item; column: ColumnInfo | undefined; active: boolean; tools: RowTools;
}) {
  const gone = column ? undefined : `“${item.name}” is not a column here any more.`;
  return (
    <li
      role="option" aria-selected={item.shown} tabIndex={active ? 0 : -1} data-id={item.name} data-part="item"
      class={`au-column ${item.shown ? "" : "au-hidden"} ${gone ? "au-gone" : ""} ${active ? "au-current" : ""}`} title={gone ?? column?.label}
      onFocus={() => tools.activate(item.name)} onClick={() => tools.toggle(item.name)}
    >
      <span class="au-handle" aria-hidden="true" onPointerDown={(event) => tools.drag(event, item.name)} onClick={(event) => event.stopPropagation()}>
        <Icon name="grip" size={12} />
      </span>
      <Icon name={item.shown ? "eye" : "eyeOff"} size={14} class="au-eye" />
      <span class="au-cut au-grow">{column?.label ?? item.name}</span>
      {column ? <TypeGlyph family={column.family} type={column.type} /> : <span class="au-unseen">{gone}</span>}
    </li>
  );
});
