/** What a join would do, before it is applied: how many rows match, whether any are multiplied, and a sample. */
import { Button, Notice, Spinner, grouped } from "./controls";
import { useAsk } from "./model";
import type { Before, Join } from "./protocol";
import { SampleTable } from "./sample";

export function JoinCheck({ join, context, left, right, onFix, onSwap }: {
  join: Join; context: { index: number; before?: Before }; left: string; right: string; onFix: (join: Join) => void; onSwap: () => void;
}) {
  const asked = useAsk("join_check", { join, ...context }, 300);
  if (asked.state === "waiting") return <p class="au-check-wait"><Spinner label="Checking the join against the data…" /></p>;
  if (asked.state === "error" && asked.fresh) return <Notice kind="bad">{asked.message}</Notice>;
  if (asked.state === "error") return <p class="au-check-wait"><Spinner label="Checking again…" /></p>;
  const check = asked.answer;
  return (
    <section class="au-check-join" aria-label="What this join does" aria-busy={!asked.fresh}>
      <div class={`au-tiles ${asked.fresh ? "" : "au-stale"}`}>
        <Tile figure={check.left_rows} exact={check.exact} words={`rows of ${left}`} />
        <Tile figure={check.matched} exact={check.exact} words="find a match" share={share(check.matched, check.left_rows)} kind="good" />
        <Tile figure={check.unmatched} exact={check.exact} words="find none" share={share(check.unmatched, check.left_rows)} kind={check.unmatched ? "quiet" : "good"} />
        <Tile figure={check.multiplied} exact={check.exact} words="find several" share={share(check.multiplied, check.left_rows)} kind={check.multiplied ? "warn" : "good"} />
        {check.right_unmatched !== null && <Tile figure={check.right_unmatched} exact={check.exact} words={`of ${right} not found`} kind="quiet" />}
        {!asked.fresh && <Spinner label="Checking again…" />}
      </div>
      {asked.fresh && check.warning !== null && (
        <Notice
          kind="warn"
          action={check.fix
            ? <Button label={check.fix.label} onClick={() => check.fix && onFix(check.fix.join)} />
            : check.swap && <Button label={`Start from ${right}`} title={`One row for each of ${right}, with what is found in ${left}`} onClick={onSwap} />}
        >
          {check.warning}
        </Notice>
      )}
      {asked.fresh && (check.sample.rows.length === 0
        ? <p class="au-quiet">No row comes out of this join.</p>
        : <SampleTable page={check.sample} label={`Sample of ${check.sample.rows.length} joined rows`} />)}
    </section>
  );
}

/** 99.97 % of a million is not 100 %: only all is all. */
export function share(part: number, whole: number): string | null {
  if (whole <= 0 || part === 0) return null;
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.1) return "< 0.1 %";
  if (part < whole && percent > 99.9) return "> 99.9 %";
  return `${Number(percent.toFixed(1))} %`;
}

function Tile({ figure, words, share = null, kind = "plain", exact }: {
  figure: number; words: string; share?: string | null; kind?: "plain" | "good" | "warn" | "quiet"; exact: boolean;
}) {
  return (
    <div class={`au-tile au-tile-${kind}`}>
      <b>{exact ? "" : "≈ "}{grouped(figure)}</b>
      <span title={words}>{words}{share !== null && `, ${share}`}</span>
    </div>
  );
}
