/** Moves what is computed per row out of rdds into their readers. Knows no op: each reader's record says how it reads through. */
import { inline, rebuild } from "../ir/inline.ts";
import { addSpans, type Fn, fn, fnsOf, make, type Node, spansOf, topological } from "../ir/node.ts";
import { parameter } from "../ir/ops/build.ts";
import { mapFns } from "../ir/rewrite.ts";
import type { Type } from "../ir/type.ts";
import type { Pass } from "./pass.ts";
import { hand } from "./spans.ts";

export const segment: Pass = {
  name: "segment",
  doc:
    "aggregate{g}(rdd.map{f}(d))  -->  aggregate{g after f}(d);  " +
    "rdd.take{8}(rdd.map{f}(d))  -->  rdd.map{f}(rdd.take{8}(d)), to the reader; rdds are chains of selections on stored columns",
  from: "source",
  to: "segmented",
  run: stage => {
    const main = segmentFn(stage.main);
    return main === stage.main ? stage : { ...stage, main };
  },
};

export function segmentFn(f: Fn, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const inner = (g: Fn): Fn => segmentFn(g, memo);
  const now = new Map<Node, Node>();
  const known = new Set<Node>();
  for (const x of topological(f.results)) {
    const y = rebuild(
      x,
      x.args.map(a => now.get(a)!),
    );
    const rows = y.args[0];
    const reads = y.op.through && rows?.op.control === "rows" ? y.op.through(y, rows) : absorb(y);
    const z = rebuild(reads, reads.args, mapFns(reads.attrs, inner));
    hand([...spansOf(x), ...(z.op === rows?.op ? spansOf(rows) : [])], [z], known);
    known.add(z);
    now.set(x, z);
  }
  const g = fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
  memo.set(f, g);
  return g;
}

const isApplication = (x: Node): boolean =>
  x.op.control === "map" || x.op.control === "grad" || x.op.control === "call" || x.op.control === "loop";

/** grad{f}(rdd.map{g}(d, captures..), w)  -->  grad{f'}(d, w, captures..) where f' maps by itself: a Fn is read with all that its rdds compute */
function absorb(x: Node): Node {
  if (!isApplication(x) || !x.args.some(a => a.op.control === "rows")) return x;
  const f = fnsOf(x)[0]!;
  const args = [...x.args];
  const params: Type[] = [...f.params];
  const inputs: Node[] = [];
  x.args.forEach((a, i) => {
    if (a.op.control !== "rows") {
      inputs.push(parameter(i, params[i]!));
      return;
    }
    const [source, ...captures] = a.args as readonly [Node, ...Node[]];
    args[i] = source;
    params[i] = source.type;
    const own = captures.map(c => {
      args.push(c);
      params.push(c.type);
      return parameter(params.length - 1, c.type);
    });
    inputs.push(addSpans(make(a.op, [parameter(i, source.type), ...own], a.attrs), spansOf(a)));
  });
  const absorbed = fn(params, inline(f, inputs));
  const mapped = x.attrs["mapped"] as readonly boolean[] | undefined; // only map has it
  const attrs = {
    ...mapFns(x.attrs, () => absorbed),
    ...(mapped ? { mapped: args.map((_, i) => mapped[i] ?? false) } : {}),
  };
  return addSpans(make(x.op, args, attrs), spansOf(x));
}
