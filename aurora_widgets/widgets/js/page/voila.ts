/**
 * Hands the page over to Voila's own front end, which draws every widget there is: it is 6 MB in 130
 * files, so it is fetched only for a page that shows more than Aurora's panels, and behind a page that is in use.
 */
import panel from "../index";
import { lineTo, xsrf, type Line } from "./kernel";

interface Signal<T> {
  connect(slot: (sender: unknown, given: T) => void): void;
}

interface VoilaModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}

interface VoilaKernel {
  statusChanged: Signal<string>;
  connectionStatusChanged: Signal<string>;
}

declare global {
  interface Window {
    /** The module that a panel's `_esm` names where the page brings it along. */
    aurora?: typeof panel;
    jupyterapp?: { widgetManager?: { kernel?: VoilaKernel; _models?: Record<string, Promise<VoilaModel>> } };
  }
}

const ENDED = new Set(["dead", "terminating", "restarting", "autorestarting"]);
const LOOK_MS = 100;
const DEFAULT = '"use strict";return(default_value)';

/** Loads Voila's front end; `tell` hears of its line to the kernel. */
export async function handOver(base: string, id: string, tell: (line: Line) => void): Promise<void> {
  const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}") as { fullStaticUrl: string };
  if (!window.aurora) settle(); // tried before, where a file did not come
  window.aurora = panel;
  xsrf(base);
  await script(`${config.fullStaticUrl}/voila-style.js`);
  await script(`${config.fullStaticUrl}/voila.js`);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void repaint());
  const timer = setInterval(() => {
    const kernel = window.jupyterapp?.widgetManager?.kernel;
    if (!kernel) return;
    clearInterval(timer);
    kernel.statusChanged.connect((_, status) => {
      if (ENDED.has(status)) void lineTo(base, id).then((line) => tell(line.is === "lost" ? { is: "ended" } : line));
    });
    kernel.connectionStatusChanged.connect((_, status) => {
      if (status === "connected") tell({ is: "open" });
      else void lineTo(base, id).then(tell);
    });
  }, LOOK_MS);
}

/** A canvas keeps the colours it was drawn with: another style, whatever it says, has the large grid take them anew. */
async function repaint(): Promise<void> {
  for (const each of Object.values(window.jupyterapp?.widgetManager?._models ?? {})) {
    const model = await each;
    if (model.get("_view_name") === "StreamingDataGridView") model.set("grid_style", { painted: performance.now() });
  }
}

/** Voila's front end waits for the page to load, which it has; and takes any download for the end of the page. */
function settle(): void {
  const listen = window.addEventListener.bind(window);
  window.addEventListener = (type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions) => {
    if (type === "load" && document.readyState === "complete" && typeof listener === "function") queueMicrotask(() => listener(new Event("load")));
    else listen(type === "beforeunload" ? "pagehide" : type, listener, options);
  };
  // The large grid compiles what colour a cell has, which the page's policy forbids: it is the one that it has anyway.
  window.Function = new Proxy(window.Function, {
    apply: (compile, self, parts: string[]) => (parts.at(-1) === DEFAULT ? (_: unknown, given: unknown) => given : Reflect.apply(compile, self, parts)),
  });
}

function script(address: string): Promise<void> {
  if (document.querySelector(`script[src="${CSS.escape(address)}"]`)) return Promise.resolve();
  return new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = () => done();
    element.onerror = () => {
      element.remove();
      failed(new Error(`not loaded: ${address}`));
    };
    document.head.append(element);
  });
}
