/** The line under the grid: how many rows, how long it took, what was cut, pages, and the question as code. */
import { Button, IconButton, grouped } from "./controls";
import { useEditors } from "./dialog";
import { Icon } from "./icons";
import { useClient, usePage, useQuestion, useStatus } from "./model";
import { paging, rangeInWords, rowsInWords, timeInWords } from "./paging";
import "./status.css";

export function StatusLine() {
  const client = useClient();
  const editors = useEditors();
  const question = useQuestion();
  const status = useStatus();
  const page = usePage();
  const { state } = status;
  const go = (offset: number | null) => () => offset !== null && client.deed({ do: "page", offset });
  const lead = paging(status, page);
  const shown = page !== null && state !== "busy" && state !== "start";
  const scrolls = status.grid === "datagrid";
  return (
    <section role="group" class="au-status" data-region="status" aria-label="Status">
      <Said />
      {status.vintage && <span class="au-status-vintage au-cut" title={status.vintage}><Icon name="vintage" size={12} /> {status.vintage}</span>}
      {status.notes.map((note) => (
        <span key={note} class="au-status-note" title={note}><Icon name="info" size={12} /> <span class="au-cut">{note}</span></span>
      ))}
      <div class="au-status-right">
        {shown && !scrolls && (
          <nav class="au-pager" aria-label="Pages">
            <span class="au-pager-range">{rangeInWords(status, page)}</span>
            <IconButton icon="chevronsLeft" label="First page" disabled={lead.first === null} onClick={go(lead.first)} />
            <IconButton icon="chevronLeft" label="Previous page" disabled={lead.previous === null} onClick={go(lead.previous)} />
            <span class="au-pager-page">{grouped(lead.page)}{lead.pages !== null && ` / ${grouped(lead.pages)}`}</span>
            <IconButton icon="chevronRight" label={lead.ends ?? "Next page"} disabled={lead.next === null} onClick={go(lead.next)} />
            {lead.pages !== null && (
              <IconButton icon="chevronsRight" label="Last page" disabled={lead.last === null} onClick={go(lead.last)} />
            )}
          </nav>
        )}
        {question.query !== null && (
          <>
            <IconButton
              icon={scrolls ? "table" : "layers"}
              label={scrolls ? "Show pages (light table)" : "Scroll through all rows (large grid)"}
              onClick={() => client.deed({ do: "grid", view: scrolls ? "table" : "datagrid" })}
            />
            <Button icon="code" label="View SQL / Python" class="au-status-code" title="View SQL / Python" popup="dialog" onClick={() => editors.open("code")} />
          </>
        )}
      </div>
    </section>
  );
}

function Said() {
  const { state, rows, exact, elapsed_ms: ms, from_cache: kept } = useStatus();
  const page = usePage();
  if (state === "loading") return <span class="au-said"><Icon name="loader" class="au-spin" /> Working…</span>;
  if (state === "error" && page === null) return <span class="au-said au-said-bad"><Icon name="circleAlert" /> Not answered</span>;
  if (state === "busy") return <span class="au-said au-said-warn"><Icon name="alert" /> Waiting for the database</span>;
  if (state === "start") return <span class="au-said">No dataset chosen</span>;
  const parts = [rowsInWords(rows, exact, page), ms === null ? "" : kept ? "from memory" : timeInWords(ms)].filter(Boolean);
  return <span class="au-said au-said-good"><Icon name="circleCheck" /> {parts.join(" · ") || "Done"}</span>;
}
