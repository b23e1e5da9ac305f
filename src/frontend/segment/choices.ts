/** What an engine computes of a text that chance chooses: of each of the texts that it chooses from, so that a kernel may choose anew. Knows no op of REL. */
import * as build from "../check/build.ts";
import type { Expr } from "../core.ts";
import { withParts } from "./rewrite.ts";

/** before: length(where(uniform() > 0.5, a, b)) --> where(uniform() > 0.5, length(a), length(b)); `isDrawn`: chance makes it */
export function choosingLast(root: Expr, isDrawn: (e: Expr) => boolean): Expr {
  const done = new Map<Expr, Expr>();
  const again = (e: Expr): Expr => {
    const known = done.get(e);
    if (known) return known;
    const made = of(e);
    done.set(e, made);
    return made;
  };
  const of = (e: Expr): Expr => {
    if (e.k !== "op") return e;
    const args = e.args.map(again);
    const at = args.findIndex(a => isTextual(a) && a.k === "op" && a.op === "where" && isDrawn(a.args[0]!));
    const choice = args[at];
    if (e.op === "where" || choice?.k !== "op")
      return args.every((a, i) => a === e.args[i]) ? e : withParts(e, args, e.fns, e.type);
    const [by, ...texts] = choice.args as readonly [Expr, ...Expr[]]; // as: of a choice
    const each = texts.map(t => of(withParts(e, args.with(at, t), e.fns, e.type)));
    return build.op("where", [by, ...each], e.type, e.span);
  };
  return again(root);
}
const isTextual = ({ type }: Expr): boolean =>
  type.k === "list" || (type.k === "tensor" && (type.elem === "string" || type.elem === "time"));
