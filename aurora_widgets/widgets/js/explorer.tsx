/** Lays out the panels, opens the editors over them, and gives focus back to what opened one. */
import type { ComponentChildren, FunctionComponent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Bar } from "./bar";
import { CalculateEditor } from "./calculate";
import { Chips } from "./chips";
import { CodeDialog, ShareDialog, addressFor } from "./code";
import { ColumnsEditor } from "./columns";
import { sortByHeaders, trimGridMenu } from "./datagrid";
import { DatasetDialog, Datasets, Start } from "./datasets";
import { EditorsContext, type EditorName, type EditorStart, type Editors } from "./dialog";
import { FilterEditor } from "./filter";
import { keepFocus, stops } from "./focus";
import { Grid, NoRows } from "./grid";
import { JoinEditor } from "./join";
import { useClient, useQuestion, useStatus } from "./model";
import { CellDialog, ProfileDialog } from "./profile";
import type { PanelName } from "./protocol";
import { SearchBox } from "./search";
import { SortDialog } from "./sort";
import { StatusLine } from "./status";
import { SummarizeEditor } from "./summarize";
import { Trouble } from "./trouble";
import "./explorer.css";

type Editor = FunctionComponent<{ close: () => void; start: EditorStart }>;

const EDITORS: Record<EditorName, Editor> = {
  dataset: DatasetDialog,
  filter: FilterEditor,
  join: JoinEditor,
  summarize: SummarizeEditor,
  columns: ColumnsEditor,
  calculate: CalculateEditor,
  sort: SortDialog,
  code: CodeDialog,
  share: ShareDialog,
  profile: ProfileDialog,
  cell: CellDialog,
};

/** True for what takes Ctrl+Z itself. */
const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));

export function Explorer({ panel, root }: { panel: PanelName; root: HTMLElement }) {
  const client = useClient();
  const { announce } = useStatus();
  const { link } = useQuestion();
  const [opened, setOpened] = useState<{ name: EditorName; start: EditorStart; count: number } | null>(null);
  const [said, say] = useState("");
  const opener = useRef<HTMLElement | null>(null);
  const count = useRef(0);

  const editors = useMemo<Editors>(() => ({
    open(name, start = {}) {
      const active = document.activeElement;
      if (active instanceof HTMLElement && root.contains(active) && !active.closest('[role="dialog"]')) opener.current = active;
      setOpened({ name, start, count: ++count.current });
    },
    close: () => setOpened(null),
    announce: (text) => say(text),
  }), [root]);

  useEffect(() => keepFocus(root), [root]);
  useEffect(() => (panel === "head" ? trimGridMenu() : undefined), [panel]);
  useEffect(() => (panel === "head" ? sortByHeaders(root, client) : undefined), [panel, root, client]);
  useEffect(() => say(announce), [announce]);

  // The portal page's address is always the question's own: to reload, or to keep as a bookmark, loses nothing.
  useEffect(() => {
    if (!document.body.dataset["voila"] || (panel !== "explorer" && panel !== "head")) return;
    const here = addressFor(link, location.href);
    if (here !== location.href) history.replaceState(history.state, "", here);
  }, [link, panel]);

  // The large grid below this strip learns of its own height only from the window.
  useEffect(() => {
    if (panel !== "head") return undefined;
    let height = -1;
    const observer = new ResizeObserver(() => {
      if (root.offsetHeight === height) return;
      height = root.offsetHeight;
      for (const wait of [100, 1500]) setTimeout(() => window.dispatchEvent(new Event("resize")), wait); // it may come later than this strip
    });
    observer.observe(root);
    return () => observer.disconnect();
  }, [panel, root]);

  // Ctrl+Z and Ctrl+Shift+Z; and no key pressed in here is the notebook's.
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      const ctrl = (event.ctrlKey || event.metaKey) && !event.altKey;
      if (ctrl && (key === "z" || key === "y") && !typing(event.target) && !root.querySelector('[role="dialog"]')) {
        const { undo, redo } = client.get("question");
        const forward = key === "y" || event.shiftKey;
        if (forward ? redo : undo) client.deed({ do: forward ? "redo" : "undo" });
        event.preventDefault();
      }
      event.stopPropagation();
    };
    root.addEventListener("keydown", onKeyDown);
    return () => root.removeEventListener("keydown", onKeyDown);
  }, [client, root]);

  const open = opened !== null;
  useLayoutEffect(() => {
    root.toggleAttribute("data-open", open);
    if (open || !opener.current) return;
    const back = opener.current;
    opener.current = null;
    if (back.isConnected && !back.closest("[inert]")) back.focus();
    else stops(root)[0]?.focus();
  }, [open, root]);

  const Open = opened && EDITORS[opened.name];
  return (
    <EditorsContext.Provider value={editors}>
      <div class="au-shell" inert={open}>
        <Panel name={panel} />
      </div>
      {Open && <Open key={opened.count} close={editors.close} start={opened.start} />}
      <div class="au-unseen" role="status" aria-live="polite">{said}</div>
    </EditorsContext.Provider>
  );
}

const stay = () => {};

const PANELS: Record<PanelName, () => ComponentChildren> = {
  explorer: () => <Whole />,
  bar: () => <Bar />,
  chips: () => <Chips />,
  grid: () => <GridOrStart />,
  status: () => <StatusLine />,
  datasets: () => <Datasets />,
  filter: () => <FilterEditor close={stay} panel />,
  join: () => <JoinEditor close={stay} panel />,
  summarize: () => <SummarizeEditor close={stay} panel />,
  columns: () => <ColumnsEditor close={stay} panel />,
  calculate: () => <CalculateEditor close={stay} panel />,
  head: () => <Head />,
  foot: () => <StatusLine />,
};

const Panel = ({ name }: { name: PanelName }) => <>{PANELS[name]()}</>;

/** The grid, or, where no question is asked yet, what can be asked. */
function GridOrStart({ trouble = true }: { trouble?: boolean }) {
  const { query } = useQuestion();
  return query === null ? <><Trouble /><Start /></> : <Grid trouble={trouble} />;
}

/** The portal's page. What is wrong stands by its chip, or where the rows would be. */
function Whole() {
  const { error } = useStatus();
  const { chips } = useQuestion();
  const beside = error !== null && error.part !== null && chips.some((chip) => chip.part === error.part);
  return (
    <>
      <Bar />
      <Chips trouble={beside} />
      <GridOrStart trouble={!beside} />
      <StatusLine />
    </>
  );
}

/** What stands over an ipydatagrid. */
function Head() {
  const { query } = useQuestion();
  const { state, rows } = useStatus();
  return (
    <>
      <Bar />
      {query === null ? <><Trouble /><Start /></> : <><Chips /><div class="au-grid-tools"><SearchBox /></div></>}
      {query !== null && state === "ready" && rows === 0 && <NoRows above />}
    </>
  );
}
