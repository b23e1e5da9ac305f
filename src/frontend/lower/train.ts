/**
 * Nets: weights as initialisers make them, from a file, or after training. Training is `batches`: its body differentiates
 * the mean of the loss over the records, then runs each weight's optimizer. Knows no layer, loss or optimizer.
 */
import { addSpans, type Fn as GraphFn, type Node } from "../../ir/node.ts";
import { elemOf } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { type TensorType as GraphTensor, N, tensor } from "../../ir/type.ts";
import {
  type Expr,
  type Load,
  leaves,
  type Net,
  type Optimizer,
  type Train,
  type TrainWeight,
  type Weight,
} from "../core.ts";
import { placeWord, word } from "./chance.ts";
import { broadcastTo } from "./lane.ts";
import { columnType, rowOf, rowWords } from "./rdd.ts";
import { addInput, apply, bindCaptures, closing, evaluate, graphType, nodeOf, type Scope } from "./scope.ts";

/** the weights of a net by path */
export type Weights = ReadonlyMap<string, Node>;

function initial(w: Weight, scope: Scope): Node {
  const type = graphType(w.type, scope.building, w.span);
  const [value] = evaluate([w.init], scope);
  return broadcastTo(type.shape, g.cast(type.elem, value!));
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

/** the nodes that a net's nodes hang on, so that the caller lowers them first */
export const needsOf = (net: Net): readonly Expr[] => {
  switch (net.k) {
    case "init":
    case "load":
      return net.weights.map(w => w.init);
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
  const when = [word(epoch), word(step), ...rowWords(row)];
  const inner: Scope = { building: scope.building, values, seed: () => seed ?? scope.seed(), when };
  const [loss] = evaluate(
    leaves(net.loss.body).map(([, e]) => e),
    inner,
  );
  return { fn: own.close([loss!]), captures: own.captured };
}

/** [mean loss of the batch, gradients of the weights] as nodes */
function gradients(
  loss: PerRecord,
  columns: readonly Node[],
  weights: readonly Node[],
  when: { readonly row: Node; readonly epoch: Node; readonly step: Node },
  captures: readonly Node[],
): readonly Node[] {
  const own = closing();
  const args = [...weights, ...columns, when.row, when.epoch, when.step, ...captures];
  const inside = args.map(a => own.parameter(a.type));
  const ws = inside.slice(0, weights.length);
  const cs = inside.slice(weights.length, weights.length + columns.length);
  const rest = inside.slice(weights.length + columns.length);
  const mapped = [...cs.map(() => true), ...ws.map(() => false), true, ...rest.slice(1).map(() => false)];
  const losses = g.get(0, g.map(loss.fn, mapped, [...cs, ...ws, ...rest]));
  const mean = g.lane("div", g.reduce("add", [0], losses), g.records(elemOf(losses)));
  const tuple = g.grad(
    own.close([mean]),
    ws.map((_, i) => i),
    args,
  );
  return [0, ...weights.map((_, i) => i + 1)].map(i => g.get(i, tuple));
}

/** the leaves of a weight's next value and slots */
function stepOf(w: TrainWeight, o: Optimizer, args: readonly Node[], scope: Scope): readonly Node[] {
  const values = apply(o.step, args, scope);
  const byPath = new Map(leaves(o.step.body).map(([path], i) => [path, values[i]!]));
  const type = graphType(w.type, scope.building, w.span);
  const next = byPath.get("w");
  if (!next) throw new Error("internal: an optimizer's step gives no w");
  const slots = leaves(o.step.body).flatMap(([path], i) => (path === "w" ? [] : [values[i]!]));
  return [broadcastTo(type.shape, g.cast(type.elem, next)), ...slots];
}

function train(net: Train, scope: Scope): Weights {
  const rdd = nodeOf(net.rows, scope);
  const start = net.weights.map(w => initial(w, scope));
  const slots = net.weights.map((w, i) => {
    const made = apply(w.optimizer.init, [start[i]!], scope);
    return w.optimizer.slots.map(([, type], k) => {
      const t = graphType(type, scope.building, w.span);
      return broadcastTo(t.shape, g.cast(t.elem, made[k]!));
    });
  });
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
  const [mean, ...slopes] = gradients(loss, columns, weights, { row, epoch, step }, captures);

  const values = new Map<Expr, Node>();
  for (const w of net.weights) bindCaptures(w.optimizer.step, scope, own, values);
  const inner: Scope = { building: scope.building, values, seed: scope.seed, when: [word(epoch), word(step)] };
  const next = net.weights.map((w, i) =>
    stepOf(w, w.optimizer, [weights[i]!, slopes[i]!, ...states[i]!, step, epoch], inner),
  );
  const body = own.close([...next.map(n => n[0]!), ...next.flatMap(n => n.slice(1)), g.cast("f32", mean!)]);

  const given = [...start, ...slots.flat()];
  const trained = addSpans(
    g.batches(
      {
        body,
        batch: net.batch,
        epochs: net.epochs ?? -1,
        steps: net.steps ?? -1,
        order: net.shuffle ? "shuffle" : "source",
        place: placeWord(net.place),
        states: given.length,
        outs: 0,
        rows: 0,
        label: net.name,
      },
      rdd,
      scope.seed(),
      given,
      own.captured,
    ),
    [net.span],
  );
  return new Map(net.weights.map((w, i) => [w.path, g.get(i, trained)]));
}
