/** The rules of types (language.md 2): names with dims, records, rdds and lists. Knows of expressions only that a dim is one. */
import type * as Ast from "../ast.ts";
import { syntax } from "../diagnostics/syntax.ts";
import { FieldName, Ident, P } from "../lexer.ts";
import { Reader, type Rule } from "./reader.ts";

export abstract class TypeRules extends Reader {
  abstract binary: Rule<Ast.Expr>;

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
  typed(): Ast.Type {
    this.CONSUME(P.Colon);
    return this.SUBRULE(this.type);
  }
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
}
