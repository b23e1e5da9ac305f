/** The grammar of the language (language.md 2) in chevrotain, as actions that make the tree. Knows no names, types, values.
 *
 * Beside the language it accepts what can be told well: an operator after a pipeline, a chain of comparisons, `name=value`
 * arguments, expressions and weights at the top level. See Note [Gates]. */
import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType, tokenMatcher } from "chevrotain";
import type * as Ast from "./ast.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";
import { deepest, type Failure, tooDeep } from "./explain.ts";
import {
  endOf,
  FieldName,
  Ident,
  isKeyword,
  kw,
  Num,
  Operator,
  P,
  Str,
  spanOf,
  startsLine,
  vocabulary,
  Wrong,
} from "./lexer.ts";
import { type Mark, type Operand, resolve } from "./operators.ts";

type Rule<T> = ParserMethod<[], T>;
type Name = Ast.Name;

export class Grammar extends EmbeddedActionsParser {
  file = "";
  text = "";
  comments: ReadonlyMap<number, IToken> = new Map();
  items: Ast.Item[] = [];
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
    this.performSelfAnalysis();
  }
  /** chevrotain's own words end here */
  note(f: { expected: TokenType | undefined; rule: string }): string {
    if (this.failure?.rule !== tooDeep) this.failure = f;
    return "";
  }

  // --- helpers

  say(d: Diagnostic): void {
    this.said.push(d);
  }
  textOf = (s: Ast.Span): string => this.text.slice(s.start, s.end).replace(/\s*\n\s*/g, " ");
  at = (t: IToken): Ast.Span => spanOf(t, this.file);
  name = (t: IToken): Name => ({ text: t.image, span: this.at(t) });
  /** from a token or a node to the last token read */
  from(start: IToken | { readonly span: Ast.Span }): Ast.Span {
    const first = "span" in start ? start.span : this.at(start);
    return { ...first, end: endOf(this.LA(0)) };
  }
  isName = (i: number): boolean => tokenMatcher(this.LA(i), Ident);
  is = (i: number, type: TokenType): boolean => this.LA(i).tokenType === type;
  sameLine = (): boolean => this.LA(1).startLine === this.LA(0).endLine;
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

  // --- definitions and effects

  program: Rule<void> = this.RULE("program", () => {
    this.MANY(() => {
      const item = this.SUBRULE(this.item);
      this.ACTION(() => {
        if (item) this.items.push(item);
      });
    });
  });
  item: Rule<Ast.Item | undefined> = this.RULE("item", () =>
    this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.import) },
        { GATE: () => this.isName(2), ALT: () => this.SUBRULE(this.param) },
        { ALT: () => this.SUBRULE(this.let) },
        { GATE: () => isKeyword(this.LA(1), "fn") || this.isName(2), ALT: () => this.SUBRULE(this.def) },
        { ALT: () => this.SUBRULE(this.print) },
        { ALT: () => this.SUBRULE(this.save) },
        { GATE: () => this.declares(1, ["weight", "state"]), ALT: () => this.SUBRULE(this.misplaced) },
        { ALT: () => this.SUBRULE(this.stray) },
      ],
    }),
  );
  import: Rule<Ast.Import> = this.RULE("import", () => {
    const start = this.CONSUME(kw("import"));
    const t = this.CONSUME(Str);
    return this.ACTION((): Ast.Import => {
      const path = this.string(t);
      return { k: "import", path, binds: boundName(path.value), span: this.from(start) };
    });
  });
  param: Rule<Ast.Param> = this.RULE("param", () => {
    const start = this.CONSUME(kw("param"));
    const name = this.CONSUME(Ident);
    const type = this.OPTION(() => this.typed());
    const value = this.OPTION2(() => this.assigned());
    return this.ACTION((): Ast.Param => {
      const comment = this.comments.get(this.LA(0).endLine!) ?? this.comments.get(start.startLine!);
      const help = comment?.image.slice(2).trim() || undefined;
      return { k: "param", name: this.name(name), type, value, help, span: this.from(start) };
    });
  });
  let: Rule<Ast.Let> = this.RULE("let", () => {
    const start = this.CONSUME(kw("let"));
    const name = this.CONSUME(Ident);
    const type = this.OPTION(() => this.typed());
    const value = this.assigned();
    return this.ACTION((): Ast.Let => ({ k: "let", name: this.name(name), type, value, span: this.from(start) }));
  });
  def: Rule<Ast.Def> = this.RULE("def", () => {
    const start = this.OR([
      { ALT: () => this.CONSUME(kw("fn")) },
      { ALT: () => this.CONSUME(kw("layer")) },
      { ALT: () => this.CONSUME(kw("model")) },
    ]);
    const name = this.CONSUME(Ident);
    const params = this.SUBRULE(this.formals);
    const result = this.OPTION(() => {
      this.CONSUME(P.Returns);
      return this.SUBRULE(this.type);
    });
    this.OR2([
      { ALT: () => this.CONSUME(P.Assign) },
      {
        ALT: () => {
          const arrow = this.CONSUME(P.Arrow);
          this.ACTION(() =>
            this.say(syntax.foreign({ right: "`=` before the body", instead: undefined, span: this.at(arrow) })),
          );
        },
      },
    ]);
    const body = this.SUBRULE(this.expr);
    return this.ACTION((): Ast.Def => {
      const kind = isKeyword(start, "fn") ? "fn" : isKeyword(start, "layer") ? "layer" : "model";
      return { k: "def", kind, name: this.name(name), params, result, body, span: this.from(start) };
    });
  });
  formals: Rule<readonly Ast.Formal[]> = this.RULE("formals", () => {
    this.CONSUME(P.LP);
    const items = this.list(this.formal);
    this.CONSUME(P.RP);
    return items;
  });
  formal: Rule<Ast.Formal> = this.RULE("formal", () => {
    const name = this.CONSUME(Ident);
    const type = this.OPTION(() => this.typed());
    const value = this.OPTION2(() => this.assigned());
    return this.ACTION((): Ast.Formal => ({ k: "formal", name: this.name(name), type, value, span: this.from(name) }));
  });
  print: Rule<Ast.Print> = this.RULE("print", () => {
    const start = this.CONSUME(kw("print"));
    const label = this.OPTION({
      GATE: () => this.is(2, P.Assign),
      DEF: () => {
        const t = this.CONSUME(Ident);
        this.CONSUME(P.Assign);
        return t;
      },
    });
    const value = this.SUBRULE(this.expr);
    return this.ACTION(
      (): Ast.Print => ({ k: "print", label: label && this.name(label), value, span: this.from(start) }),
    );
  });
  save: Rule<Ast.Save> = this.RULE("save", () => {
    const start = this.CONSUME(kw("save"));
    const value = this.SUBRULE(this.expr);
    this.CONSUME(kw("to"));
    const path = this.SUBRULE2(this.expr);
    return this.ACTION((): Ast.Save => ({ k: "save", value, path, span: this.from(start) }));
  });
  /** at the top level, only to say where they belong */
  misplaced: Rule<undefined> = this.RULE("misplaced", () => {
    const start = this.LA(1);
    this.OR([{ ALT: () => this.SUBRULE(this.weight) }, { ALT: () => this.SUBRULE(this.state) }]);
    return this.ACTION(() => {
      const kind = isKeyword(start, "weight") ? "weight" : "state";
      this.say(syntax.outsideBlock({ kind, span: this.from(start) }));
      return undefined;
    });
  });
  /** an expression that nothing names, only to say so */
  stray: Rule<undefined> = this.RULE("stray", () => {
    const [before, start, said] = [this.LA(0), this.LA(1), this.said.length];
    const value = this.SUBRULE(this.expr);
    return this.ACTION(() => {
      this.said.length = said;
      this.say(this.strayAt(before, start, value));
      return undefined;
    });
  });
  strayAt(before: IToken, start: IToken, value: Ast.Expr): Diagnostic {
    const text = this.textOf(value.span);
    if (!startsLine(before, start)) {
      const after = before.image.length > 40 ? undefined : before.image;
      return syntax.juxtaposed({ text: text.length > 40 ? undefined : text, after, span: value.span });
    }
    if (!["-", "(", "["].includes(start.image) || Number.isNaN(before.startOffset)) {
      return syntax.strayExpression({ text: text.length > 60 ? ".." : text, span: value.span });
    }
    const context = lineSpan(this.text, before, this.file);
    const above = this.text.slice(context.start, context.end).trim();
    return syntax.startsNewLine({ name: undefined, op: start.image, above, context, span: this.at(start) });
  }

  typed(): Ast.Type {
    this.CONSUME(P.Colon);
    return this.SUBRULE(this.type);
  }
  assigned(): Ast.Expr {
    this.CONSUME(P.Assign);
    return this.SUBRULE(this.expr);
  }

  // --- expressions

  expr: Rule<Ast.Expr> = this.RULE("expr", () =>
    this.deeper(() =>
      this.OR({
        IGNORE_AMBIGUITIES: true,
        DEF: [
          { GATE: this.isLambda, ALT: () => this.SUBRULE(this.lambda) },
          { ALT: () => this.SUBRULE(this.if) },
          { ALT: () => this.SUBRULE(this.pipe) },
        ],
      }),
    ),
  );
  lambda: Rule<Ast.Lambda> = this.RULE("lambda", () => {
    const start = this.LA(1);
    const params: Name[] = [];
    const one = (t: IToken) => this.ACTION(() => params.push(this.name(t)));
    this.OR([
      { ALT: () => one(this.CONSUME(Ident)) },
      {
        ALT: () => {
          this.CONSUME(P.LP);
          this.MANY_SEP({ SEP: P.Comma, DEF: () => one(this.CONSUME2(Ident)) });
          this.CONSUME(P.RP);
        },
      },
    ]);
    this.CONSUME(P.Arrow);
    const body = this.SUBRULE(this.expr);
    return this.ACTION((): Ast.Lambda => ({ k: "lambda", params, body, span: this.from(start) }));
  });
  if: Rule<Ast.If> = this.RULE("if", () => {
    const start = this.CONSUME(kw("if"));
    const condition = this.SUBRULE(this.expr);
    this.CONSUME(kw("then"));
    const yes = this.SUBRULE2(this.expr);
    this.CONSUME(kw("else"));
    const no = this.SUBRULE3(this.expr);
    return this.ACTION((): Ast.If => ({ k: "if", condition, then: yes, else: no, span: this.from(start) }));
  });
  pipe: Rule<Ast.Expr> = this.RULE("pipe", () => {
    const first = this.SUBRULE(this.binary);
    const stages: Ast.Expr[] = [];
    let clash: { mark: IToken; piped: Ast.Span } | undefined;
    this.MANY({
      GATE: () => this.is(1, P.Pipe) || (stages.length > 0 && this.continues()),
      DEF: () =>
        this.OR([
          {
            ALT: () => {
              this.CONSUME(P.Pipe);
              stages.push(this.SUBRULE(this.postfix));
            },
          },
          {
            ALT: () => {
              const piped = this.ACTION(() => this.from(first));
              const mark = this.CONSUME(Operator);
              this.SUBRULE2(this.binary);
              clash ??= { mark, piped };
            },
          },
        ]),
    });
    return this.ACTION((): Ast.Expr => {
      const span = this.from(first);
      if (clash) {
        const [piped, rest] = [this.textOf(clash.piped), this.textOf({ ...span, start: clash.mark.startOffset })];
        const long = piped.length > 80 ? "rows |> .." : piped;
        this.say(
          syntax.operatorAfterPipe({
            op: clash.mark.image,
            instead: `(${long}) ${rest.length > 40 ? `${clash.mark.image} ..` : rest}`,
            span: this.at(clash.mark),
          }),
        );
      }
      return stages.length ? { k: "pipe", first, stages, span } : first;
    });
  });
  /** is the operator ahead part of this expression? A `-` at the start of a line is not, nor is `=` before a new name */
  continues = (): boolean => !this.is(1, P.Minus) || this.sameLine();
  binary: Rule<Ast.Expr> = this.RULE("binary", () => {
    const operands: Operand[] = [this.SUBRULE(this.operand)];
    const marks: Mark[] = [];
    this.MANY({
      GATE: this.continues,
      DEF: () => {
        const mark = this.CONSUME(Operator);
        this.ACTION(() => {
          marks.push({ op: mark.image, at: this.at(mark) });
          if (mark.tokenType === P.Caret && powers(marks) > deepest) this.tooDeep();
        });
        operands.push(this.SUBRULE2(this.operand));
      },
    });
    return this.ACTION(() => resolve({ operands, marks }, this.textOf, d => this.say(d)));
  });
  operand: Rule<Operand> = this.RULE("operand", () => {
    const prefixes: Mark[] = [];
    this.MANY(() => {
      const t = this.OR([{ ALT: () => this.CONSUME(P.Minus) }, { ALT: () => this.CONSUME(kw("not")) }]);
      this.ACTION(() => {
        prefixes.push({ op: t.image, at: this.at(t) });
        if (prefixes.length > deepest) this.tooDeep();
      });
    });
    const value = this.SUBRULE(this.postfix);
    return { prefixes, value };
  });
  postfix: Rule<Ast.Expr> = this.RULE("postfix", () => {
    let value = this.SUBRULE(this.primary);
    let length = 0;
    this.MANY({
      GATE: () => this.is(1, P.Dot) || this.sameLine(),
      DEF: () => {
        if (++length > deepest && !this.RECORDING_PHASE) this.tooDeep();
        this.OR([
          {
            ALT: () => {
              this.CONSUME(P.Dot);
              const field = this.CONSUME(FieldName);
              value = this.ACTION(
                (): Ast.Expr => ({ k: "member", value, field: this.name(field), span: this.from(value) }),
              );
            },
          },
          {
            ALT: () => {
              const args = this.SUBRULE(this.args);
              value = this.ACTION((): Ast.Expr => ({ k: "call", callee: value, args, span: this.from(value) }));
            },
          },
          {
            ALT: () => {
              const items = this.SUBRULE(this.indexItems);
              value = this.ACTION((): Ast.Expr => ({ k: "index", value, items, span: this.from(value) }));
            },
          },
        ]);
      },
    });
    return value;
  });
  args: Rule<readonly Ast.Arg[]> = this.RULE("args", () => {
    this.CONSUME(P.LP);
    const args = this.list(this.arg);
    this.CONSUME(P.RP);
    this.ACTION(() => this.checkArgs(args));
    return args;
  });
  arg: Rule<Ast.Arg> = this.RULE("arg", () => {
    const start = this.LA(1);
    const name = this.OPTION({
      GATE: () => this.is(2, P.Colon) || this.is(2, P.Assign),
      DEF: () => {
        const t = this.CONSUME(FieldName);
        this.OR([{ ALT: () => this.CONSUME(P.Colon) }, { ALT: () => this.CONSUME(P.Assign) }]);
        return t;
      },
    });
    const equals = this.LA(0).tokenType === P.Assign && name !== undefined;
    const value = this.SUBRULE(this.expr);
    return this.ACTION((): Ast.Arg => {
      const span = this.from(start);
      if (equals && name) {
        this.say(syntax.namedWithEquals({ instead: `${name.image}: ${this.textOf(value.span)}`, span }));
      }
      return { name: name && this.name(name), value, span };
    });
  });
  checkArgs(args: readonly Ast.Arg[]): void {
    const named = args.findIndex(a => a.name);
    if (named < 0) return;
    const late = args.find((a, i) => i > named && !a.name);
    if (late) {
      const ordered = [...args.filter(a => !a.name), ...args.filter(a => a.name)];
      const text = ordered.map(a => this.textOf(a.span)).join(", ");
      this.say(syntax.positionalAfterNamed({ instead: text.length > 80 ? undefined : `(${text})`, span: late.span }));
    }
    const seen = new Map<string, Ast.Span>();
    for (const { name } of args) {
      const first = name && seen.get(name.text);
      if (name && first) this.say(syntax.givenTwice({ name: name.text, first, span: name.span }));
      if (name && !first) seen.set(name.text, name.span);
    }
  }
  indexItems: Rule<readonly Ast.IndexItem[]> = this.RULE("indexItems", () => {
    const items: Ast.IndexItem[] = [];
    this.CONSUME(P.LB);
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => items.push(this.SUBRULE(this.indexItem)) });
    this.CONSUME(P.RB);
    return items;
  });
  indexItem: Rule<Ast.IndexItem> = this.RULE("indexItem", () => {
    const start = this.LA(1);
    return this.OR([
      {
        ALT: () => {
          this.CONSUME(P.Ellipsis);
          return this.ACTION((): Ast.IndexItem => ({ k: "rest", span: this.from(start) }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(P.Colon);
          const to = this.OPTION(() => this.SUBRULE(this.expr));
          return this.ACTION((): Ast.IndexItem => ({ k: "slice", from: undefined, to, span: this.from(start) }));
        },
      },
      {
        ALT: () => {
          const value = this.SUBRULE2(this.expr);
          const slice = this.OPTION2(() => {
            this.CONSUME2(P.Colon);
            return { to: this.OPTION3(() => this.SUBRULE3(this.expr)) };
          });
          return this.ACTION((): Ast.IndexItem => {
            const span = this.from(start);
            return slice ? { k: "slice", from: value, to: slice.to, span } : { k: "at", value, span };
          });
        },
      },
    ]);
  });
  primary: Rule<Ast.Expr> = this.RULE("primary", () =>
    this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.number(this.CONSUME(Num)) },
        { ALT: () => this.string(this.CONSUME(Str)) },
        { ALT: () => this.constant(this.CONSUME(kw("true")), { k: "bool", value: true }) },
        { ALT: () => this.constant(this.CONSUME(kw("false")), { k: "bool", value: false }) },
        { ALT: () => this.constant(this.CONSUME(kw("none")), { k: "none" }) },
        { ALT: () => this.ref(this.CONSUME(Ident)) },
        { ALT: () => this.SUBRULE(this.selector) },
        { ALT: () => this.SUBRULE(this.group) },
        { ALT: () => this.SUBRULE(this.literal) },
        { GATE: this.isBlock, ALT: () => this.SUBRULE(this.block) },
        { GATE: () => !this.isBlock(), ALT: () => this.SUBRULE(this.record) },
      ],
    }),
  );
  number(t: IToken): Ast.Num {
    const text = t.image.replaceAll("_", "");
    return { k: "number", value: Number(text), text, integer: /^\d+$/.test(text), span: this.at(t) };
  }
  /** foreign.ts has resolved its escapes */
  string(t: IToken): Ast.Text {
    return { k: "text", value: String(t.payload ?? ""), span: this.at(t) };
  }
  constant(t: IToken, value: Omit<Ast.Bool, "span"> | Omit<Ast.None, "span">): Ast.Bool | Ast.None {
    return { ...value, span: this.at(t) };
  }
  ref(t: IToken): Ast.Ref {
    return { k: "ref", name: t.image, span: this.at(t) };
  }
  selector: Rule<Ast.Selector> = this.RULE("selector", () => {
    const start = this.LA(1);
    const fields: Name[] = [];
    this.AT_LEAST_ONE(() => {
      this.CONSUME(P.Dot);
      const t = this.CONSUME(FieldName);
      this.ACTION(() => fields.push(this.name(t)));
    });
    return this.ACTION((): Ast.Selector => ({ k: "selector", fields, span: this.from(start) }));
  });
  /** parentheses leave no node, they widen its span */
  group: Rule<Ast.Expr> = this.RULE("group", () => {
    const start = this.CONSUME(P.LP);
    const value = this.SUBRULE(this.expr);
    this.CONSUME(P.RP);
    return this.ACTION((): Ast.Expr => ({ ...value, span: this.from(start) }));
  });
  literal: Rule<Ast.List> = this.RULE("literal", () => {
    const start = this.CONSUME(P.LB);
    const items = this.list(this.expr);
    this.CONSUME(P.RB);
    return this.ACTION((): Ast.List => ({ k: "list", items, span: this.from(start) }));
  });
  block: Rule<Ast.Block> = this.RULE("block", () => {
    const start = this.CONSUME(P.LC);
    const items: Ast.Block["items"][number][] = [];
    this.AT_LEAST_ONE({
      GATE: () => this.declares(1, blockWords),
      DEF: () => {
        const item = this.OR([
          { ALT: () => this.SUBRULE(this.let) },
          { ALT: () => this.SUBRULE(this.weight) },
          { ALT: () => this.SUBRULE(this.state) },
        ]);
        items.push(item);
      },
    });
    const [last, next] = [this.LA(0), this.LA(1)];
    const result = this.SUBRULE(this.expr);
    this.CONSUME(P.RC);
    return this.ACTION((): Ast.Block => {
      this.checkBreak(items, last, next, result.span);
      return { k: "block", items, result, span: this.from(start) };
    });
  });
  /** errors.md 12: the result of a block starts a line with `-`, `(` or `[`, and nothing uses the `let` above it */
  checkBreak(items: Ast.Block["items"], last: IToken, next: IToken, result: Ast.Span): void {
    const item = items.at(-1)!;
    if (item.k !== "let" || !["-", "(", "["].includes(next.image) || !startsLine(last, next)) return;
    if (new RegExp(`(?<![\\w.])${item.name.text}\\b`).test(this.text.slice(result.start, result.end))) return;
    const context = lineSpan(this.text, last, this.file);
    const above = this.text.slice(Math.max(context.start, item.span.start), item.span.end).trim();
    this.say(syntax.startsNewLine({ name: item.name.text, op: next.image, above, context, span: this.at(next) }));
  }
  weight: Rule<Ast.Weight> = this.RULE("weight", () => {
    const start = this.CONSUME(kw("weight"));
    const name = this.CONSUME(Ident);
    const type = this.typed();
    const init = this.assigned();
    return this.ACTION((): Ast.Weight => ({ k: "weight", name: this.name(name), type, init, span: this.from(start) }));
  });
  state: Rule<Ast.State> = this.RULE("state", () => {
    const start = this.CONSUME(kw("state"));
    const name = this.CONSUME(Ident);
    const type = this.typed();
    const init = this.assigned();
    this.CONSUME(kw("then"));
    const next = this.SUBRULE2(this.expr);
    return this.ACTION(
      (): Ast.State => ({ k: "state", name: this.name(name), type, init, next, span: this.from(start) }),
    );
  });
  record: Rule<Ast.RecordLiteral> = this.RULE("record", () => {
    const start = this.CONSUME(P.LC);
    const fields = this.list(this.field);
    this.CONSUME(P.RC);
    return this.ACTION((): Ast.RecordLiteral => ({ k: "record", fields, span: this.from(start) }));
  });
  field: Rule<Ast.Field> = this.RULE("field", () => {
    const start = this.LA(1);
    return this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            this.CONSUME(P.Ellipsis);
            const value = this.SUBRULE(this.expr);
            return this.ACTION((): Ast.Field => ({ k: "spread", value, span: this.from(start) }));
          },
        },
        {
          GATE: () => this.is(2, P.Colon) || this.is(2, P.Assign),
          ALT: () => {
            const name = this.CONSUME(FieldName);
            const mark = this.OR2([{ ALT: () => this.CONSUME(P.Colon) }, { ALT: () => this.CONSUME(P.Assign) }]);
            const value = this.SUBRULE2(this.expr);
            return this.ACTION((): Ast.Field => {
              const instead = `${name.image}: ${this.textOf(value.span)}`;
              const equals = mark.tokenType === P.Assign;
              if (equals)
                this.say(syntax.foreign({ right: "`:` after the name of a field", instead, span: this.at(mark) }));
              return { k: "field", name: this.name(name), value, span: this.from(start) };
            });
          },
        },
        { ALT: () => this.SUBRULE(this.shorthand) },
      ],
    });
  });
  /** `{ r.user }` is `{ user: r.user }` */
  shorthand: Rule<Ast.Field> = this.RULE("shorthand", () => {
    const start = this.CONSUME(Ident);
    let value: Ast.Expr = this.ACTION(() => this.ref(start));
    let name: Name = this.ACTION(() => this.name(start));
    let length = 0;
    this.MANY(() => {
      if (++length > deepest && !this.RECORDING_PHASE) this.tooDeep();
      this.CONSUME(P.Dot);
      const t = this.CONSUME2(FieldName);
      this.ACTION(() => {
        name = this.name(t);
        value = { k: "member", value, field: name, span: this.from(start) };
      });
    });
    return this.ACTION((): Ast.Field => ({ k: "field", name, value, span: this.from(start) }));
  });

  // --- types

  isMany = (): boolean => this.LA(1).image === "rdd" || this.LA(1).image === "list";
  type: Rule<Ast.Type> = this.RULE("type", () =>
    this.deeper(() =>
      this.OR({
        IGNORE_AMBIGUITIES: true,
        DEF: [
          { GATE: this.isMany, ALT: () => this.SUBRULE(this.manyType) },
          { ALT: () => this.SUBRULE(this.recordType) },
          { GATE: () => !this.isMany(), ALT: () => this.SUBRULE(this.namedType) },
        ],
      }),
    ),
  );
  manyType: Rule<Ast.ManyType> = this.RULE("manyType", () => {
    const start = this.CONSUME(Ident);
    const item = this.SUBRULE(this.type);
    return this.ACTION((): Ast.ManyType => {
      return { k: "many", of: start.image === "rdd" ? "rdd" : "list", item, span: this.from(start) };
    });
  });
  recordType: Rule<Ast.RecordType> = this.RULE("recordType", () => {
    const start = this.CONSUME(P.LC);
    const fields = this.list(this.fieldType);
    this.CONSUME(P.RC);
    return this.ACTION((): Ast.RecordType => {
      const span = this.from(start);
      if (fields.length === 0) this.say(syntax.emptyRecordType({ span }));
      return { k: "recordtype", fields, span };
    });
  });
  fieldType: Rule<Ast.FieldType> = this.RULE("fieldType", () => {
    const name = this.CONSUME(FieldName);
    const type = this.typed();
    return this.ACTION((): Ast.FieldType => ({ name: this.name(name), type, span: this.from(name) }));
  });
  namedType: Rule<Ast.NamedType> = this.RULE("namedType", () => {
    const name = this.CONSUME(Ident);
    const dims = this.OPTION(() => {
      const items: Ast.Dim[] = [];
      this.CONSUME(P.LB);
      this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => items.push(this.SUBRULE(this.dim)) });
      this.CONSUME(P.RB);
      return items;
    });
    const optional = this.OPTION2(() => this.CONSUME(P.Quest)) !== undefined;
    return this.ACTION(
      (): Ast.NamedType => ({ k: "named", name: this.name(name), dims, optional, span: this.from(name) }),
    );
  });
  dim: Rule<Ast.Dim> = this.RULE("dim", () => {
    const start = this.LA(1);
    return this.OR([
      {
        ALT: () => {
          this.CONSUME(P.Ellipsis);
          const name = this.OPTION(() => this.CONSUME(Ident));
          return this.ACTION((): Ast.Dim => ({ k: "rest", name: name && this.name(name), span: this.from(start) }));
        },
      },
      {
        ALT: () => {
          const value = this.SUBRULE(this.binary);
          return this.ACTION((): Ast.Dim => {
            const op = value.k === "compare" ? value.op : value.k === "chain" ? value.rest[0]!.op : "+";
            if (!"+-*/%".includes(op)) this.say(syntax.dimOperator({ op, span: value.span }));
            return { k: "dim", value, span: this.from(start) };
          });
        },
      },
    ]);
  });

  // --- signatures of builtins

  signature: Rule<Ast.Signature> = this.RULE("signature", () => {
    const name = this.CONSUME(Ident);
    const params = this.SUBRULE(this.formals);
    const result = this.OPTION(() => {
      this.CONSUME(P.Returns);
      return this.SUBRULE(this.type);
    });
    return this.ACTION((): Ast.Signature => ({ name: this.name(name), params, result, span: this.from(name) }));
  });
}

const closers = new Set<TokenType>([P.RP, P.RC, P.RB]);
const blockWords = ["let", "weight", "state"];
/** how many `^` stand in a row at the end */
function powers(marks: readonly Mark[]): number {
  let n = 0;
  while (n < marks.length && marks[marks.length - 1 - n]!.op === "^") n++;
  return n;
}
/** `lib/blocks.hs` and `lib/blocks/` bind `blocks` */
const boundName = (path: string): string =>
  path
    .replace(/[\\/]+$/, "")
    .replace(/^.*[\\/]/, "")
    .replace(/\.hs$/, "");
/** the line on which `t` stands */
function lineSpan(text: string, t: IToken, file: string): Ast.Span {
  const start = text.lastIndexOf("\n", t.startOffset) + 1;
  const end = text.indexOf("\n", start);
  return { file, start, end: end < 0 ? text.length : end, line: t.startLine!, column: 1 };
}

/* Note [Gates]
 *
 * Two choices are not LL(2). A lambda starts with `NAME =>`, `( )`, `( NAME ,` or `( NAME ) =>` (`isLambda`); a block with
 * `{` and `let`, `weight` or `state` before a NAME (`isBlock`). And `(`, `[` and a binary `-` continue an expression only
 * on the line on which their left operand ends (`sameLine`, `continues`). Operators are read as a flat list, and
 * operators.ts makes the tree of their levels: the stack then grows by five rules per nested expression, not thirteen. */
