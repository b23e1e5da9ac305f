/**
 * The list of a group's records where what is made of each reads other aggregates: of the group it keeps what is read of a record, of what is drawn
 * for the record, too, which a list would draw for its element. Knows no rdd.
 */
import type { Span } from "../../ir/node.ts";
import {
  type Expr,
  type Fn,
  inputsOf,
  type LeafType,
  type ListType,
  leaves,
  mapTree,
  type Tree,
  type Var,
} from "../core.ts";
import { Rewriting } from "../segment/rewrite.ts";
import { rowTree } from "./apply.ts";
import * as build from "./build.ts";
import { listType, sequence } from "./list.ts";
import type { Sequence } from "./value.ts";

/** what a function of the records of a group makes of each */
export interface Listed {
  readonly vars: readonly Var[];
  readonly row: Tree<Expr>;
  readonly where: Expr | undefined;
  readonly span: Span;
}
/** `reads`: whether an expression reads aggregates; `add`: the aggregate that is a list of these of each record */
export function listAfter(
  { vars, row, where, span }: Listed,
  reads: (e: Expr) => boolean,
  add: (cells: readonly Expr[], type: ListType) => Expr,
): Sequence {
  const depth = vars[0]!.depth;
  const all = [...leaves(row).map(([, e]) => e), ...(where ? [where] : [])];
  const isDrawn = (e: Expr): boolean => build.closeFn(vars, { k: "leaf", of: e }, depth, span).random;
  const drawn = largest(all, e => e.type.k === "tensor" && isDrawn(e) && !reads(e));
  const columns = drawn.map(e => asVar(e, depth));
  const own = Rewriting.renamed(all, new Map(drawn.map((e, i) => [e, columns[i]!])));
  const read = reachedBy(own);
  const some = vars.filter(v => read.has(v));
  const first = some.length || drawn.length ? some : vars.slice(0, 1);
  const params = [...first, ...columns];
  const list = add([...first, ...drawn], listType(rowOf(params)));
  const close = (body: Tree<Expr>): Fn => build.closeFn(params, body, depth, span);
  const mapped = (of: Expr, fn: Fn): Expr =>
    build.op("list.map", [of], listType(rowTree(fn.body)), span, { fns: { f: fn } });
  const condition = where && own.at(-1)!;
  let i = 0;
  const made = mapTree(row, () => own[i++]!);
  if (!condition) return sequence(mapped(list, close(made)));
  const filtered = (of: Expr, fn: Fn): Expr => build.op("list.filter", [of], of.type, span, { fns: { f: fn } });
  if (!own.some(isDrawn)) return sequence(mapped(filtered(list, close({ k: "leaf", of: condition })), close(made)));
  // what is drawn of aggregates is drawn before some are left out: an element draws by its place
  const whole = mapped(
    list,
    close({
      k: "record",
      fields: [
        ["of", made],
        ["where", { k: "leaf", of: condition }],
      ],
    }),
  );
  const elements = own.map(e => asVar(e, depth));
  const again = (body: Tree<Expr>): Fn => build.closeFn(elements, body, depth, span);
  let k = 0;
  const kept = filtered(whole, again({ k: "leaf", of: elements.at(-1)! }));
  return sequence(mapped(kept, again(mapTree(row, (): Expr => elements[k++]!))));
}
const asVar = (e: Expr, depth: number): Var => build.variable("", e.type as LeafType, depth, e.span); // as: of records
const rowOf = (vars: readonly Var[]): Tree<LeafType> => {
  const types = vars.map(v => v.type as LeafType); // as: of records
  return types.length === 1
    ? { k: "leaf", of: types[0]! }
    : { k: "record", fields: types.map((t, i) => [`${i}`, { k: "leaf", of: t }] as const) };
};
/** the largest expressions in these that are such, functions apart */
function largest(roots: readonly Expr[], is: (e: Expr) => boolean): readonly Expr[] {
  const out: Expr[] = [];
  const seen = new Set<Expr>();
  const stack = [...roots];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    if (is(e)) out.push(e);
    else stack.push(...inputsOf(e));
  }
  return out;
}
/** all that these are made of, in functions, too */
export function reachedBy(roots: readonly Expr[]): ReadonlySet<Expr> {
  const seen = new Set<Expr>();
  const stack = [...roots];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    stack.push(...inputsOf(e));
    if (e.k === "op") for (const f of Object.values(e.fns)) stack.push(...leaves(f.body).map(([, x]) => x));
  }
  return seen;
}
