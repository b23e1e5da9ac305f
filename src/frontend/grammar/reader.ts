/** What rules of the grammar are written with: tokens ahead, spans, lists, gates, the depth of the input. Knows no rule. See Note [Gates] in grammar.ts. */
import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType, tokenMatcher } from "chevrotain";
import type * as Ast from "../ast.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { deepest, type Failure, tooDeep } from "../explain.ts";
import { endOf, Ident, isKeyword, P, spanOf, vocabulary, Wrong } from "../lexer.ts";

export type Rule<T> = ParserMethod<[], T>;

export abstract class Reader extends EmbeddedActionsParser {
  file = "";
  text = "";
  comments: ReadonlyMap<number, IToken> = new Map();
  said: Diagnostic[] = [];
  failure: Failure | undefined;
  depth = 0;

  /** `validate`: let chevrotain look for ambiguities, which takes its time; a test does */
  constructor(validate = false) {
    super(vocabulary, {
      maxLookahead: 1,
      recoveryEnabled: false,
      skipValidations: !validate,
      errorMessageProvider: {
        buildMismatchTokenMessage: o => this.note({ expected: o.expected, rule: o.ruleName }),
        buildNotAllInputParsedMessage: o => this.note({ expected: undefined, rule: o.ruleName }),
        buildNoViableAltMessage: o => this.note({ expected: undefined, rule: o.ruleName }),
        buildEarlyExitMessage: o => this.note({ expected: undefined, rule: o.ruleName }),
      },
    });
  }
  /** chevrotain's own words end here */
  note(f: { expected: TokenType | undefined; rule: string }): string {
    if (this.failure?.rule !== tooDeep) this.failure = f;
    return "";
  }

  say(d: Diagnostic): void {
    this.said.push(d);
  }
  textOf = (s: Ast.Span): string => this.text.slice(s.start, s.end).replace(/\s*\n\s*/g, " ");
  at = (t: IToken): Ast.Span => spanOf(t, this.file);
  name = (t: IToken): Ast.Name => ({ text: t.image, span: this.at(t) });
  /** from a token or a node to the last token read */
  from(start: IToken | { readonly span: Ast.Span }): Ast.Span {
    const first = "span" in start ? start.span : this.at(start);
    return { ...first, end: endOf(this.LA(0)) };
  }
  isName = (i: number): boolean => tokenMatcher(this.LA(i), Ident);
  is = (i: number, type: TokenType): boolean => this.LA(i).tokenType === type;
  sameLine = (): boolean => this.LA(1).startLine === this.LA(0).endLine;
  /** is the operator ahead part of this expression? A `-` at the start of a line is not, nor is `=` before a new name */
  continues = (): boolean => !this.is(1, P.Minus) || this.sameLine();
  /** runs `body` one level deeper; beyond the limit the input ends in an error instead of the stack */
  deeper<T>(body: () => T): T {
    if (!this.RECORDING_PHASE && this.depth >= deepest) this.tooDeep();
    this.depth++;
    const result = body();
    this.depth--;
    return result;
  }
  tooDeep(): never {
    this.failure = { expected: undefined, rule: tooDeep };
    return this.CONSUME9(Wrong) as never; // never matches: raises chevrotain's exception for the place
  }
  /** `sub , sub , .. [,]` up to a closing bracket */
  list<T>(sub: Rule<T>): readonly T[] {
    const items: T[] = [];
    this.OPTION1(() => {
      items.push(this.SUBRULE1(sub));
      this.MANY1({
        GATE: () => !closers.has(this.LA(2).tokenType),
        DEF: () => {
          this.CONSUME1(P.Comma);
          items.push(this.SUBRULE2(sub));
        },
      });
      this.OPTION2(() => this.CONSUME2(P.Comma));
    });
    return items;
  }
  isLambda = (): boolean => {
    if (this.isName(1)) return this.is(2, P.Arrow);
    if (!this.is(1, P.LP)) return false;
    if (this.is(2, P.RP)) return true;
    return this.isName(2) && (this.is(3, P.Comma) || (this.is(3, P.RP) && this.is(4, P.Arrow)));
  };
  declares = (i: number, words: readonly string[]): boolean =>
    words.some(w => isKeyword(this.LA(i), w)) && this.isName(i + 1);
  isBlock = (): boolean => this.declares(2, blockWords);
}

const closers = new Set<TokenType>([P.RP, P.RC, P.RB]);
export const blockWords = ["let", "weight", "state"];
/** the line on which `t` stands */
export function lineSpan(text: string, t: IToken, file: string): Ast.Span {
  const start = text.lastIndexOf("\n", t.startOffset) + 1;
  const end = text.indexOf("\n", start);
  return { file, start, end: end < 0 ? text.length : end, line: t.startLine!, column: 1 };
}
