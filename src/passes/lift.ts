/** vmap of a closed function: the same for n records at once. Knows no op: each record lifts its own nodes. */
import { inline, paramOf, rebuild } from "../ir/inline.ts";
import { type Fn, fn, type Node, spansOf, topological } from "../ir/node.ts";
import { spread } from "../ir/ops/accumulate.ts";
import { parameter } from "../ir/ops/build.ts";
import { columnTypes, perRow, rowOf } from "../ir/ops/rows.ts";
import { type Dim, N, type TensorType, tensor } from "../ir/type.ts";
import { hand } from "./spans.ts";

export interface Lifted {
  readonly fn: Fn;
  /** results with a leading dim n; one that depends on no mapped parameter is shared by all records */
  readonly mapped: readonly boolean[];
}

/**
 * f: (x: T, w: U) -> (y, z), x mapped  -->  (x: T[n, ..], w: U) -> (y[n, ..], z)   where z does not depend on x.
 * No map, grad or call may be left in f: expand removes them innermost first.
 */
export function lift(f: Fn, mapped: readonly boolean[], n: Dim): Lifted {
  const params = f.params.map((p, i) => (mapped[i] ? leading(p as TensorType, n) : p)); // a mapped parameter is a tensor by the type rule of map
  const inputs = params.map((p, i) => parameter(i, p));
  const now = new Map<Node, Node>();
  const lifted = new Set<Node>();
  const known = new Set<Node>();
  for (const x of topological(f.results)) {
    const args = x.args.map(a => now.get(a)!);
    const flags = x.args.map(a => lifted.has(a));
    let y: Node;
    if (x.op.control === "param") {
      y = inputs[paramOf(x)]!;
      if (mapped[paramOf(x)]) lifted.add(x);
    } else if (flags.some(Boolean)) {
      if (x.op.lift === "none") throw new Error(`internal: lift met ${x.op.name}`);
      y = x.op.lift(x, args, flags, n);
      hand(spansOf(x), [y], known);
      lifted.add(x);
    } else y = rebuild(x, args);
    known.add(y);
    now.set(x, y);
  }
  return {
    fn: fn(
      params,
      f.results.map(r => now.get(r)!),
    ),
    mapped: f.results.map(r => lifted.has(r)),
  };
}

/**
 * The function over one row that a node reads rows by (a filter's), for all rows of a batch:
 * (x: T, w: U, row: u32[2], epoch) -> bool  -->  (x: T[N, ..], w: U, row: u32[N, 2], epoch) -> bool[N]
 */
export function liftRows(node: Node): Fn {
  const { source, captures, f, identity } = perRow(node);
  const columns = columnTypes(rowOf(source)).length;
  const mapped = f.params.map((_, i) => i < columns || (identity && i === columns + captures.length));
  const lifted = lift(f, mapped, N);
  const inputs = lifted.fn.params.map((p, i) => parameter(i, p));
  return fn(lifted.fn.params, inlineLifted(lifted, inputs, N));
}

/** what `map{f, mapped}(args)` is without a map: every result has the leading dim, shared ones are broadcast */
export function inlineLifted({ fn: f, mapped }: Lifted, args: readonly Node[], n: Dim): readonly Node[] {
  return inline(f, args).map((r, i) => (mapped[i] ? r : spread(n, r)));
}

const leading = (t: TensorType, n: Dim): TensorType => tensor(t.elem, [n, ...t.shape], t.below);
