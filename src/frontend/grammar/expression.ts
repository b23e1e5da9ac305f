/** The rules of expressions: lambdas, conditions, pipelines, operators, calls and indices. Knows no definition. */
import type { IToken } from "chevrotain";
import type * as Ast from "../ast.ts";
import { syntax } from "../diagnostics/syntax.ts";
import { deepest } from "../explain.ts";
import { FieldName, Ident, kw, Operator, P } from "../lexer.ts";
import { type Mark, type Operand, resolve } from "../operators.ts";
import { PrimaryRules } from "./primary.ts";
import type { Rule } from "./reader.ts";

export class ExpressionRules extends PrimaryRules {
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
    const params: Ast.Name[] = [];
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
}

/** how many `^` stand in a row at the end */
function powers(marks: readonly Mark[]): number {
  let n = 0;
  while (n < marks.length && marks[marks.length - 1 - n]!.op === "^") n++;
  return n;
}
