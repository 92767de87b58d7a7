/** The question as SQL, as Python, as its document; and as a link. */
import { useEffect, useRef, useState } from "preact/hooks";
import { copyText } from "./clipboard";
import { Button, Notice, Spinner } from "./controls";
import { Dialog, useEditors } from "./dialog";
import { useAsk } from "./model";
import "./code.css";

const TABS = [
  { name: "sql", label: "SQL", says: "What the database is asked. It is for reading: Aurora itself sends the document." },
  { name: "python", label: "Python", says: "A notebook cell that gives the same rows and brings this question back." },
  { name: "json", label: "Document", says: "The question itself, as it is saved, shared and run: aurora run question.json" },
] as const;

/** A button that says for a moment that it copied. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const editors = useEditors();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <Button
      kind="main" icon={done ? "check" : "copy"} label={done ? "Copied" : label}
      onClick={() => void copyText(text).then((ok) => {
        setDone(ok);
        editors.announce(ok ? "Copied." : "The browser did not allow copying: select the text and press Control+C.");
      })}
    />
  );
}

export function CodeDialog({ close }: { close: () => void }) {
  const code = useAsk("code", {});
  const [tab, setTab] = useState<(typeof TABS)[number]["name"]>("sql");
  const list = useRef<HTMLDivElement>(null);
  const now = TABS.find(({ name }) => name === tab) ?? TABS[0];
  const onKeyDown = (event: KeyboardEvent) => {
    const at = TABS.findIndex(({ name }) => name === tab);
    const to = event.key === "ArrowRight" ? at + 1 : event.key === "ArrowLeft" ? at - 1
      : event.key === "Home" ? 0 : event.key === "End" ? TABS.length - 1 : null;
    if (to === null) return;
    event.preventDefault();
    const index = (to + TABS.length) % TABS.length;
    setTab(TABS[index]?.name ?? "sql");
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[index]?.focus();
  };
  const text = code.state === "answer" ? code.answer[tab] : "";
  return (
    <Dialog title="The question as code" icon="code" close={close} width={780} said={now.says}
      actions={<CopyButton key={tab} text={text} label={`Copy ${now.label}`} />}>
      <div ref={list} role="tablist" aria-label="Language" class="au-tabs" onKeyDown={onKeyDown}>
        {TABS.map(({ name, label }) => (
          <button
            key={name} type="button" role="tab" id={`au-tab-${name}`} aria-selected={name === tab} tabIndex={name === tab ? 0 : -1}
            aria-controls="au-code" onClick={() => setTab(name)}
          >
            {label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="au-code" aria-labelledby={`au-tab-${tab}`} class="au-code-panel">
        {code.state === "waiting" && <Spinner label="Writing it down…" />}
        {code.state === "error" && <Notice kind="bad">{code.message}</Notice>}
        {code.state === "answer" && <pre class="au-code" tabIndex={0} aria-label={`The question as ${now.label}`}>{text}</pre>}
      </div>
    </Dialog>
  );
}

/** The whole link for a document's `q`: this page's own address, whatever question it showed before. */
export function linkFor(url: string, page: string): string {
  if (/^https?:/.test(url)) return url;
  const link = new URL(page);
  link.hash = "";
  link.searchParams.delete("q");
  const q = url.includes("q=") ? (new URLSearchParams(url.slice(url.indexOf("q="))).get("q") ?? "") : url;
  link.searchParams.set("q", q);
  return link.href;
}

/** This page's address with the question in it, and without one where there is none. */
export function addressFor(q: string, page: string): string {
  if (q !== "") return linkFor(q, page);
  const bare = new URL(page);
  bare.searchParams.delete("q");
  return bare.href;
}

export function ShareDialog({ close }: { close: () => void }) {
  const code = useAsk("code", {});
  const editors = useEditors();
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const link = code.state === "answer" && code.answer.url !== "" ? linkFor(code.answer.url, location.href) : null;
  useEffect(() => {
    if (link === null) return;
    void copyText(link).then((ok) => {
      setCopied(ok);
      editors.announce(ok ? "The link is copied." : "");
      field.current?.select();
    });
  }, [link]);
  return (
    <Dialog title="Share this question" icon="share" close={close} width={560}
      said={copied ? "The link is copied: paste it into a message." : undefined}
      actions={link !== null
        ? <CopyButton text={link} label="Copy link" />
        : code.state === "answer" ? <CopyButton text={code.answer.json} label="Copy the document" /> : undefined}>
      {code.state === "waiting" && <Spinner label="Making the link…" />}
      {code.state === "error" && <Notice kind="bad">{code.message}</Notice>}
      {link !== null && (
        <>
          <p>Whoever opens this link asks the same question, on the data that they may see.</p>
          <span class="au-input"><input ref={field} readOnly value={link} aria-label="Link" data-autofocus onFocus={(event) => event.currentTarget.select()} /></span>
        </>
      )}
      {code.state === "answer" && link === null && (
        <Notice kind="warn">This question is too large for a link. Copy the document and send it as a file: it opens the same question.</Notice>
      )}
    </Dialog>
  );
}
