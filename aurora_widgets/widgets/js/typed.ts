/**
 * Values as a person types them, checked and written exactly: a number stays the digits that
 * were typed and never passes through a JavaScript float.
 */
import type { ColumnInfo, Scalar } from "./protocol";

export type Typed = { ok: true; text: string } | { ok: false; reason: string };

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?$/;
const ZONE = /^(.*?)\s*(Z|[+-](?:0\d|1[0-8])(?::?[0-5]\d)?)$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const good = (text: string): Typed => ({ ok: true, text });
const bad = (reason: string): Typed => ({ ok: false, reason });

/** A number as typed, in plain form: `+007.50` is `7.50`, `15,000` is `15000`, `.5` is `0.5`. */
export function readNumber(typed: string, type = ""): Typed {
  let text = typed.trim().replace(/[\u2212\u2013]/g, "-");
  if (/^[+-]?(nan|inf|infinity)$/i.test(text)) {
    if (!/^float/.test(type)) return bad(`"${typed}" is not a number: this column has no such value`);
    if (/nan/i.test(text)) return good("NaN");
    return good(text.startsWith("-") ? "-Infinity" : "Infinity");
  }
  if (THOUSANDS.test(text)) text = text.replaceAll(",", "");
  const match = NUMBER.exec(text);
  if (!match || (!match[2] && !match[3])) {
    return bad(`"${typed}" is not a number: write it like 1234.56`);
  }
  const [, sign, whole = "", fraction = "", exponent] = match;
  const plain =
    (sign === "-" ? "-" : "") +
    (whole.replace(/^0+(?=\d)/, "") || "0") +
    (fraction ? `.${fraction}` : "") +
    (exponent === undefined ? "" : `e${exponent}`);
  return good(plain === "-0" ? "0" : plain);
}

function leap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** A date `yyyy-mm-dd` that the calendar has. */
export function readDate(typed: string): Typed {
  const text = typed.trim();
  const match = DATE.exec(text);
  if (!match) return bad(`"${typed}" is not a date: write it like 2024-06-30`);
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const days = month === 2 && leap(year) ? 29 : DAYS[month - 1];
  if (year < 1 || days === undefined || day < 1 || day > days) {
    return bad(`"${typed}" is not a date that the calendar has`);
  }
  return good(text);
}

/** A date, or a date and time `2024-06-30T18:45:00`, with a zone or without. */
export function readTimestamp(typed: string): Typed {
  const text = typed.trim();
  if (text.length <= 10) return readDate(text);
  const date = readDate(text.slice(0, 10));
  if (!date.ok) return bad(`"${typed}" is not a date and time: write it like 2024-06-30 18:45`);
  const rest = text.slice(10);
  if (!/^[T ]/.test(rest)) return bad(`"${typed}" is not a date and time: write it like 2024-06-30 18:45`);
  const zoned = ZONE.exec(rest.slice(1));
  const time = TIME.exec(zoned ? (zoned[1] ?? "") : rest.slice(1));
  if (!time) return bad(`"${typed}" is not a date and time: write it like 2024-06-30 18:45`);
  const seconds = `${time[3] ?? "00"}${time[4] ? `.${time[4]}` : ""}`;
  return good(`${date.text}T${time[1]}:${time[2]}:${seconds}${zoned?.[2] ?? ""}`);
}

/** A value as typed, by the column it is compared with. Text is never changed. */
export function readValue(typed: string, column: Pick<ColumnInfo, "family" | "type">): Typed {
  switch (column.family) {
    case "number":
      return readNumber(typed, column.type);
    case "date":
      return readDate(typed);
    case "timestamp":
      return readTimestamp(typed);
    case "boolean":
      return /^(true|false)$/i.test(typed.trim())
        ? good(typed.trim().toLowerCase())
        : bad(`"${typed}" is neither true nor false`);
    case "text":
    case "other":
      return good(typed);
  }
}

const SMALL = /^(0|-?[1-9]\d{0,14})$/;

/** What the document carries for a value in plain form: whole numbers that JSON keeps exactly, else text. */
export function asScalar(plain: string, family: ColumnInfo["family"]): Scalar {
  if (family === "number" && SMALL.test(plain)) return Number(plain);
  if (family === "boolean") return plain === "true";
  return plain;
}

/** A value of the document as it stands in an input. */
export function asText(value: Scalar | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Which of two plain numbers is greater (-1, 0, 1), digit by digit; null where one is not finite. */
export function compareNumbers(left: string, right: string): number | null {
  const a = scaled(left);
  const b = scaled(right);
  if (!a || !b) return null;
  const scale = Math.max(a.scale, b.scale);
  const difference = a.digits * 10n ** BigInt(scale - a.scale) - b.digits * 10n ** BigInt(scale - b.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function scaled(plain: string): { digits: bigint; scale: number } | null {
  const match = NUMBER.exec(plain);
  if (!match || (!match[2] && !match[3])) return null;
  const digits = BigInt(`${match[2] ?? ""}${match[3] ?? ""}`) * (match[1] === "-" ? -1n : 1n);
  const scale = (match[3] ?? "").length - Number(match[4] ?? 0);
  if (Math.abs(scale) > 400) return null;
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

const ITEM = /\s*"((?:[^"]|"")*)"\s*(?=[,\n\r\t]|$)|([^,\n\r\t]*)/y;
const CELL = /\s*"((?:[^"]|"")*)"\s*(?=[\n\r\t]|$)|([^\n\r\t]*)/y;

/**
 * The items of a list as typed or pasted: `a, b, "c, d"` has three. Spaces around an item go, and so do items
 * with nothing in them; in double quotes an item keeps commas and spaces, and `""` in it is one quote. A quote
 * elsewhere is a character. Lines and tabs part items too; with `cells`, where there are any, commas don't.
 */
export function splitList(text: string, { cells = false } = {}): string[] {
  const item = cells && /[\n\t]/.test(text.trim()) ? CELL : ITEM;
  const items: string[] = [];
  for (let at = 0; at <= text.length; at = item.lastIndex + 1) {
    item.lastIndex = at;
    const match = item.exec(text);
    if (!match) break;
    if (match[1] !== undefined) items.push(match[1].replaceAll('""', '"'));
    else if (match[2]?.trim()) items.push(match[2].trim());
  }
  return items;
}

/** The text that `splitList` reads as these items. */
export function joinList(items: readonly string[]): string {
  return items
    .map((item) => (item === "" || /[",\n\r\t]|^\s|\s$/.test(item) ? `"${item.replaceAll('"', '""')}"` : item))
    .join(", ");
}
