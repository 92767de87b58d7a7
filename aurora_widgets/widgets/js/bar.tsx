/** The navy bar: which data, undo and redo, and a button for each editor with the number of things set behind it. */
import { useRef, useState } from "preact/hooks";
import { Button, IconButton, Select } from "./controls";
import { useEditors } from "./dialog";
import { Icon } from "./icons";
import { useAccount, useClient, useQuestion, useTables } from "./model";
import { Menu } from "./popover";
import type { Scalar, VintageView } from "./protocol";
import "./bar.css";

/** A vintage's value as a select's, and back: they may be numbers, texts or nothing. */
export const written = (value: Scalar | undefined): string => JSON.stringify(value ?? null);
export const readBack = (text: string): Scalar => JSON.parse(text) as Scalar;

/** Load type and load ID; another load type begins with its newest load. */
export function VintagePickers({ vintage }: { vintage: VintageView }) {
  const client = useClient();
  const { load_types: types, load_ids: ids, load_type: type, load_id: id } = vintage;
  const choices = (all: VintageView["load_ids"]) => all.map(({ value, label }) => ({ value: written(value), label }));
  return (
    <>
      {types.length > 0 && (
        <Select
          class="au-bar-type" label="Load type" value={written(type)} choices={choices(types)}
          onChange={(text) => client.deed({ do: "vintage", load_type: readBack(text), load_id: "latest" })}
        />
      )}
      <Select
        class="au-bar-load" label="Load" value={written(id)} choices={choices(ids)}
        onChange={(text) => client.deed({ do: "vintage", load_type: type, load_id: readBack(text) })}
      />
    </>
  );
}

export function Bar() {
  const client = useClient();
  const question = useQuestion();
  const tables = useTables();
  const editors = useEditors();
  const table = tables.find(({ name }) => name === question.table);
  const started = question.query !== null;
  const { counts } = question;
  return (
    <section role="group" class="au-bar" data-region="bar" aria-label="Aurora Explorer">
      <span class="au-mark"><Icon name="layers" size={15} /></span>
      <span class="au-brand"><b>Aurora</b> <span>Explorer</span></span>
      <div class="au-bar-data">
        <button
          type="button" class="au-bar-table" aria-haspopup="dialog" onClick={() => editors.open("dataset")}
          title={table ? `${table.label}: choose another dataset` : "Choose a dataset"}
        >
          <Icon name="database" />
          <span class="au-unseen">Dataset:</span>
          <span class="au-cut au-grow">{table?.label ?? question.table ?? "Choose a dataset"}</span>
          <Icon name="chevronDown" size={12} />
        </button>
        {question.vintage && <VintagePickers vintage={question.vintage} />}
      </div>
      <div class="au-bar-tools" role="toolbar" aria-label="The question">
        <IconButton icon="undo" kind="bar" label="Undo (Ctrl+Z)" disabled={!question.undo} onClick={() => client.deed({ do: "undo" })} />
        <IconButton icon="redo" kind="bar" label="Redo (Ctrl+Shift+Z)" disabled={!question.redo} onClick={() => client.deed({ do: "redo" })} />
        <span class="au-bar-line" aria-hidden="true" />
        <Tool name="columns" icon="columns" label="Columns" badge={counts.select} disabled={!started} />
        <Tool name="filter" icon="filter" label="Filter" badge={counts.filter} disabled={!started} />
        <Tool name="join" icon="join" label="Join" badge={counts.join} disabled={!started} />
        <Tool name="summarize" icon="sigma" label="Summarize" badge={counts.aggregate} disabled={!started} />
        <span class="au-bar-line" aria-hidden="true" />
        <Tool name="share" icon="share" label="Share" disabled={!started} />
        <Button
          kind="bar" icon="reset" label="Reset all" title="Reset all (undo brings it back)" disabled={!started}
          onClick={() => client.deed({ do: "reset" })}
        />
        <AccountMenu />
      </div>
    </section>
  );
}

function Tool({ name, icon, label, badge = 0, disabled }: {
  name: "columns" | "filter" | "join" | "summarize" | "share"; icon: "columns" | "filter" | "join" | "sigma" | "share";
  label: string; badge?: number; disabled: boolean;
}) {
  const editors = useEditors();
  return (
    <Button
      kind="bar" icon={icon} label={label} title={label} badge={badge} disabled={disabled} popup="dialog"
      onClick={() => editors.open(name)}
    />
  );
}

/** Whose page it is, and the way out; nothing where nobody logged in. */
function AccountMenu() {
  const { name, sign_out: address } = useAccount();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (!name || !address) return null;
  return (
    <>
      <button
        ref={button} type="button" class="au-account" aria-haspopup="menu" aria-expanded={open}
        aria-label={`Account: ${name}`} title={name} onClick={() => setOpen(!open)}
      >
        {[...name][0]?.toLocaleUpperCase()}
      </button>
      {open && (
        <Menu
          anchor={button} label="Account" onClose={() => setOpen(false)}
          items={[
            { label: `Signed in as ${name}`, icon: "person", said: true },
            { label: "Sign out", icon: "leave", line: true, onPick: () => location.assign(address) },
          ]}
        />
      )}
    </>
  );
}
