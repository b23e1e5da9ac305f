/** Text to tree: what reads a whole program, every definition on its own, so that a mistake in one does not hide those of
 *  the others. Knows no names, types or values. See Note [Recovery]. */
import { EOF, type IToken, type ParserMethod } from "chevrotain";
import type * as Ast from "./ast.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";
import { duplicates } from "./duplicates.ts";
import { explain, startsItem } from "./explain.ts";
import { mend } from "./foreign.ts";
import { Grammar } from "./grammar.ts";
import { endOf, lex } from "./lexer.ts";

/** one for the process: chevrotain's analysis of the grammar takes longer than most programs */
let grammar: Grammar | undefined;

export interface Parsed {
  readonly program: Ast.Program;
  readonly diagnostics: readonly Diagnostic[];
}
/** the tree of a program, and all that is wrong with its text; never throws */
export function parse(text: string, file: string): Parsed {
  const whole: Ast.Span = { file, start: 0, end: text.length, line: 1, column: 1 };
  const other = foreignData(text, file);
  if (other) return { program: { k: "program", file, items: [], span: whole }, diagnostics: [other] };
  const source = beforeGolden(text);
  const { tokens, comments, diagnostics } = read(source, file);
  const said = [...diagnostics];
  const items: Ast.Item[] = [];
  const g = prepared(source, file, comments);
  for (let at = 0; at < tokens.length; ) {
    const failed = run(g, () => g.program(), tokens, at);
    items.push(...g.items);
    // a name or mark that the lexer could not read is the cause of what follows in the same definition
    const blame = failed && faultsBetween(diagnostics, failed.from, failed.to);
    said.push(...ownFaults(g.said, diagnostics), ...(failed && !blame ? [failed.diagnostic] : []));
    at = failed ? failed.next : tokens.length;
  }
  const program: Ast.Program = { k: "program", file, items, span: whole };
  said.push(...duplicates(program));
  return { program, diagnostics: inOrder(said) };
}

/** a type as it stands after `:`, or after `->` */
export const parseType = (text: string, file = "<type>"): ParsedPart<Ast.Type> => part(text, file, g => g.type);
/** `conv(x: float[c, h, w], filters: int) -> float[filters]` */
export const parseSignature = (text: string, file = "<signature>"): ParsedPart<Ast.Signature> =>
  part(text, file, g => g.signature);
export const parseExpression = (text: string, file = "<expression>"): ParsedPart<Ast.Expr> =>
  part(text, file, g => g.expr);

/** `value` is there if nothing is an error */
export interface ParsedPart<T> {
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
function part<T>(text: string, file: string, rule: (g: Grammar) => ParserMethod<[], T>): ParsedPart<T> {
  const { tokens, comments, diagnostics } = read(text, file);
  const g = prepared(text, file, comments);
  let value: T | undefined;
  const failed = run(g, () => void (value = rule(g).call(g)), tokens, 0);
  const said = inOrder([...diagnostics, ...g.said, ...(failed ? [failed.diagnostic] : [])]);
  return { value: said.some(d => d.severity === "error") ? undefined : value, diagnostics: said };
}

// --- before the grammar

function read(text: string, file: string) {
  const lexed = lex(text, file);
  const mended = mend(lexed.tokens, lexed.comments, text, file);
  return { ...mended, comments: lexed.comments, diagnostics: [...lexed.diagnostics, ...mended.diagnostics] };
}
/** a program ends where its golden section starts */
function beforeGolden(text: string): string {
  const at = text.search(/^\uFEFF?\/\/=/m);
  return at < 0 ? text : text.slice(0, at);
}
/** NUL bytes and what a decoder puts for bytes that are no UTF-8 */
function foreignData(text: string, file: string): Diagnostic | undefined {
  const at = text.search(/[\0\uFFFD]/);
  if (at < 0) return undefined;
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const span = { file, start: at, end: at + 1, line, column: at - before.lastIndexOf("\n") };
  return syntax.notText({ span });
}
function prepared(text: string, file: string, comments: readonly IToken[]): Grammar {
  grammar ??= new Grammar();
  grammar.text = text;
  grammar.file = file;
  grammar.comments = new Map(comments.map(c => [c.startLine!, c]));
  return grammar;
}

// --- one run of a rule, and where to go on after a mistake

interface Failed {
  readonly diagnostic: Diagnostic;
  /** offsets of the definition and of the token that could not be read */
  readonly from: number;
  readonly to: number;
  /** the token to go on with */
  readonly next: number;
}
function run(g: Grammar, rule: () => void, tokens: readonly IToken[], at: number): Failed | undefined {
  g.input = at === 0 ? [...tokens] : tokens.slice(at);
  g.items = [];
  g.said = [];
  g.depth = 0;
  g.failure = undefined;
  rule();
  const error = g.errors[0];
  if (!error) return undefined;
  const found = error.token.tokenType === EOF ? tokens.length : tokens.indexOf(error.token, at);
  const start = startOfItem(tokens, at, found, g.items.at(-1)?.span.end ?? -1);
  const context = { text: g.text, file: g.file, tokens, start, found, stack: error.context.ruleStack };
  return {
    diagnostic: explain(g.failure ?? { expected: undefined, rule: "program" }, context),
    from: tokens[start]?.startOffset ?? 0,
    to: found < tokens.length ? endOf(tokens[found]!) : g.text.length,
    next: nextItem(tokens, start, found),
  };
}
/** the token with which the definition starts that failed: the first behind the last one that was read */
function startOfItem(tokens: readonly IToken[], at: number, found: number, done: number): number {
  for (let i = at; i < found; i++) if (tokens[i]!.startOffset >= done) return i;
  return Math.max(at, Math.min(found, tokens.length - 1));
}
function nextItem(tokens: readonly IToken[], start: number, found: number): number {
  const column = tokens[start]?.startColumn ?? 1;
  for (let i = Math.max(found, start + 1); i < tokens.length; i++) {
    if (tokens[i]!.startColumn! <= column && startsItem(tokens, i)) return i;
  }
  return tokens.length;
}
const faultsBetween = (said: readonly Diagnostic[], from: number, to: number): boolean =>
  said.some(d => d.severity === "error" && unreadable.has(d.code) && d.span.start >= from && d.span.start < to);
/** of expressions that nothing names, the first of a line, and none on a line with characters that could not be read */
function ownFaults(said: readonly Diagnostic[], lexical: readonly Diagnostic[]): readonly Diagnostic[] {
  const lines = new Set(lexical.filter(d => unreadable.has(d.code)).map(d => d.span.line));
  return said.filter(d => {
    if (d.code !== "strayExpression" && d.code !== "juxtaposed") return true;
    return !lines.has(d.span.line) && lines.add(d.span.line);
  });
}
const unreadable = new Set(["badCharacter", "openString", "badNumber", "pointNeedsDigits", "commentNotDivision"]);

/** by place, each once */
function inOrder(said: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return said
    .filter(d => {
      const key = `${d.span.start} ${d.message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => a.span.start - b.span.start);
}

/* Note [Recovery]
 *
 * What is often written wrong is read as it was meant and told: foreign.ts for tokens, grammar.ts for structure. So one
 * definition can have several messages. What cannot be read ends its definition with one message, of explain.ts, and
 * reading goes on with the next line that starts a definition and is not indented deeper. A definition that failed is not
 * in the tree; nothing after the parser runs on a tree with errors. Chevrotain repairs nothing by itself: its insertions
 * and deletions of tokens give second and third messages that are not independent. */
