/**
 * Nets: weights as initialisers make them, from a file, or after training. Training is `batches`: its body differentiates
 * the mean of the loss over the records, then runs each weight's optimizer. Knows no layer, loss or optimizer.
 */
import { addSpans, type Fn as GraphFn, type Node, type Span } from "../../ir/node.ts";
import { elemOf } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { type TensorType as GraphTensor, N, tensor } from "../../ir/type.ts";
import {
  type Expr,
  type Load,
  leaves,
  type Net,
  type Optimizer,
  type TensorType,
  type Train,
  type TrainWeight,
  type Weight,
} from "../core.ts";
import { placeWord, word } from "./chance.ts";
import { broadcastTo } from "./lane.ts";
import { columnType, rowOf, rowWords } from "./rdd.ts";
import { addInput, apply, bindCaptures, closing, evaluate, graphType, mark, nodeOf, type Scope } from "./scope.ts";

/** the weights of a net by path */
export type Weights = ReadonlyMap<string, Node>;

function initial(w: Weight, scope: Scope): Node {
  const type = graphType(w.type, scope.building, w.span);
  const [value] = evaluate([w.init], scope);
  return mark(broadcastTo(type.shape, g.cast(type.elem, value!)), w.span);
}

/** which weights a file has: by name, shape and element */
export type InFile = (net: Load, weight: Weight, type: GraphTensor) => boolean;

function loadedWeight(net: Load, w: Weight, scope: Scope, inFile: InFile): Node {
  const type = graphType(w.type, scope.building, w.span);
  if (!inFile(net, w, type)) return initial(w, scope);
  const source = {
    format: net.format,
    paths: [net.path],
    options: {},
    span: net.span,
    columns: { [w.path]: { store: type.elem, shape: type.shape.map(Number), nullable: false } },
  };
  return addSpans(addInput(scope.building, { k: "file", source, tensor: w.path, type }, type), [net.span]);
}

/** the expressions that a training hangs on, so that the caller lowers them first */
export const needsOf = (net: Net): readonly Expr[] => {
  switch (net.k) {
    case "init":
    case "load":
      return [];
    case "train":
      return [
        ...net.weights.flatMap(w => [w.init, ...w.optimizer.init.captures, ...w.optimizer.step.captures]),
        net.rows,
        ...net.loss.captures,
      ];
    default:
      return net satisfies never;
  }
};

export function weightsOf(net: Net, scope: Scope, inFile: InFile): Weights {
  switch (net.k) {
    case "init":
      return new Map(net.weights.map(w => [w.path, initial(w, scope)]));
    case "load":
      return new Map(net.weights.map(w => [w.path, loadedWeight(net, w, scope, inFile)]));
    case "train":
      return train(net, scope);
    default:
      return net satisfies never;
  }
}

/** the loss of one record: (columns.., weights.., captures.., [row, epoch, step]) to [loss] */
interface PerRecord {
  readonly fn: GraphFn;
  readonly captures: readonly Node[];
}
function lossOf(net: Train, scope: Scope): PerRecord {
  const own = closing();
  const values = new Map<Expr, Node>();
  for (const p of net.loss.params) values.set(p, own.parameter(graphType(p.type, scope.building, p.span)));
  const row = own.parameter(tensor("u32", [2]));
  const [epoch, step] = [own.parameter(tensor("i32")), own.parameter(tensor("i32"))];
  bindCaptures(net.loss, scope, own, values);
  const seed = net.loss.random ? own.capture(scope.seed()) : undefined;
  const when = { time: [word(epoch), word(step)], row: rowWords(row) };
  const inner: Scope = { building: scope.building, values, seed: () => seed ?? scope.seed(), when };
  const [loss] = evaluate(
    leaves(net.loss.body).map(([, e]) => e),
    inner,
  );
  return { fn: own.close([loss!]), captures: own.captured };
}

/** [mean loss of the batch, gradients of the weights]: args are weights, columns, row, epoch, step, the captures of the loss */
function gradients(
  loss: PerRecord,
  args: readonly Node[],
  weights: number,
  columns: number,
  span: Span,
): readonly Node[] {
  const own = closing();
  const inside = args.map(a => own.parameter(a.type));
  const ws = inside.slice(0, weights);
  const cs = inside.slice(weights, weights + columns);
  const rest = inside.slice(weights + columns);
  const mapped = [...cs.map(() => true), ...ws.map(() => false), true, ...rest.slice(1).map(() => false)];
  const losses = g.get(0, g.map(loss.fn, mapped, [...cs, ...ws, ...rest]));
  const mean = mark(g.lane("div", g.reduce("add", [0], losses), g.records(elemOf(losses))), span);
  const wrt = ws.map((_, i) => i);
  const tuple = g.grad(own.close([mean]), wrt, args);
  return [0, ...wrt.map(i => i + 1)].map(i => mark(g.get(i, tuple), span));
}

/** [w, slots..] after a step, in the types that they have */
function stepOf(w: TrainWeight, o: Optimizer, args: readonly Node[], scope: Scope): readonly Node[] {
  const values = apply(o.step, args, scope);
  const paths = leaves(o.step.body).map(([path]) => path);
  const next = values[paths.indexOf("w")];
  if (!next) throw new Error("internal: an optimizer's step gives no w");
  const slots = values.filter((_, i) => paths[i] !== "w");
  const types = [w.type, ...o.slots.map(([, t]) => t)];
  return [next, ...slots].map((x, i) => inType(x, types[i]!, w.span, scope));
}
function inType(x: Node, type: TensorType, span: Span, scope: Scope): Node {
  const t = graphType(type, scope.building, span);
  return mark(broadcastTo(t.shape, g.cast(t.elem, x)), span);
}

/** one step: (columns.., row, weights.., slots.., epoch, step, captures..) to (weights', slots', mean loss) */
interface StepFn {
  readonly body: GraphFn;
  readonly captures: readonly Node[];
}
function stepFn(
  net: Train,
  rdd: Node,
  start: readonly Node[],
  slots: readonly (readonly Node[])[],
  scope: Scope,
): StepFn {
  const loss = lossOf(net, scope);
  const own = closing();
  const columns = Object.values(rowOf(rdd).row).map(c => {
    const t = columnType(c, net.rows.span);
    return own.parameter(tensor(t.elem, [N, ...t.shape]));
  });
  const row = own.parameter(tensor("u32", [N, 2]));
  const weights = start.map(w => own.parameter(w.type));
  const states = slots.map(s => s.map(x => own.parameter(x.type)));
  const [epoch, step] = [own.parameter(tensor("i32")), own.parameter(tensor("i32"))];
  const captures = loss.captures.map(own.capture);
  const args = [...weights, ...columns, row, epoch, step, ...captures];
  const [mean, ...slopes] = gradients(loss, args, weights.length, columns.length, net.loss.span);

  const values = new Map<Expr, Node>();
  for (const w of net.weights) bindCaptures(w.optimizer.step, scope, own, values);
  const draws = net.weights.some(w => w.optimizer.step.random);
  const seed = draws ? own.capture(scope.seed()) : undefined;
  const inner: Scope = {
    building: scope.building,
    values,
    seed: () => seed ?? scope.seed(),
    when: { time: [word(epoch), word(step)], row: [] },
  };
  const next = net.weights.map((w, i) =>
    stepOf(w, w.optimizer, [weights[i]!, slopes[i]!, ...states[i]!, step, epoch], inner),
  );
  const results = [...next.map(n => n[0]!), ...next.flatMap(n => n.slice(1)), mark(g.cast("f32", mean!), net.span)];
  return { body: own.close(results), captures: own.captured };
}

function train(net: Train, scope: Scope): Weights {
  const rdd = nodeOf(net.rows, scope);
  const start = net.weights.map(w => initial(w, scope));
  const slots = net.weights.map(({ optimizer: o, span }, i) => {
    const made = apply(o.init, [start[i]!], scope);
    return o.slots.map(([, type], k) => inType(made[k]!, type, span, scope));
  });
  const { body, captures } = stepFn(net, rdd, start, slots, scope);
  const states = [...start, ...slots.flat()];
  const attrs: g.BatchesAttrs = {
    body,
    batch: net.batch,
    epochs: net.epochs ?? -1,
    steps: net.steps ?? -1,
    order: net.shuffle ? "shuffle" : "source",
    place: placeWord(net.place),
    states: states.length,
    outs: 0,
    rows: 0,
    label: net.name,
  };
  const trained = mark(g.batches(attrs, rdd, scope.seed(), states, captures), net.span);
  return new Map(net.weights.map((w, i) => [w.path, mark(g.get(i, trained), net.span)]));
}
