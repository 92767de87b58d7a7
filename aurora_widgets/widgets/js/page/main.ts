/**
 * The portal's page: draws the widgets of the notebook that the server has run, before the line to their
 * kernel is there, and says so when it is gone. `voila_templates/aurora/index.html.j2` is its document.
 */
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
  const models = new Models((type, content, metadata) => kernel.send(type, content, metadata));
  const kernel = new Kernel(
    base,
    id,
    (message) => { if (models.hear(message)) answered(); },
    (line) => {
      gone.line(line);
      if (line.is === "open") models.ask();
    },
  );
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

  const views: View[] = [];
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

/** Waits for an element of a document that is still arriving. */
function there<T extends Element>(selector: string): Promise<T> {
  return new Promise((done) => {
    const look = () => {
      const found = document.querySelector<T>(selector);
      if (!found) return;
      observer.disconnect();
      done(found);
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
