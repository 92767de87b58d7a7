/** Inputs that offer the data's own values as one types: a single value, and a list of values as tags. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Spinner } from "./controls";
import { Icon } from "./icons";
import { useAsk } from "./model";
import { Popover } from "./popover";
import type { ColumnInfo } from "./protocol";
import { asText, joinList, readValue, splitList } from "./typed";

const OFFERED = 50;
const TOO_LONG = "This text is too long to be chosen: ask for what contains a part of it.";
const TAGS_SHOWN = 60;
const REST = 180; // ms of no typing before the data are asked

/** `cut`: too long to be here whole; it is shown, but can't be chosen. */
interface Offer { value: string; text: string; cut: boolean }

/** The data's values that hold `search`; nothing is asked while the list is closed, and late answers are dropped. */
function useOffers(column: ColumnInfo, search: string, open: boolean) {
  const asked = useAsk("values", open ? { column: column.name, search, limit: OFFERED } : null, REST);
  if (asked.state !== "answer") {
    return { offers: [] as Offer[], more: false, waiting: asked.state === "waiting", error: asked.state === "error" ? asked.message : null };
  }
  const offers = asked.answer.values
    .filter(({ value, cut }) => value !== null || cut)
    .map(({ value, text, cut = false }, index) => ({ value: cut ? `cut ${index}` : asText(value), text, cut }));
  return { offers, more: asked.answer.more, waiting: false, error: null };
}

function Offers({ id, label, offers, at, more, waiting, error, chosen, onPick }: {
  id: string; label: string; offers: Offer[]; at: number; more: boolean; waiting: boolean; error: string | null;
  chosen: ReadonlySet<string>; onPick: (offer: Offer) => void;
}) {
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [at, id]);
  return (
    <>
      <div role="listbox" id={`${id}-list`} aria-label={label} aria-multiselectable={true} class="au-options"
        onMouseDown={(event) => event.preventDefault()}>
        {offers.map((offer, index) => (
          <div key={offer.value} id={`${id}-${index}`} role="option" aria-selected={chosen.has(offer.value)}
            class={`au-option ${index === at ? "au-active" : ""}`} title={offer.cut ? TOO_LONG : offer.text} aria-disabled={offer.cut || undefined} onClick={() => onPick(offer)}>
            <span class="au-cut au-grow">{offer.text === "" ? "(empty text)" : offer.text}</span>
            {offer.cut && <span class="au-option-hint">too long to choose</span>}
            {chosen.has(offer.value) && <Icon name="check" size={13} />}
          </div>
        ))}
      </div>
      {waiting && <p class="au-options-none"><Spinner label="Looking at the data…" /></p>}
      {error !== null && <p class="au-options-none">{error}</p>}
      {!waiting && error === null && offers.length === 0 && <p class="au-options-none" role="status">No such value in the data.</p>}
      {more && <p class="au-options-none">More: type to find them.</p>}
    </>
  );
}

/** A text that may be any, with the data's values to choose from. */
export function SuggestInput({ label, text, placeholder, column, onChange }: {
  label: string; text: string; placeholder: string; column: ColumnInfo; onChange: (text: string) => void;
}) {
  const id = useId();
  const frame = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const { offers, ...said } = useOffers(column, text, open);
  const hide = () => { setOpen(false); setAt(-1); };
  const pick = (offer: Offer | undefined) => {
    if (offer?.cut) return;
    if (offer) onChange(offer.value);
    hide();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") { setOpen(true); setAt(Math.min(at + 1, offers.length - 1)); }
    else if (event.key === "ArrowUp" && open) setAt(Math.max(at - 1, -1));
    else if (event.key === "Enter" && open && at >= 0) pick(offers[at]);
    else if (event.key === "Escape" && open) hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = open && (offers.length > 0 || said.waiting);
  return (
    <span ref={frame} class="au-input">
      <input
        role="combobox" aria-label={label} aria-expanded={shown} aria-autocomplete="list" aria-haspopup="listbox"
        aria-controls={shown ? `${id}-list` : undefined} aria-activedescendant={shown && offers[at] ? `${id}-${at}` : undefined}
        value={text} placeholder={placeholder} autocomplete="off" spellcheck={false} title={text}
        onInput={(event) => { onChange(event.currentTarget.value); setOpen(true); setAt(-1); }}
        onBlur={hide} onKeyDown={onKeyDown}
      />
      {shown && (
        <Popover anchor={frame} onClose={hide} fit>
          <Offers id={id} label={label} offers={offers} at={at} chosen={new Set([text])} onPick={pick} {...said} />
        </Popover>
      )}
    </span>
  );
}

/** A list of values: typed with commas, pasted from a workbook, or chosen from the data. */
export function TagInput({ column, values, wrong, lacks, onChange }: {
  column: ColumnInfo; values: readonly string[]; wrong: string | null; lacks: boolean; onChange: (values: string[]) => void;
}) {
  const id = useId();
  const frame = useRef<HTMLSpanElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [all, showAll] = useState(false);
  const { offers, ...said } = useOffers(column, search.replace(/^"/, ""), open);
  const chosen = new Set(values);
  const shown = all ? values : values.slice(0, TAGS_SHOWN);

  const add = (texts: string[]) => {
    const plain = texts.map((text) => {
      const read = readValue(text, column);
      return read.ok ? read.text : text;
    });
    const next = [...new Set([...values, ...plain])];
    if (next.length !== values.length) onChange(next);
  };
  const remove = (text: string) => onChange(values.filter((value) => value !== text));
  const commit = (typed = search) => {
    setSearch("");
    setAt(-1);
    add(splitList(typed));
  };
  const pick = (offer: Offer | undefined) => {
    if (!offer || offer.cut) return;
    if (chosen.has(offer.value)) remove(offer.value);
    else onChange([...values, offer.value]);
    setSearch("");
  };
  const type = (typed: string) => {
    setOpen(true);
    setAt(-1);
    // A comma ends an item, unless it is inside quotes.
    const quotes = typed.split('"').length - 1;
    if (typed.endsWith(",") && quotes % 2 === 0) commit(typed);
    else setSearch(typed);
  };
  const hide = () => { setOpen(false); setAt(-1); };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") { setOpen(true); setAt(Math.min(at + 1, offers.length - 1)); }
    else if (event.key === "ArrowUp" && open) setAt(Math.max(at - 1, -1));
    else if (event.key === "Enter" && open && at >= 0) pick(offers[at]);
    else if (event.key === "Enter" && search.trim()) commit();
    else if (event.key === "Escape" && open) hide();
    else if (event.key === "Backspace" && search === "" && values.length) onChange(values.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!/[,\n\t]/.test(text.trim())) return;
    event.preventDefault();
    add(splitList(search + text, { cells: true }));
    setSearch("");
  };
  const popped = open && (offers.length > 0 || said.waiting || said.error !== null || search !== "");
  return (
    <span class={`au-field au-grow au-value ${lacks ? "au-lacks" : ""}`} data-part="values">
      <span ref={frame} class={`au-input au-tags ${wrong ? "au-input-bad" : ""}`}
        onMouseDown={(event) => { if (event.target === event.currentTarget) { event.preventDefault(); input.current?.focus(); } }}>
        {shown.map((text) => (
          <span key={text} class={`au-tag ${readValue(text, column).ok ? "" : "au-tag-bad"}`} title={text}>
            <span class="au-cut">{text === "" ? "(empty text)" : text}</span>
            <button type="button" tabIndex={-1} aria-label={`Remove ${text}`} onClick={() => { remove(text); input.current?.focus(); }}>
              <Icon name="x" size={10} />
            </button>
          </span>
        ))}
        {values.length > shown.length && (
          <button type="button" class="au-tag au-tag-more" onClick={() => showAll(true)}>+{values.length - shown.length} more</button>
        )}
        <input
          ref={input} role="combobox" aria-label={values.length ? `Values: ${joinList(shown)}` : "Values"} aria-expanded={popped} aria-autocomplete="list"
          aria-haspopup="listbox" aria-controls={popped ? `${id}-list` : undefined} aria-invalid={wrong ? true : undefined}
          aria-activedescendant={popped && offers[at] ? `${id}-${at}` : undefined} autocomplete="off" spellcheck={false}
          value={search} placeholder={values.length ? "" : "a, b, c"} title="Values, with commas between them"
          onFocus={() => setOpen(true)} onInput={(event) => type(event.currentTarget.value)} onKeyDown={onKeyDown} onPaste={onPaste}
          onBlur={() => { hide(); if (search.trim()) commit(); }}
        />
      </span>
      {wrong && <span class="au-field-bad">{wrong}</span>}
      {popped && (
        <Popover anchor={frame} onClose={hide} fit>
          <Offers id={id} label="Values in the data" offers={offers} at={at} chosen={chosen} onPick={pick} {...said} />
        </Popover>
      )}
    </span>
  );
}
