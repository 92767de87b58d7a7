import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";

const js = "aurora_widgets/widgets/js";
let code = "";
let style = "";

beforeAll(() => {
  execFileSync("node", [`${js}/build.mjs`]);
  code = readFileSync("aurora_widgets/widgets/static/aurora.js", "utf8");
  style = readFileSync("aurora_widgets/widgets/static/aurora.css", "utf8");
}, 60_000);

describe("what the wheel carries", () => {
  it("is one module that imports nothing", () => {
    expect(code).not.toMatch(/\bimport\s*["'{*(]|\bfrom\s*["']/);
    expect(code).toMatch(/export\{[^}]*as default/);
  });
  it("names no other host: XML namespaces are no addresses", () => {
    const hosts = [...`${code}${style}`.matchAll(/https?:\/\/[\w.-]+/g)].map(([url]) => url);
    expect(new Set(hosts.filter((url) => url !== "http://www.w3.org"))).toEqual(new Set());
    expect(style).not.toMatch(/@import|url\(/);
  });
  it("has no source map", () => expect(`${code}${style}`).not.toContain("sourceMappingURL"));
  it("says nothing about what is outside the widget", () => {
    const flat = style.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@keyframes [\w-]+\{(?:[^{}]*\{[^{}]*\})*\}/g, "");
    const rules = [...flat.matchAll(/([^{}]+)\{/g)].map(([, selector]) => selector.trim()).filter((selector) => !selector.startsWith("@"));
    expect(rules.length).toBeGreaterThan(200);
    // `data-aurora-grid` is there only while the large grid's own menu is open: that hangs on the page's body.
    // The bundler may write `:is(.aurora .a, .aurora .b) > …` for a nested rule.
    const loose = rules.flatMap((list) => list.split(/,(?![^(]*\))/)).filter((selector) => !/^((:is\()?\.aurora\b|:root\[data-aurora-grid\])/.test(selector.trim()));
    expect(loose).toEqual([]);
  });
});
