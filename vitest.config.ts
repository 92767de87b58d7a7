import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { paths } from "./aurora_widgets/widgets/js/svg.mjs";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [
    {
      name: "icons",
      enforce: "pre",
      load(id) {
        return id.endsWith(".svg") ? `export default ${JSON.stringify(paths(readFileSync(id, "utf8")))}` : null;
      },
    },
  ],
  test: { include: ["tests/js/**/*.test.{ts,tsx,mjs}"] },
});
