/** The rules of what an expression is made of: literals, names, blocks with their weights and states, records. Knows no operator. */
import type { IToken } from "chevrotain";
import type * as Ast from "../ast.ts";
import { syntax } from "../diagnostics/syntax.ts";
import { deepest } from "../explain.ts";
import { FieldName, Ident, kw, Num, P, Str, startsLine } from "../lexer.ts";
import { blockWords, lineSpan, type Rule } from "./reader.ts";
import { TypeRules } from "./type.ts";

export abstract class PrimaryRules extends TypeRules {
  abstract expr: Rule<Ast.Expr>;

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
    const fields: Ast.Name[] = [];
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
  let: Rule<Ast.Let> = this.RULE("let", () => {
    const start = this.CONSUME(kw("let"));
    const name = this.CONSUME(Ident);
    const type = this.OPTION(() => this.typed());
    const value = this.assigned();
    return this.ACTION((): Ast.Let => ({ k: "let", name: this.name(name), type, value, span: this.from(start) }));
  });
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
  assigned(): Ast.Expr {
    this.CONSUME(P.Assign);
    return this.SUBRULE(this.expr);
  }
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
    let name: Ast.Name = this.ACTION(() => this.name(start));
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
}
