/** Builds the editors with a stand-in for the kernel, to look at them: node tests/js/harness-editors/build.mjs */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { paths } from "../../../aurora_widgets/widgets/js/svg.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../../../test-results/harness-editors");
mkdirSync(out, { recursive: true });
const icons = {
  name: "icons",
  setup: (b) => b.onLoad({ filter: /\.svg$/ }, ({ path }) => ({ contents: paths(readFileSync(path, "utf8")), loader: "text" })),
};
await build({
  entryPoints: { harness: join(here, "harness.tsx") }, outdir: out, bundle: true, format: "esm", jsx: "automatic",
  jsxImportSource: "preact", plugins: [icons], logLevel: "warning", minify: process.argv.includes("--minify"),
});
copyFileSync(join(here, "index.html"), join(out, "index.html"));
