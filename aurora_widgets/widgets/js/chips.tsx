/** The question in words, one chip a step: a click edits it, × removes it, the drawing before it rests or wakes it. */
import type { EditorName, EditorStart } from "./dialog";
import { useEditors } from "./dialog";
import { Icon, type IconName } from "./icons";
import { useClient, useQuestion, useStatus } from "./model";
import type { Chip, Part } from "./protocol";
import { Trouble } from "./trouble";
import "./chips.css";

interface Look { icon: IconName; name: string; editor: EditorName | null }

const PARTS: Record<Part, Look> = {
  table: { icon: "database", name: "Dataset", editor: "dataset" },
  vintage: { icon: "vintage", name: "Load", editor: "dataset" },
  join: { icon: "join", name: "Join", editor: "join" },
  derive: { icon: "calculate", name: "Calculated column", editor: "calculate" },
  filter: { icon: "filter", name: "Filter", editor: "filter" },
  search: { icon: "search", name: "Search", editor: null },
  aggregate: { icon: "sigma", name: "Summary", editor: "summarize" },
  having: { icon: "filter", name: "Filter of the summary", editor: "filter" },
  sort: { icon: "sort", name: "Sort", editor: "sort" },
  select: { icon: "columns", name: "Columns", editor: "columns" },
  limit: { icon: "table", name: "Limit", editor: null },
};

/** What a click on the chip opens; null where nothing edits it. */
export function editorOf(chip: Chip): { name: EditorName; start: EditorStart } | null {
  const { editor } = PARTS[chip.part];
  return editor && { name: editor, start: chip.step === null ? {} : { step: chip.step } };
}

export function Chips({ trouble = true }: { trouble?: boolean }) {
  const client = useClient();
  const { chips } = useQuestion();
  const { error } = useStatus();
  const editors = useEditors();
  if (chips.length === 0 && !(trouble && error)) return null;
  return (
    <section role="group" class="au-chips" data-region="chips" aria-label="The question in words">
      <ul>
        {chips.map((chip) => {
          const look = PARTS[chip.part];
          const opens = editorOf(chip);
          const rests = chip.step !== null && chip.part !== "search";
          const said = chip.broken ? `${chip.text}: ${chip.broken}` : chip.text;
          const classes = [
            "au-chip", `au-chip-${chip.part}`, chip.broken ? "au-chip-broken" : "", chip.disabled ? "au-chip-off" : "",
            trouble && error?.part === chip.part ? "au-chip-bad" : "",
          ].join(" ");
          const words = (
            <>
              <span class="au-unseen">{look.name}: </span>
              <span class="au-chip-text">{chip.text}</span>
              {chip.broken && <span class="au-chip-why">{chip.broken}</span>}
            </>
          );
          return (
            <li key={chip.key} class={classes} data-chip={chip.key}>
              {rests ? (
                <button
                  type="button" class="au-chip-power" aria-pressed={!chip.disabled} aria-label={`In force: ${look.name}, ${chip.text}`}
                  title={chip.disabled ? "Resting: click to bring it back" : "Click to rest it without losing it"}
                  onClick={() => client.deed({ do: "toggle", chip: chip.key })}
                >
                  <Icon name={chip.broken ? "alert" : look.icon} size={12} />
                  <Icon name="power" size={12} />
                </button>
              ) : <span class="au-chip-mark"><Icon name={chip.broken ? "alert" : look.icon} size={12} /></span>}
              {opens ? (
                <button
                  type="button" class="au-chip-body" aria-haspopup="dialog" title={said}
                  onClick={() => editors.open(opens.name, opens.start)}
                >
                  {words}
                </button>
              ) : <span class="au-chip-body" title={said}>{words}</span>}
              {chip.removable && (
                <button
                  type="button" class="au-chip-x" aria-label={`Remove ${look.name}: ${chip.text}`} title="Remove"
                  onClick={() => client.deed({ do: "remove", chip: chip.key })}
                >
                  <Icon name="x" size={12} />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {trouble && <Trouble />}
    </section>
  );
}
