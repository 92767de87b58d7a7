/**
 * The one dialog style: a header, a body that scrolls, a footer that never scrolls away, inside the widget's bounds.
 * `Editors` holds which one is open; anything may call `useEditors().open("filter")`.
 */
import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useContext, useId, useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "./controls";
import { firstStop, stops } from "./focus";
import { Icon, type IconName } from "./icons";
import "./dialog.css";

export type EditorName =
  | "dataset" | "filter" | "join" | "summarize" | "columns" | "calculate" | "sort"
  | "code" | "share" | "profile" | "cell";

/** What an editor begins with: the column it was asked for, the chip's step, the grid's row and page. */
export interface EditorStart {
  column?: string;
  step?: number;
  row?: number;
  epoch?: number;
}

export interface Editors {
  open(name: EditorName, start?: EditorStart): void;
  close(): void;
  /** Says a sentence in the live region. */
  announce(text: string): void;
}

export const EditorsContext = createContext<Editors>({ open: () => {}, close: () => {}, announce: () => {} });
export const useEditors = (): Editors => useContext(EditorsContext);

export interface DialogProps {
  title: string;
  icon: IconName;
  close: () => void;
  children: ComponentChildren;
  /** Left in the footer: counts and warnings that must stay in sight. */
  said?: ComponentChildren;
  /** Right in the footer: the buttons. Without any there is no footer. */
  actions?: ComponentChildren;
  /** In the header after the title. */
  beside?: ComponentChildren;
  /** px; never more than the widget has. */
  width?: number;
}

/** Focus goes to the first `[data-autofocus]` or else the first control of the body; Escape closes. */
export function Dialog({ title, icon, close, children, said, actions, beside, width = 720 }: DialogProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const wanted = box.current?.querySelector<HTMLElement>("[data-autofocus]")
      ?? (body.current && firstStop(body.current)) ?? box.current;
    wanted?.focus({ preventScroll: true });
  }, []);

  // What only scrolls must be in the reach of the keyboard as well.
  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return;
    const first = firstStop(element);
    if (!first) element.tabIndex = 0;
    else {
      // What was waited for has come: focus goes on to it, before the box that had it can't have it any more.
      if (document.activeElement === element) first.focus({ preventScroll: true });
      element.removeAttribute("tabindex");
    }
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab" && box.current) {
      const all = stops(box.current);
      const [first, last] = [all[0], all[all.length - 1]];
      const active = document.activeElement;
      if (event.shiftKey && (active === first || active === box.current)) last?.focus();
      else if (!event.shiftKey && active === last) first?.focus();
      else return;
      event.preventDefault();
    }
  };

  return (
    <div class="au-veil">
      <div
        ref={box} role="dialog" aria-modal="true" aria-labelledby={id} tabIndex={-1} class="au-dialog"
        style={{ width: `${width}px` }} onKeyDown={onKeyDown}
      >
        <div class="au-dialog-head">
          <Icon name={icon} size={15} />
          <h2 id={id} class="au-cut" title={title}>{title}</h2>
          <div class="au-dialog-beside">{beside}</div>
          <IconButton icon="x" kind="bar" label="Close" onClick={close} />
        </div>
        <div ref={body} class="au-dialog-body">{children}</div>
        {(said || actions) && (
          <div class="au-dialog-foot">
            <div class="au-dialog-said">{said}</div>
            <div class="au-dialog-actions">{actions}</div>
          </div>
        )}
      </div>
    </div>
  );
}
