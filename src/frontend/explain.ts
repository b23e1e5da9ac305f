/** What to say where the grammar cannot go on: from the rule, the token that it wanted and the tokens around it, never from
 *  chevrotain's own text. One function per kind of rule; the first that knows answers. Knows no tree. */
import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import type { Span } from "../ir/node.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";
import {
  endOf,
  FieldName,
  hardKeywords,
  Ident,
  isKeyword,
  kw,
  Num,
  Operator,
  P,
  Str,
  softKeywords,
  spanOf,
  startsLine,
  Wrong,
} from "./lexer.ts";

/** how deep expressions, types and chains of calls may nest: far more than anybody writes, far less than the stack holds */
export const deepest = 120;
/** the rule of a Failure that is no rule: the limit was met */
export const tooDeep = "(too deep)";

/** what chevrotain knew: the rule, and the type of token if it wanted exactly one */
export interface Failure {
  readonly expected: TokenType | undefined;
  readonly rule: string;
}
export interface Where {
  readonly text: string;
  readonly file: string;
  readonly tokens: readonly IToken[];
  /** index of the first token of the definition */
  readonly start: number;
  /** index of the token that could not be read; the number of tokens at the end */
  readonly found: number;
  /** the rules that were open, outermost first */
  readonly stack: readonly string[];
}
interface Case extends Where, Failure {
  readonly token: IToken | undefined;
  readonly before: IToken | undefined;
  /** where to point */
  readonly span: Span;
  /** the token in words: "`+`", "the end of the file" */
  readonly words: string;
  /** the innermost bracket that is open, if it is of this definition */
  readonly opener: IToken | undefined;
}

export function explain(failure: Failure, where: Where): Diagnostic {
  const token = where.tokens[where.found];
  const before = where.tokens[where.found - 1];
  const opener = openBracket(where);
  const c: Case = {
    ...where,
    ...failure,
    token,
    before,
    opener,
    span: placeOf(where, token, before),
    words: inWords(token),
  };
  if (failure.rule === tooDeep) return syntax.tooDeep({ limit: deepest, span: c.span });
  if (token?.tokenType === Wrong) return token.payload as Diagnostic; // foreign.ts gives every Wrong its Diagnostic
  for (const rule of rules) {
    const d = rule(c);
    if (d) return d;
  }
  return syntax.unexpected({ found: c.words, after: c.before?.image, opener: opened(c), span: c.span });
}

/** does a definition or an effect start here? */
export function startsItem(tokens: readonly IToken[], i: number): boolean {
  const t = tokens[i]!;
  if (!startsLine(tokens[i - 1], t)) return false;
  if (["import", "let", "fn", "print", "save"].some(w => isKeyword(t, w))) return true;
  const next = tokens[i + 1];
  const named = next !== undefined && (next.tokenType === Ident || softKeywords.includes(next.image));
  return named && ["param", "layer", "model"].some(w => isKeyword(t, w));
}

const closerOf = new Map<TokenType, string>([
  [P.LP, ")"],
  [P.LB, "]"],
  [P.LC, "}"],
]);
const closing = new Set<TokenType>([P.RP, P.RB, P.RC]);
function openBracket({ tokens, start, found }: Where): IToken | undefined {
  const open: IToken[] = [];
  for (let i = start; i < found; i++) {
    const t = tokens[i]!;
    if (closerOf.has(t.tokenType)) open.push(t);
    else if (closing.has(t.tokenType)) open.pop();
  }
  return open.at(-1);
}
/** the token, or the end of what stands before the next definition or the end of the file */
function placeOf({ text, file, tokens, found }: Where, token: IToken | undefined, before: IToken | undefined): Span {
  if (token && !(before && startsItem(tokens, found))) return spanOf(token, file);
  return before ? behind(before, file) : { file, start: 0, end: Math.min(1, text.length), line: 1, column: 1 };
}
/** one column behind a token */
const behind = (t: IToken, file: string): Span => {
  const at = endOf(t);
  return { file, start: at, end: at, line: t.endLine!, column: t.endColumn! + 1 };
};
function inWords(t: IToken | undefined): string {
  if (!t) return "the end of the file";
  if (t.tokenType === Str) return "a string";
  if (t.tokenType === Num) return `the number ${short(t.image)}`;
  if (t.tokenType === Ident) return `the name \`${short(t.image)}\``;
  return `\`${short(t.image)}\``;
}
const short = (s: string): string => (s.length > 40 ? `${s.slice(0, 40)}..` : s);
const opened = (c: Case) => c.opener && { text: c.opener.image, span: spanOf(c.opener, c.file) };
const is = (t: IToken | undefined, ...types: TokenType[]): boolean => t !== undefined && types.includes(t.tokenType);
const isHard = (t: IToken | undefined): boolean => t !== undefined && hardKeywords.some(w => isKeyword(t, w));
const startsValue = (t: IToken | undefined): boolean =>
  t !== undefined &&
  (is(t, Num, Str, P.LP, P.LB, P.LC, P.Dot) ||
    tokenMatcher(t, Ident) ||
    ["if", "true", "false", "none", "not"].some(w => isKeyword(t, w)));
/** text between two tokens, on one line and short enough to paste */
function between(c: Where, from: IToken | undefined, to: IToken | undefined): string | undefined {
  if (!from || !to || to.startOffset < from.startOffset) return undefined;
  const text = c.text.slice(from.startOffset, endOf(to)).replace(/\s*\n\s*/g, " ");
  return text.length > 80 ? undefined : text;
}
/** the last token of what starts at `t`: up to the end of its line, or to a bracket that closes something before it */
function lineEnd(c: Where, t: IToken): IToken {
  let i = c.tokens.indexOf(t);
  let depth = 0;
  for (let next = c.tokens[i]; next && next.startLine === t.startLine; next = c.tokens[++i]) {
    if (closerOf.has(next.tokenType)) depth++;
    if (closing.has(next.tokenType) && --depth < 0) break;
  }
  return c.tokens[Math.max(i - 1, c.tokens.indexOf(t))]!;
}
/** does the expression stop here because the file, the definition or a bracket ends? */
const stops = (c: Case): boolean =>
  c.token === undefined || closing.has(c.token.tokenType) || startsItem(c.tokens, c.found);

type Explain = (c: Case) => Diagnostic | undefined;

const strayCloser: Explain = c =>
  c.token && closing.has(c.token.tokenType) && !c.opener
    ? syntax.strayCloser({ text: c.token.image, span: c.span })
    : undefined;

const name: Explain = c => {
  const open = c.expected === P.RP && c.rule === "formals" && is(c.before, P.LP, P.Comma);
  if (open && c.token && !stops(c)) {
    if (isHard(c.token)) return syntax.keywordAsName({ word: c.token.image, span: c.span });
    return syntax.nameMissing({ what: "a parameter", found: c.words, span: c.span });
  }
  if (c.expected !== Ident) return undefined;
  const unpacks = c.rule === "let" && is(c.token, P.LP, P.LC, P.LB);
  if (unpacks) return syntax.oneName({ instead: "let r = f(x)   then r.a, r.b", span: c.span });
  if (c.token && isHard(c.token) && !stops(c)) return syntax.keywordAsName({ word: c.token.image, span: c.span });
  const what =
    c.before && hardKeywords.concat(softKeywords).includes(c.before.image) ? `\`${c.before.image}\`` : undefined;
  const found = stops(c) ? undefined : c.words;
  if (what) return syntax.nameMissing({ what, found, span: c.span });
  return c.rule === "formal" || c.rule === "lambda"
    ? syntax.nameMissing({ what: "a parameter", found: c.words, span: c.span })
    : undefined;
};
const field: Explain = c =>
  c.expected === FieldName && is(c.before, P.Dot)
    ? syntax.fieldMissing({ number: is(c.token, Num), span: c.span })
    : undefined;
/** `r.0` is read as `r` and `.0`, `x.5` as a name and a number */
const numberField: Explain = c =>
  is(c.before, P.Dot) && is(c.token, Num) ? syntax.fieldMissing({ number: true, span: c.span }) : undefined;

const definition: Explain = c => {
  const first = c.tokens[c.start]!;
  if (c.expected === kw("to") && c.rule === "save" && !c.opener) return syntax.saveTo({ span: c.span });
  if (c.expected === Str && c.rule === "import") {
    const word = c.token && tokenMatcher(c.token, Ident) ? c.token.image : "lib/blocks";
    return syntax.importPath({ instead: `import "${word}.hs"`, span: c.span });
  }
  if (c.expected === P.LP && c.rule === "formals" && c.before) {
    const kind = c.tokens[c.found - 2]?.image ?? first.image;
    return syntax.parametersMissing({ kind, name: c.before.image, span: c.span });
  }
  if (c.expected === P.Colon && (c.rule === "weight" || c.rule === "state") && c.before) {
    return syntax.writtenType({ kind: c.rule, name: c.before.image, span: c.span });
  }
  if (c.expected === kw("then") && c.rule === "state" && !mismatched(c)) return syntax.nextMissing({ span: c.span });
  return undefined;
};
const equals: Explain = c => {
  const owner = ["let", "def", "weight", "state"].includes(c.rule) ? c.rule : undefined;
  if (!owner || (c.expected !== P.Assign && owner !== "def")) return undefined;
  const what = { let: "`let`", def: "a function", weight: "a weight", state: "a state" }[owner] ?? "a definition";
  const head = headOf(c);
  if (owner === "let" && is(c.token, P.Comma)) {
    return syntax.oneName({ instead: "let r = f(x)   then r.a, r.b", span: c.span });
  }
  if (owner === "let" && is(c.token, P.LP)) {
    const text = between(c, c.before, lineEnd(c, c.token!)) ?? `${c.before?.image}(x) = ..`;
    return syntax.functionWithLet({ name: c.before!.image, instead: `fn ${text}`, span: spanOf(head, c.file) });
  }
  const said = between(c, head, c.before);
  // `def` was told already
  const written = owner === "def" ? said?.replace(/^\w+/, head.image) : said;
  const after = c.tokens[c.found + 1];
  if (owner === "def" && is(c.token, P.Colon) && after && !startsLine(c.token, after)) {
    const rest = between(c, after, lineEnd(c, after)) ?? "..";
    return syntax.resultType({ instead: `${written ?? ".."} -> ${rest}`, span: c.span });
  }
  const rest = startsValue(c.token) && !stops(c) ? between(c, c.token, lineEnd(c, c.token!)) : undefined;
  return syntax.equalsMissing({ what, instead: written && `${written} = ${rest ?? ".."}`, span: c.span });
};
/** the keyword of the innermost definition that is being read */
function headOf(c: Case): IToken {
  for (let i = c.found - 1; i >= c.start; i--) {
    if (["let", "fn", "layer", "model", "weight", "state"].some(w => isKeyword(c.tokens[i]!, w))) return c.tokens[i]!;
  }
  return c.tokens[c.start]!;
}
const branch: Explain = c => {
  const word = c.expected === kw("then") ? "then" : c.expected === kw("else") ? "else" : undefined;
  if (c.rule !== "if" || !word || mismatched(c)) return undefined;
  const open: IToken[] = [];
  for (let i = c.start; i < c.found; i++) {
    const t = c.tokens[i]!;
    if (isKeyword(t, "if")) open.push(t);
    else if (isKeyword(t, "else")) open.pop();
  }
  const start = open.at(-1);
  return start && syntax.branchMissing({ word, start: spanOf(start, c.file), span: c.span });
};
/** the token closes another bracket than the one that is open */
const mismatched = (c: Case): boolean =>
  c.opener !== undefined &&
  closing.has(c.token?.tokenType as TokenType) &&
  c.token!.image !== closerOf.get(c.opener.tokenType);

const effectInside: Explain = c => {
  const word = c.token && ["print", "save", "import", "fn"].find(w => isKeyword(c.token!, w));
  const inside = c.opener !== undefined && word !== undefined && c.token!.startColumn! > 1;
  return inside ? syntax.insideBlock({ word, span: c.span }) : undefined;
};
const type: Explain = c => {
  if (!["type", "namedType", "manyType"].includes(c.rule) || c.expected === P.RB || !c.before) return undefined;
  if (c.expected !== undefined && c.expected !== Ident) return undefined;
  return syntax.typeMissing({ after: c.before.image, span: c.span });
};
const dim: Explain = c => {
  const inDim = c.stack.includes("dim") || c.rule === "namedType" || c.rule === "dim";
  if (!inDim || c.expected !== undefined || !is(c.before, P.LB, P.Comma)) return undefined;
  return syntax.dimMissing({ after: c.before!.image, span: c.span });
};
const tuple: Explain = c => {
  const lambda = c.rule === "lambda" && c.expected === P.Arrow;
  const group = c.rule === "group" && is(c.token, P.Comma);
  if (!lambda && !group) return undefined;
  const from = lambda ? matching(c) : c.opener;
  const to = lambda ? c.before : closerFrom(c);
  const text = between(c, from, to)?.slice(1, -1).trim();
  const instead = text ? `[${text}] for numbers, { a: .., b: .. } for a record` : "[a, b], or { a: 1, b: 2 }";
  const start = from ? { ...spanOf(from, c.file), end: to ? endOf(to) : c.span.end } : c.span;
  return syntax.noTuple({ instead, span: start });
};
/** the `(` of the `)` before the token */
function matching(c: Case): IToken | undefined {
  let depth = 0;
  for (let i = c.found - 1; i >= c.start; i--) {
    const t = c.tokens[i]!;
    if (closing.has(t.tokenType)) depth++;
    else if (closerOf.has(t.tokenType) && --depth === 0) return t;
  }
  return undefined;
}
/** the bracket that closes the open one, from the token on, in the same definition */
function closerFrom(c: Case): IToken | undefined {
  let depth = 1;
  for (let i = c.found; i < c.tokens.length && !startsItem(c.tokens, i); i++) {
    const t = c.tokens[i]!;
    if (closerOf.has(t.tokenType)) depth++;
    else if (closing.has(t.tokenType) && --depth === 0) return t;
  }
  return undefined;
}
const arrow: Explain = c => {
  if (!is(c.token, P.Arrow)) return undefined;
  const before = c.tokens[c.found - 2];
  if (is(before, P.Pipe) && c.before && tokenMatcher(c.before, Ident)) {
    const text = between(c, c.before, lineEnd(c, c.token!));
    return syntax.lambdaInPipe({ instead: `|> (${text ?? `${c.before.image} => ..`})`, span: c.span });
  }
  return syntax.lambdaParams({ span: c.span });
};
const ternary: Explain = c =>
  is(c.token, P.Quest) && !c.stack.includes("type") ? syntax.noTernary({ span: c.span }) : undefined;
const stage: Explain = c =>
  is(c.before, P.Pipe) && c.token && (is(c.token, P.Minus) || isKeyword(c.token, "not"))
    ? syntax.prefixInPipe({ op: c.token.image, span: c.span })
    : undefined;
const index: Explain = c => {
  if (!c.stack.includes("indexItems")) return undefined;
  if (c.rule === "indexItems" && is(c.token, P.Colon)) return syntax.sliceStep({ span: c.span });
  if (is(c.before, P.LB) && is(c.token, P.RB)) {
    return syntax.emptyIndex({ span: { ...spanOf(c.before!, c.file), end: endOf(c.token!) } });
  }
  return undefined;
};
const blockEnd: Explain = c => {
  if (c.rule === "block" && c.expected === P.RC && c.token && !stops(c)) {
    return syntax.blockEnds({ found: c.words, opener: opened(c), span: c.span });
  }
  const inBlock = is(c.opener, P.LC) && is(c.token, P.RC) && c.stack.at(-1) !== "record" && c.stack.includes("block");
  const fresh =
    inBlock && !is(c.before, P.Pipe, P.Assign, P.Comma, P.Colon, P.Arrow) && !tokenMatcher(c.before!, Operator);
  return fresh && c.rule !== "record" && isBlockEnd(c) ? syntax.blockValue({ span: c.span }) : undefined;
};
/** nothing but an expression was wanted: the value of the block */
const isBlockEnd = (c: Case): boolean => c.expected === undefined && wantsValue(c);
const wantsValue = (c: Case): boolean => ["expr", "pipe", "binary", "operand", "postfix", "primary"].includes(c.rule);

const recordField: Explain = c => {
  const inRecord = c.rule === "field" || (c.rule === "record" && c.expected === P.RC);
  if (!inRecord || stops(c) || is(c.token, P.Comma)) return undefined;
  const comma = c.rule === "record" && c.token && (startsLine(c.before, c.token) || tokenMatcher(c.token, FieldName));
  if (comma && !is(c.token, P.LP)) return undefined;
  const from = c.rule === "field" ? c.token : fieldStart(c);
  const end = from && lineEnd(c, from);
  const text = between(c, from, is(end, P.RC) ? c.tokens[c.tokens.indexOf(end!) - 1] : end);
  return syntax.unnamedField({ text: text ?? "..", span: c.span });
};
/** the first token of the field that is being read */
function fieldStart(c: Case): IToken | undefined {
  let i = c.found - 1;
  while (i > c.start && !is(c.tokens[i], P.LC, P.Comma)) i--;
  return c.tokens[i + 1];
}
/** a bracket that is not closed where the definition, the file or an outer bracket ends, or where an element has no comma */
const closer: Explain = c => {
  const closerText = c.opener && closerOf.get(c.opener.tokenType)!;
  if (!c.opener || !closerText || !c.before) return undefined;
  const ended = stops(c) && c.token?.image !== closerText;
  if (ended) {
    const found = c.token && closing.has(c.token.tokenType) ? c.words : undefined;
    return syntax.closerMissing({
      closer: closerText,
      found,
      comma: false,
      opener: opened(c),
      span: found ? c.span : behind(c.before, c.file),
    });
  }
  const listed = ["args", "literal", "record", "recordType", "formals", "indexItems", "namedType", "group"].includes(
    c.rule,
  );
  if (!listed || c.expected === undefined) return undefined;
  const found = startsValue(c.token) || isHard(c.token) ? c.words : undefined;
  return found === undefined
    ? undefined
    : syntax.closerMissing({ closer: closerText, found, comma: c.rule !== "group", opener: opened(c), span: c.span });
};
const expression: Explain = c => {
  if (!wantsValue(c) || c.expected !== undefined) return undefined;
  const after = c.before && (c.found > c.start || tokenMatcher(c.before, Operator)) ? c.before.image : undefined;
  return syntax.expressionMissing({ after: after && short(after), found: c.words, span: c.span });
};
const misplacedWord: Explain = c =>
  isHard(c.token) || is(c.token, P.Pipe) || (c.token && tokenMatcher(c.token, Operator))
    ? syntax.unexpected({ found: c.words, after: c.before && short(c.before.image), opener: opened(c), span: c.span })
    : undefined;

/** in this order: what is certain first */
const rules: readonly Explain[] = [
  strayCloser,
  effectInside,
  name,
  field,
  numberField,
  definition,
  equals,
  branch,
  tuple,
  arrow,
  ternary,
  stage,
  index,
  blockEnd,
  recordField,
  dim,
  closer,
  type,
  expression,
  misplacedWord,
];
