/** What other languages write, told and put right between lexer and parser, so that the grammar has only hsc in it.
 * Knows tokens and their neighbours, no tree. A word like `null` is an ordinary name if the program defines it. */
import type { IToken, TokenType } from "chevrotain";
import type { Span } from "../ir/node.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";
import {
  between,
  endOf,
  F,
  FieldName,
  Ident,
  instead,
  isKeyword,
  kw,
  Num,
  P,
  QuotedName,
  Str,
  softKeywords,
  spanOf,
  startsLine,
  stringValue,
  Wrong,
} from "./lexer.ts";

/** marks with one meaning: what to write, and the token that it is */
const marks = new Map<TokenType, readonly [string, TokenType]>([
  [F.And, ["and", kw("and")]],
  [F.Or, ["or", kw("or")]],
  [F.Power, ["^", P.Caret]],
  [F.Same, ["==", P.Eq]],
  [F.Differs, ["!=", P.Ne]],
  [F.Walrus, ["=", P.Assign]],
  [F.Bang, ["not", kw("not")]],
]);
/** words for a value */
const values = new Map<string, readonly [string, TokenType]>([
  ...["null", "nil", "undefined", "None"].map(w => [w, ["none", kw("none")] as const] as const),
  ["True", ["true", kw("true")]],
  ["False", ["false", kw("false")]],
]);
/** words before a name, and before a name and `(` */
const binders = new Set(["const", "var", "val", "auto"]);
const functions = new Set(["def", "function", "fun", "func", "defn"]);
const loops = new Map([
  ["for", "xs |> map(x => ..), or fold(xs, start, (sum, x) => ..)"],
  ["while", "iterate(start, x => .., times: 100, until: (old, new) => ..)"],
]);
const statements = new Map([
  ["class", "a record: { a: 1 }, or a layer: layer f(x) = .."],
  ["try", "a ?? b where a may be missing"],
  ["switch", "if a then b else if c then d else e"],
  ["match", "if a then b else if c then d else e"],
  ["from", 'import "lib/blocks.hs"'],
]);
const prefixes = new Set(["f", "r", "b", "u", "F", "R"]);

export interface Mended {
  readonly tokens: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}
interface State {
  readonly text: string;
  readonly file: string;
  readonly tokens: readonly IToken[];
  readonly out: IToken[];
  readonly say: (d: Diagnostic) => void;
  /** names that the program defines: ordinary, whatever they mean elsewhere */
  readonly own: ReadonlySet<string>;
  /** open brackets; a `{` says whether it opens a block */
  readonly open: { readonly t: IToken; readonly block: boolean }[];
}
/** takes tokens from `i` on: pushes what they mean and returns how many it took, or 0 for "not mine" */
type Rule = (s: State, i: number) => number;

export function mend(tokens: readonly IToken[], comments: readonly IToken[], text: string, file: string): Mended {
  const diagnostics: Diagnostic[] = [];
  const say = (d: Diagnostic) => void diagnostics.push(d);
  const s: State = { text, file, tokens, out: [], say, own: defined(tokens), open: [] };
  for (let i = 0; i < tokens.length; ) {
    const taken = byType.get(tokens[i]!.tokenType)?.(s, i) ?? 0;
    if (taken === 0) {
      s.out.push(tokens[i]!);
      i++;
    } else i += taken;
  }
  for (const c of comments) division(s, c);
  return { tokens: s.out, diagnostics };
}

/** names in a place that defines one: after `let`, before `=>`, `=` or `:` */
function defined(tokens: readonly IToken[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (let i = 0; i < tokens.length; i++) {
    const t = tokens[i]!;
    if (t.tokenType !== Ident) continue;
    const before = tokens[i - 1];
    const after = tokens[i + 1]?.tokenType;
    const declared = before !== undefined && declarers.has(before.tokenType);
    const bound =
      before?.tokenType === P.Comma || before?.tokenType === P.LP ? after === P.Comma || after === P.RP : false;
    const formal = bound && isFormal(tokens, i);
    if (declared || formal || after === P.Arrow || after === P.Assign || after === P.Colon) names.add(t.image);
  }
  return names;
}
const declarers = new Set([...["let", "fn"], ...softKeywords].map(kw));
/** is the name at `i` in a list of names in parentheses that `=>` follows, or of a definition? */
function isFormal(tokens: readonly IToken[], i: number): boolean {
  let j = i;
  while (tokens[j] && (tokens[j]!.tokenType === Ident || tokens[j]!.tokenType === P.Comma)) j++;
  if (tokens[j]?.tokenType !== P.RP) return false;
  const next = tokens[j + 1]?.tokenType;
  return next === P.Arrow || next === P.Returns || next === P.Assign;
}

const touches = (a: IToken | undefined, b: IToken | undefined): boolean =>
  a !== undefined && b !== undefined && endOf(a) === b.startOffset;
const ends = new Set<TokenType>([Ident, Num, Str, P.RP, P.RB, P.RC, P.Quest, ...["true", "false", "none"].map(kw)]);
/** can an expression or a type end with it? */
const endsValue = (t: IToken | undefined): boolean =>
  t !== undefined && (ends.has(t.tokenType) || softKeywords.includes(t.image));

/** the line of a place with that place replaced: what to write */
function fixedLine(s: { readonly text: string }, span: Span, right: string): string | undefined {
  const from = s.text.lastIndexOf("\n", span.start - 1) + 1;
  const end = s.text.indexOf("\n", span.end);
  const line = `${s.text.slice(from, span.start)}${right}${s.text.slice(span.end, end < 0 ? undefined : end)}`.trim();
  return line.length <= 100 && !line.includes("\n") ? line : undefined;
}
/** tells, and puts a token of the right type in the place of `t`; `mend`: what else is wrong with the line */
function replace(s: State, t: IToken, right: string, type: TokenType, mend = (line: string) => line): number {
  const span = spanOf(t, s.file);
  const glued = /\w$/.test(right) && /\w/.test(s.text[span.end] ?? "");
  const written = fixedLine(s, span, glued ? `${right} ` : right);
  s.say(syntax.foreign({ right: `\`${right}\``, instead: written === undefined ? undefined : mend(written), span }));
  s.out.push(instead(t, type, right));
  return 1;
}
const wrong = (s: State, t: IToken, d: Diagnostic): number => {
  s.out.push(instead(t, Wrong, t.image, d));
  return 1;
};

// --- strings and numbers

const string: Rule = (s, i) => {
  const t = s.tokens[i]!;
  const span = spanOf(t, s.file);
  const text = stringValue(t.image, span, s.say);
  const key = s.tokens[i + 1]?.tokenType === P.Colon && s.open.at(-1)?.t.tokenType === P.LC;
  if (!key && s.tokens[i - 1]?.tokenType !== P.Dot) {
    s.out.push({ ...t, payload: text });
    return 1;
  }
  const plain = /^[A-Za-z_]\w*$/.test(text);
  if (plain || text === "") s.say(syntax.quotedField({ name: text, span }));
  s.out.push(instead(t, QuotedName, text));
  return 1;
};
const foreignString: Rule = (s, i) => {
  const t = s.tokens[i]!;
  const body = t.image.slice(1, -1);
  const right = `"${body.replace(/\\'/g, "'").replace(/(?<!\\)"/g, '\\"')}"`;
  const span = spanOf(t, s.file);
  s.say(
    syntax.foreign({
      right: right.length > 40 ? 'strings with `"`' : `\`${right}\``,
      instead: fixedLine(s, span, right),
      span,
    }),
  );
  s.out.push({ ...instead(t, Str, right), payload: stringValue(right, span, () => {}) });
  return 1;
};
const openString: Rule = (s, i) => {
  const t = s.tokens[i]!;
  const triple = t.tokenType === F.Triple;
  const [first = ""] = t.image.split("\n");
  const span = triple ? { ...spanOf(t, s.file), end: t.startOffset + 3 } : spanOf(t, s.file);
  const shut = first.replace(/\\$/, "").trimEnd();
  s.say(syntax.openString({ fixed: triple ? '"one line\\n" + "another line"' : `${shut}"`, span }));
  s.out.push({ ...instead(t, Str, '""'), payload: "" });
  return 1;
};
const number: Rule = (s, i) => {
  const t = s.tokens[i]!;
  const [a, b] = [s.tokens[i + 1], s.tokens[i + 2]];
  if (a && touches(t, a) && (a.tokenType === Num || a.tokenTypeIdx === Ident.tokenTypeIdx)) {
    const span = between(t, a, s.file);
    const text = t.image + a.image;
    const plain = text.replaceAll("_", "");
    s.say(syntax.badNumber({ text, instead: /^\d+$/.test(plain) ? plain : fromBase(text), span }));
    s.out.push(t);
    return 2;
  }
  if (a?.tokenType === P.Dot && touches(t, a) && !(touches(a, b) && b!.tokenType.CATEGORIES?.includes(FieldName))) {
    s.say(syntax.pointNeedsDigits({ instead: `${t.image}.0`, span: between(t, a, s.file) }));
    s.out.push(t);
    return 2;
  }
  if (!Number.isFinite(Number(t.image.replaceAll("_", "")))) {
    s.say(syntax.bigNumber({ text: t.image.slice(0, 40), span: spanOf(t, s.file) }));
  }
  return 0;
};
const fromBase = (text: string): string | undefined => {
  const value = /^0[xXbBoO][0-9a-fA-F]+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? String(value) : undefined;
};
const dot: Rule = (s, i) => {
  const [t, a] = [s.tokens[i]!, s.tokens[i + 1]];
  // `a.let` is a field, but not across a line: there a definition starts
  if (a && startsLine(t, a) && ["import", "let", "fn", "print", "save"].some(w => isKeyword(a, w))) {
    const span = spanOf(t, s.file);
    return wrong(s, t, syntax.fieldMissing({ number: false, span }));
  }
  const before = s.out.at(-1);
  if (a?.tokenType !== Num || !touches(t, a) || (touches(before, t) && endsValue(before))) return 0;
  s.say(syntax.pointNeedsDigits({ instead: `0.${a.image}`, span: between(t, a, s.file) }));
  return 1;
};

// --- words

const word: Rule = (s, i) => {
  const t = s.tokens[i]!;
  const a = s.tokens[i + 1];
  const before = s.out.at(-1);
  const first = startsLine(s.tokens[i - 1], t);
  if (a?.tokenType === Str && touches(t, a) && prefixes.has(t.image)) {
    const span = spanOf(t, s.file);
    s.say(syntax.noPrefixString({ prefix: t.image, instead: t.image === "f" ? '"x is " + string(x)' : a.image, span }));
    return 1;
  }
  if (before?.tokenType === P.Dot) return 0;
  const assigned = assignment(s, i, first);
  if (assigned) return assigned;
  if (s.own.has(t.image) || a === undefined) return value(s, i);
  const sameLine = a.startLine === t.startLine;
  if (binders.has(t.image) && (first || before?.tokenType === P.LC) && a.tokenType === Ident)
    return replace(s, t, "let", kw("let"));
  if (functions.has(t.image) && first && a.tokenType === Ident && s.tokens[i + 2]?.tokenType === P.LP)
    return replace(s, t, "fn", kw("fn"), line => line.replace(/\s*:$/, " = .."));
  if (t.image === "elif") {
    replace(s, t, "else if", kw("else"));
    s.out.push(instead(t, kw("if"), "if"));
    return 1;
  }
  const begins = first || before?.tokenType === P.LC || (endsValue(before) && endsValue(a));
  if (t.image === "return" && sameLine && begins && a.tokenType !== P.Dot) {
    const span = spanOf(t, s.file);
    s.say(syntax.noReturn({ instead: fixedLine(s, { ...span, end: a.startOffset }, "") ?? "a", span }));
    return 1;
  }
  return lambda(s, i) || loop(s, i, first) || value(s, i);
};
const value: Rule = (s, i) => {
  const t = s.tokens[i]!;
  const found = values.get(t.image);
  if (!found || s.own.has(t.image) || s.tokens[i + 1]?.tokenType === P.LP) return 0;
  return replace(s, t, found[0], found[1]);
};
/** `lambda x, y: x + y` --> `(x, y) => x + y` */
const lambda: Rule = (s, i) => {
  const t = s.tokens[i]!;
  if (t.image !== "lambda") return 0;
  const names: IToken[] = [];
  let j = i + 1;
  while (s.tokens[j]?.tokenType === Ident) {
    names.push(s.tokens[j]!);
    j++;
    if (s.tokens[j]?.tokenType !== P.Comma) break;
    j++;
  }
  const colon = s.tokens[j];
  if (colon?.tokenType !== P.Colon) return 0;
  const list = names.map(n => n.image).join(", ");
  const right = `${names.length === 1 ? list : `(${list})`} =>`;
  const span = between(t, colon, s.file);
  s.say(syntax.foreign({ right: `\`${right} ..\``, instead: fixedLine(s, span, right), span }));
  s.out.push(instead(t, P.LP, "("));
  names.forEach((n, k) => {
    if (k) s.out.push(instead(n, P.Comma, ","));
    s.out.push(n);
  });
  s.out.push(instead(colon, P.RP, ")"), instead(colon, P.Arrow, "=>"));
  return j + 1 - i;
};
function loop(s: State, i: number, first: boolean): number {
  const [t, a, b] = [s.tokens[i]!, s.tokens[i + 1]!, s.tokens[i + 2]];
  const span = spanOf(t, s.file);
  const comprehension = t.image === "for" && a.tokenType === Ident && b?.image === "in";
  if (!comprehension && !(first && a.startLine === t.startLine && (a.tokenType === Ident || a.tokenType === P.LP))) {
    return 0;
  }
  const way = loops.get(t.image);
  if (way) return wrong(s, t, syntax.noLoop({ word: t.image, instead: way, span }));
  const statement = statements.get(t.image);
  if (!statement || a.tokenType !== Ident) return 0;
  return wrong(s, t, syntax.noStatement({ word: t.image, instead: statement, span }));
}
/** `x = 1` where a definition may stand, and `x += 1` */
function assignment(s: State, i: number, first: boolean): number {
  const [t, a, b] = [s.tokens[i]!, s.tokens[i + 1], s.tokens[i + 2]];
  if (!first || !a) return 0;
  const place = s.open.length === 0 || s.open.at(-1)!.block;
  const before = s.out.at(-1);
  if (!place || !(before === undefined || endsValue(before))) return 0;
  const span = spanOf(t, s.file);
  if (a.tokenType === P.Assign) {
    s.say(syntax.letMissing({ instead: fixedLine(s, span, `let ${t.image}`) ?? `let ${t.image} = ..`, span }));
    s.out.push(instead(t, kw("let"), "let"), t);
    return 1;
  }
  const changes =
    b?.tokenType === P.Assign && touches(a, b) && [P.Plus, P.Minus, P.Star, P.Slash].some(o => o === a.tokenType);
  if (!changes) return 0;
  const rest = s.text.slice(endOf(b!)).split("\n")[0]!.trim();
  const d = syntax.noAssignment({
    name: t.image,
    op: `${a.image}=`,
    instead: `let new_${t.image} = ${t.image} ${a.image} ${rest || ".."}`,
    span,
  });
  return wrong(s, t, d);
}

// --- marks, brackets, comments

const semicolon: Rule = (s, i) => {
  s.say(syntax.noSemicolon({ span: spanOf(s.tokens[i]!, s.file) }));
  return 1;
};
const comment: Rule = (s, i) => {
  const t = s.tokens[i]!;
  const body = t.image
    .replace(/^\/\*+|\*+\/$|^#+/g, "")
    .trim()
    .split("\n")[0]!
    .trim();
  const span = t.tokenType === F.Block ? { ...spanOf(t, s.file), end: t.startOffset + 2 } : spanOf(t, s.file);
  s.say(syntax.foreign({ right: "`// ..` for a comment", instead: `// ${body}`.trim(), span }));
  return 1;
};
/** `@jit` above a definition */
const decorator: Rule = (s, i) => {
  if (!startsLine(s.tokens[i - 1], s.tokens[i]!)) return 0;
  let j = i + 1;
  if (s.tokens[j]?.tokenType !== Ident) return 0;
  const line = s.tokens[i]!.startLine;
  while (s.tokens[j] && s.tokens[j]!.startLine === line) j++;
  const next = s.tokens[j];
  if (!next || !(["fn", "layer", "model"].includes(next.image) || functions.has(next.image) || next.tokenType === P.At))
    return 0;
  s.say(syntax.noDecorator({ span: between(s.tokens[i]!, s.tokens[j - 1]!, s.file) }));
  return j - i;
};
const opens: Rule = (s, i) => {
  const [t, a, b] = [s.tokens[i]!, s.tokens[i + 1], s.tokens[i + 2]];
  const declares = a !== undefined && ["let", "weight", "state"].some(w => isKeyword(a, w));
  const named = b !== undefined && (b.tokenType === Ident || softKeywords.includes(b.image));
  const fresh = a !== undefined && binders.has(a.image) && named;
  s.open.push({ t, block: t.tokenType === P.LC && ((declares && named) || fresh) });
  return 0;
};
const closes: Rule = s => {
  s.open.pop();
  return 0;
};
/** a comment that was meant as a division: after an operand, a number or a name and nothing else but closing brackets */
function division(s: State, c: IToken): void {
  const found = /^\/\/ ?(\d[\d_.]*|[A-Za-z_]\w*)\s*([)\]},]+)\s*$|^\/\/ ?(\d[\d_.]*)\s*$/.exec(c.image);
  if (!found) return;
  const from = s.text.lastIndexOf("\n", c.startOffset) + 1;
  const before = s.text.slice(from, c.startOffset);
  if (!/[\w)\]]\s*$/.test(before) || /^\s*(param|import)\b/.test(before)) return;
  const operand = /([A-Za-z_][\w.]*|\d[\d_.]*)\s*$/.exec(before)?.[1] ?? "x";
  const divisor = found[1] ?? found[3]!;
  const certain = found[2] !== undefined && unbalanced(before, found[2]);
  if (found[2] !== undefined && !certain) return;
  const span = { ...spanOf(c, s.file), end: c.startOffset + 2 };
  s.say(syntax.commentNotDivision({ instead: `div(${operand}, ${divisor})`, certain, span }));
}
/** does the line before the comment open the bracket that the comment closes? */
const unbalanced = (before: string, closers: string): boolean =>
  before.split(/[([{]/).length > before.split(/[)\]}]/).length && /[)\]}]/.test(closers);

const byType = new Map<TokenType, Rule>([
  [Str, string],
  [F.Open, openString],
  [F.Triple, openString],
  [F.Single, foreignString],
  [F.Back, foreignString],
  [Num, number],
  [P.Dot, dot],
  [Ident, word],
  [F.Semi, semicolon],
  [F.Block, comment],
  [F.Hash, comment],
  [P.At, decorator],
  [P.LP, opens],
  [P.LB, opens],
  [P.LC, opens],
  [P.RP, closes],
  [P.RB, closes],
  [P.RC, closes],
  ...[...marks].map(([type, [right, real]]): [TokenType, Rule] => [
    type,
    (s, i) => replace(s, s.tokens[i]!, right, real),
  ]),
]);
