import { describe, expect, it, vi } from "vitest";
import { Client, Refused, type Model } from "../../aurora_widgets/widgets/js/model";

class Wire implements Model {
  sent: Record<string, unknown>[] = [];
  heard = new Map<string, Set<(...args: never[]) => void>>();
  get = (name: string) => (name === "panel" ? "grid" : null);
  on(event: string, callback: (...args: never[]) => void) {
    this.heard.set(event, (this.heard.get(event) ?? new Set()).add(callback));
  }
  off(event: string, callback: (...args: never[]) => void) {
    this.heard.get(event)?.delete(callback);
  }
  send(content: unknown) {
    this.sent.push(content as Record<string, unknown>);
  }
  say(event: string, content?: unknown) {
    for (const callback of this.heard.get(event) ?? []) (callback as (content: unknown) => void)(content);
  }
}

describe("the page's side of the wire", () => {
  it("sends a deed as it is", () => {
    const wire = new Wire();
    new Client(wire).deed({ do: "page", offset: 50 });
    expect(wire.sent).toEqual([{ do: "page", offset: 50 }]);
  });

  it("gives each ask its own answer, in whatever order they come", async () => {
    const wire = new Wire();
    const client = new Client(wire);
    const [first, second] = [client.ask("count", { where: null }), client.ask("profile", { column: "a" })];
    const [a, b] = wire.sent.map(({ id }) => id);
    expect(wire.sent[1]).toMatchObject({ ask: "profile", column: "a" });
    wire.say("msg:custom", { id: b, answer: "second" });
    wire.say("msg:custom", { id: a, answer: "first" });
    expect([await first, await second]).toEqual(["first", "second"]);
  });

  it("hands on a refusal with its sentence", async () => {
    const wire = new Wire();
    const asked = new Client(wire).ask("code", {});
    wire.say("msg:custom", { id: wire.sent[0]?.["id"], error: { code: "NOT_FOUND", detail: "There is no such table." } });
    await expect(asked).rejects.toThrow("There is no such table.");
    await expect(asked).rejects.toBeInstanceOf(Refused);
  });

  it("is deaf to what it did not ask, and after an abort", async () => {
    const wire = new Wire();
    const client = new Client(wire);
    const abort = new AbortController();
    const settled = vi.fn();
    void client.ask("code", {}, abort.signal).then(settled, settled);
    abort.abort();
    wire.say("msg:custom", { id: wire.sent[0]?.["id"], answer: 1 });
    for (const strange of [null, {}, { id: 7, answer: 1 }, "text"]) wire.say("msg:custom", strange);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
  });

  it("numbers its asks apart from those of another page on the same model, within exact integers", () => {
    const wire = new Wire();
    for (let i = 0; i < 20; i++) void new Client(wire).ask("code", {});
    const ids = wire.sent.map(({ id }) => Number(id));
    expect(new Set(ids).size).toBe(20);
    expect(ids.every(Number.isSafeInteger)).toBe(true);
  });

  it("stops hearing when it closes", () => {
    const wire = new Wire();
    const client = new Client(wire);
    const end = client.watch("page", () => {});
    end();
    client.close();
    expect([...wire.heard.values()].every((callbacks) => callbacks.size === 0)).toBe(true);
  });
});
