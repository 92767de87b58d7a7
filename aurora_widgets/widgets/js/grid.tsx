/** The rows and what stands around them: the search, a skeleton while they come, a sentence where there are none. */
import { useEffect, useState } from "preact/hooks";
import { Button } from "./controls";
import { useEditors } from "./dialog";
import { Table } from "./grid-table";
import { Icon } from "./icons";
import { useClient, usePage, useQuestion, useStatus } from "./model";
import { SearchBox } from "./search";
import { Trouble } from "./trouble";
import "./grid.css";

export function Grid({ trouble = true }: { trouble?: boolean }) {
  const page = usePage();
  const status = useStatus();
  const { parts } = useQuestion();
  const waiting = status.state === "loading";
  const failed = status.state === "error" || status.state === "busy";
  // An edit that was refused, a page that could not be turned: the rows still answer the question that stands.
  const stands = status.state === "error" && page !== null;
  return (
    <section role="group" class="au-grid" data-region="grid" tabIndex={-1} aria-label="Rows">
      <div class="au-grid-tools">
        <SearchBox />
        <span class="au-grow" />
        {page && !failed && page.rows.length > 0 && <span class="au-grid-hint">Shift-click sorts by more columns</span>}
      </div>
      {stands && trouble && <div class="au-grid-trouble"><Trouble /></div>}
      <div class="au-grid-box">
        {page && <Table page={page} aggregate={parts.aggregate} busy={waiting} />}
        {failed && !stands && <Failed trouble={trouble} />}
        {(status.state === "ready" || stands) && page?.rows.length === 0 && <NoRows />}
        {waiting && <Waiting key={page?.epoch ?? -1} first={page === null} />}
      </div>
    </section>
  );
}

/** A skeleton at once, and after a second a way out. */
function Waiting({ first }: { first: boolean }) {
  const client = useClient();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const started = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - started) / 1000)), 200);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class={`au-waiting ${first ? "au-waiting-first" : ""}`}>
      <div class="au-skeleton" aria-hidden="true" />
      {seconds >= 1 && (
        <div class="au-waiting-said">
          <Icon name="loader" class="au-spin" />
          <span>Working… {seconds} s</span>
          <Button label="Cancel" icon="x" onClick={() => client.deed({ do: "cancel" })} />
        </div>
      )}
    </div>
  );
}

function Failed({ trouble }: { trouble: boolean }) {
  return (
    <div class="au-over">
      {trouble ? <Trouble /> : <p class="au-quiet">There are no rows to show until the question can be answered.</p>}
    </div>
  );
}

const leftNone = (filter: boolean, search: boolean, untouched: boolean): string =>
  untouched ? "This dataset is empty." : filter && search ? "Nothing matches both the filter and the search."
    : filter ? "Nothing matches the filter." : search ? "Nothing matches the search." : "The question leaves none.";

/** Why there are none, over the grid or, where it is a canvas, in the strip above it. */
export function NoRows({ above = false }: { above?: boolean }) {
  const client = useClient();
  const editors = useEditors();
  const { undo, counts, parts, chips } = useQuestion();
  const untouched = chips.every((chip) => chip.step === null); // nothing but the dataset and its load
  return (
    <div class={above ? "au-none" : "au-over au-over-rows"}>
      <p><b>No rows.</b> {leftNone(counts.filter > 0, parts.search !== "", untouched)}</p>
      <div class="au-over-actions">
        {counts.filter > 0 && <Button icon="filter" label="Change the filter" onClick={() => editors.open("filter")} />}
        {parts.search && <Button icon="search" label="Clear the search" onClick={() => client.deed({ do: "search", text: "" })} />}
        {undo && <Button icon="undo" label="Undo" onClick={() => client.deed({ do: "undo" })} />}
      </div>
    </div>
  );
}
