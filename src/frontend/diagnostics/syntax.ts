/** Every message of the parser: one entry each, a function of typed parameters. Knows no tokens; code comes as text.
 *  What other languages write is in foreign.ts's table, with messages from here. */
import type { Span } from "../../ir/node.ts";
import { diagnostic, type Note, quoted } from "./diagnostic.ts";

type At = { readonly span: Span };
/** `opener`: where the bracket stands that is still open */
type Opened = { readonly opener?: { readonly text: string; readonly span: Span } | undefined };
const openedAt = (p: Opened): readonly Note[] =>
  p.opener ? [{ message: `${quoted(p.opener.text)} opened here`, span: p.opener.span, line: true }] : [];

/** characters that look like others, and words for the rest */
const lookalikes: Readonly<Record<string, string>> = {
  "\u201c": '"',
  "\u201d": '"',
  "\u2018": '"',
  "\u2019": '"',
  "\u00ab": '"',
  "\u00bb": '"',
  "\u2212": "-",
  "\u2013": "-",
  "\u2014": "-",
  "\u00d7": "*",
  "\u00b7": "*",
  "\u00f7": "/",
  "\u2264": "<=",
  "\u2265": ">=",
  "\u2260": "!=",
  "\u2192": "->",
  "\u21d2": "=>",
  "\u2026": "...",
  "\uff08": "(",
  "\uff09": ")",
  "\uff0c": ",",
  "\uff1a": ":",
  "\uff1d": "=",
  "&": "and",
  "|": "or",
  "~": "not",
};
function shownCharacter(text: string): string {
  const p = text.codePointAt(0)!;
  const code = `U+${p.toString(16).toUpperCase().padStart(4, "0")}`;
  return p < 32 || (p >= 127 && p < 160) || /^[\p{C}\p{M}\p{Z}]/u.test(text) ? code : quoted(text);
}

export const syntax = {
  // --- text

  notText: (p: At) => diagnostic("notText", "a program is text in UTF-8, this file holds other data", p.span),
  badCharacter: (p: { text: string } & At) => {
    const chars = [...p.text];
    const letters = /^[\p{L}\p{N}]/u.test(p.text);
    const other = lookalikes[chars[0]!];
    return diagnostic("badCharacter", `${shownCharacter(letters ? p.text : chars[0]!)} cannot stand here`, p.span, {
      label: letters ? "a name has the letters a to z, digits and `_`" : other && `write ${quoted(other)}`,
    });
  },
  badEscape: (p: { text: string } & At) =>
    diagnostic("badEscape", `${quoted(p.text)} is no escape`, p.span, {
      help: p.text.startsWith("\\u")
        ? "\\u{1F600}: one to six hexadecimal digits in braces, a code point"
        : `\\n \\t \\" \\\\ \\u{..} are all there are; for the character itself: \\${p.text}`,
    }),
  openString: (p: { fixed: string } & At) =>
    diagnostic("openString", 'a string ends on its line, with `"`', p.span, { help: p.fixed }),
  badNumber: (p: { text: string; instead: string | undefined } & At) =>
    diagnostic("badNumber", `${quoted(p.text)} is no number`, p.span, { help: p.instead }),
  pointNeedsDigits: (p: { instead: string } & At) =>
    diagnostic("pointNeedsDigits", "a number has a digit on both sides of its point", p.span, { help: p.instead }),
  bigNumber: (p: { text: string } & At) =>
    diagnostic("bigNumber", `${quoted(p.text)} is larger than any f64`, p.span, { help: "inf" }),

  // --- errors.md 10, 11, 12 and 15

  /** 10. `second`: of the second operator */
  comparisonChain: (p: { second: Span; instead: string }) =>
    diagnostic("comparisonChain", "comparisons do not chain", p.second, { help: p.instead }),
  /** 11. */
  operatorAfterPipe: (p: { op: string; instead: string } & At) =>
    diagnostic("operatorAfterPipe", `${quoted(p.op)} after a pipeline`, p.span, { help: p.instead }),
  /** 12. `definition`: the last line of the `let` above, which nothing uses */
  startsNewLine: (p: { name: string | undefined; op: string; above: string; context: Span | undefined } & At) =>
    diagnostic(
      "startsNewLine",
      p.name === undefined
        ? `the line starts with ${quoted(p.op)}`
        : `${quoted(p.name)} is never used, and the next line starts with ${quoted(p.op)}`,
      p.span,
      {
        context: p.context,
        label: "begins a new expression",
        help: `put the ${p.op === "-" ? "operator" : "bracket"} at the end of the line above: ${p.above}${p.op === "-" ? " -" : p.op}`,
      },
    ),
  /** 15. `padding=2` */
  namedWithEquals: (p: { instead: string } & At) =>
    diagnostic("namedWithEquals", "arguments are named with `:`", p.span, { help: p.instead }),
  /** 15. a word or a mark of another language. `right` with its quotes: "`and`" */
  foreign: (p: { right: string; instead: string | undefined } & At) =>
    diagnostic("foreign", `write ${p.right}`, p.span, { help: p.instead }),
  /** 15. `x // 2` */
  commentNotDivision: (p: { instead: string; certain: boolean } & At) =>
    diagnostic("commentNotDivision", "`//` starts a comment", p.span, {
      severity: p.certain ? "error" : "warning",
      help: p.instead,
    }),

  // --- what other languages have and hsc does not: one line each

  noReturn: (p: { instead: string } & At) =>
    diagnostic("noReturn", "the last expression of a block is its value: no `return`", p.span, { help: p.instead }),
  noLoop: (p: { word: string; instead: string } & At) =>
    diagnostic("noLoop", `no ${quoted(p.word)}: values are made with functions of collections`, p.span, {
      help: p.instead,
    }),
  noStatement: (p: { word: string; instead: string | undefined } & At) =>
    diagnostic("noStatement", `hsc has no ${quoted(p.word)}`, p.span, { help: p.instead }),
  noDecorator: (p: At) =>
    diagnostic("noDecorator", "hsc has no decorators", p.span, { help: "call the function: let g = decorate(f)" }),
  noSemicolon: (p: At) => diagnostic("noSemicolon", "no `;`: a definition ends where the next one begins", p.span),
  noAssignment: (p: { name: string; op: string; instead: string } & At) =>
    diagnostic("noAssignment", `${quoted(p.name)} cannot change: a name has one value`, p.span, { help: p.instead }),
  noPrefixString: (p: { prefix: string; instead: string } & At) =>
    diagnostic("noPrefixString", `strings have no prefix ${quoted(p.prefix)}`, p.span, { help: p.instead }),
  noTuple: (p: { instead: string } & At) => diagnostic("noTuple", "there are no tuples", p.span, { help: p.instead }),
  noTernary: (p: At) =>
    diagnostic("noTernary", "`?` belongs to types", p.span, { help: "if a then b else c, or a ?? b for a missing a" }),
  quotedField: (p: { name: string } & At) =>
    diagnostic(
      "quotedField",
      p.name ? "the name of a field has quotes only where it is no plain name" : "the name of a field is empty",
      p.span,
      {
        help: p.name || undefined,
      },
    ),

  // --- definitions

  letMissing: (p: { instead: string } & At) =>
    diagnostic("letMissing", "a definition begins with `let`", p.span, { help: p.instead }),
  strayExpression: (p: { text: string } & At) =>
    diagnostic("strayExpression", "an expression alone does nothing", p.span, {
      help: `print ${p.text}, or let name = ${p.text}`,
    }),
  /** two expressions on one line with nothing between them */
  juxtaposed: (p: { text: string | undefined; after: string | undefined } & At) =>
    diagnostic(
      "juxtaposed",
      `${p.text === undefined ? "an expression" : quoted(p.text)} cannot stand ${p.after === undefined ? "here" : `after ${quoted(p.after)}`}`,
      p.span,
      { help: "write an operator between them, or a new line with `let` or `print`" },
    ),
  oneName: (p: { instead: string } & At) => diagnostic("oneName", "a `let` has one name", p.span, { help: p.instead }),
  strayCloser: (p: { text: string } & At) =>
    diagnostic("strayCloser", `${quoted(p.text)} closes nothing`, p.span, { help: "leave it out" }),
  outsideBlock: (p: { kind: "weight" | "state" } & At) =>
    diagnostic("outsideBlock", `${quoted(p.kind)} stands in the block of a layer or model`, p.span, {
      help:
        p.kind === "weight"
          ? "layer f(x) = { weight w: f32[2] = 0  x * w }"
          : "layer f(x) = { state s: f32 = 0 then s + 1  x * s }",
    }),
  insideBlock: (p: { word: string } & At) =>
    diagnostic("insideBlock", `${quoted(p.word)} stands at the top level only`, p.span, {
      help: "put it below the definition",
    }),
  functionWithLet: (p: { name: string; instead: string } & At) =>
    diagnostic("functionWithLet", "`let` names a value; a function begins with `fn`", p.span, { help: p.instead }),
  equalsMissing: (p: { what: string; instead: string | undefined } & At) =>
    diagnostic("equalsMissing", `${p.what} has \`=\` before its value`, p.span, { help: p.instead }),
  resultType: (p: { instead: string } & At) =>
    diagnostic("resultType", "the type of a result stands after `->`", p.span, { help: p.instead }),
  parametersMissing: (p: { kind: string; name: string } & At) =>
    diagnostic("parametersMissing", `${quoted(p.kind)} needs its parameters in parentheses`, p.span, {
      help: `${p.kind} ${p.name}(x) = ..`,
    }),
  writtenType: (p: { kind: "weight" | "state"; name: string } & At) =>
    diagnostic("writtenType", `the type of a ${p.kind} is written`, p.span, {
      help: p.kind === "weight" ? `weight ${p.name}: f32[2] = 0` : `state ${p.name}: f32 = 0 then ..`,
    }),
  nextMissing: (p: At) =>
    diagnostic("nextMissing", "a state has `then` and its next value", p.span, { help: "state s: f32 = 0 then s + 1" }),
  saveTo: (p: At) =>
    diagnostic("saveTo", "`save` has `to` and a path", p.span, { help: 'save scores to "scores.csv"' }),
  importPath: (p: { instead: string } & At) =>
    diagnostic("importPath", "`import` has a path in quotes", p.span, { help: p.instead }),
  defined: (p: { name: string; first: Span; where: string } & At) =>
    diagnostic("defined", `${quoted(p.name)} is defined twice ${p.where}`, p.span, {
      notes: [{ message: "first here", span: p.first, line: true }],
      help: "give one of them another name",
    }),
  givenTwice: (p: { name: string; first: Span } & At) =>
    diagnostic("givenTwice", `${quoted(p.name)} is given twice`, p.span, {
      notes: [{ message: "first here", span: p.first }],
      help: "leave one of them out",
    }),

  // --- expressions

  closerMissing: (p: { closer: string; found: string | undefined; comma: boolean } & At & Opened) =>
    diagnostic(
      "closerMissing",
      `a ${p.comma ? "`,` or " : ""}${quoted(p.closer)} is missing${p.found === undefined ? "" : ` before ${p.found}`}`,
      p.span,
      { notes: openedAt(p) },
    ),
  branchMissing: (p: { word: "then" | "else"; start: Span } & At) =>
    diagnostic("branchMissing", `this \`if\` has no ${quoted(p.word)}`, p.start, {
      notes: [{ message: `${quoted(p.word)} is missing here`, span: p.span, line: true }],
      help: "if a then b else c",
    }),
  keywordAsName: (p: { word: string } & At) =>
    diagnostic("keywordAsName", `${quoted(p.word)} is a keyword, a name is needed here`, p.span, {
      help: `${p.word}_`,
    }),
  nameMissing: (p: { what: string; found: string | undefined } & At) =>
    diagnostic("nameMissing", `${p.what} needs a name${p.found === undefined ? "" : `, this is ${p.found}`}`, p.span),
  fieldMissing: (p: { number: boolean } & At) =>
    diagnostic("fieldMissing", "the name of a field stands after `.`", p.span, {
      help: p.number ? "x[0] for an element" : undefined,
    }),
  expressionMissing: (p: { after: string | undefined; found: string } & At) =>
    diagnostic(
      "expressionMissing",
      p.after === undefined
        ? `an expression is missing before ${p.found}`
        : `an expression is missing after ${quoted(p.after)}`,
      p.span,
    ),
  typeMissing: (p: { after: string } & At) =>
    diagnostic("typeMissing", `a type is missing after ${quoted(p.after)}`, p.span, {
      help: "f32, i32, bool, string, f32[28, 28], rdd { x: f32 }",
    }),
  dimMissing: (p: { after: string } & At) =>
    diagnostic("dimMissing", `a dim is missing after ${quoted(p.after)}`, p.span, {
      help: "f32[28, 28], f32[n], f32[..., 3]",
    }),
  unnamedField: (p: { text: string } & At) =>
    diagnostic("unnamedField", "a field of a record has a name", p.span, { help: `name: ${p.text}` }),
  blockValue: (p: At) =>
    diagnostic("blockValue", "a block ends with its value", p.span, { help: "{ let a = 1  a + 1 }" }),
  blockEnds: (p: { found: string } & At & Opened) =>
    diagnostic("blockEnds", `the block has its value, and ${p.found} follows`, p.span, {
      notes: openedAt(p),
      help: "one expression ends a block; name the others with `let`, or close it with `}`",
    }),
  lambdaInPipe: (p: { instead: string } & At) =>
    diagnostic("lambdaInPipe", "a lambda in a pipeline stands in parentheses", p.span, { help: p.instead }),
  lambdaParams: (p: At) =>
    diagnostic("lambdaParams", "names stand before `=>`", p.span, { help: "x => x + 1, or (x, y) => x + y" }),
  prefixInPipe: (p: { op: string } & At) =>
    diagnostic("prefixInPipe", `${quoted(p.op)} cannot start a stage of a pipeline`, p.span, {
      help: `x |> (y => ${p.op === "not" ? "not " : p.op}y)`,
    }),
  notNeedsParens: (p: { instead: string } & At) =>
    diagnostic("notNeedsParens", "`not` binds looser than this operator", p.span, { help: p.instead }),
  positionalAfterNamed: (p: { instead: string | undefined } & At) =>
    diagnostic("positionalAfterNamed", "positional arguments come before named ones", p.span, { help: p.instead }),
  sliceStep: (p: At) => diagnostic("sliceStep", "a slice is `from:to`, it has no step", p.span, { help: "x[1:5]" }),
  emptyIndex: (p: At) => diagnostic("emptyIndex", "an index is missing", p.span, { help: "x[0], x[1:], x[..., 0]" }),
  emptyRecordType: (p: At) =>
    diagnostic("emptyRecordType", "a record type has a field", p.span, { help: "{ x: f32 }" }),
  dimOperator: (p: { op: string } & At) =>
    diagnostic("dimOperator", `${quoted(p.op)} cannot stand in a dim`, p.span, {
      help: "+ - * div(..) and max(..) of dims",
    }),
  tooDeep: (p: { limit: number } & At) =>
    diagnostic("tooDeep", `nested more than ${p.limit} deep`, p.span, { help: "name a part: let part = .." }),
  unexpected: (p: { found: string; after: string | undefined } & At & Opened) =>
    diagnostic(
      "unexpected",
      `${p.found} cannot stand ${p.after === undefined ? "here" : `after ${quoted(p.after)}`}`,
      p.span,
      {
        notes: openedAt(p),
      },
    ),
} as const;
