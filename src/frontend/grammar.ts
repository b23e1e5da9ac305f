/** The grammar of the language (language.md 2) in chevrotain, as actions that make the tree: definitions and effects, over grammar/'s
 * expressions and types. Knows no names, types, values.
 *
 * Beside the language it accepts what can be told well: an operator after a pipeline, a chain of comparisons, `name=value`
 * arguments, expressions and weights at the top level. See Note [Gates]. */
import type { IToken } from "chevrotain";
import type * as Ast from "./ast.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";
import { ExpressionRules } from "./grammar/expression.ts";
import { lineSpan, type Rule } from "./grammar/reader.ts";
import { Ident, isKeyword, kw, P, Str, startsLine } from "./lexer.ts";

export class Grammar extends ExpressionRules {
  items: Ast.Item[] = [];

  constructor(validate = false) {
    super(validate);
    this.performSelfAnalysis();
  }

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

/** `lib/blocks.hs` and `lib/blocks/` bind `blocks` */
const boundName = (path: string): string =>
  path
    .replace(/[\\/]+$/, "")
    .replace(/^.*[\\/]/, "")
    .replace(/\.hs$/, "");

/* Note [Gates]
 *
 * Two choices are not LL(2). A lambda starts with `NAME =>`, `( )`, `( NAME ,` or `( NAME ) =>` (`isLambda`); a block with
 * `{` and `let`, `weight` or `state` before a NAME (`isBlock`). And `(`, `[` and a binary `-` continue an expression only
 * on the line on which their left operand ends (`sameLine`, `continues`). Operators are read as a flat list, and
 * operators.ts makes the tree of their levels: the stack then grows by five rules per nested expression, not thirteen. */
