/** Light or dark: `data-theme` on an ancestor says, else JupyterLab's theme, else (in Voila) the browser's wish. */
export type Theme = "light" | "dark";

export function themeOf(said: string | undefined, lab: string | undefined, dark: boolean): Theme {
  if (said === "light" || said === "dark") return said;
  if (said !== "auto" && lab !== undefined) return lab === "false" ? "dark" : "light";
  return dark ? "dark" : "light";
}

/** Keeps `data-theme` of `root` right until the returned function is called. */
export function followTheme(root: HTMLElement): () => void {
  const wish = matchMedia("(prefers-color-scheme: dark)");
  const lab = () => (document.body.dataset["voila"] ? undefined : document.body.dataset["jpThemeLight"]);
  const apply = () => {
    const said = root.parentElement?.closest<HTMLElement>("[data-theme]")?.dataset["theme"];
    root.dataset["theme"] = themeOf(said, lab(), wish.matches);
  };
  const observer = new MutationObserver(apply);
  const watched = { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] };
  observer.observe(document.body, watched);
  observer.observe(document.documentElement, watched);
  wish.addEventListener("change", apply);
  apply();
  return () => {
    observer.disconnect();
    wish.removeEventListener("change", apply);
  };
}
