/** What one check carries: files, host, messages, params, symbols. And how an error ends an expression. Knows no rule. */
import type { Span } from "../../ir/node.ts";
import { countedOf, type Unknown } from "../core.ts";
import { type Diagnostic, diagnostic, type Note } from "../diagnostics/diagnostic.ts";
import { type Dim, symbol, symbolsOf } from "./dims.ts";
import { Unfit } from "./types.ts";
import type { Frame } from "./value.ts";

/** the expression is wrong and it was said: `evaluate` turns it into a poison value */
export class Reported extends Error {}

/** whether the error ends an expression that is wrong: it was said, or is said here */
export function ends(f: Frame, e: unknown): boolean {
  if (e instanceof Reported) return true;
  if (!(e instanceof Unfit)) return false;
  const text = f.cx.text(e.span);
  const help = e.elem.startsWith("f") ? `f64(${text}) holds more` : `i64(${text}) or f64(..) hold more`;
  say(f, { message: e.message, span: e.span, help });
  return true;
}
/** the program is more than check takes: nothing is said about the rest */
export class Exhausted extends Error {
  readonly span: Span;
  constructor(message: string, span: Span) {
    super(message);
    this.span = span;
  }
}

export interface Problem {
  readonly message: string;
  readonly span: Span;
  readonly label?: string | undefined;
  readonly notes?: readonly Note[];
  readonly help?: string | undefined;
}
const isDiagnostic = (p: Problem | Diagnostic): p is Diagnostic => "severity" in p;

/** where the user wrote what is computed at `span`: a place in a prelude file is the call of it */
export const placed = (f: Frame, span: Span): Span => (f.user && f.cx.preludeFiles.has(span.file) ? f.user : span);

const lineOf = (f: Frame, s: Span): string =>
  f.cx.texts
    .get(s.file)
    ?.split("\n")
    [s.line - 1]?.trim()
    .replace(/\s*\/\/.*$/, "") ?? "";
/** says it once; an error in a prelude file is said at the user's call, with a note */
export function say(f: Frame, p: Problem | Diagnostic): void {
  let d = isDiagnostic(p) ? p : diagnostic("check", p.message, p.span, p);
  if (f.cx.preludeFiles.has(d.span.file) && f.user) {
    const own: Note = { message: `in the prelude: ${lineOf(f, d.span)}`, span: d.span };
    const notes = d.notes.filter(n => !n.span || !f.cx.preludeFiles.has(n.span.file));
    d = { ...d, span: f.user, notes: [...notes, own] };
  }
  const same = (e: Diagnostic): boolean =>
    e.message === d.message && e.span.file === d.span.file && e.span.start === d.span.start;
  if (!f.cx.diagnostics.some(same)) f.cx.diagnostics.push(d);
}
export function fail(f: Frame, p: Problem | Diagnostic): never {
  say(f, p);
  throw new Reported();
}
/** what is said while f is computed says this, too */
export function noting<T>(f: Frame, note: Note, compute: () => T): T {
  const all = f.cx.diagnostics;
  const before = all.length;
  try {
    return compute();
  } finally {
    for (let i = before; i < all.length; i++) all[i] = { ...all[i]!, notes: [...all[i]!.notes, note] };
  }
}
/** right, but not built yet */
export function limit(f: Frame, what: string, instead: string, span: Span): never {
  return fail(f, diagnostic("limit", `${what} is not built yet`, span, { severity: "limit", help: instead }));
}
export function warn(f: Frame, message: string, span: Span, help?: string): void {
  say(f, diagnostic("warning", message, span, { severity: "warning", help }));
}

/** two dims that nothing decides now: checked when their symbols are numbers */
export function unsureDim(f: Frame, a: Dim, b: Dim, message: string, span: Span): void {
  f.cx.checks.push({ a, b, message, span: placed(f, span) });
}
export function newSymbol(f: Frame, name: string, span: Span, from: Unknown["from"] | undefined): Dim {
  if ((from?.k === "rows" && countedOf(from.rdd).depth > 0) || (from?.k === "value" && from.of.depth > 0))
    return fail(f, {
      message: `${name} may differ from trip to trip of the function around, and a dim is one number`,
      span,
      help: "outside of the function; or take(n) before it: there are n rows then",
    });
  const count = [...f.cx.symbols.keys()].filter(k => k === name || k.startsWith(`${name}#`)).length;
  const id = count === 0 ? name : `${name}#${count + 1}`;
  f.cx.symbols.set(id, { id, name, from, span });
  return symbol(id, name);
}
export const isFree = (f: Frame, d: Dim): boolean => symbolsOf(d).some(s => f.cx.symbols.get(s.id)?.from === undefined);
export const fix = (f: Frame, params: readonly string[]): void => {
  for (const p of params) f.cx.fixed.add(p);
};
