/** Says that the large grid is being fetched, while the page stays in use. */
const SHOWN_MS = 8000;

export class Fetching {
  readonly #box = document.createElement("p");

  constructor() {
    this.#box.id = "aurora-fetching";
    this.#box.setAttribute("role", "status");
    document.getElementById(this.#box.id)?.remove();
    document.body.append(this.#box);
    this.#box.textContent = "Fetching the large grid. You can go on working.";
  }

  failed(): void {
    this.#box.dataset["failed"] = "";
    this.#box.textContent = "The large grid could not be fetched. Try again in a moment.";
    setTimeout(() => this.done(), SHOWN_MS);
  }

  done(): void {
    this.#box.remove();
  }
}
