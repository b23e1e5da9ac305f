/** Tokens: text to a list of them, with every fault of single characters reported. Knows no grammar.
 * What other languages write (`&&`, `'text'`, `# ..`) is a token here too; foreign.ts puts the right one in its place. */
import { createToken, type IToken, Lexer, type TokenType } from "chevrotain";
import type { Span } from "../ir/node.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";

/** the 14 keywords that are never names of values */
export const hardKeywords = "import let fn if then else print save and or not true false none".split(" ");
/** keywords only where they start (`to`: continue) a declaration */
export const softKeywords = "param layer model weight state to".split(" ");

/** what may stand after `.`, and before `:` in an argument or a field: a name or any keyword */
export const FieldName = createToken({ name: "FieldName", pattern: Lexer.NA });
/** every operator with two operands */
export const Operator = createToken({ name: "Operator", pattern: Lexer.NA });
export const Ident = createToken({ name: "Ident", pattern: /[A-Za-z_][A-Za-z0-9_]*/, categories: [FieldName] });

const keyword = (word: string, categories: TokenType[]) =>
  createToken({ name: `Kw_${word}`, pattern: word, longer_alt: Ident, categories });
const operatorWords = ["and", "or"];
const keywords = new Map([
  ...hardKeywords.map(w => [w, keyword(w, operatorWords.includes(w) ? [FieldName, Operator] : [FieldName])] as const),
  ...softKeywords.map(w => [w, keyword(w, [Ident, FieldName])] as const),
]);
export const kw = (word: string): TokenType => keywords.get(word)!;
export const isKeyword = (t: IToken, word: string): boolean => t.tokenType === keywords.get(word);

const mark = (name: string, pattern: string) => createToken({ name, pattern });
const operator = (name: string, pattern: string) => createToken({ name, pattern, categories: [Operator] });
export const P = {
  Ellipsis: mark("Ellipsis", "..."),
  Pipe: mark("Pipe", "|>"),
  Arrow: mark("Arrow", "=>"),
  Returns: mark("Returns", "->"),
  Miss: operator("Miss", "??"),
  Eq: operator("Eq", "=="),
  Ne: operator("Ne", "!="),
  Le: operator("Le", "<="),
  Ge: operator("Ge", ">="),
  Lt: operator("Lt", "<"),
  Gt: operator("Gt", ">"),
  /** an operator only to say that `==` was meant */
  Assign: operator("Assign", "="),
  Plus: operator("Plus", "+"),
  Minus: operator("Minus", "-"),
  Star: operator("Star", "*"),
  Slash: operator("Slash", "/"),
  Percent: operator("Percent", "%"),
  At: operator("At", "@"),
  Caret: operator("Caret", "^"),
  Dot: mark("Dot", "."),
  Comma: mark("Comma", ","),
  Colon: mark("Colon", ":"),
  Quest: mark("Quest", "?"),
  LP: mark("LP", "("),
  RP: mark("RP", ")"),
  LB: mark("LB", "["),
  RB: mark("RB", "]"),
  LC: mark("LC", "{"),
  RC: mark("RC", "}"),
} as const;
export const Num = createToken({ name: "Num", pattern: /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?/ });
export const Str = createToken({ name: "Str", pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*"/ });
/** the name of a field that is no plain name, as columns of files have: its image is the text between the quotes */
export const QuotedName = createToken({ name: "QuotedName", pattern: Lexer.NA, categories: [FieldName] });
/** no rule takes it: its payload is the Diagnostic to give where the parser meets it */
export const Wrong = createToken({ name: "Wrong", pattern: Lexer.NA });

/** of other languages; none of these leaves foreign.ts */
export const F = {
  Block: createToken({ name: "BlockComment", pattern: /\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/, line_breaks: true }),
  Hash: createToken({ name: "Hash", pattern: /#[^\n\r]*/ }),
  Triple: createToken({ name: "Triple", pattern: /"""(?:[^"]|"(?!""))*(?:""")?/, line_breaks: true }),
  Open: createToken({ name: "OpenString", pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*\\?/ }),
  Single: createToken({ name: "Single", pattern: /'(?:[^'\\\n\r]|\\[^\n\r])*'/ }),
  Back: createToken({ name: "Backtick", pattern: /`[^`\n\r]*`/ }),
  And: mark("AndAnd", "&&"),
  Or: mark("OrOr", "||"),
  Power: mark("StarStar", "**"),
  Same: mark("EqEqEq", "==="),
  Differs: mark("NeEq", "!=="),
  Walrus: mark("Walrus", ":="),
  Bang: mark("Bang", "!"),
  Semi: mark("Semi", ";"),
} as const;

const Comment = createToken({ name: "Comment", pattern: /\/\/[^\n\r]*/, group: "comments" });
const Space = createToken({ name: "Space", pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });
const { Same, Differs, And, Or, Power, Walrus, Block, Hash, Triple, Open, Single, Back, Bang, Semi } = F;
/** in the order in which they are tried: longer ones first */
const order = [Space, Comment, Block, Hash, Triple, Str, Open, Single, Back, Num, ...keywords.values(), Ident];
order.push(Same, Differs, And, Or, Power, Walrus, ...Object.values(P), Bang, Semi);
export const vocabulary: TokenType[] = [...order, FieldName, QuotedName, Operator, Wrong];

let lexer: Lexer | undefined;

export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

export function lex(text: string, file: string): Lexed {
  lexer ??= new Lexer(vocabulary, {
    positionTracking: "full",
    lineTerminatorsPattern: /\n/g,
    lineTerminatorCharacters: ["\n"],
  });
  const result = lexer.tokenize(text);
  const diagnostics = result.errors.map(e => {
    const span = { file, start: e.offset, end: e.offset + e.length, line: e.line ?? 1, column: e.column ?? 1 };
    return syntax.badCharacter({ text: text.slice(e.offset, e.offset + e.length), span });
  });
  return { tokens: result.tokens, comments: result.groups["comments"] ?? [], diagnostics };
}

/** tokens have all their positions: positionTracking is "full" */
export const endOf = (t: IToken): number => t.endOffset! + 1;
export const spanOf = (t: IToken, file: string): Span => between(t, t, file);
export const between = (from: IToken, to: IToken, file: string): Span => ({
  file,
  start: from.startOffset,
  end: endOf(to),
  line: from.startLine!,
  column: from.startColumn!,
});
/** is `t` the first token of its line? `before` is the token before it */
export const startsLine = (before: IToken | undefined, t: IToken): boolean =>
  before === undefined || Number.isNaN(before.endLine) || before.endLine! < t.startLine!;
/** a token of another type in the place of `t` */
export const instead = (t: IToken, tokenType: TokenType, image: string, payload?: unknown): IToken => ({
  ...t,
  tokenType,
  tokenTypeIdx: tokenType.tokenTypeIdx!,
  image,
  payload,
});

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", '"': '"', "\\": "\\" };
/** the text that a string literal stands for; `span` is that of the literal */
export function stringValue(image: string, span: Span, say: (d: Diagnostic) => void): string {
  const body = image.slice(1, -1);
  if (!body.includes("\\")) return body;
  return body.replace(/\\(?:u(?:\{([^}]*)\})?|[\s\S])/gu, (all: string, digits: string | undefined, at: number) => {
    const simple = escapes[all.slice(1)];
    if (simple !== undefined) return simple;
    const start = span.start + 1 + at;
    const place = { ...span, start, end: start + all.length, column: span.column + 1 + at };
    const point = /^[0-9a-fA-F_]{1,8}$/.test(digits ?? "") ? Number.parseInt(digits!.replaceAll("_", ""), 16) : -1;
    if (all[1] === "u" && point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000)) {
      return String.fromCodePoint(point);
    }
    say(syntax.badEscape({ text: all, span: place }));
    return "";
  });
}
