/** What there is to ask: searchable, with labels, descriptions and an example of 50 rows. */
import { useState } from "preact/hooks";
import { VintagePickers } from "./bar";
import { Button, Notice, Spinner, TextInput, grouped, matching } from "./controls";
import { Dialog } from "./dialog";
import { Icon } from "./icons";
import { useAsk, useClient, useQuestion, useTables } from "./model";
import type { TableInfo } from "./protocol";
import { SampleTable } from "./sample";
import "./datasets.css";

/** `16 columns · 1,000,000 rows · several loads` */
export function sizeInWords(table: TableInfo): string {
  const columns = table.columns === 1 ? "1 column" : `${grouped(table.columns)} columns`;
  const rows = table.rows === null ? "" : table.rows === 1 ? "1 row" : `${grouped(table.rows)} rows`;
  return [columns, rows, table.has_vintage ? "dated loads" : ""].filter(Boolean).join(" · ");
}

function Example({ table, back, pick }: { table: TableInfo; back: () => void; pick: () => void }) {
  const example = useAsk("example", { table: table.name });
  return (
    <div class="au-example">
      <div class="au-example-head">
        <Button icon="chevronLeft" label="All datasets" onClick={back} />
        <h3 class="au-cut au-grow" title={table.label}>{table.label}</h3>
        <Button kind="main" label="Use this dataset" onClick={pick} />
      </div>
      {table.description && <p class="au-quiet">{table.description}</p>}
      {example.state === "waiting" && <Spinner label="Fetching an example…" />}
      {example.state === "error" && <Notice kind="bad">{example.message}</Notice>}
      {example.state === "answer" && <SampleTable page={example.answer.page} label={`Example rows of ${table.label}`} />}
    </div>
  );
}

/** Cards to choose from; `chosen` is called after a dataset was picked. */
export function Datasets({ chosen }: { chosen?: () => void }) {
  const client = useClient();
  const tables = useTables();
  const { table: current } = useQuestion();
  const [search, setSearch] = useState("");
  const [example, setExample] = useState<TableInfo | null>(null);
  const pick = (name: string) => {
    if (name !== current) client.deed({ do: "pick", table: name });
    chosen?.();
  };
  if (example) return <Example table={example} back={() => setExample(null)} pick={() => pick(example.name)} />;
  const options = tables.map((table) => ({ ...table, value: table.name }));
  const listed = matching(options, search);
  return (
    <div class="au-datasets" data-region="datasets">
      <TextInput
        type="search" icon="search" label="Search datasets" placeholder={`Search ${grouped(tables.length)} datasets`}
        value={search} onInput={setSearch} clearable class="au-datasets-search"
        onKeyDown={(event) => event.key === "Enter" && listed.length === 1 && listed[0] && pick(listed[0].name)}
      />
      <ul class="au-cards">
        {listed.map((table) => (
          <li key={table.name} class={`au-card ${table.name === current ? "au-card-now" : ""}`}>
            <button type="button" class="au-card-main" aria-current={table.name === current ? "true" : undefined} onClick={() => pick(table.name)}>
              <span class="au-card-title">
                <Icon name="table" />
                <b class="au-cut" title={table.label}>{table.label}</b>
                {table.name === current && <Icon name="check" />}
              </span>
              {table.description && <span class="au-card-text" title={table.description}>{table.description}</span>}
              <span class="au-card-size">{sizeInWords(table)}</span>
            </button>
            <Button kind="ghost" icon="eye" label="View example" title={`View 50 rows of ${table.label}`} onClick={() => setExample(table)} />
          </li>
        ))}
      </ul>
      {tables.length === 0 && <Notice kind="info">There is no dataset to show here. Give Explorer() a file, a folder or a DataFrame.</Notice>}
      {tables.length > 0 && listed.length === 0 && <p class="au-quiet" role="status">No dataset matches “{search}”.</p>}
    </div>
  );
}

/** First sight: what to do, and what there is. Nothing runs until a person picks. */
export function Start() {
  return (
    <section role="group" class="au-start" data-region="start" tabIndex={-1} aria-label="Start">
      <div class="au-start-in">
        <h2>Pick a dataset to begin</h2>
        <p class="au-quiet">Then filter, join and summarize it with the buttons above. Nothing is read until you choose, and undo brings everything back.</p>
        <Datasets />
      </div>
    </section>
  );
}

export function DatasetDialog({ close }: { close: () => void }) {
  const { vintage } = useQuestion();
  return (
    <Dialog title="Choose a dataset" icon="database" close={close} width={860} said={vintage && (
      <span class="au-dataset-load"><span>Load of this dataset</span> <VintagePickers vintage={vintage} /></span>
    )}>
      <Datasets chosen={close} />
    </Dialog>
  );
}
