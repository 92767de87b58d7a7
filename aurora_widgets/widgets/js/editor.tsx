/**
 * What all editors share: a frame with header, scrolling body and footer, as a dialog or as a panel of its own
 * in a notebook cell; rows that are drawn again only when they change; and focus that follows what was moved.
 */
import { Component, type ComponentChildren, type FunctionComponent } from "preact";
import { useCallback, useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button, Notice } from "./controls";
import { Dialog, type EditorStart } from "./dialog";
import { Icon, type IconName } from "./icons";
import { useQuestion } from "./model";
import "./editors.css";

export interface EditorProps {
  close: () => void;
  /** It stands alone in a cell: no dialog around it, and nothing to close. */
  panel?: boolean;
  start?: EditorStart;
}

export interface FrameProps extends EditorProps {
  title: string;
  icon: IconName;
  children: ComponentChildren;
  beside?: ComponentChildren;
  said?: ComponentChildren;
  width?: number;
  dirty: boolean;
  restored: boolean;
  discard: () => void;
  apply: () => void;
  /** Why it can't be applied as it is; null where it can. */
  refused?: string | null;
}

export function Frame(props: FrameProps) {
  const { title, icon, close, panel = false, dirty, restored, discard, apply, refused = null } = props;
  const id = useId();
  const question = useQuestion();
  const go = () => {
    if (refused !== null) return;
    if (dirty) apply();
    if (!panel) close();
  };
  const latest = useRef(go);
  latest.current = go;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    // What is still being typed counts: leaving an input takes it over, and is drawn before this goes on.
    const input = event.target as HTMLElement;
    input.blur();
    setTimeout(() => {
      if (input.isConnected) input.focus();
      latest.current();
    });
  };
  const body = (
    <div class="au-editor" onKeyDown={onKeyDown}>
      {restored && !panel && (
        <Notice kind="info" action={<Button label="Discard" onClick={discard} />}>Unapplied changes restored.</Notice>
      )}
      {question.table === null ? <p class="au-quiet">Choose a dataset first.</p> : props.children}
    </div>
  );
  const actions = (
    <>
      {panel
        ? <Button label="Revert" onClick={discard} disabled={!dirty && !restored} />
        : <Button label="Cancel" onClick={close} title="Close; what is not applied is kept for later" />}
      <Button label="Apply" kind="main" onClick={go} disabled={refused !== null || (panel && !dirty)} title={refused ?? "Apply (Ctrl+Enter)"} />
    </>
  );
  if (!panel) {
    return (
      <Dialog title={title} icon={icon} close={close} beside={props.beside} said={props.said} actions={actions} width={props.width ?? 760}>
        {body}
      </Dialog>
    );
  }
  return (
    <section role="group" class="au-editor-panel" aria-labelledby={id}>
      <header>
        <Icon name={icon} size={14} class="au-editor-mark" />
        <h2 id={id} class="au-cut">{title}</h2>
        {props.beside}
      </header>
      <div class="au-editor-scroll">{body}</div>
      <footer>
        <div class="au-grow">{props.said}</div>
        {actions}
      </footer>
    </section>
  );
}

/** The component, drawn again only when one of its properties is another one. */
export function memo<P extends object>(draw: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const [old, fresh] = [this.props as Record<string, unknown>, next as Record<string, unknown>];
      const names = Object.keys(fresh);
      return names.length !== Object.keys(old).length || names.some((name) => !Object.is(old[name], fresh[name]));
    }
    override render(props: P) {
      return draw(props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}

/**
 * Focus that follows an edit: `ask(id, part)` before it, and once it is drawn the control marked
 * `data-part={part}` in a row `data-id={id}` (a tab and its form are two of one id) has focus, also where the
 * row was drawn anew elsewhere.
 */
export function useFocusAfter(box: { readonly current: HTMLElement | null }) {
  const wanted = useRef<{ id: string; part: string } | null>(null);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const { id, part } = wanted.current;
    const rows = [...(box.current?.querySelectorAll<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? [])];
    if (!rows.length) return;
    wanted.current = null;
    const within = (name: string) => {
      const marked = rows.flatMap((row) => [...row.querySelectorAll<HTMLElement>(`[data-part="${name}"]`)])
        .find((element) => rows.includes(element.closest<HTMLElement>("[data-id]") as HTMLElement));
      if (!marked || marked.matches("button, input, select, textarea, [tabindex]")) return marked;
      return marked.querySelector<HTMLElement>("input:not(:disabled), button:not(:disabled), select:not(:disabled)");
    };
    const target = within(part) ?? within("column") ?? (rows[0] as HTMLElement);
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  });
  return useCallback((id: string, part: string) => { wanted.current = { id, part }; }, []);
}

/** Which `data-part` of a row the event came from. */
export function partOf(event: Event): string {
  return (event.target as Element).closest<HTMLElement>("[data-part]")?.dataset["part"] ?? "column";
}
