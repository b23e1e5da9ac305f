/** One Core expression as a GRAPH node: the table of all ops. Its arguments are lowered. Knows no net and no param. */
import type { Node } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import { type TensorType as GraphTensor, isStatic, numbers } from "../../ir/type.ts";
import { type Dim, isBatch, substitute, symbol, symbolsOf } from "../check/dims.ts";
import { type Const, type Expr, type Fn, inputsOf, leaves, type Op, tensorLeaf } from "../core.ts";
import { diagnostic } from "../diagnostics/catalogue.ts";
import { netOf } from "../inner-train.ts";
import { keyAt, randint, seedAt, uniform, word } from "./chance.ts";
import { constantNode } from "./constant.ts";
import { countOf } from "./count.ts";
import { historyRows } from "./epochs.ts";
import { exactly } from "./exact.ts";
import { broadcastTo, laneOps } from "./lane.ts";
import { limit, Refusal, refuse } from "./limit.ts";
import { loop } from "./loop.ts";
import { objective } from "./objective.ts";
import { rddOps, sourceNode } from "./rdd.ts";
import {
  bindCaptures,
  type Closing,
  closing,
  evaluate,
  extent,
  graphElem,
  graphType,
  NEVER,
  nodeOf,
  type Scope,
  side,
  siteOf,
  tensorOf,
} from "./scope.ts";
import { type Call, tensorOps } from "./tensor.ts";
import { lowerNet } from "./train.ts";

function constant(e: Const, scope: Scope): Node {
  const type = graphType(e.type, scope.building, e.span);
  const at = (d: Dim): number => extent(d, scope.building, e.span);
  // as many as a step has records
  if (typeof e.value === "object" && "k" in e.value && onBatch(e.value, scope)) {
    const d = substitute(e.value, id => scope.building.dims.get(id));
    // what is open beside it is a limit, as everywhere
    for (const s of symbolsOf(d)) if (!isBatch(s.id)) extent(symbol(s.id, s.name), scope.building, e.span);
    return broadcastTo(type.shape, countOf(d, graphElem(e.type.elem)));
  }
  const value = Array.isArray(e.value) ? (e.value as readonly Dim[]).map(at) : at(e.value as Dim); // as: isArray does not narrow readonly lists
  return constantNode(value, graphElem(e.type.elem), numbers(type.shape));
}

/** ops of chance; `seed`, where it was given, is the argument after the op's own */
const draws: Readonly<Record<string, (c: Call) => Node>> = {
  uniform: c => uniform(keyOf(c, 2), drawn(c), c.args[0]!, c.args[1]!),
  randint: c => randint(keyOf(c, 2), drawn(c), c.args[0]!, c.args[1]!),
};
const drawn = ({ e, type }: Call): readonly number[] =>
  isStatic(type.shape)
    ? numbers(type.shape)
    : refuse(
        diagnostic("dims", "a draw for all records of a step at once", e.span, {
          help: "draw for each record: over_batch(..) of it has all",
        }),
      );
const keyOf = (c: Call, own: number): Node => keyAt(c.e.place ?? "", c.args[own], c.scope);

/** the body of a function that is called in place, closed; `iterations`: what chance depends on beside what it does here */
function inPlace(
  f: Fn,
  scope: Scope,
  own: Closing,
  params: readonly GraphTensor[],
  iterations: readonly Node[],
): readonly Node[] {
  const values = new Map<Expr, Node>();
  for (const [i, p] of f.params.entries()) values.set(p, own.parameter(params[i]!));
  bindCaptures(f, scope, own, values);
  const { building } = scope;
  if (!f.random)
    return evaluate(
      leaves(f.body).map(([, r]) => r),
      { building, seed: scope.seed, values, when: NEVER },
    );
  const seed = own.capture(scope.seed());
  const when = { time: [...scope.when.time.map(own.capture), ...iterations], row: scope.when.row.map(own.capture) };
  return evaluate(
    leaves(f.body).map(([, r]) => r),
    { building, values, seed: () => seed, when },
  );
}
const typesOf = (f: Fn, scope: Scope): readonly GraphTensor[] =>
  f.params.map(p => graphType(tensorLeaf(p.type), scope.building, p.span));

/** results of f, then the gradients of the first for its parameters */
function grad(e: Op, args: readonly Node[], scope: Scope): Node {
  const f = e.fns["f"]!;
  const own = closing();
  const results = inPlace(f, scope, own, typesOf(f, scope), []);
  return g.grad(
    own.close(results),
    f.params.map((_, i) => i),
    [...args, ...own.captured],
  );
}
/** f for each slice along axis 0 of the arguments, the results stacked: a tuple, one tensor per leaf */
function mapSlices(e: Op, args: readonly Node[], scope: Scope): Node {
  const f = e.fns["f"]!;
  const own = closing();
  const first = args[0]!.type;
  if (first.k !== "tensor") throw new Error("internal: map over no tensor");
  const count = g.iota("u32", first.shape.slice(0, 1), 0);
  const iteration = f.random ? own.parameter({ k: "tensor", elem: "u32", shape: [] }) : undefined;
  const results = inPlace(f, scope, own, typesOf(f, scope), iteration ? [word(iteration)] : []);
  const sliced = iteration ? [count, ...args] : args;
  const all = [...sliced, ...own.captured];
  return g.map(
    own.close(results),
    all.map((_, i) => i < sliced.length),
    all,
  );
}
/** a training in a function: never one that loads */
function innerTrain(e: Op, _args: readonly Node[], scope: Scope): Node {
  const { weights, history = [] } = lowerNet(netOf(e), true, scope, () => false);
  const own = closing();
  const inside = [...weights.values(), ...history].map(own.capture);
  return g.call(own.close(inside), own.captured);
}
const withFunctions: Readonly<Record<string, (e: Op, args: readonly Node[], scope: Scope) => Node>> = {
  grad,
  map: mapSlices,
  loop,
  train: innerTrain,
  seed: (e, args, scope) => g.bitcast("i32", seedAt(e.place ?? "", args[0], scope)),
  history: (e, args) => historyRows(e.net!, args),
  "rdd.objective": objective,
  ...rddOps,
};

/** an op over the records of a batch: their number is known only when the step runs, so few rules of shapes hold along that axis */
function lowerOp(e: Op, scope: Scope): Node {
  const args = e.args.map(a => nodeOf(a, scope));
  if (!args.some(a => a.type.k === "tensor" && !isStatic(a.type.shape))) return ofOp(e, args, scope);
  try {
    return ofOp(e, args, scope);
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error)) throw error;
    return refuse(
      diagnostic("dims", `\`${e.op}\` needs sides that are numbers, and a step has any number of records`, e.span, {
        help: "sum, mean, max, @, sort and what goes element by element take over_batch as it is",
      }),
    );
  }
}
const onBatch = (d: Dim, { building }: Scope): boolean =>
  symbolsOf(substitute(d, id => building.dims.get(id))).some(s => isBatch(s.id));
/** a number that the number of records makes */
const hasRecords = (e: Expr, scope: Scope): boolean =>
  e.k === "const"
    ? typeof e.value === "object" && "k" in e.value && onBatch(e.value, scope)
    : inputsOf(e).some(a => hasRecords(a, scope));
function ofOp(e: Op, args: readonly Node[], scope: Scope): Node {
  if (e.exact && !inputsOf(e).some(a => hasRecords(a, scope)))
    return constantNode(exactly(e, scope), graphElem(tensorOf(e).elem), []);
  const special = withFunctions[e.op];
  if (special) return special(e, args, scope);
  const lane = laneOps[e.op];
  const rule = draws[e.op] ?? tensorOps[e.op];
  if (!lane && !rule)
    return limit(
      `\`${e.op}\` in a function that is differentiated`,
      "outside of it, or of rows: rows(x) |> map(..)",
      e.span,
    );
  const type = graphType(tensorOf(e), scope.building, e.span);
  if (!lane) return rule!({ e, args, type, scope });
  if (e.exact) args = args.map(a => g.cast(type.elem, a));
  const second = e.args[1];
  const number = second?.k === "const" && typeof second.value === "number" ? second.value : undefined;
  return lane(
    args.map(a => broadcastTo(type.shape, a)),
    number,
  );
}

export function lowerExpr(e: Exclude<Expr, { k: "param" } | { k: "weight" } | { k: "history" }>, scope: Scope): Node {
  switch (e.k) {
    case "const":
      return constant(e, scope);
    case "var":
      throw new Error(`internal: the parameter \`${e.name}\` is read outside of its function`);
    case "source":
      return sourceNode(e, scope);
    case "get":
      return g.get(e.index, nodeOf(e.of, scope));
    case "check": {
      const b = scope.building;
      const [low, high] = [extent(e.low, b, e.span), side(e.high, b, e.span)];
      return g.check(siteOf(b, e.span, e.message), low, high, g.cast("i32", nodeOf(e.of, scope)));
    }
    case "op":
      return lowerOp(e, scope);
    default:
      return e satisfies never;
  }
}
