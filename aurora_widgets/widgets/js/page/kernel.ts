/** The page's line to its kernel: kept, mended when the network fails, and given up when the kernel is gone. */
import { PROTOCOL, decode, encode, type Message } from "./wire";

/** `lost`: it is being mended. `signed-out` and `ended` are for good; `why` is the server's sentence. */
export type Line = { is: "open" } | { is: "lost" } | { is: "signed-out" } | { is: "ended"; why?: string };

const DEAD = new Set(["dead", "terminating", "restarting", "autorestarting"]);
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 8000;
const SILENCE_MS = 3000;

export class Kernel {
  readonly #base: string;
  readonly #id: string;
  readonly #session = crypto.randomUUID();
  readonly #hear: (message: Message) => void;
  readonly #tell: (line: Line) => void;
  #socket: WebSocket | undefined;
  #waiting: ArrayBuffer[] = [];
  #pause = FIRST_PAUSE_MS;
  #timer = 0;
  #silence = 0;
  #over = false;

  constructor(base: string, id: string, hear: (message: Message) => void, tell: (line: Line) => void) {
    [this.#base, this.#id, this.#hear, this.#tell] = [base, id, hear, tell];
    addEventListener("online", this.#retry);
    document.addEventListener("visibilitychange", this.#doubt);
    this.#connect();
  }

  /** What is sent while the line is down waits for it. */
  send(type: string, content: Record<string, unknown>, metadata: Record<string, unknown> = {}): void {
    if (this.#over) return;
    const frame = encode({ channel: "shell", type, content }, this.#session, metadata);
    if (this.#socket?.readyState !== WebSocket.OPEN) this.#waiting.push(frame);
    else {
      this.#socket.send(frame);
      this.#silence ||= window.setTimeout(this.#doubt, SILENCE_MS);
    }
  }

  /** Hangs up; the kernel lives on. */
  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    removeEventListener("online", this.#retry);
    document.removeEventListener("visibilitychange", this.#doubt);
    this.#socket?.close();
    this.#waiting = [];
  }

  #connect(): void {
    const address = new URL(`${this.#base}api/kernels/${this.#id}/channels`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.searchParams.set("session_id", this.#session);
    const socket = new WebSocket(address, [PROTOCOL]);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#pause = FIRST_PAUSE_MS;
      this.#tell({ is: "open" });
      for (const frame of this.#waiting.splice(0)) socket.send(frame);
    };
    socket.onmessage = ({ data }) => {
      clearTimeout(this.#silence);
      this.#silence = 0;
      const message = decode(data as ArrayBuffer);
      if (message.type === "status" && DEAD.has(String(message.content["execution_state"]))) void this.#check(true);
      else this.#hear(message);
    };
    socket.onclose = () => {
      if (!this.#over && socket === this.#socket) void this.#check(false);
    };
  }

  /** A browser does not say why a websocket failed: the server is asked whether the kernel is still there. */
  async #check(dead: boolean): Promise<void> {
    if (this.#over) return;
    const line = await lineTo(this.#base, this.#id);
    if (this.#over) return;
    const known: Line = dead && line.is !== "ended" && line.is !== "signed-out" ? { is: "ended" } : line;
    if (known.is === "ended" || known.is === "signed-out") {
      this.close();
      this.#tell(known);
      return;
    }
    this.#tell({ is: "lost" });
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#connect(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
  }

  /** A kernel that was killed leaves its line open, and says nothing: who comes back or waits is told. */
  readonly #doubt = async (): Promise<void> => {
    this.#silence = 0;
    const line = await lineTo(this.#base, this.#id);
    if (this.#over || line.is === "lost" || line.is === "open") return;
    this.close();
    this.#tell(line);
  };

  readonly #retry = (): void => {
    if (this.#over || this.#socket?.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.#timer);
    this.#connect();
  };
}

/** Asks the server why there is no answer: `lost` while the kernel is there, or the server is not. */
export async function lineTo(base: string, id: string): Promise<Line> {
  try {
    const told = await ask(`${base}ended/${id}`);
    if (told.headers.get("Content-Type")?.startsWith("application/json")) {
      const { ended, detail } = (await told.json()) as { ended?: boolean; detail?: string };
      return ended === true ? { is: "ended", ...(detail === undefined ? {} : { why: detail }) } : { is: "lost" };
    }
    if (told.status >= 500) return { is: "lost" };
    // Nobody is signed in, or it is plain Voila, which keeps no reasons but knows its kernels.
    const kernel = await ask(`${base}api/kernels/${id}`);
    if (kernel.status === 404) return { is: "ended" };
    return { is: kernel.ok || kernel.status >= 500 ? "lost" : "signed-out" };
  } catch {
    return { is: "lost" };
  }
}

function ask(address: string): Promise<Response> {
  return fetch(address, { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" } });
}

/** Asks for the end of a kernel by a POST that must carry a cookie back, which plain Voila never sets. */
export function endKernel(base: string, id: string): void {
  const form = new FormData();
  form.append("_xsrf", xsrf(base));
  navigator.sendBeacon(`${base}voila/api/shutdown/${id}`, form);
}

export function xsrf(base: string): string {
  const found = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1];
  if (found !== undefined) return found;
  const token = crypto.randomUUID();
  document.cookie = `_xsrf=${token}; path=${base}; SameSite=Strict`;
  return token;
}
