/** Closer looks: a column's profile, and the whole text of one cell. */
import { CopyButton } from "./code";
import { Button, Notice, Spinner, grouped } from "./controls";
import { Dialog, useEditors, type EditorStart } from "./dialog";
import { useAsk, usePage, useQuestion } from "./model";
import type { Asks, Family } from "./protocol";
import "./profile.css";

type Profile = Asks["profile"]["answer"];

/** `12.5 %` of the rows; `< 0.1 %` rather than a zero that is none. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0 %";
  const percent = (part / whole) * 100;
  if (percent < 0.1) return "< 0.1 %";
  if (percent > 99.9 && part < whole) return "> 99.9 %";
  return `${percent.toFixed(1).replace(/\.0$/, "")} %`;
}

/** What the two ends of a column are called. */
export function ends(family: Family | undefined): [string, string] {
  return family === "text" ? ["First in the alphabet", "Last in the alphabet"]
    : family === "date" || family === "timestamp" ? ["Earliest", "Latest"] : ["Smallest", "Largest"];
}

function Facts({ profile, family }: { profile: Profile; family: Family | undefined }) {
  const [least, most] = ends(family);
  const over = profile.exact ? "" : "over ";
  const facts: [string, string | null][] = [
    ["Rows", `${over}${grouped(profile.rows)}`],
    ["Empty", `${grouped(profile.empty)} (${share(profile.empty, profile.rows)})`],
    ["Different values", profile.distinct === null ? null : `${over}${grouped(profile.distinct)}`],
    [least, profile.min],
    [most, profile.max],
    ["Average", profile.average],
  ];
  return (
    <dl class="au-facts">
      {facts.filter(([, text]) => text !== null).map(([name, text]) => (
        <div key={name}><dt>{name}</dt><dd title={text ?? ""}>{text}</dd></div>
      ))}
    </dl>
  );
}

export function ProfileDialog({ close, start }: { close: () => void; start: EditorStart }) {
  const editors = useEditors();
  const { final, parts } = useQuestion();
  const name = start.column ?? "";
  const column = final.find((info) => info.name === name);
  const profile = useAsk("profile", { column: name });
  const most = profile.state === "answer" ? Math.max(1, ...profile.answer.top.map(({ rows }) => rows)) : 1;
  return (
    <Dialog title={`Profile of ${column?.label ?? name}`} icon="chart" close={close} width={520}
      said="Of the rows that the question leaves."
      actions={parts.canonical ? <Button icon="filter" label="Filter by this…" onClick={() => editors.open("filter", { column: name })} /> : undefined}>
      {column?.description && <p class="au-quiet">{column.description}</p>}
      {profile.state === "waiting" && <Spinner label="Looking through the column…" />}
      {profile.state === "error" && <Notice kind="bad">{profile.message}</Notice>}
      {profile.state === "answer" && (
        <>
          <Facts profile={profile.answer} family={column?.family} />
          {profile.answer.top.length > 0 && (
            <>
              <h3>Most frequent</h3>
              <ul class="au-top">
                {profile.answer.top.map(({ text, rows }, index) => (
                  <li key={index}>
                    <span class="au-cut" title={text}>{text}</span>
                    <span class="au-top-bar" aria-hidden="true"><i style={{ width: `${(rows / most) * 100}%` }} /></span>
                    <span class="au-top-rows">{grouped(rows)}</span>
                    <span class="au-top-share">{share(rows, profile.answer.rows)}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </Dialog>
  );
}

export function CellDialog({ close, start }: { close: () => void; start: EditorStart }) {
  const page = usePage();
  const name = start.column ?? "";
  const label = page?.columns.find((column) => column.name === name)?.label ?? name;
  const cell = useAsk("cell", { row: start.row ?? 0, column: name, ...(start.epoch === undefined ? {} : { epoch: start.epoch }) });
  const text = cell.state === "answer" ? cell.answer.text : "";
  return (
    <Dialog title={label} icon="table" close={close} width={620}
      said={cell.state === "answer" && cell.answer.cut ? "The text is longer than can be shown: this is its beginning." : undefined}
      actions={<CopyButton text={text} />}>
      {cell.state === "waiting" && <Spinner label="Fetching the text…" />}
      {cell.state === "error" && <Notice kind="bad">{cell.message}</Notice>}
      {cell.state === "answer" && (text === ""
        ? <p class="au-quiet">This cell is empty.</p>
        : <pre class="au-code au-code-wrap" tabIndex={0} data-autofocus aria-label={`Text of ${label}`}>{text}</pre>)}
    </Dialog>
  );
}
