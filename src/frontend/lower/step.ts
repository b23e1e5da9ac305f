/**
 * One step of a training as a body of `batches`: for each update the gradients of the mean loss, cut by `clip`, then the
 * optimizer of each weight; later updates see what earlier ones made. Knows no layer, loss or optimizer.
 */
import { type Fn as GraphFn, type Node, type Span, spansOf } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { type TensorType as GraphTensor, N, tensor } from "../../ir/type.ts";
import {
  type Expr,
  type Fn,
  leaves,
  type Optimizer,
  type TensorType,
  type Train,
  type TrainWeight,
  type Tree,
  type Update,
} from "../core.ts";
import { word } from "./chance.ts";
import { broadcastTo } from "./lane.ts";
import { columnType, rowOf } from "./rdd.ts";
import { overRecords } from "./records.ts";
import { apply, bindCaptures, type Closing, closing, extent, graphType, mark, nodeOf, type Scope } from "./scope.ts";

/** what is carried: the weights and states of the net in their order, then the slots of each weight */
export interface Carried {
  readonly weights: readonly Node[];
  readonly slots: readonly (readonly Node[])[];
  /** what steps over all rows keep */
  readonly kept: readonly Node[];
}
/** (columns.., row, weights that change.., slots.., carry.., more.., epoch, step, captures..) to (the same next, losses..) */
export interface StepFn {
  readonly body: GraphFn;
  readonly captures: readonly Node[];
}
/** states of the caller's own beside those of the step: their types, and their next values from the losses */
export interface More {
  readonly types: readonly GraphTensor[];
  readonly next: (now: readonly Node[], losses: readonly Node[]) => readonly Node[];
}

/** weights and states that a step changes; the others are captured */
export const changes = (w: TrainWeight, net: Train): boolean =>
  w.optimizer !== undefined ||
  [...net.updates.map(u => u.fn), ...(net.whole ? [net.whole.step] : [])].some(f =>
    nextIn(f).some(([path]) => path === w.path),
  );
const fieldOf = (f: Fn, name: string): Tree<Expr> | undefined =>
  f.body.k === "record" ? f.body.fields.find(([n]) => n === name)?.[1] : undefined;
const carryOf = (u: Update): readonly Expr[] => leaves(fieldOf(u.fn, "carry") ?? NOTHING).map(([, e]) => e);
const NOTHING: Tree<Expr> = { k: "record", fields: [] };
const nextOf = (u: Update): readonly (readonly [path: string, Expr])[] => nextIn(u.fn);
/** by path what weights and states become */
function nextIn(f: Fn): readonly (readonly [path: string, Expr])[] {
  const next = fieldOf(f, "next");
  return next?.k === "record" ? next.fields.map(([path, t]) => [path, (t as { of: Expr }).of] as const) : []; // as: closed so by check
}

/** where the nodes of a step stand */
export interface Inside {
  readonly columns: readonly Node[];
  readonly row: Node;
  readonly epoch: Node;
  readonly step: Node;
  /** u32[] each: those around the training */
  readonly trips: readonly Node[];
}

/**
 * [mean loss, the other results of f.., gradients..] of a batch, for the weights at `moved`. Of the others the first `states` are the same for all records,
 * those behind them become [N, ..]
 */
export function differentiated(
  f: Fn,
  moved: readonly number[],
  states: number,
  at: Inside,
  weights: readonly Node[],
  scope: Scope,
): readonly Node[] {
  const own = closing();
  const inside = new Map<number, Node>(moved.map(i => [i, own.parameter(weights[i]!.type)]));
  const ws = weights.map((w, i) => inside.get(i) ?? own.capture(w));
  const values = new Map<Expr, Node>();
  bindCaptures(f, scope, own, values);
  const seed = f.random ? own.capture(scope.seed()) : undefined;
  const inner: Scope = { ...scope, values, seed: () => seed ?? scope.seed() };
  const [loss, ...next] = overRecords(
    f,
    {
      columns: at.columns.map(own.capture),
      shared: ws,
      row: own.capture(at.row),
      epoch: own.capture(at.epoch),
      step: own.capture(at.step),
      trips: at.trips.map(own.capture),
    },
    inner,
  );
  const { node, perRecord } = loss!;
  const mean = perRecord ? g.lane("div", g.reduce("add", [0], node), g.records(elemOf(node))) : node;
  const rest = next.map((n, i) => (i < states || n.perRecord ? n.node : spread(n.node)));
  const results = [mark(mean, f.span), ...rest];
  const args = [...moved.map(i => weights[i]!), ...own.captured];
  const closed = own.close(results);
  const wrt = moved.map((_, i) => i);
  const tuple = moved.length ? g.grad(closed, wrt, args) : g.call(closed, args);
  return [...results, ...moved].map((_, i) => mark(g.get(i, tuple), f.span));
}

/** the same for each record */
const spread = (x: Node): Node =>
  g.broadcast(
    [N, ...shapeAt(x)],
    shapeAt(x).map((_, d) => d + 1),
    x,
  );
/** gradients whose common norm is at most `most` */
function clipped(slopes: readonly Node[], most: Node, span: Span): readonly Node[] {
  const squares = slopes.map(s =>
    g.reduce(
      "add",
      shapeAt(s).map((_, d) => d),
      g.lane("mul", s, s),
    ),
  );
  const norm = g.lane(
    "sqrt",
    squares.map(s => g.cast("f32", s)).reduce((a, b) => g.lane("add", a, b)),
  );
  const by = g.lane("div", most, norm);
  const small = g.lane("le", norm, most);
  return slopes.map(s => {
    const scaled = g.lane("mul", s, broadcastTo(shapeAt(s), g.cast(elemOf(s), by)));
    return mark(g.select(broadcastTo(shapeAt(s), small), s, scaled), span);
  });
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
export function inType(x: Node, type: TensorType, span: Span, scope: Scope): Node {
  const t = graphType(type, scope.building, span);
  return mark(broadcastTo(t.shape, g.cast(t.elem, x)), span);
}

export function stepFn(net: Train, rdd: Node, start: Carried, more: More, scope: Scope): StepFn {
  const own = closing();
  const batch = extent(net.batch, scope.building, net.span);
  const columns = Object.values(rowOf(rdd).row).map(c => {
    const t = columnType(c, net.rows.span);
    return own.parameter(tensor(t.elem, [N, ...t.shape]));
  });
  const row = own.parameter(tensor("u32", [N, 2]));
  const changing = net.weights.map(w => changes(w, net));
  const given = start.weights.map((w, i) => (changing[i] ? own.parameter(w.type) : undefined));
  const slots = start.slots.map(s => s.map(x => own.parameter(x.type)));
  const carry = (net.carry ?? []).map(c => own.parameter(streamed(nodeOf(c, scope), batch).type));
  const extra = more.types.map(t => own.parameter(t));
  const [epoch, step] = [own.parameter(tensor("i32")), own.parameter(tensor("i32"))];
  const here = g.iota("i32", [N], 0);
  const held = carry.map(c => g.gather(0, 0, c, here));
  const trips = isRandom(net) ? scope.when.time.map(own.capture) : [];
  const at: Inside = { columns: [...columns, ...held], row, epoch, step, trips };
  let next: readonly Node[] = [];
  const weights = given.map((p, i) => p ?? own.capture(start.weights[i]!));

  const inner = innerScope(net, at, own, scope);
  const losses: Node[] = [];
  for (const u of net.updates) {
    const moved = net.weights.flatMap((w, i) => (u.weights.includes(w.path) ? [i] : []));
    const states = nextOf(u);
    const [loss, ...rest] = differentiated(u.fn, moved, states.length, at, weights, inner);
    losses.push(mark(g.cast("f32", loss!), net.span));
    const on = rest.slice(states.length, states.length + carryOf(u).length);
    next = on.map(x => mark(g.scatter("add", 0, 0, batch, here, x), u.fn.span));
    const raw = rest.slice(states.length + on.length);
    const slopes = net.clip ? clipped(raw, nodeOf(net.clip, inner), net.clip.span) : raw;
    moved.forEach((i, k) => {
      const w = net.weights[i]!;
      const [to, ...held] = stepOf(w, w.optimizer!, [weights[i]!, slopes[k]!, ...slots[i]!, step, epoch], inner);
      weights[i] = to!;
      slots[i] = held;
    });
    states.forEach(([path], k) => {
      const i = net.weights.findIndex(w => w.path === path);
      weights[i] = mark(rest[k]!, net.weights[i]!.span);
    });
  }
  const changed = weights.filter((_, i) => changing[i]);
  return {
    body: own.close([...changed, ...slots.flat(), ...next, ...more.next(extra, losses), ...losses]),
    captures: own.captured,
  };
}
/** what each stream begins with */
export const streamed = (x: Node, count: number): Node =>
  mark(
    g.broadcast(
      [count, ...shapeAt(x)],
      shapeAt(x).map((_, d) => d + 1),
      x,
    ),
    spansOf(x)[0]!,
  );
/** nodes inside the step for what its functions capture, and for its chance */
function innerScope(net: Train, at: Inside, own: Closing, scope: Scope): Scope {
  const values = new Map<Expr, Node>();
  for (const u of net.updates) bindCaptures(u.fn, scope, own, values);
  for (const w of net.weights) if (w.optimizer) bindCaptures(w.optimizer.step, scope, own, values);
  if (net.clip) values.set(net.clip, own.capture(nodeOf(net.clip, scope)));
  const seed = isRandom(net) ? own.capture(scope.seed()) : undefined;
  return {
    building: scope.building,
    values,
    seed: () => seed ?? scope.seed(),
    when: { time: [word(at.epoch), word(at.step), ...at.trips], row: [] },
  };
}
const isRandom = (net: Train): boolean =>
  net.updates.some(u => u.fn.random) || net.weights.some(w => w.optimizer?.step.random);
