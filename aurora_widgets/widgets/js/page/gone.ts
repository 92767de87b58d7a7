/** Says so when the page can't go on, and how to: a page whose kernel is gone looks alive and does nothing. */
import type { Line } from "./kernel";

const PATIENCE_MS = 3000;

export class Gone {
  readonly #box = document.createElement("dialog");
  readonly #title = document.createElement("h2");
  readonly #text = document.createElement("p");
  readonly #button = document.createElement("button");
  #timer = 0;
  #final = false;

  constructor() {
    this.#box.id = "aurora-gone";
    this.#box.setAttribute("role", "alertdialog");
    this.#title.id = "aurora-gone-title";
    this.#text.id = "aurora-gone-text";
    this.#box.setAttribute("aria-labelledby", this.#title.id);
    this.#box.setAttribute("aria-describedby", this.#text.id);
    this.#button.type = "button";
    this.#button.textContent = "Continue";
    this.#button.addEventListener("click", () => location.reload());
    this.#box.addEventListener("cancel", (event) => event.preventDefault());
    this.#box.append(this.#title, this.#text, this.#button);
  }

  line(line: Line): void {
    if (this.#final) return;
    clearTimeout(this.#timer);
    switch (line.is) {
      case "open":
        return this.#hide();
      case "lost":
        this.#timer = window.setTimeout(
          () => this.#show("The server can't be reached", `Aurora goes on trying. If it doesn't come back: ${kept().replace("Your", "your")}`),
          PATIENCE_MS,
        );
        return;
      case "signed-out":
        this.#final = true;
        return this.#show("You are no longer signed in", `You have logged out, or your log-in has expired. ${kept()}`);
      case "ended":
        this.#final = true;
        return this.#show("This session has ended", `${line.why ?? "It was idle for long, or the server was started anew."} ${kept()}`);
    }
  }

  notOpened(): void {
    if (this.#final) return;
    this.#show("Aurora did not open", "Continue tries again; if it still does not open, tell the person who runs it: the server's log says why.");
  }

  /** The page is being left: nothing more is said. */
  silence(): void {
    this.#final = true;
    clearTimeout(this.#timer);
  }

  #show(title: string, text: string): void {
    if (document.querySelector(".aurora-stop")) return; // the server said why already
    this.#title.textContent = title;
    this.#text.textContent = text;
    if (this.#box.open) return;
    document.body.append(this.#box);
    this.#box.showModal();
    this.#button.focus();
  }

  #hide(): void {
    if (this.#box.open) this.#box.close();
    this.#box.remove();
  }
}

function kept(): string {
  return new URLSearchParams(location.search).has("q") ? "Your question is kept: Continue goes on where you were." : "Continue begins again.";
}
