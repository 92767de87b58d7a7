/**
 * One page of the answer as a light DOM table: WAI-ARIA's grid, with one listener for all cells. Which cell is
 * active and which are selected is painted by hand, so that no key press draws the table again.
 */
import { Component } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { between, moved, nextSort, picked, shownRows, type Cell } from "./cells";
import { copyText, tsv } from "./clipboard";
import { glyph, KINDS } from "./controls";
import { useEditors } from "./dialog";
import { Icon } from "./icons";
import { useClient, useQuestion, useStatus } from "./model";
import { headerItems } from "./grid-menu";
import { Menu, type Box, type MenuItem } from "./popover";
import { added, edges, reveal, spanOf, type Span } from "./span";
import type { Aggregate, PageColumn, PageData } from "./protocol";

const MIN_WIDTH = 36;
const MAX_WIDTH = 1200;

interface RowsProps { page: PageData; rows: (string | null)[][]; span: Span }

/** The body: drawn when the page or the columns in sight change and at no other time. */
class Rows extends Component<RowsProps> {
  override shouldComponentUpdate(next: RowsProps): boolean {
    return next.rows !== this.props.rows || next.page !== this.props.page || next.span !== this.props.span;
  }
  override render({ page, rows, span }: RowsProps) {
    const numeric = page.columns.map((column) => (column.numeric ? "au-num" : ""));
    const some = span.end - span.first < page.columns.length;
    return (
      <tbody>
        {rows.map((row, r) => {
          const level = page.totals?.[r] ?? 0;
          return (
            <tr key={r} aria-rowindex={page.offset + r + 2} class={level > 0 ? "au-total" : ""}>
              {row.slice(span.first, span.end).map((cell, index) => {
                const c = span.first + index;
                const place = some ? c + 1 : undefined;
                return cell === null
                  ? <td key={c} aria-colindex={place} class={`au-nil ${numeric[c]}`}><i>empty</i></td>
                  : <td key={c} aria-colindex={place} class={numeric[c]}>{cell}</td>;
              })}
            </tr>
          );
        })}
      </tbody>
    );
  }
}

type Opened = { anchor: Box; items: MenuItem[]; label: string };

export function Table({ page, aggregate, busy }: { page: PageData; aggregate: Aggregate | null; busy: boolean }) {
  const client = useClient();
  const editors = useEditors();
  const question = useQuestion();
  const status = useStatus();
  const help = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const table = useRef<HTMLTableElement>(null);
  const own = useRef(new Map<string, number>()); // widths a person gave
  const at = useRef<{ active: Cell; anchor: Cell }>({ active: { row: -1, column: 0 }, anchor: { row: -1, column: 0 } });
  const painted = useRef<Element[]>([]);
  const [menu, setMenu] = useState<Opened | null>(null);
  const { columns } = page;
  const rows = useMemo(() => shownRows(page, aggregate), [page, aggregate]);

  // ── widths, and which columns are drawn
  const width = (column: PageColumn) => own.current.get(column.name) ?? column.width;
  const [held, hold] = useState<Span | null>(null);
  const places = () => edges(columns.map(width));
  const look = (): Span => spanOf(places(), scroller.current?.scrollLeft ?? 0, scroller.current?.clientWidth || 1600, held);
  const span = useMemo(look, [columns, held]);
  const focused = useRef(false); // as other columns were asked for: the cell that has focus may go
  const see = () => {
    const next = look();
    if (next === held) return;
    focused.current = table.current?.contains(document.activeElement) ?? false;
    hold(next);
  };
  const latest = useRef(see);
  latest.current = see;
  const fit = () => {
    const element = table.current;
    if (!element) return;
    const from = places();
    const [left, right] = [from[span.first] ?? 0, from[span.end] ?? 0];
    element.querySelectorAll("col").forEach((col, index) => {
      const column = columns[span.first + index];
      if (column) col.style.width = `${width(column)}px`;
    });
    element.style.width = `${right - left}px`;
    element.style.marginLeft = `${left}px`;
    if (element.parentElement) element.parentElement.style.width = `${from.at(-1) ?? 0}px`;
  };
  const resize = (column: PageColumn, px: number) => {
    own.current.set(column.name, Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, Math.round(px))));
    fit();
    see();
  };
  useLayoutEffect(fit, [columns, span]);
  const shown = useRef<string[]>([]);
  useLayoutEffect(() => {
    const names = columns.map(({ name }) => name);
    const fresh = added(shown.current, names);
    shown.current = names;
    if (fresh !== null) bring(fresh);
    see();
  }, [columns]);
  useEffect(() => {
    if (!scroller.current) return undefined;
    const observer = new ResizeObserver(() => latest.current());
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  /** Scrolls a column into sight. */
  const bring = (column: number) => {
    const view = scroller.current;
    const to = view && reveal(places(), column, view.scrollLeft, view.clientWidth);
    if (view && to !== null) view.scrollLeft = to;
  };

  // ── the active cell and the selection
  const cellAt = ({ row, column }: Cell): HTMLElement | undefined =>
    (row < 0 ? table.current?.tHead?.rows[0] : table.current?.tBodies[0]?.rows[row])?.cells[column - span.first];
  const whereIs = (target: EventTarget | null): Cell | null => {
    if (target !== null && target === table.current) return at.current.active; // it holds focus while the cell is out of sight
    const element = (target as Element | null)?.closest?.<HTMLTableCellElement>("td, th");
    if (!element || !table.current?.contains(element)) return null;
    return { row: element.tagName === "TH" ? -1 : (element.parentElement as HTMLTableRowElement).sectionRowIndex, column: span.first + element.cellIndex };
  };
  const range = () => between(at.current.anchor, at.current.active);
  const paint = () => {
    const active = cellAt(at.current.active) ?? table.current;
    for (const cell of painted.current) {
      if (cell !== active) cell.removeAttribute("tabindex"); // without it a cell loses focus at once
      cell.removeAttribute("aria-selected");
    }
    painted.current = [];
    if (active) {
      active.tabIndex = 0;
      painted.current.push(active);
    }
    if (at.current.active.row < 0 || at.current.anchor.row < 0) return;
    const { top, bottom, left, right } = range();
    for (let r = top; r <= bottom; r++) {
      for (let c = Math.max(left, span.first); c <= Math.min(right, span.end - 1); c++) {
        const cell = cellAt({ row: r, column: c });
        cell?.setAttribute("aria-selected", "true");
        if (cell) painted.current.push(cell);
      }
    }
  };
  const go = (to: Cell, extend: boolean) => {
    const anchor = extend && at.current.anchor.row >= 0 && to.row >= 0 ? at.current.anchor : to;
    at.current = { active: extend && to.row < 0 ? { ...to, row: 0 } : to, anchor };
    const drawn = cellAt(at.current.active);
    paint();
    (drawn ?? table.current)?.focus({ preventScroll: !drawn });
    if (drawn) return;
    bring(to.column);
    see(); // it is drawn, and has focus then
  };
  // Other columns are drawn: focus goes back to the active cell, or waits on the grid while that is out of sight.
  useLayoutEffect(() => {
    const had = table.current?.contains(document.activeElement);
    paint();
    if (focused.current || had) (cellAt(at.current.active) ?? table.current)?.focus({ preventScroll: true });
    focused.current = false;
  }, [span]);
  // A new page: the active cell stays where it was on the screen, what was selected is no more.
  useLayoutEffect(() => {
    const { row, column } = at.current.active;
    const active = { row: Math.min(row, rows.length - 1), column: Math.min(column, Math.max(0, columns.length - 1)) };
    const had = table.current?.contains(document.activeElement);
    at.current = { active, anchor: active };
    paint();
    if (had) cellAt(active)?.focus({ preventScroll: true });
  }, [page]);
  useLayoutEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [page.offset, page.epoch]);

  // ── deeds
  const sortBy = (column: PageColumn, add: boolean) =>
    client.deed({ do: "sort", by: nextSort(question.parts.sort, column.name, add) });
  const copy = (headers: boolean) => {
    const { left, right } = range();
    const cells = picked(rows, range());
    const text = tsv(headers ? [columns.slice(left, right + 1).map(({ label }) => label), ...cells] : cells);
    void copyText(text).then((done) => editors.announce(done ? "Copied." : "The browser did not allow copying."));
  };
  const full = ({ row, column }: Cell) => {
    const name = columns[column]?.name;
    if (name !== undefined && row >= 0) editors.open("cell", { row, column: name, epoch: page.epoch });
  };

  const headerMenu = (c: number) => {
    const column = columns[c];
    const anchor = cellAt({ row: -1, column: c })?.getBoundingClientRect();
    if (!column || !anchor) return;
    const items = headerItems(column, columns, question, {
      deed: (deed) => client.deed(deed), open: editors.open, fit: () => { own.current.delete(column.name); fit(); see(); },
    });
    setMenu({ anchor, items, label: `Column ${column.label}` });
  };

  const cellMenu = (cell: Cell, anchor: Box) => {
    const column = columns[cell.column]?.name;
    if (column === undefined) return;
    const { row } = cell;
    const total = (page.totals?.[row] ?? 0) > 0;
    const only = (negate: boolean) => {
      if (client.get("page")?.epoch !== page.epoch) editors.announce("The rows have changed: choose again.");
      else client.deed({ do: "filter_cell", row, column, negate, epoch: page.epoch });
    };
    setMenu({
      anchor, label: "Cell",
      items: [
        { label: "Filter by this value", icon: "filter", disabled: total, onPick: () => only(false) },
        { label: "Leave this value out", icon: "filterX", disabled: total, onPick: () => only(true) },
        { label: "Copy", icon: "copy", line: true, onPick: () => copy(false) },
        { label: "Copy with headers", icon: "copy", onPick: () => copy(true) },
        { label: "Show the whole text", icon: "eye", line: true, onPick: () => full(cell) },
      ],
    });
  };

  // ── one listener of each kind
  const onKeyDown = (event: KeyboardEvent) => {
    const cell = whereIs(event.target);
    if (!cell || menu) return;
    const { active } = at.current;
    const column = columns[active.column];
    const ctrl = event.ctrlKey || event.metaKey;
    const header = active.row < 0;
    if ((event.key === "ArrowDown" && event.altKey) || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      const anchor = cellAt(active)?.getBoundingClientRect();
      if (header) headerMenu(active.column);
      else if (anchor) cellMenu(active, anchor);
    } else if (header && event.shiftKey && column && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      resize(column, width(column) + (event.key === "ArrowLeft" ? -10 : 10));
    } else if (event.key === "Enter" || (header && event.key === " ")) {
      if (!header) full(active);
      else if (column) sortBy(column, event.shiftKey);
    } else if (ctrl && event.key.toLowerCase() === "a" && rows.length > 0) {
      const last = { row: rows.length - 1, column: columns.length - 1 };
      at.current = { active: last, anchor: { row: 0, column: 0 } };
      paint();
      cellAt(last)?.focus({ preventScroll: true });
    } else if (event.key === "Escape" && !header && at.current.anchor !== active) {
      go(active, false);
    } else {
      if (event.altKey) return;
      const view = scroller.current;
      const visible = Math.floor(((view?.clientHeight ?? 500) - 24) / (cellAt({ row: 0, column: 0 })?.offsetHeight || 21));
      const to = moved(event.key, ctrl, active, { rows: rows.length, columns: columns.length, visible });
      if (!to) return;
      go(to, event.shiftKey && !header);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const onPointerDown = (event: PointerEvent) => {
    const grip = (event.target as Element).closest<HTMLElement>("[data-grip]");
    const cell = whereIs(event.target);
    if (!cell || event.button !== 0) return;
    const column = columns[cell.column];
    if (grip && column) {
      event.preventDefault();
      const from = event.clientX - width(column);
      grip.setPointerCapture(event.pointerId);
      grip.onpointermove = (move) => resize(column, move.clientX - from);
      grip.onpointerup = () => { grip.onpointermove = null; };
      return;
    }
    if (cell.row < 0 || event.pointerType === "touch") return;
    event.preventDefault();
    go(cell, event.shiftKey);
  };
  const onPointerMove = (event: PointerEvent) => {
    if ((event.buttons & 1) === 0 || event.pointerType === "touch" || at.current.anchor.row < 0) return;
    if (!table.current?.contains(document.activeElement) || (event.target as Element).closest("thead")) return;
    const cell = whereIs(event.target);
    if (cell && (cell.row !== at.current.active.row || cell.column !== at.current.active.column)) go(cell, true);
  };
  const onClick = (event: MouseEvent) => {
    const cell = whereIs(event.target);
    if (!cell) return;
    if (cell.row >= 0) {
      if (at.current.active.row !== cell.row || at.current.active.column !== cell.column) go(cell, event.shiftKey);
      return;
    }
    const target = event.target as Element;
    if (target.closest("[data-grip]")) return;
    go(cell, false);
    const column = columns[cell.column];
    if (target.closest("[data-menu]")) headerMenu(cell.column);
    else if (column) sortBy(column, event.shiftKey);
  };
  const onDblClick = (event: MouseEvent) => {
    const cell = whereIs(event.target);
    if (!cell) return;
    const column = columns[cell.column];
    if (cell.row >= 0) full(cell);
    else if (column && (event.target as Element).closest("[data-grip]")) {
      own.current.delete(column.name);
      fit();
    }
  };
  // A cut text is told by a tooltip; only the cell under the pointer is ever measured.
  const onPointerOver = (event: PointerEvent) => {
    const cell = (event.target as Element).closest<HTMLElement>("td");
    if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent ?? "";
  };
  const onPointerOut = (event: PointerEvent) => (event.target as Element).closest("td")?.removeAttribute("title");
  const onContextMenu = (event: MouseEvent) => {
    const cell = whereIs(event.target);
    if (!cell) return;
    event.preventDefault();
    event.stopPropagation();
    const { top, bottom, left, right } = range();
    const inside = cell.row >= top && cell.row <= bottom && cell.column >= left && cell.column <= right;
    if (!inside || cell.row < 0) go(cell, false);
    if (cell.row < 0) headerMenu(cell.column);
    else cellMenu(cell, { left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY });
  };
  const onCopy = (event: ClipboardEvent) => {
    if (at.current.active.row < 0 || rows.length === 0) return;
    event.clipboardData?.setData("text/plain", tsv(picked(rows, range())));
    event.preventDefault();
    editors.announce("Copied.");
  };

  return (
    <div ref={scroller} class="au-scroll" onCopy={onCopy} onScroll={see}>
      <div>
      <table
        ref={table} role="grid" aria-label="Rows of the answer" aria-describedby={help} aria-multiselectable="true"
        aria-rowcount={status.rows !== null && status.exact ? status.rows + 1 : -1} aria-colcount={columns.length} aria-busy={busy}
        onKeyDown={onKeyDown} onPointerDown={onPointerDown} onPointerMove={onPointerMove} onClick={onClick}
        onDblClick={onDblClick} onContextMenu={onContextMenu} onPointerOver={onPointerOver} onPointerOut={onPointerOut}
      >
        <colgroup>{columns.slice(span.first, span.end).map((column, index) => <col key={span.first + index} data-name={column.name} />)}</colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.slice(span.first, span.end).map((column, index) => (
              <th
                key={span.first + index} scope="col" aria-colindex={span.end - span.first < columns.length ? span.first + index + 1 : undefined} title={`${column.label} (${KINDS[column.family]})`} class={column.sort ? "au-sorted" : ""}
                aria-sort={column.sort === "asc" ? "ascending" : column.sort === "desc" ? "descending" : undefined}
              >
                <span class="au-th">
                  <span class="au-th-label">{column.label || column.name}</span>
                  {column.sort && <Icon name={column.sort === "asc" ? "arrowUp" : "arrowDown"} size={12} />}
                  {column.sort_rank !== null && <sup>{column.sort_rank}</sup>}
                  {!column.sort && <span class="au-th-type" aria-hidden="true">{glyph(column.family, column.type)}</span>}
                  <button type="button" tabIndex={-1} data-menu aria-label={`Menu of ${column.label}`}><Icon name="dots" size={12} /></button>
                </span>
                <span class="au-th-grip" data-grip aria-hidden="true" />
              </th>
            ))}
          </tr>
        </thead>
        <Rows page={page} rows={rows} span={span} />
      </table>
      </div>
      <p id={help} hidden>
        Arrow keys move. On a header: Enter sorts, Shift+Enter adds to the sort, Alt+Down opens its menu, Shift+Left and
        Shift+Right change its width. On a cell: Enter shows the whole text, Alt+Down opens its menu, Control+C copies.
      </p>
      {menu && <Menu {...menu} onClose={() => setMenu(null)} />}
    </div>
  );
}
