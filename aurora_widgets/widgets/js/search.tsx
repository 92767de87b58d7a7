/** The search in the data: what is typed becomes part of the question once typing rests. */
import { useEffect, useRef, useState } from "preact/hooks";
import { TextInput } from "./controls";
import { useClient, useDebounced, useQuestion, useStatus } from "./model";

export function SearchBox() {
  const client = useClient();
  const { parts, query } = useQuestion();
  const { state } = useStatus();
  const [text, setText] = useState(parts.search);
  const said = useRef<string[]>([]); // what Python has yet to show
  const later = useDebounced((typed: string) => {
    const meant = typed.trim();
    if (meant === (said.current.at(-1) ?? client.get("question").parts.search.trim())) return;
    said.current.push(meant);
    client.deed({ do: "search", text: meant });
  }, 250);
  // Undo, reset, a link: the box follows. It does not follow its own echo, which may lag behind the typing.
  useEffect(() => {
    const echo = said.current.indexOf(parts.search.trim());
    if (echo >= 0) {
      said.current.splice(0, echo + 1);
      return;
    }
    said.current = [];
    later.cancel();
    setText(parts.search);
  }, [parts.search]);
  // What was refused is never shown: it must not keep the same words from being sent again.
  useEffect(() => {
    if (state === "error") said.current = [];
  }, [state]);
  const say = (typed: string) => {
    setText(typed);
    later.call(typed);
  };
  return (
    <TextInput
      class="au-search" type="search" icon="search" label="Search in the data" placeholder="Search in the data"
      value={text} onInput={say} clearable disabled={query === null}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || text === "") return;
        event.preventDefault();
        say("");
      }}
    />
  );
}
