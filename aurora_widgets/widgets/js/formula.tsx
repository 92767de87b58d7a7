/** A formula as it is typed: what is wrong is underlined where it stands, and names complete themselves. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fragment, offers, pieces, type Offer } from "./calculated";
import { TypeGlyph } from "./controls";
import { Popover } from "./popover";
import type { ColumnInfo, FormulaLine, FunctionInfo } from "./protocol";

export interface FormulaTools {
  /** Puts a text where the caret is; `caret` counts from its beginning. */
  insert: (text: string, caret: number) => void;
}

export function FormulaInput({ value, onInput, wrong, columns, functions, kept, tools, describedBy }: {
  value: string; onInput: (text: string) => void; wrong: FormulaLine["wrong"]; columns: readonly ColumnInfo[];
  functions: readonly FunctionInfo[]; kept: ReadonlySet<string>; tools: { current: FormulaTools | null }; describedBy: string;
}) {
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number | null>(null);
  const [open, setOpen] = useState<Offer[]>([]);
  const [at, setAt] = useState(0);
  const hide = () => setOpen([]);

  const put = (from: number, to: number, text: string, offset: number) => {
    caret.current = from + offset;
    onInput(value.slice(0, from) + text + value.slice(to));
    hide();
  };
  tools.current = {
    insert(text, offset) {
      const [from, to] = [input.current?.selectionStart ?? value.length, input.current?.selectionEnd ?? value.length];
      const gap = from > 0 && !/[\s(]$/.test(value.slice(0, from)) ? " " : "";
      put(from, to, gap + text, gap.length + offset);
      input.current?.focus();
    },
  };
  useLayoutEffect(() => {
    if (caret.current === null) return;
    input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  useEffect(() => {
    if (open.length > 0) document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [open, at, id]);

  const type = (element: HTMLTextAreaElement) => {
    const text = element.value.replaceAll("\n", " ");
    onInput(text);
    const typed = fragment(text, element.selectionStart);
    const found = typed ? offers(typed.word, columns, functions, kept) : [];
    setOpen(found.length === 1 && found[0]?.text === typed?.word ? [] : found);
    setAt(0);
  };
  const pick = (offer: Offer | undefined) => {
    const element = input.current;
    const typed = element && fragment(value, element.selectionStart);
    if (!offer || !element || !typed) return hide();
    const called = offer.kind === "function" && value[element.selectionStart] === "(";
    return put(typed.from, element.selectionStart, called ? offer.text.slice(0, -2) : offer.text, offer.caret);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") pick(open[at]);
    else if (open.length === 0) return;
    else if (event.key === "ArrowDown") setAt(Math.min(at + 1, open.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Tab" && !event.shiftKey) pick(open[at]);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = open.length > 0;
  return (
    <div ref={frame} class={`au-formula ${wrong.length ? "au-formula-bad" : ""}`}>
      <div class="au-formula-behind" aria-hidden="true">
        {pieces(value, wrong).map((piece, index) => (piece.wrong ? <mark key={index}>{piece.text}</mark> : piece.text))}
      </div>
      <textarea
        ref={input} rows={2} value={value} spellcheck={false} autocomplete="off" aria-label="Formula" placeholder="revenue - cost"
        aria-autocomplete="list" aria-haspopup="listbox" aria-controls={shown ? `${id}-list` : undefined} aria-describedby={describedBy}
        aria-activedescendant={shown ? `${id}-${at}` : undefined} aria-invalid={wrong.length ? true : undefined} data-part="formula"
        onInput={(event) => type(event.currentTarget)} onKeyDown={onKeyDown} onBlur={hide} onClick={hide}
      />
      {shown && (
        <Popover anchor={frame} onClose={hide}>
          <div role="listbox" id={`${id}-list`} aria-label="Columns and functions" class="au-options" onMouseDown={(event) => event.preventDefault()}>
            {open.map((offer, index) => (
              <div key={offer.value} id={`${id}-${index}`} role="option" aria-selected={index === at} class={`au-option ${index === at ? "au-active" : ""}`} onClick={() => pick(offer)}>
                {offer.column ? <TypeGlyph family={offer.column.family} type={offer.column.type} /> : <span class="au-glyph" aria-hidden="true">fx</span>}
                <span class="au-cut au-grow">{offer.label}</span>
                {offer.hint && <span class="au-option-hint au-cut">{offer.hint}</span>}
              </div>
            ))}
          </div>
        </Popover>
      )}
    </div>
  );
}
