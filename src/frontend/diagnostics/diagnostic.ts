/** What a message is made of, and the typo detector. Knows no message. */
import type { Span } from "../../ir/node.ts";

export interface Note {
  readonly message: string;
  readonly span?: Span | undefined;
  /** show the line of `span` below its place */
  readonly line?: boolean | undefined;
}
export interface Diagnostic {
  /** error, warning: about the user's program; limit: right, but hsc cannot do it yet */
  readonly severity: "error" | "warning" | "limit";
  /** the name of its entry in the catalogue */
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  readonly notes: readonly Note[];
  /** text after the carets */
  readonly label?: string | undefined;
  /** one line that can be pasted */
  readonly help?: string | undefined;
  /** a place above `span` whose lines are shown before it */
  readonly context?: Span | undefined;
}

type Parts = { readonly notes?: readonly Note[] | undefined } & Partial<
  Pick<Diagnostic, "label" | "help" | "context" | "severity">
>;
/** an error unless `parts` say otherwise */
export const diagnostic = (code: string, message: string, span: Span, parts: Parts = {}): Diagnostic => ({
  severity: parts.severity ?? "error",
  code,
  message,
  span,
  notes: parts.notes ?? [],
  label: parts.label,
  help: parts.help,
  context: parts.context,
});

export const quoted = (name: string): string => `\`${name}\``;
/** "a, b and c" */
export const listed = (items: readonly string[], last = "and"): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${last} ${items[items.length - 1]}`;

/** edits between two words, a swap of neighbours counting as one (Damerau-Levenshtein, optimal string alignment) */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let d = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2]! + 1);
      row.push(d);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** the candidate that was most likely meant, or undefined: a third of the letters may be wrong, and case does not count;
 *  `kernel` is also meant by `kernel_size`. Ties go to the first candidate */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const word = name.toLowerCase();
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (candidate === name || Math.abs(other.length - word.length) > 64) continue;
    const edits = distance(word, other);
    const d = part(word, other) ? 0.5 : edits === 1 ? 0.6 : starts(word, other) ? 0.75 : edits;
    const allowed = Math.max(1, Math.floor(Math.max(word.length, other.length) / 3));
    if (d <= allowed && d < least && (word.length > 1 || edits < 1)) {
      least = d;
      best = candidate;
    }
  }
  return best;
}
/** one starts with the other: pad, padding */
const starts = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) > 2 && (a.startsWith(b) || b.startsWith(a));
/** one is the other and more words: kernel, kernel_size */
const part = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) > 2 &&
  (a.startsWith(`${b}_`) || b.startsWith(`${a}_`) || a.endsWith(`_${b}`) || b.endsWith(`_${a}`));
/** "did you mean `x`?" or undefined: a label, or a help */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(name, candidates);
  return found === undefined ? undefined : `did you mean ${quoted(found)}?`;
}
