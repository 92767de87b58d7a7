/** The summarize editor: group keys and measures as pills, totals, and the columns that come out. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Button, Combobox, Notice, Segments, TypeGlyph, columnOptions, type Option } from "./controls";
import { shift, move } from "./columns-list";
import { useEditors } from "./dialog";
import { drag } from "./drag";
import { useDraft, type Drafting } from "./draft";
import { Frame, partOf, useFocusAfter, type EditorProps } from "./editor";
import { useAsk, useClient, useQuestion, useStatus } from "./model";
import type { ColumnInfo, Question } from "./protocol";
import { KeyPill, MeasurePill, type PillTools } from "./summarize-pills";
import * as summary from "./summary";
import type { Summary } from "./summary";

const SUMMARY: Drafting<Summary> = {
  name: "summarize",
  part: ({ parts }) => parts.aggregate,
  read: ({ parts }) => summary.read(parts.aggregate),
  write: (draft) => summary.write(draft),
  unfinished: () => false,
};

const ROWS = " rows"; // no column's name begins with a space and a word of ours

export function SummarizeEditor({ close, panel = false, start }: EditorProps) {
  const client = useClient();
  const question = useQuestion();
  const status = useStatus();
  const { announce } = useEditors();
  const { draft, edit, dirty, restored, discard, sent } = useDraft(SUMMARY);
  const { base, measures, buckets } = question;
  const columns = useMemo(() => new Map(base.map((column) => [column.name, column])), [base]);
  const options = useMemo(() => columnOptions(base), [base]);
  const measured = useMemo<Option[]>(() => [
    { value: ROWS, label: "Rows", description: "How many there are" },
    ...options.filter(({ value }) => summary.functionsFor(columns.get(value)?.family ?? "other", measures).length > 0),
  ], [options, columns, measures]);
  const wrong = useMemo(() => summary.problems(draft, columns, measures), [draft, columns, measures]);
  const results = summary.result(draft, columns, measures);
  const aggregate = useMemo(() => (wrong.size === 0 ? summary.write(draft) : null), [draft, wrong]);
  const outcome = useAsk("summary", aggregate && { aggregate });
  const types = new Map(outcome.state === "answer" ? outcome.answer.columns.map((column) => [column.name, column]) : []);
  const box = useRef<HTMLDivElement>(null);
  const focusAfter = useFocusAfter(box);

  const addKey = (column: ColumnInfo | undefined) => column && edit((draft) => summary.addKey(draft, column, buckets));
  const addMeasure = (name: string) => edit((draft) => summary.addMeasure(draft, name === ROWS ? null : (columns.get(name) ?? null), measures));
  useEffect(() => {
    const column = start?.column === undefined ? undefined : columns.get(start.column);
    if (column && !draft.by.some((key) => key.column === column.name)) addKey(column);
  }, []);

  const tools = useMemo<PillTools>(() => ({
    columns,
    options: measured,
    buckets,
    measures,
    rows: ROWS,
    key: (id, change) => edit((draft) => summary.changeKey(draft, id, change)),
    measure: (id, { column, ...rest }) => edit((draft) => summary.changeMeasure(
      draft, id, column === undefined ? rest : { ...rest, column: column === ROWS ? null : column }, columns, measures,
    )),
    settle: (id) => edit((draft) => summary.settleName(draft, id)),
    remove: (id) => edit((draft) => {
      const all = [...draft.by, ...draft.measures].map((item) => item.id);
      const next = all[all.indexOf(id) + 1] ?? all[all.indexOf(id) - 1];
      if (next) focusAfter(next, "remove");
      else requestAnimationFrame(() => box.current?.querySelector("input")?.focus());
      announce("Removed");
      return summary.remove(draft, id);
    }),
    drag: (event, id) => {
      const group = (event.currentTarget as HTMLElement).closest<HTMLElement>(".au-pills");
      if (!group) return;
      drag(event, {
        id, box: group, flow: "pills",
        drop: ({ id: over, side }) => edit((draft) => reorder(draft, id, over, side === "after")),
      });
    },
  }), [columns, measured, buckets, measures, edit, announce]);

  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.altKey ? { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key] : undefined;
    const id = (event.target as Element).closest<HTMLElement>(".au-pill[data-id]")?.dataset["id"];
    if (by === undefined || id === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = step(draft, id, by);
    if (next === draft) return;
    focusAfter(id, partOf(event));
    edit(() => next);
    const list = next.by.some((key) => key.id === id) ? next.by : next.measures;
    announce(`${list.findIndex((item) => item.id === id) + 1} of ${list.length}`);
  };

  const refused = [...wrong.values()][0] ?? (outcome.state === "error" && outcome.fresh && aggregate ? outcome.message : null);
  const before = restored && status.error?.part === "aggregate" ? status.error.detail : null;
  const set = draft.by.length + draft.measures.length;
  const faults = dirty ? [] : standing(question);
  return (
    <Frame
      title="Summarize" icon="sigma" close={close} panel={panel} width={760} dirty={dirty} restored={restored} discard={discard}
      apply={() => { client.deed({ do: "summarize", aggregate: summary.write(draft) }); sent(); }} refused={refused}
      beside={set > 0 ? <span class="au-editor-count">{counted(draft.by.length, "group")} · {counted(draft.measures.length, "measure")}</span> : null}
      said={set > 0
        ? <Button label="Clear" kind="ghost" icon="x" title="Show single rows again" onClick={() => edit(() => summary.NOTHING)} />
        : <span class="au-quiet">Nothing set: single rows are shown.</span>}
    >
      {before !== null && <Notice kind="bad">{before}</Notice>}
      {faults.map((text) => <Notice key={text} kind="warn">{text}</Notice>)}
      {draft.disabled && (
        <Notice kind="info" action={<Button label="Take into account" onClick={() => edit((draft) => ({ ...draft, disabled: false }))} />}>
          The summary is set aside: it has no effect.
        </Notice>
      )}
      <div ref={box} class="au-summary" onKeyDown={onKeyDown}>
        <h3 id="au-by">Group by</h3>
        <div class="au-pills" role="list" aria-labelledby="au-by">
          {draft.by.map((key) => <KeyPill key={key.id} item={key} wrong={wrong.get(key.id) ?? null} tools={tools} />)}
          <span role="listitem" class="au-adder">
            <Combobox class="au-add" value={null} options={options} label="Group by one more column" placeholder="+ column"
              onChange={(name) => addKey(columns.get(name))} />
          </span>
        </div>
        <h3 id="au-measures">Measures</h3>
        <div class="au-pills" role="list" aria-labelledby="au-measures">
          {draft.measures.map((measure) => <MeasurePill key={measure.id} item={measure} wrong={wrong.get(measure.id) ?? null} tools={tools} />)}
          <span role="listitem" class="au-adder">
            <Combobox class="au-add" value={null} options={measured} label="Add a measure of a column" placeholder="+ measure" onChange={addMeasure} />
          </span>
        </div>
        <h3>Totals</h3>
        <div class="au-pills">
          <Segments
            label="Totals" value={draft.totals} onChange={(totals) => edit((draft) => ({ ...draft, totals }))}
            choices={[{ value: "none", label: "None" }, { value: "grand", label: "Grand total", title: "One more row for everything" },
              { value: "rollup", label: "With subtotals", title: "A row for each key as well, from the last to the first" }]}
          />
          {draft.totals !== "none" && draft.by.length === 0 && <span class="au-quiet">There is nothing to total: no column to group by.</span>}
        </div>
      </div>
      {[...new Set(wrong.size === 0 && refused !== null ? [refused] : wrong.values())].map((text) => <Notice key={text} kind="bad">{text}</Notice>)}
      {results.length > 0 && (
        <div class="au-outcome">
          <h3 id="au-outcome">Comes out as</h3>
          <ol aria-labelledby="au-outcome">
            {results.map(({ id, name, label }) => {
              const column = types.get(name);
              return <li key={id} title={name}><span class="au-cut">{label || "…"}</span>{column && <TypeGlyph family={column.family} type={column.type} />}</li>;
            })}
          </ol>
        </div>
      )}
    </Frame>
  );
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Moves a key among the keys, or a measure among the measures. */
function reorder(draft: Summary, id: string, over: string, after: boolean): Summary {
  const place = <T extends { id: string }>(items: readonly T[]): readonly T[] => {
    const item = items.find((item) => item.id === id);
    const at = items.findIndex((item) => item.id === over) + (after ? 1 : 0);
    return item && items.some((item) => item.id === over) ? move(items, item, items[at] ?? null) : items;
  };
  return { ...draft, by: place(draft.by), measures: place(draft.measures) };
}

function step(draft: Summary, id: string, by: number): Summary {
  const key = draft.by.find((item) => item.id === id);
  const measure = draft.measures.find((item) => item.id === id);
  const next = { ...draft, by: key ? shift(draft.by, key, by) : draft.by, measures: measure ? shift(draft.measures, measure, by) : draft.measures };
  return next.by === draft.by && next.measures === draft.measures ? draft : next;
}

/** Faults of the summary as it stands in the question. */
function standing(question: Question): string[] {
  const steps = (question.query?.["steps"] ?? []) as { type?: string }[];
  const at = steps.findIndex(({ type }) => type === "aggregate");
  return question.faults.filter(({ path }) => at >= 0 && path.startsWith(`steps[${at}]`)).map(({ message }) => message);
}
