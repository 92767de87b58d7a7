/** The editor of calculated columns: a name and a formula each, with its type, what is wrong with it, and a few rows. */
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import * as calculated from "./calculated";
import type { DraftColumn } from "./calculated";
import { Button, Combobox, IconButton, Notice, Spinner, TextInput, TypeGlyph, columnOptions, type Option } from "./controls";
import { useEditors } from "./dialog";
import { useDraft, type Drafting } from "./draft";
import { Frame, useFocusAfter, type EditorProps } from "./editor";
import { FormulaInput, type FormulaTools } from "./formula";
import { Icon } from "./icons";
import { useAsk, useClient, useQuestion, useStatus } from "./model";
import type { Calculated, ColumnInfo, Family, FormulaLine, FunctionInfo, Question } from "./protocol";
import { SampleTable } from "./sample";
import "./calculate.css";

const CALCULATED: Drafting<readonly DraftColumn[]> = {
  name: "calculate",
  part: ({ parts }) => parts.derives,
  read: ({ parts }) => calculated.read(parts.derives),
  write: (draft) => calculated.write(draft),
  unfinished: () => false,
};

const KINDS: Record<Family, string> = {
  number: "a number", text: "a text", boolean: "true or false", date: "a date", timestamp: "a date and time", other: "a value",
};
const SIGNS: [string, string, string][] = [
  ["+", "+ ", "Plus"], ["−", "- ", "Minus"], ["×", "* ", "Times"], ["÷", "/ ", "Divided by"], ["&", "& ", "Put texts together"], ["( )", "()", "Brackets"],
];

export function CalculateEditor({ close, panel = false, start }: EditorProps) {
  const client = useClient();
  const question = useQuestion();
  const status = useStatus();
  const { announce } = useEditors();
  const { draft, edit, dirty, restored, discard, sent } = useDraft(CALCULATED);
  const [chosen, choose] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const focusAfter = useFocusAfter(box);
  const told = useAsk("functions", {});
  const offered = told.state === "answer" ? told.answer : null;
  const kept = useMemo(() => new Set(offered?.kept ?? []), [offered]);
  const written = useMemo(() => calculated.write(draft), [draft]);
  const asked = useAsk("formulas", written.length ? { columns: written } : null, 250);
  const lines = useMemo(() => placed(draft, asked.state === "answer" ? asked.answer.columns : []), [draft, asked]);

  const add = (formula = "") => edit((draft) => {
    const item = calculated.newColumn([...question.base.map(({ name }) => name), ...draft.map(({ column }) => column)], formula);
    choose(item.id);
    focusAfter(item.id, "formula");
    return [...draft, item];
  });
  useEffect(() => {
    const step = start?.step === undefined ? undefined : deriveOfStep(question, start.step);
    const known = step === undefined ? draft.find(({ column }) => column === start?.column) : draft[step];
    if (known) choose(known.id);
    else if (start?.column !== undefined) add(`${calculated.named(start.column, kept)} `);
    else if (draft.length === 0 && question.table !== null) add();
  }, []);

  const current = draft.find((item) => item.id === chosen) ?? draft.at(-1) ?? null;
  const remove = (id: string) => edit((draft) => {
    const at = draft.findIndex((item) => item.id === id);
    const rest = draft.filter((item) => item.id !== id);
    choose((rest[at] ?? rest[at - 1])?.id ?? null);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('[aria-current="true"], .au-joins .au-button')?.focus());
    announce("Removed");
    return rest;
  });
  const empty = draft.find((item) => item.was !== null && item.formula.trim() === "");
  const refused = empty ? `“${empty.column}” has no formula.` : asked.fresh ? ([...lines.values()].flatMap((line) => [line.misnamed, ...line.wrong.map(({ message }) => message)]).find(Boolean) ?? null) : null;
  const before = restored && status.error?.part === "derive" ? status.error.detail : null;
  return (
    <Frame
      title="Calculated columns" icon="calculate" close={close} panel={panel} width={760} dirty={dirty} restored={restored} discard={discard} refused={refused}
      apply={() => { client.deed({ do: "calculate", columns: calculated.write(draft) }); sent(); }}
      beside={draft.length > 1 ? <span class="au-editor-count">{draft.length} columns</span> : null}
    >
      {before !== null && <Notice kind="bad">{before}</Notice>}
      <div ref={box} class="au-calculate">
        <ul class="au-joins" aria-label="Calculated columns">
          {draft.map((item) => {
            const line = lines.get(item.id);
            const bad = line !== undefined && (line.wrong.length > 0 || line.misnamed !== null);
            return (
              <li key={item.id} class={`au-joins-item ${item === current ? "au-on" : ""} ${item.disabled ? "au-aside" : ""} ${bad ? "au-wrong" : ""}`}>
                <button type="button" aria-current={item === current} title={item.column} onClick={() => choose(item.id)}>
                  {line?.family && line.type ? <TypeGlyph family={line.family} type={line.type} /> : <Icon name={bad ? "alert" : "calculate"} size={13} />}
                  <span class="au-cut">{item.column.trim() || "No name"}</span>
                </button>
                <IconButton icon="x" size={12} label={`Remove the column ${item.column}`} onClick={() => remove(item.id)} />
              </li>
            );
          })}
          <li><Button kind="dashed" icon="plus" label="Column" title="Calculate one more column" onClick={() => add()} /></li>
        </ul>
        {current
          ? (
            <ColumnForm
              key={current.id} item={current} line={lines.get(current.id) ?? null} fresh={asked.fresh} functions={offered?.functions ?? []} kept={kept}
              columns={within(question, draft, lines, current)} written={written} index={draft.filter((item) => isWritten(item)).indexOf(current)}
              change={(change) => edit((draft) => calculated.change(draft, current.id, change))}
              failed={asked.state === "error" && written.length > 0 ? asked.message : null}
            />
          )
          : <p class="au-quiet">Nothing is calculated.</p>}
      </div>
    </Frame>
  );
}

const isWritten = (item: DraftColumn): boolean => calculated.write([item]).length > 0;

/** The answers by the id of what they are about. */
function placed(draft: readonly DraftColumn[], answers: readonly FormulaLine[]): Map<string, FormulaLine> {
  const asked = draft.filter(isWritten);
  return new Map(asked.flatMap((item, index) => (answers[index] ? [[item.id, answers[index]]] : [])));
}

/** Which of the calculated columns a step of the document is. */
function deriveOfStep(question: Question, step: number): number | undefined {
  const steps = (question.query?.["steps"] ?? []) as { type?: string }[];
  const all = steps.filter(({ type }) => type === "derive").length;
  const at = steps.slice(0, step).filter(({ type }) => type === "derive").length - (all - question.parts.derives.length);
  return steps[step]?.type === "derive" && at >= 0 ? at : undefined;
}

/** The columns that a formula may use: those of the question, and the calculated ones before it. */
function within(question: Question, draft: readonly DraftColumn[], lines: ReadonlyMap<string, FormulaLine>, current: DraftColumn): ColumnInfo[] {
  const own = new Set(draft.flatMap(({ was, column }) => [was, column]));
  const before = draft.slice(0, draft.indexOf(current)).map((item): ColumnInfo => {
    const line = lines.get(item.id);
    return {
      name: item.column, label: item.column, type: line?.type ?? "", family: line?.family ?? "other", description: "", numeric: line?.family === "number",
      origin: "calculated", operators: [],
    };
  });
  return [...question.base.filter(({ name }) => !own.has(name)), ...before];
}

function ColumnForm({ item, line, fresh, columns, functions, kept, written, index, change, failed }: {
  item: DraftColumn; line: FormulaLine | null; fresh: boolean; columns: readonly ColumnInfo[]; functions: readonly FunctionInfo[]; kept: ReadonlySet<string>;
  written: Calculated[]; index: number; change: (change: Partial<Omit<DraftColumn, "id">>) => void; failed: string | null;
}) {
  const id = useId();
  const tools = useRef<FormulaTools | null>(null);
  const picks = useMemo(() => columnOptions(columns), [columns]);
  const choices = useMemo(() => functions.map((row): Option => ({ value: row.name, label: row.written, hint: row.group, description: row.says })), [functions]);
  const wrong = fresh && line ? line.wrong : [];
  const good = line !== null && fresh && line.type !== null && line.wrong.length === 0 && line.misnamed === null;
  return (
    <div class="au-calculate-form" data-id={item.id}>
      <div class="au-calculate-name">
        <span class="au-join-label">Name</span>
        <TextInput label="Name of the column" value={item.column} invalid={fresh ? line?.misnamed : null} onInput={(column) => change({ column })} />
        <IconButton icon={item.disabled ? "eyeOff" : "eye"} pressed={item.disabled} label="Set this column aside" onClick={() => change({ disabled: !item.disabled })} />
      </div>
      <div class="au-calculate-line">
        <span class="au-calculate-equals" aria-hidden="true">=</span>
        <FormulaInput value={item.formula} onInput={(formula) => change({ formula })} wrong={wrong} columns={columns} functions={functions} kept={kept} tools={tools} describedBy={id} />
      </div>
      <div class="au-calculate-tools">
        {SIGNS.map(([label, text, title]) => (
          <button key={label} type="button" class="au-sign" aria-label={title} title={title} onClick={() => tools.current?.insert(text, text === "()" ? 1 : text.length)}>{label}</button>
        ))}
        <Combobox class="au-add" value={null} options={picks} label="Put a column into the formula" placeholder="+ column"
          onChange={(name) => { const text = `${calculated.named(name, kept)} `; tools.current?.insert(text, text.length); }} />
        <Combobox class="au-add au-add-wide" value={null} options={choices} label="Put a function into the formula" placeholder="+ function"
          onChange={(name) => tools.current?.insert(`${name}()`, name.length + 1)} />
      </div>
      <div id={id} role="status" class="au-calculate-said">
        {wrong.map(({ message, start, end, suggestion }) => (
          <p key={`${start} ${message}`} class="au-told-bad">
            <Icon name="circleAlert" size={13} />
            <span>{message}</span>
            {suggestion !== null && (
              <Button kind="ghost" label={`Use ${suggestion}`} onClick={() => change({ formula: item.formula.slice(0, start) + calculated.named(suggestion, kept) + item.formula.slice(end) })} />
            )}
          </p>
        ))}
        {failed !== null && <p class="au-told-bad"><Icon name="circleAlert" size={13} /><span>{failed}</span></p>}
        {good && line.family && line.type && <p class="au-calculate-type"><Icon name="circleCheck" size={13} /><span>Gives {KINDS[line.family]}</span><TypeGlyph family={line.family} type={line.type} /></p>}
        {item.formula.trim() === "" && <p class="au-quiet">Type as in a spreadsheet: revenue - cost, round(cost / revenue * 100, 1), if(revenue &gt; 1000, "large", "small").</p>}
      </div>
      {good && !item.disabled && <Sample columns={written} index={index} />}
    </div>
  );
}

function Sample({ columns, index }: { columns: Calculated[]; index: number }) {
  const asked = useAsk("calculated", { columns, index }, 500);
  if (asked.state === "waiting") return <p class="au-check-wait"><Spinner label="Calculating a few rows…" /></p>;
  if (asked.state === "error") return asked.fresh ? <p class="au-quiet">{asked.message}</p> : null;
  return (
    <div class={asked.fresh ? "au-calculate-sample" : "au-calculate-sample au-stale"}>
      <SampleTable page={asked.answer.page} label="A few rows of what comes out" />
    </div>
  );
}
