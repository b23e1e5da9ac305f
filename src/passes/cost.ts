/**
 * What a step of a training costs in kernels and in bytes that they move: as it was planned, and as if each op of GRAPH were a kernel
 * that reads its arguments and writes its result, views being free, as in a framework that runs op by op. Knows no op and no machine.
 */
import type { LoopKernel } from "../ir/loop.ts";
import { elements } from "../ir/loop-cost.ts";
import { type Fn, fnsOf, type Node, topological } from "../ir/node.ts";
import type { Arg, Call, PlanStage } from "../ir/plan.ts";
import { counted, itemsOf, type Phase, timesIn, training } from "../ir/plan-walk.ts";
import { atN, STORED_BYTES, sizeOf } from "../ir/type.ts";

interface Cost {
  readonly kernels: number;
  /** of the tensors that each kernel reads and writes, each counted once per kernel */
  readonly bytes: number;
}
export type Kernels = (name: string) => LoopKernel | undefined;

/** of a call on all of its items with n records */
export function callBytes(stage: PlanStage, kernels: Kernels, phase: Phase, call: Call, n: number): number {
  const items = itemsOf(phase, call, n);
  const params = kernels(call.kernel)?.params ?? [];
  return params.reduce((sum, b, i) => {
    const at = call.args[i]!;
    const own = !("pointer" in at) && at.region === "worker" ? items : 1;
    return sum + own * (elements(b, n) ?? pointed(stage, at, n)) * STORED_BYTES[b.store];
  }, 0);
}
/** elements of a batch behind an entry of the pointer table */
function pointed(stage: PlanStage, at: Arg, n: number): number {
  const p = "pointer" in at ? stage.pointers[at.pointer] : undefined;
  if (p?.k !== "column") return n;
  const column = stage.feeds[p.feed]!.columns[p.column];
  return n * (column ? sizeOf(column.shape) : 1);
}
function planned(stage: PlanStage, kernels: Kernels, n: number): Cost {
  let cost: Cost = { kernels: 0, bytes: 0 };
  for (const [phase, times] of timesIn(counted(stage)))
    for (const c of phase.calls) {
      const bytes = callBytes(stage, kernels, phase, stage.calls[c]!, n);
      cost = { kernels: cost.kernels + times, bytes: cost.bytes + times * bytes };
    }
  return cost;
}

/** the body of the training: of what goes over batches, keeps states and logs */
function trainingIn(main: Fn): Fn | undefined {
  for (const n of topological(main.results)) {
    const { body, batch, states, outs } = n.attrs;
    const logs = typeof states === "number" && typeof outs === "number" ? states + outs : undefined;
    for (const f of fnsOf(n)) {
      if (f === body && batch !== undefined && logs !== undefined && f.results.length > logs) return f;
      const inner = trainingIn(f);
      if (inner) return inner;
    }
  }
  return undefined;
}
function opByOp(f: Fn, n: number): Cost {
  let [kernels, bytes] = [0, 0];
  for (const node of topological(f.results)) {
    const { trip } = node.attrs;
    const times = typeof trip === "number" && trip > 0 ? trip : 1;
    for (const inner of fnsOf(node)) {
      const cost = opByOp(inner, n);
      kernels += times * cost.kernels;
      bytes += times * cost.bytes;
    }
    const { k } = node.op.kernel;
    if (!node.args.length || (k !== "point" && k !== "phases")) continue;
    kernels++;
    for (const t of new Set([node, ...node.args.map(base)])) bytes += stored(t, n);
  }
  return { kernels, bytes };
}
/** what a view shows */
function base(n: Node): Node {
  let at = n;
  while (at.op.kernel.k === "view") at = at.args[0]!;
  return at;
}
/** constants are no tensors */
function stored({ type, op, args }: Node, n: number): number {
  if (type.k !== "tensor" || (op.kernel.k === "point" && !args.length)) return 0;
  return type.shape.reduce((x: number, d) => x * atN(d, n), STORED_BYTES[type.elem]);
}

/** a line for people; undefined: nothing is trained */
export function stepCost(main: Fn, stage: PlanStage, kernels: Kernels): string | undefined {
  const loop = training(stage.steps);
  const body = trainingIn(main);
  if (!loop?.over || !body) return undefined;
  const n = loop.over.batch;
  const show = ({ kernels: count, bytes }: Cost, verb: string): string =>
    `${count} kernels ${verb} ${(bytes / 1e6).toFixed(2)} MB`;
  const [fused, single] = [planned(stage, kernels, n), opByOp(body, n)];
  return `step of ${n} records: ${show(fused, "move")}; op by op ${show(single, "would move")}`;
}
