/**
 * Builds the front end: one self-contained ES module and one style sheet, which the wheel carries.
 *
 *   node build.mjs          →  ../static/aurora.js, ../static/aurora.css for notebooks;
 *                              page.js, page.css for the portal's page, compressed beside them
 *   node build.mjs --dev    →  also /test-results/harness (the page of tests/js/harness)
 */
import { readFileSync, mkdirSync, copyFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { paths } from "./svg.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");

/** An icon is imported as the drawing inside its `<svg>`. */
const icons = {
  name: "icons",
  setup: (b) =>
    b.onLoad({ filter: /\.svg$/ }, ({ path }) => ({ contents: paths(readFileSync(path, "utf8")), loader: "text" })),
};

const common = {
  bundle: true,
  format: "esm",
  target: ["chrome114", "firefox125", "safari17"],
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [icons],
  logLevel: "warning",
};

const shipped = {
  ...common,
  minify: true,
  legalComments: "none",
  banner: { js: "/* Aurora. Contains Preact (MIT) and Lucide icons (ISC). */" },
};
const page = join(root, "voila_templates/aurora/static");

await build({ ...shipped, entryPoints: { aurora: join(here, "index.tsx") }, outdir: join(here, "../static") });
await build({ ...shipped, entryPoints: { page: join(here, "page/main.ts") }, outdir: page });
for (const name of ["page.js", "page.css"]) {
  const plain = readFileSync(join(page, name));
  writeFileSync(join(page, `${name}.gz`), gzipSync(plain, { level: 9 }));
  writeFileSync(join(page, `${name}.br`), brotliCompressSync(plain));
}

if (process.argv.includes("--dev")) {
  const out = join(root, "test-results/harness");
  mkdirSync(out, { recursive: true });
  await build({
    ...common,
    entryPoints: { harness: join(root, "tests/js/harness/harness.ts") },
    outdir: out,
    sourcemap: "inline",
  });
  copyFileSync(join(root, "tests/js/harness/index.html"), join(out, "index.html"));
}
