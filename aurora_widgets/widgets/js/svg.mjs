/** What stands inside the `<svg>` element of a Lucide file, on one line. */
export function paths(svg) {
  const inside = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg);
  if (!inside) throw new Error("not an SVG file");
  return inside[1].replace(/\s*\n\s*/g, "").trim();
}
