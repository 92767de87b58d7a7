/** The join editor: which datasets are brought together, how, on which columns, and what that would do to the rows. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { readBack, written } from "./bar";
import { Button, Combobox, IconButton, Notice, Segments, Select, Spinner, TextInput, columnOptions, grouped, type Option } from "./controls";
import { useEditors } from "./dialog";
import { useDraft, type Drafting } from "./draft";
import { Frame, useFocusAfter, type EditorProps } from "./editor";
import { JoinCheck } from "./join-check";
import { Venn } from "./join-venn";
import { Icon } from "./icons";
import * as joins from "./joins";
import type { DraftJoin, DraftPair, Joins } from "./joins";
import { useAsk, useClient, useQuestion, useStatus, useTables } from "./model";
import type { ColumnInfo, Join, Question, TableInfo, Vintage, VintageView } from "./protocol";

const JOINS: Drafting<Joins> = {
  name: "join",
  part: ({ table, parts }) => [table, parts.joins],
  read: (question) => joins.read(question),
  write: (draft, question) => joins.write(draft, question),
  unfinished: (draft) => draft.joins.some((join) => join.table !== "" && joins.missing(join) !== null),
};

export function JoinEditor({ close, panel = false, start }: EditorProps) {
  const client = useClient();
  const question = useQuestion();
  const status = useStatus();
  const tables = useTables();
  const { announce } = useEditors();
  const { draft, edit, dirty, restored, discard, sent } = useDraft(JOINS);
  const [chosen, choose] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const focusAfter = useFocusAfter(box);
  const label = useMemo(() => {
    const labels = new Map(tables.map((table) => [table.name, table.label || table.name]));
    return (name: string) => labels.get(name) ?? name;
  }, [tables]);

  const add = () => edit((draft) => {
    const join = joins.newJoin();
    choose(join.id);
    focusAfter(join.id, "table");
    return { ...draft, joins: [...draft.joins, join] };
  });
  useEffect(() => {
    const wanted = start?.step === undefined || start.step === null ? undefined : joinOfStep(question, start.step);
    if (wanted !== undefined) choose(draft.joins[wanted]?.id ?? null);
    else if (draft.joins.length === 0 && question.table !== null) add();
  }, []);

  const current = draft.joins.find((join) => join.id === chosen) ?? draft.joins.at(-1) ?? null;
  const index = current ? draft.joins.indexOf(current) : -1;
  const wrong = draft.joins.map((join) => joins.problem(draft, join.id)).find((text) => text !== null) ?? null;
  const left = draft.joins.filter((join) => join.table !== "" && joins.missing(join) !== null).length;
  const before = restored && status.error?.part === "join" ? status.error.detail : null;
  const move = (id: string, by: number, part?: string) => {
    const next = joins.moveJoin(draft, id, by);
    if (next === draft) return;
    if (part) focusAfter(id, part);
    edit(() => next);
    announce(`Join ${next.joins.findIndex((join) => join.id === id) + 1} of ${next.joins.length}`);
  };
  const remove = (id: string) => edit((draft) => {
    const at = draft.joins.findIndex((join) => join.id === id);
    const rest = draft.joins.filter((join) => join.id !== id);
    const next = rest[at] ?? rest[at - 1];
    choose(next?.id ?? null);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('[aria-current="true"], .au-joins .au-button')?.focus());
    announce("Removed");
    return { ...draft, joins: rest };
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.altKey ? { ArrowLeft: -1, ArrowRight: 1 }[event.key] : undefined;
    const id = (event.target as Element).closest<HTMLElement>(".au-joins-item")?.dataset["id"];
    if (by === undefined || id === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(id, by, "tab");
  };

  return (
    <Frame
      title="Join" icon="join" close={close} panel={panel} width={860} dirty={dirty} restored={restored} discard={discard} refused={wrong}
      apply={() => { client.deed({ do: "joins", ...joins.write(draft, question) }); sent(); }}
      beside={draft.joins.length > 1 ? <span class="au-editor-count">{draft.joins.length} joins</span> : null}
      said={left > 0 && <span class="au-told-left" role="status">{left === 1 ? "1 unfinished join is left out" : `${left} unfinished joins are left out`}</span>}
    >
      {before !== null && <Notice kind="bad">{before}</Notice>}
      {standing(question).map((text) => <Notice key={text} kind="warn">{text}</Notice>)}
      <div ref={box} class="au-join" onKeyDown={onKeyDown}>
        <ul class="au-joins" aria-label="Joins: each joins what stands before it">
          <li class="au-joins-first" title={label(draft.table)}><Icon name="table" size={13} /><span class="au-cut">{label(draft.table)}</span></li>
          {draft.joins.map((join) => (
            <li key={join.id} data-id={join.id} class={`au-joins-item ${join === current ? "au-on" : ""} ${join.disabled ? "au-aside" : ""}`}>
              <button
                type="button" data-part="tab" aria-current={join === current} onClick={() => choose(join.id)}
                title={draft.joins.length > 1 ? "Alt+Left and Alt+Right move this join" : undefined}
              >
                <Venn how={join.how} size={18} />
                <span class="au-cut">{join.table ? label(join.table) : "New join"}{join.as ? ` as ${join.as}` : ""}</span>
              </button>
              <IconButton icon="x" size={12} label={`Remove the join with ${join.table ? label(join.table) : "no dataset yet"}`} onClick={() => remove(join.id)} />
            </li>
          ))}
          <li><Button kind="dashed" icon="plus" label="Join" title="Add one more dataset" onClick={add} /></li>
        </ul>
        {current && (
          <JoinForm
            key={current.id} join={current} index={index} draft={draft} question={question} tables={tables} label={label} edit={edit}
            wrong={joins.problem(draft, current.id)} move={(by) => move(current.id, by)}
          />
        )}
        {!current && <p class="au-quiet">Nothing is joined.</p>}
      </div>
    </Frame>
  );
}

/** Which of the joins a step of the document is. */
function joinOfStep(question: Question, step: number): number | undefined {
  const steps = (question.query?.["steps"] ?? []) as { type?: string }[];
  if (steps[step]?.type !== "join") return undefined;
  return steps.slice(0, step).filter(({ type }) => type === "join").length;
}

/** Faults of the joins as they stand in the question. */
function standing(question: Question): string[] {
  const steps = (question.query?.["steps"] ?? []) as { type?: string }[];
  const about = ({ path }: Question["faults"][number]) => steps[Number(/^steps\[(\d+)\]/.exec(path)?.[1] ?? -1)]?.type === "join";
  return question.faults.filter(about).map(({ message }) => message);
}

interface FormProps {
  join: DraftJoin;
  index: number;
  draft: Joins;
  question: Question;
  tables: readonly TableInfo[];
  label: (table: string) => string;
  edit: (change: (draft: Joins) => Joins) => void;
  wrong: string | null;
  move: (by: number) => void;
}

function JoinForm({ join, index, draft, question, tables, label, edit, wrong, move }: FormProps) {
  const options = useMemo(() => tables.map((table): Option => ({
    value: table.name, label: table.label || table.name,
    ...(table.rows === null ? {} : { hint: `${grouped(table.rows)} rows` }), ...(table.description ? { description: table.description } : {}),
  })), [tables]);
  const earlier = joins.before(draft, index, question);
  const context = { index, ...(earlier ? { before: earlier } : {}) };
  const asked = useAsk("suggest_keys", join.table === "" ? null : { table: join.table, ...context });
  const keys = asked.state === "answer" && join.table !== "" ? asked.answer : null;
  const change = (change: (join: DraftJoin) => DraftJoin) => edit((draft) => joins.change(draft, join.id, change));

  useEffect(() => {
    if (keys && asked.fresh && join.on.length === 0) change((join) => ({ ...join, on: keys.pairs.length ? keys.pairs.map(joins.pairOf) : [joins.newPair()] }));
  }, [keys, asked.fresh, join.on.length]);

  const so_far = [draft.table, ...draft.joins.slice(0, index).map(joins.nameOf)].filter(Boolean).map(label).join(" + ");
  const [leftName, rightName] = [index === 0 ? label(draft.table) : "the rows so far", join.table ? label(join.table) : "the other dataset"];
  const suggested = keys !== null && keys.source !== "none" && same(join.on, keys.pairs);
  const ready = wrong === null ? joins.joinFrom({ ...join, disabled: false }) : null;
  return (
    <div class="au-join-form" data-id={join.id}>
      <div class="au-join-sides">
        <div>
          <span class="au-join-label">Left</span>
          {index === 0
            ? <Combobox class="au-join-table" label="Left dataset" value={draft.table || null} options={options} onChange={(table) => edit((draft) => joins.pickFirst(draft, table))} />
            : <span class="au-join-so-far au-cut" title={so_far}>{so_far}</span>}
        </div>
        <IconButton
          icon="swap" label={index === 0 ? "Swap left and right" : "Only the first join can be swapped: its left side is one dataset"} disabled={index > 0 || join.table === ""}
          onClick={() => edit((draft) => joins.swap(draft, (question.query?.["vintage"] as Vintage | undefined) ?? null))}
        />
        <div data-part="table">
          <span class="au-join-label">Right</span>
          <Combobox class={`au-join-table ${join.table ? "" : "au-lacks"}`} label="Right dataset" value={join.table || null} options={options} placeholder="Choose a dataset…"
            onChange={(table) => edit((draft) => joins.pickTable(draft, join.id, table))} />
        </div>
        {draft.joins.length > 1 && (
          <span class="au-join-move">
            <IconButton icon="chevronLeft" label="Join earlier" disabled={index === 0} onClick={() => move(-1)} />
            <IconButton icon="chevronRight" label="Join later" disabled={index === draft.joins.length - 1} onClick={() => move(1)} />
          </span>
        )}
        <IconButton icon={join.disabled ? "eyeOff" : "eye"} pressed={join.disabled} label="Set this join aside" onClick={() => change((join) => ({ ...join, disabled: !join.disabled }))} />
      </div>
      <Kinds how={join.how} left={leftName} right={rightName} onChange={(how) => change((join) => ({ ...join, how }))} />
      {tables.find((table) => table.name === join.table)?.has_vintage && (
        <JoinLoad table={join.table} vintage={join.vintage} onChange={(vintage) => change((join) => ({ ...join, vintage }))} />
      )}
      {join.table !== "" && (
        <div class="au-join-keys">
          <span class="au-join-label">Match</span>
          <div class="au-join-pairs">
            {join.on.map((pair, at) => (
              <Pair key={pair.id} pair={pair} at={at} join={join} left={keys?.left ?? []} right={keys?.right ?? []} change={change} />
            ))}
            <span class="au-join-more">
              <Button kind="dashed" icon="plus" label="Pair" title="One more pair of columns that belong together" onClick={() => change((join) => ({ ...join, on: [...join.on, joins.newPair()] }))} />
              {suggested && <span class="au-join-source"><Icon name="link" size={12} />{keys.source === "declared" ? "As declared in the catalog" : "Found by equal names"}</span>}
              {!suggested && keys !== null && keys.pairs.length > 0 && (
                <Button kind="ghost" icon="link" label="Use the suggested keys" onClick={() => change((join) => ({ ...join, on: keys.pairs.map(joins.pairOf) }))} />
              )}
              {asked.state === "error" && <span class="au-told-bad" role="alert">{asked.message}</span>}
            </span>
          </div>
        </div>
      )}
      {join.table !== "" && (join.as !== null || wrong !== null) && (
        <div class="au-join-keys">
          <span class="au-join-label">Name</span>
          <TextInput class="au-join-as" label="Name of the joined dataset" value={join.as ?? ""} placeholder={join.table} invalid={wrong}
            onInput={(as) => change((join) => ({ ...join, as: as === "" ? null : as }))} />
          <span class="au-quiet">Columns whose name is taken are called {joins.nameOf(join)}.column</span>
        </div>
      )}
      {ready
        ? <JoinCheck key={`${join.table} ${index} ${JSON.stringify(question.query?.["vintage"] ?? null)}`} join={ready} context={context} left={leftName} right={rightName}
            onSwap={() => edit((draft) => joins.startFromRight(draft, (question.query?.["vintage"] as Vintage | undefined) ?? null))}
            onFix={(fixed: Join) => change(({ id }) => joins.joinOf(fixed, id))} />
        : join.table !== "" && wrong === null && join.on.length > 0 && <p class="au-quiet">{joins.missing(join)}</p>}
    </div>
  );
}

/** Which load of the joined dataset; another load type begins with its newest load. */
function JoinLoad({ table, vintage, onChange }: { table: string; vintage: Vintage | null; onChange: (vintage: Vintage) => void }) {
  const asked = useAsk("loads", { table, vintage });
  const view = asked.state === "answer" ? asked.answer.vintage : null;
  const choices = (all: VintageView["load_ids"]) => all.map(({ value, label }) => ({ value: written(value), label }));
  return (
    <div class="au-join-keys">
      <span class="au-join-label">Load</span>
      {view === null && asked.state !== "error" && <Spinner label="Looking for the loads…" />}
      {asked.state === "error" && <span class="au-told-bad" role="alert">{asked.message}</span>}
      {view !== null && view.load_types.length > 0 && (
        <Select
          class="au-join-load" label="Load type of the joined dataset" value={written(view.load_type)} choices={choices(view.load_types)}
          onChange={(text) => onChange({ load_type: readBack(text), load_id: "latest" })}
        />
      )}
      {view !== null && (
        <Select
          class="au-join-load" label="Load of the joined dataset" value={written(view.load_id)} choices={choices(view.load_ids)}
          onChange={(text) => onChange({ ...(view.load_type === null ? {} : { load_type: view.load_type }), load_id: readBack(text) })}
        />
      )}
    </div>
  );
}

function same(pairs: readonly DraftPair[], suggested: readonly { left: string; right: string }[]): boolean {
  return pairs.length === suggested.length && pairs.every(({ left, right, op }, at) => op === "=" && left === suggested[at]?.left && right === suggested[at]?.right);
}

function Kinds({ how, left, right, onChange }: { how: Join["how"]; left: string; right: string; onChange: (how: Join["how"]) => void }) {
  const words: Record<Join["how"], [string, string]> = {
    left: ["Left", `Keep all ${left}, add ${right} where found`],
    inner: ["Inner", "Keep only what is found in both"],
    right: ["Right", `Keep all ${right}, add ${left} where found`],
    full: ["Full", "Keep everything of both"],
  };
  return (
    <Segments
      label="Kind of join" class="au-kinds" value={how} onChange={onChange}
      choices={(Object.keys(words) as Join["how"][]).map((value) => ({
        value,
        title: words[value][1],
        label: <><Venn how={value} size={32} /><span class="au-kind-words"><b>{words[value][0]}</b><span>{words[value][1]}</span></span></>,
      }))}
    />
  );
}

const OPS = ["=", "<", "<=", ">", ">="] as const;
const SIGNS = { "=": "=", "<": "<", "<=": "≤", ">": ">", ">=": "≥" } as const;

function Pair({ pair, at, join, left, right, change }: {
  pair: DraftPair; at: number; join: DraftJoin; left: readonly ColumnInfo[]; right: readonly ColumnInfo[];
  change: (change: (join: DraftJoin) => DraftJoin) => void;
}) {
  const lefts = useMemo(() => columnOptions(left), [left]);
  const rights = useMemo(() => columnOptions(right), [right]);
  const set = (edit: Partial<DraftPair>) => change((join) => joins.changePair(join, pair.id, edit));
  const alone = join.on.length < 2 || join.on.some((other) => other.id !== pair.id && other.op !== "=");
  const gone = (name: string, columns: readonly ColumnInfo[]) => (name !== "" && columns.length > 0 && !columns.some((column) => column.name === name) ? `“${name}” is not a column here.` : null);
  return (
    <div class="au-join-pair" role="group" aria-label={`Pair ${at + 1}`}>
      <Combobox class={pair.left ? "" : "au-lacks"} label="Left column" placeholder="Left column…" value={pair.left || null} options={lefts} broken={gone(pair.left, left)} onChange={(name) => set({ left: name })} />
      <Select class="au-join-op" label="Comparison" value={pair.op} onChange={(op) => set({ op: op as DraftPair["op"] })}
        choices={OPS.map((op) => ({ value: op, label: SIGNS[op], disabled: op !== "=" && op !== pair.op && alone }))} />
      <Combobox class={pair.right ? "" : "au-lacks"} label="Right column" placeholder="Right column…" value={pair.right || null} options={rights} broken={gone(pair.right, right)} onChange={(name) => set({ right: name })} />
      <IconButton icon="trash" kind="danger" size={13} label="Remove this pair" onClick={() => change((join) => joins.removePair(join, pair.id))} />
    </div>
  );
}
