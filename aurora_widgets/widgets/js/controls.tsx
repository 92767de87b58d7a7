/** Buttons, inputs, pickers: every control of the explorer and its editors, in one finish. */
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import { Popover } from "./popover";
import type { ColumnInfo, Family } from "./protocol";
import "./controls.css";

/** What `useRef<E>(null)` gives. */
export type Ref<E> = RefObject<E | null>;

/** A button that can't be pressed keeps focus (a `disabled` one drops it to the page's start). */
const pressable = (disabled: boolean | undefined, onClick: (event: MouseEvent) => void) => ({
  "aria-disabled": disabled ? (true as const) : undefined,
  onClick: disabled ? undefined : onClick,
});

// ── buttons

export interface ButtonProps {
  label: ComponentChildren;
  onClick: (event: MouseEvent) => void;
  icon?: IconName | undefined;
  /** `main` is the one thing to do; `bar` stands on navy; `dashed` adds something. */
  kind?: "plain" | "main" | "ghost" | "dashed" | "danger" | "bar" | undefined;
  /** How many things are set behind it; 0 shows nothing. */
  badge?: number | undefined;
  disabled?: boolean | undefined;
  title?: string | undefined;
  pressed?: boolean | undefined;
  expanded?: boolean | undefined;
  popup?: "dialog" | "menu" | "listbox" | undefined;
  class?: string | undefined;
  buttonRef?: Ref<HTMLButtonElement> | undefined;
}

export function Button(props: ButtonProps) {
  const { label, onClick, icon, kind = "plain", badge = 0, disabled, title, pressed, expanded, popup } = props;
  return (
    <button
      type="button" ref={props.buttonRef ?? null} class={`au-button au-button-${kind} ${props.class ?? ""}`} title={title}
      aria-pressed={pressed} aria-expanded={expanded} aria-haspopup={popup} {...pressable(disabled, onClick)}
    >
      {icon && <Icon name={icon} />}
      <span class="au-button-text">{label}</span>
      {badge > 0 && <span class="au-badge">{badge}</span>}
    </button>
  );
}

/** A button that is a drawing; `label` is its name and its tooltip. */
export function IconButton({ icon, label, onClick, disabled, pressed, kind = "ghost", class: klass = "", size = 14, buttonRef }: {
  icon: IconName; label: string; onClick: (event: MouseEvent) => void; disabled?: boolean | undefined; pressed?: boolean | undefined;
  kind?: "ghost" | "bar" | "danger" | undefined; class?: string | undefined; size?: number | undefined; buttonRef?: Ref<HTMLButtonElement> | undefined;
}) {
  return (
    <button
      type="button" ref={buttonRef ?? null} class={`au-icon-button au-icon-button-${kind} ${klass}`} aria-label={label}
      title={label} aria-pressed={pressed} {...pressable(disabled, onClick)}
    >
      <Icon name={icon} size={size} />
    </button>
  );
}

// ── inputs

export interface TextInputProps {
  value: string;
  onInput: (value: string) => void;
  label: string;
  placeholder?: string | undefined;
  icon?: IconName | undefined;
  /** A sentence saying what is wrong; shown under the input. */
  invalid?: string | null | undefined;
  type?: "text" | "number" | "date" | "datetime-local" | "search" | undefined;
  disabled?: boolean | undefined;
  class?: string | undefined;
  inputRef?: Ref<HTMLInputElement> | undefined;
  onKeyDown?: ((event: KeyboardEvent) => void) | undefined;
  onBlur?: (() => void) | undefined;
  /** A cross that empties it. */
  clearable?: boolean | undefined;
  inputMode?: "text" | "decimal" | "numeric" | "search" | undefined;
}

export function TextInput(props: TextInputProps) {
  const own = useRef<HTMLInputElement>(null);
  const input = props.inputRef ?? own;
  const id = useId();
  const { value, icon, invalid, type = "text" } = props;
  return (
    <span class={`au-field ${props.class ?? ""}`}>
      <span class={`au-input ${invalid ? "au-input-bad" : ""}`}>
        {icon && <Icon name={icon} size={13} class="au-quiet" />}
        <input
          ref={input} type={(type === "number" ? "text" : type) as "text"} value={value} aria-label={props.label}
          placeholder={props.placeholder} disabled={props.disabled} spellcheck={false} autocomplete="off"
          inputMode={props.inputMode ?? (type === "number" ? "decimal" : undefined)}
          aria-invalid={invalid ? true : undefined} aria-describedby={invalid ? id : undefined}
          onInput={(event) => props.onInput(event.currentTarget.value)} onKeyDown={props.onKeyDown} onBlur={props.onBlur}
        />
        {props.clearable && value !== "" && (
          <IconButton icon="x" size={12} label="Clear" onClick={() => { props.onInput(""); input.current?.focus(); }} />
        )}
      </span>
      {invalid && <span id={id} class="au-field-bad">{invalid}</span>}
    </span>
  );
}

export interface Choice { value: string; label: string; disabled?: boolean }

/** The browser's own select, as a pill. */
export function Select({ value, choices, onChange, label, disabled, class: klass = "", title }: {
  value: string; choices: Choice[]; onChange: (value: string) => void; label: string; disabled?: boolean | undefined; class?: string | undefined;
  title?: string | undefined;
}) {
  return (
    <span class={`au-select ${klass}`}>
      <select
        value={value} aria-label={label} disabled={disabled} title={title ?? choices.find((c) => c.value === value)?.label}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value} disabled={choice.disabled} selected={choice.value === value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Icon name="chevronDown" size={12} />
    </span>
  );
}

export function Checkbox({ checked, onChange, label, disabled, hideLabel, class: klass = "" }: {
  checked: boolean; onChange: (checked: boolean) => void; label: string; disabled?: boolean | undefined; hideLabel?: boolean | undefined; class?: string | undefined;
}) {
  return (
    <label class={`au-check ${klass}`}>
      <input
        type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)}
        {...(hideLabel ? { "aria-label": label } : {})}
      />
      {!hideLabel && <span class="au-cut">{label}</span>}
    </label>
  );
}

/** One of a few, side by side (AND | OR); a radio group for the keyboard. */
export function Segments<T extends string>({ value, choices, onChange, label, class: klass = "" }: {
  value: T; choices: { value: T; label: ComponentChildren; title?: string }[]; onChange: (value: T) => void; label: string; class?: string | undefined;
}) {
  const name = useId();
  return (
    <span role="radiogroup" aria-label={label} class={`au-segments ${klass}`}>
      {choices.map((choice) => (
        <label key={choice.value} title={choice.title} class={choice.value === value ? "au-on" : ""}>
          <input
            type="radio" class="au-unseen" name={name} value={choice.value} checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.label}
        </label>
      ))}
    </span>
  );
}

// ── columns

const GLYPHS: Record<Family, string> = {
  number: "123", text: "Abc", boolean: "T/F", date: "Date", timestamp: "Time", other: "{ }",
};

export const KINDS: Record<Family, string> = {
  number: "number", text: "text", boolean: "true or false", date: "date", timestamp: "date and time", other: "values of many parts",
};

/** The few letters that tell a type: 123, #.0, Abc, Date, Time, T/F. */
export function glyph(family: Family, type: string): string {
  return family === "number" && /^(decimal|double|float)/.test(type) ? "#.0" : GLYPHS[family];
}

export function TypeGlyph({ family, type }: { family: Family; type: string }) {
  return <span class="au-glyph" title={type} aria-hidden="true">{glyph(family, type)}</span>;
}

// ── the combobox

export interface Option {
  value: string;
  label: string;
  /** Said after the label, quietly: a table, a count. */
  hint?: string | undefined;
  /** A second line. */
  description?: string | undefined;
  /** Before the label: a type's glyph. */
  mark?: ComponentChildren | undefined;
  disabled?: boolean | undefined;
}

/** Options whose label, value or description holds every word of `search`; those that begin with it first. */
export function matching<T extends Option>(options: readonly T[], search: string): T[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...options];
  const hits = options.filter((option) => {
    const text = `${option.label} ${option.value} ${option.description ?? ""}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = words.join(" ");
  const begins = (option: T) => Number(!option.label.toLocaleLowerCase().startsWith(first));
  return hits.map((option, at) => ({ option, at }))
    .sort((a, b) => begins(a.option) - begins(b.option) || a.at - b.at).map(({ option }) => option);
}

const SHOWN = 200; // more options than this are found by typing

export interface ComboboxProps {
  value: string | null;
  options: readonly Option[];
  onChange: (value: string) => void;
  label: string;
  placeholder?: string | undefined;
  class?: string | undefined;
  disabled?: boolean | undefined;
  /** A sentence where the value can't stand; the pill turns amber. */
  broken?: string | null | undefined;
  inputRef?: Ref<HTMLInputElement> | undefined;
}

/** A searchable picker: WAI-ARIA's editable combobox with a list. What is typed only searches; a pick changes. */
export function Combobox({ value, options, onChange, label, placeholder, class: klass = "", disabled, broken, inputRef }: ComboboxProps) {
  const own = useRef<HTMLInputElement>(null);
  const input = inputRef ?? own;
  const frame = useRef<HTMLSpanElement>(null);
  const id = useId();
  const [search, setSearch] = useState<string | null>(null); // null: not typing
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const chosen = options.find((option) => option.value === value);
  const shown = useMemo(() => matching(options, search ?? ""), [options, search]);
  const listed = shown.slice(0, SHOWN);

  const show = () => {
    if (open || disabled) return;
    setOpen(true);
    setSearch(null);
    setAt(Math.max(0, options.findIndex((option) => option.value === value)));
  };
  const hide = () => { setOpen(false); setSearch(null); };
  const pick = (option: Option | undefined) => {
    if (!option || option.disabled) return;
    hide();
    if (option.value !== value) onChange(option.value);
  };
  useEffect(() => {
    if (open) document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [open, at, id]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return; // applies the editor
    const last = listed.length - 1;
    const go = (index: number) => setAt(Math.max(0, Math.min(last, index)));
    switch (event.key) {
      case "ArrowDown": open ? go(at + 1) : show(); break;
      case "ArrowUp": open ? go(at - 1) : show(); break;
      case "PageDown": if (!open) return; go(at + 8); break;
      case "PageUp": if (!open) return; go(at - 8); break;
      case "Enter": if (!open) { show(); break; } pick(listed[at]); break;
      case "Escape": if (!open) return; hide(); break;
      case "Tab": if (open) hide(); return;
      default: return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <span ref={frame} class={`au-combo ${klass}`}>
      <span class={`au-input ${broken ? "au-input-broken" : ""}`} onMouseDown={(event) => {
        if (event.target === input.current && document.activeElement !== input.current) return;
        event.preventDefault();
        input.current?.focus();
        open ? hide() : show();
      }}>
        {!open && chosen?.mark}
        <input
          ref={input} role="combobox" aria-label={label} aria-expanded={open} aria-controls={open ? `${id}-list` : undefined}
          aria-autocomplete="list" aria-haspopup="listbox"
          aria-activedescendant={open && listed[at] ? `${id}-${at}` : undefined} aria-invalid={broken ? true : undefined}
          autocomplete="off" spellcheck={false} disabled={disabled} placeholder={placeholder ?? "Choose…"}
          value={search ?? chosen?.label ?? value ?? ""} title={broken ?? chosen?.label ?? value ?? ""}
          onClick={show} onBlur={hide}
          onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => { setSearch(event.currentTarget.value); setOpen(true); setAt(0); }} onKeyDown={onKeyDown}
        />
        <Icon name="chevronDown" size={12} />
      </span>
      {open && (
        <Popover anchor={frame} onClose={hide} fit>
          <div role="listbox" id={`${id}-list`} aria-label={label} class="au-options"
            onMouseDown={(event) => event.preventDefault()}>
            {listed.map((option, index) => (
              <div
                key={option.value} id={`${id}-${index}`} role="option" aria-selected={option.value === value}
                aria-disabled={option.disabled} class={`au-option ${index === at ? "au-active" : ""}`}
                title={option.label} onClick={() => pick(option)}
              >
                {option.mark}
                <span class="au-grow">
                  <span class="au-option-line">
                    <span class="au-cut au-grow">{option.label}</span>
                    {option.hint && <span class="au-option-hint au-cut">{option.hint}</span>}
                  </span>
                  {option.description && <span class="au-option-more au-cut">{option.description}</span>}
                </span>
                {option.value === value && <Icon name="check" size={13} />}
              </div>
            ))}
          </div>
          {listed.length === 0 && <p class="au-options-none" role="status">Nothing matches “{search}”.</p>}
          {shown.length > SHOWN && <p class="au-options-none">{shown.length - SHOWN} more: type to find them.</p>}
        </Popover>
      )}
    </span>
  );
}

/** A column as an option; where several tables are about, each says which it is from. */
export function columnOptions(columns: readonly ColumnInfo[]): Option[] {
  const several = new Set(columns.map((column) => column.origin)).size > 1;
  return columns.map((column) => ({
    value: column.name,
    label: column.label,
    mark: <TypeGlyph family={column.family} type={column.type} />,
    ...(several ? { hint: column.origin } : {}),
    ...(column.description ? { description: column.description } : {}),
  }));
}

/** Picks a column by name or label. A `value` that is not among `columns` stays and is shown as broken. */
export function ColumnPicker({ columns, value, ...rest }: Omit<ComboboxProps, "options"> & { columns: readonly ColumnInfo[] }) {
  const options = useMemo(() => columnOptions(columns), [columns]);
  const gone = value !== null && value !== "" && !columns.some((column) => column.name === value);
  return (
    <Combobox {...rest} value={value} options={options} placeholder={rest.placeholder ?? "Column…"}
      broken={rest.broken ?? (gone ? `“${value}” is not a column here.` : null)} />
  );
}

// ── said to a person

export function Notice({ kind, children, action }: {
  kind: "info" | "warn" | "bad" | "good"; children: ComponentChildren; action?: ComponentChildren | undefined;
}) {
  const icon: Record<typeof kind, IconName> = { info: "info", warn: "alert", bad: "circleAlert", good: "circleCheck" };
  return (
    <div class={`au-notice au-notice-${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <Icon name={icon[kind]} />
      <span class="au-grow au-notice-text">{children}</span>
      {action}
    </div>
  );
}

export function Spinner({ label }: { label?: string }) {
  return (
    <span class="au-spinner" role="status">
      <Icon name="loader" class="au-spin" />
      {label ?? <span class="au-unseen">Working…</span>}
    </span>
  );
}

/** A whole number as people write it: 37,368. */
export const grouped = (n: number): string => n.toLocaleString("en-US");
