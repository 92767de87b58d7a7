/** What went wrong, in one sentence, with what to do about it; a busy database is asked again by itself. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, Notice } from "./controls";
import { useClient, usePage, useQuestion, useStatus } from "./model";

/** Seconds left of `from`, by the clock: a tab that slept is right when it wakes. */
export function secondsLeft(from: number, started: number, now: number): number {
  return Math.max(0, Math.ceil(from - (now - started) / 1000));
}

/** Counts `from` seconds down and then calls `done` once; a new `key` starts again. */
function useCountdown(from: number | null, key: unknown, done: () => void): number {
  const [left, setLeft] = useState(from ?? 0);
  const latest = useRef(done);
  latest.current = done;
  useEffect(() => {
    if (from === null) return undefined;
    const started = Date.now();
    setLeft(Math.ceil(from));
    const timer = setInterval(() => {
      const rest = secondsLeft(from, started, Date.now());
      setLeft(rest);
      if (rest > 0) return;
      clearInterval(timer);
      latest.current();
    }, 250);
    return () => clearInterval(timer);
  }, [from, key]);
  return left;
}

/** An edit that was not taken: the question stays as it was, so there is nothing to try again or to undo. */
const REFUSED = new Set(["QUERY_INVALID", "MESSAGE_INVALID"]);

/** Draws nothing while nothing is wrong. One a panel: it is what asks again. */
export function Trouble() {
  const client = useClient();
  const { undo } = useQuestion();
  const page = usePage();
  const { state, error } = useStatus();
  const [stopped, stop] = useState<typeof error>(null); // the busy moment after which a person does not wish to wait
  const waits = state === "busy" && error !== null && stopped !== error;
  const wait = waits ? (error.retry_after ?? 5) : null;
  const left = useCountdown(wait, error, () => client.deed({ do: "retry" }));
  if (!error || (state !== "error" && state !== "busy")) return null;
  if (state === "busy") {
    return (
      <Notice kind="warn" action={(
        <>
          <Button label="Try now" onClick={() => client.deed({ do: "retry" })} />
          {waits && <Button label="Cancel" onClick={() => stop(error)} />}
        </>
      )}>
        {error.detail} {waits && <span aria-hidden="true">{left > 0 ? `Retrying in ${left} s.` : "Retrying…"}</span>}
      </Notice>
    );
  }
  return (
    <Notice kind="bad" action={(
      <>
        {error.fix && <Button kind="main" icon="check" label={error.fix} onClick={() => client.deed({ do: "fix" })} />}
        {!error.fix && (REFUSED.has(error.code)
          ? <Button icon="x" label="Close" onClick={() => client.deed({ do: "retry" })} />
          : <Button icon="reset" label="Try again" onClick={() => client.deed({ do: "retry" })} />)}
        {undo && page === null && <Button icon="undo" label="Undo" onClick={() => client.deed({ do: "undo" })} />}
      </>
    )}>
      {error.detail}
    </Notice>
  );
}
