/**
 * The portal's page: draws the widgets of the notebook that the server has run, before the line to their
 * kernel is there, and says so when it is gone. `voila_templates/aurora/index.html.j2` is its document.
 */
import { Fetching } from "./fetching";
import { Gone } from "./gone";
import { Kernel, endKernel, xsrf } from "./kernel";
import { Models, type State } from "./models";
import { drawable, view, type View } from "./views";
import { handOver } from "./voila";
import "./page.css";

const VIEW = "application/vnd.jupyter.widget-view+json";
const OUTPUTS = 'script[type="application/vnd.voila.cell-output+json"]';
const STATES = 'script[type="application/vnd.jupyter.widget-state+json"]';
const PATIENCE_MS = 30_000;

declare global {
  interface Window {
    /** Plain Voila writes a call of it into a document that takes long. */
    voila_heartbeat?: () => void;
  }
}

interface Output {
  place: HTMLScriptElement;
  id: string | undefined;
}

async function main(): Promise<void> {
  const gone = new Gone();
  const late = setTimeout(() => gone.notOpened(), PATIENCE_MS);
  const opened = () => {
    clearTimeout(late);
    document.body.dataset["open"] = "";
  };
  const cells = await there<HTMLElement>("main[data-kernel-id]");
  const base = cells.dataset["baseUrl"] as string;
  const id = cells.dataset["kernelId"] as string;
  xsrf(base);

  let answered = () => {};
  const states = new Promise<void>((done) => (answered = done));
  const views: View[] = [];
  const models = new Models((type, content, metadata) => {
    const tell = () => kernel.send(type, content, metadata);
    if (wantsLargeGrid(content)) void behind(tell);
    else tell();
  });
  const kernel = new Kernel(
    base,
    id,
    (message) => { if (models.hear(message)) answered(); },
    (line) => {
      gone.line(line);
      if (line.is === "open") models.ask();
    },
  );
  /** Voila's front end is fetched behind the page, which stays in use until the other shows the same; `then` is told there. */
  let fetching = false;
  const behind = async (then: () => void) => {
    if (fetching) return;
    fetching = true;
    const said = new Fetching();
    try {
      await handOver(base, id, (line) => gone.line(line));
      await there(".jp-OutputArea-output .aurora");
      await until(() => document.querySelector('.aurora [role="dialog"]') === null);
    } catch {
      fetching = false;
      return said.failed();
    }
    for (const shown of views.splice(0)) shown.remove();
    then();
    await Promise.race([there(".lm-DataGrid"), new Promise((late) => setTimeout(late, PATIENCE_MS))]);
    kernel.close(); // a line that is closed at once may lose what was just said on it
    said.done();
  };
  addEventListener("pagehide", () => {
    gone.silence();
    kernel.close();
    endKernel(base, id);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  await parsed();
  const outputs = [...document.querySelectorAll<HTMLScriptElement>(OUTPUTS)].map(read);
  const embedded = document.querySelector(STATES)?.textContent;
  if (embedded) models.restore((JSON.parse(embedded) as { state: Record<string, { state: State }> }).state);
  else if (outputs.length) await states;

  const full = () => {
    kernel.close();
    for (const shown of views) shown.remove();
    delete document.body.dataset["open"];
    void handOver(base, id, (line) => gone.line(line));
    void there(".aurora, #rendered_cells .jp-OutputArea-output").then(opened);
  };
  if (!outputs.every((output) => output.id !== undefined && drawable(models, output.id))) return full();
  let strange = false;
  for (const { place, id: shown } of outputs) {
    const drawn = view(models, shown as string, () => {
      if (!strange) queueMicrotask(full);
      strange = true;
    });
    views.push(drawn);
    place.before(drawn.el);
  }
  opened();
}

function read(place: HTMLScriptElement): Output {
  const output = JSON.parse(place.textContent) as { data?: Record<string, { model_id?: string }> };
  return { place, id: output.data?.[VIEW]?.model_id };
}

/** The one deed of a panel that this page can't show the answer to. */
function wantsLargeGrid(content: State): boolean {
  const { data } = content as { data?: { content?: { do?: string; view?: string } } };
  return data?.content?.do === "grid" && data.content.view === "datagrid";
}

/** Waits for an element of a document that is still arriving. */
async function there<T extends Element>(selector: string): Promise<T> {
  await until(() => document.querySelector(selector) !== null);
  return document.querySelector(selector) as T;
}

/** Waits for the document to be so. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((done) => {
    const look = () => {
      if (!holds()) return;
      observer.disconnect();
      done();
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true });
    look();
  });
}

function parsed(): Promise<void> {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((done) => document.addEventListener("DOMContentLoaded", () => done(), { once: true }));
}

window.voila_heartbeat = () => {};
void main();
