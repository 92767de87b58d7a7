/** The pills of the summarize editor: a key with its bucket, a measure with function, column and name. */
import { Combobox, Select, type Option } from "./controls";
import { memo } from "./editor";
import { Icon } from "./icons";
import type { ColumnInfo, Question } from "./protocol";
import { bucketsOf, functionsFor, resultLabel, type DraftKey, type DraftMeasure } from "./summary";

export interface PillTools {
  columns: ReadonlyMap<string, ColumnInfo>;
  /** Columns that can be measured, and rows. */
  options: readonly Option[];
  buckets: readonly string[];
  measures: Question["measures"];
  /** The option's value that stands for rows. */
  rows: string;
  key: (id: string, change: Partial<Pick<DraftKey, "bucket">>) => void;
  measure: (id: string, change: { fn?: string; column?: string; as?: string }) => void;
  settle: (id: string) => void;
  remove: (id: string) => void;
  drag: (event: PointerEvent, id: string) => void;
}

export const KeyPill = memo(function KeyPill({ item, wrong, tools }: { item: DraftKey; wrong: string | null; tools: PillTools }) {
  const column = tools.columns.get(item.column);
  const label = column?.label ?? item.column;
  const buckets = column ? bucketsOf(column, tools.buckets) : [item.bucket];
  return (
    <span role="listitem" class={`au-pill au-pill-key ${wrong ? "au-pill-bad" : ""}`} data-id={item.id} title={wrong ?? label}>
      <button type="button" class="au-pill-name" data-part="name" title={`${label}: drag or Alt+arrows to move`} onPointerDown={(event) => tools.drag(event, item.id)}>
        <span class="au-cut">{label}</span>
      </button>
      {(buckets.length > 1 || item.bucket !== null) && (
        <span data-part="bucket">
          <Select
            class="au-pill-select" label={`${label} by`} value={item.bucket ?? ""} onChange={(bucket) => tools.key(item.id, { bucket: bucket || null })}
            choices={buckets.map((bucket) => ({ value: bucket ?? "", label: bucket ?? "as it is" }))}
          />
        </span>
      )}
      <Remove name={label} onClick={() => tools.remove(item.id)} />
    </span>
  );
});

export const MeasurePill = memo(function MeasurePill({ item, wrong, tools }: { item: DraftMeasure; wrong: string | null; tools: PillTools }) {
  const column = item.column === null ? undefined : tools.columns.get(item.column);
  const family = item.column === null ? null : (column?.family ?? "other");
  const functions = functionsFor(family, tools.measures).map(({ fn, label }) => ({ value: fn, label }));
  const called = item.own ? item.as : resultLabel(item, tools.columns, tools.measures);
  if (!functions.some(({ value }) => value === item.fn)) functions.unshift({ value: item.fn, label: item.fn });
  return (
    <span role="listitem" class={`au-pill au-pill-measure ${wrong ? "au-pill-bad" : ""}`} data-id={item.id} title={wrong ?? undefined}>
      <button type="button" class="au-handle" data-part="name" aria-label={`Move ${item.as}`} title="Drag or Alt+arrows to move" onPointerDown={(event) => tools.drag(event, item.id)}>
        <Icon name="grip" size={12} />
      </button>
      <span data-part="fn"><Select class="au-pill-select au-pill-fn" label="Function" value={item.fn} choices={functions} onChange={(fn) => tools.measure(item.id, { fn })} /></span>
      <span class="au-quiet">of</span>
      <span data-part="column" class="au-pill-column">
        <Combobox label="Column" value={item.column ?? tools.rows} options={tools.options} broken={item.column !== null && !column ? wrong : null}
          onChange={(column) => tools.measure(item.id, { column })} />
      </span>
      <span class="au-quiet">as</span>
      <input
        class="au-pill-as" data-part="as" aria-label="Name of the result" value={called} spellcheck={false} autocomplete="off" title={item.as} aria-invalid={wrong ? true : undefined}
        onInput={(event) => tools.measure(item.id, { as: event.currentTarget.value })} onBlur={() => tools.settle(item.id)}
      />
      <Remove name={item.as} onClick={() => tools.remove(item.id)} />
    </span>
  );
});

function Remove({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button type="button" class="au-pill-x" data-part="remove" aria-label={`Remove ${name}`} title="Remove" onClick={onClick}>
      <Icon name="x" size={12} />
    </button>
  );
}
