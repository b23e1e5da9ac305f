/** Diagnostics as text: frames with the line, carets, notes and one help (errors.md). Knows no message. */
import type { Span } from "../../ir/node.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** the text of a file that a span names, or undefined if it cannot be shown (a prelude, a builtin) */
export type SourceOf = (file: string) => string | undefined;
export interface RenderOptions {
  readonly colour?: boolean;
}

const tabWidth = 2;
/** a frame shows no more of a place than this many lines, and of a line no more than this many columns */
const maxLines = 6;
const maxColumns = 160;

/** each as a frame, with an empty line between; no newline at the end */
export function render(diagnostics: readonly Diagnostic[], sourceOf: SourceOf, options: RenderOptions = {}): string {
  const paint = options.colour ? painted : plain;
  return diagnostics.map(d => frame(d, sourceOf, paint)).join("\n\n");
}

type Paint = (style: "error" | "warning" | "limit" | "place" | "bold", text: string) => string;
const codes = { error: "31;1", warning: "33;1", limit: "35;1", place: "36", bold: "1" } as const;
const plain: Paint = (_, text) => text;
const painted: Paint = (style, text) => `\x1b[${codes[style]}m${text}\x1b[0m`;

function frame(d: Diagnostic, sourceOf: SourceOf, paint: Paint): string {
  const shown = shownLines(d, sourceOf(d.span.file));
  const noteLines = d.notes.map(n => (n.line && n.span ? noteLine(n.span, sourceOf(n.span.file)) : undefined));
  const numbers = [...shown.map(l => l.number), ...noteLines.map(l => l?.number ?? 0)];
  const width = Math.max(2, ...numbers.map(n => String(n).length));
  const gutter = (n: number | undefined) => paint("place", `${(n === undefined ? "" : String(n)).padStart(width)} |`);

  const out = [`${paint(d.severity, `${d.severity}:`)} ${paint("bold", d.message)}`];
  if (d.span.line > 0) out.push(paint("place", place(d.span)));
  for (const l of shown) {
    out.push(`${gutter(l.number)} ${l.text}`.trimEnd());
    if (l.carets) out.push(`${gutter(undefined)} ${paint(d.severity, l.carets)}`);
  }
  if (!shown.length && d.label) out.push(`${gutter(undefined)} ${d.label}`);
  d.notes.forEach((n, i) => {
    out.push(`${paint("bold", "note:")} ${n.message}`);
    if (n.span) out.push(paint("place", place(n.span)));
    const l = noteLines[i];
    if (l) out.push(`${gutter(l.number)} ${l.text}`.trimEnd());
  });
  if (d.help) out.push(`${paint("bold", "help:")} ${d.help}`);
  return out.join("\n");
}

const place = (s: Span): string => `  --> ${s.file}:${s.line}:${s.column}`;

interface Line {
  readonly number: number;
  readonly text: string;
  readonly carets?: string;
}
/** offsets of a line's text, without its end */
function lineAt(source: string, offset: number): { from: number; to: number } {
  const at = Math.min(Math.max(offset, 0), source.length);
  const from = source.lastIndexOf("\n", at - 1) + 1;
  const end = source.indexOf("\n", at);
  const to = end < 0 ? source.length : end;
  return { from, to: to > from && source[to - 1] === "\r" ? to - 1 : to };
}

function shownLines(d: Diagnostic, source: string | undefined): readonly Line[] {
  if (source === undefined || d.span.line === 0) return [];
  const out: Line[] = [];
  if (d.context && d.context.file === d.span.file) {
    let last = lineAt(source, d.context.start);
    for (let number = d.context.line; number < d.span.line && last.from < d.span.start; number++) {
      out.push({ number, text: expand(source.slice(last.from, last.to)) });
      last = lineAt(source, nextLine(source, last.to));
    }
    if (out.length > maxLines) out.splice(0, out.length - maxLines);
  }
  return [...out, ...underlined(d.span, d.label, source)];
}
const nextLine = (source: string, to: number): number => to + (source[to] === "\r" ? 2 : 1);

/** the lines of a place, each with its carets; of a long place the first ones and the last */
function underlined(span: Span, label: string | undefined, source: string): readonly Line[] {
  const end = Math.max(span.end, span.start);
  const lines: { number: number; from: number; to: number }[] = [];
  let l = lineAt(source, span.start);
  for (let number = span.line; ; number++) {
    lines.push({ number, ...l });
    const next = nextLine(source, l.to);
    if (next >= end || next > source.length) break;
    l = lineAt(source, next);
  }
  const kept = lines.length > maxLines ? [...lines.slice(0, maxLines - 1), lines[lines.length - 1]!] : lines;
  return kept.map(({ number, from, to }, i) => {
    const text = source.slice(from, to);
    const first = Math.max(span.start - from, text.length - text.trimStart().length);
    const start = Math.min(i === 0 ? span.start - from : first, text.length);
    const stop = Math.max(start, Math.min(end - from, to - from));
    const tail = i === kept.length - 1 && label ? ` ${label}` : "";
    const before = cells(expand(text.slice(0, start)));
    const marks = "^".repeat(Math.max(1, cells(expand(text.slice(start, stop), before))));
    return window(number, expand(text), before, marks, tail);
  });
}

/** a very long line is shown around its carets */
function window(number: number, text: string, before: number, marks: string, tail: string): Line {
  if (text.length <= maxColumns) return { number, text, carets: `${" ".repeat(before)}${marks}${tail}` };
  const left = Math.max(0, Math.min(before - 40, text.length - maxColumns));
  const cut = text.slice(left, left + maxColumns);
  const lead = left > 0 ? ".." : "";
  const end = left + maxColumns < text.length ? ".." : "";
  const room = Math.max(1, Math.min(marks.length, cells(cut) - (before - left)));
  const carets = `${" ".repeat(before - left + lead.length)}${marks.slice(0, room)}${tail}`;
  return { number, text: `${lead}${cut}${end}`, carets };
}
function noteLine(span: Span, source: string | undefined): Line | undefined {
  if (source === undefined) return undefined;
  const { from, to } = lineAt(source, span.start);
  const text = expand(source.slice(from, to));
  return { number: span.line, text: text.length > maxColumns ? `${text.slice(0, maxColumns)}..` : text };
}

/** tabs as spaces, control characters as one replacement, so that columns are what a terminal shows */
function expand(text: string, column = 0): string {
  let out = "";
  let at = column;
  for (const c of text) {
    const shown = c === "\t" ? " ".repeat(tabWidth - (at % tabWidth)) : control(c) ? "\ufffd" : c;
    out += shown;
    at += c === "\t" ? shown.length : cell(shown);
  }
  return out;
}
const control = (c: string): boolean => {
  const p = c.codePointAt(0)!;
  return (
    p < 32 || (p >= 127 && p < 160) || p === 0x2028 || p === 0x2029 || (p >= 0x202a && p <= 0x202e) || p === 0xfeff
  );
};

/** columns of a terminal: 0 for marks that combine, 2 for East Asian wide characters and emoji */
function cells(text: string): number {
  let n = 0;
  for (const c of text) n += cell(c);
  return n;
}
function cell(c: string): number {
  const p = c.codePointAt(0)!;
  if (p < 0x300) return 1;
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(c)) return 0;
  return wide.some(([a, b]) => p >= a && p <= b) ? 2 : 1;
}
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
