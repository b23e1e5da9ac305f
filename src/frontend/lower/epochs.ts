/**
 * A training as a loop over epochs: one pass of steps over the rows, then what is measured, the row of the history, the best
 * epoch, and whether to stop. Everything that crosses an epoch is a state of the loop. Knows no loss and no optimizer.
 */
import type { Node } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { type Elem, type Dim as GraphDim, tensor } from "../../ir/type.ts";
import type { Dim } from "../check/dims.ts";
import { type Expr, type Fn, leaves, type TensorType, type Train, type Whole } from "../core.ts";
import { epochsAtMost } from "../inner-train.ts";
import { placeWord, seedAt } from "./chance.ts";
import { columnType, rowOf } from "./rdd.ts";
import {
  apply,
  bindCaptures,
  type Closing,
  closing,
  extent,
  graphType,
  mark,
  NEVER,
  nodeOf,
  type Scope,
  siteOf,
  tensorOf,
} from "./scope.ts";
import { type Carried, changes, inType, type More, type StepFn, stepFn, streamed } from "./step.ts";

export interface Trained {
  /** in the order of net.weights */
  readonly weights: readonly Node[];
  /** present if it was asked for: a place per epoch in each of the columns of the net, zeros in those of epochs that were not made */
  readonly history?: readonly Node[];
}

/** a state of the loop: its parameter in the body, and its next value, which is set before the body closes */
interface State {
  readonly name: string;
  readonly start: Node;
  readonly inside: Node;
  next: Node;
}
/** all states, declared before anything is captured: parameters stand in the order in which they are asked for */
interface States {
  readonly all: readonly State[];
  /** per weight; undefined: it does not change */
  readonly weights: readonly (State | undefined)[];
  /** how many the step carries: weights, then slots, then what steps over all rows keep */
  readonly carried: number;
  readonly epoch: State;
  readonly step: State;
  /** of the history, a place per epoch each; of the best epoch: its row, its key, and its weights with `keep: "best"` */
  readonly columns: readonly State[];
  readonly best:
    | { readonly key: State; readonly row: readonly State[]; readonly weights: readonly (State | undefined)[] }
    | undefined;
}
function declare(net: Train, start: Carried, history: boolean, own: Closing, scope: Scope): States {
  const all: State[] = [];
  const add = (name: string, start: Node): State => {
    const inside = own.parameter(tensor(elemOf(start), shapeAt(start)));
    const state = { name, start, inside, next: inside };
    all.push(state);
    return state;
  };
  const zero = (elem: Elem, shape: readonly GraphDim[] = []): Node => g.full(0, elem, shape);
  const elem = (t: TensorType): Elem => graphType(t, scope.building, net.span).elem;
  const weights = net.weights.map((w, i) =>
    changes(w, net) ? add(`${w.state ? "s" : "w"}/${w.path}`, start.weights[i]!) : undefined,
  );
  net.weights.forEach((w, i) => {
    for (const [k, s] of start.slots[i]!.entries()) {
      const path = w.optimizer!.slots[k]![0];
      add(`o/${w.path}${path === "" ? "" : `.${path}`}`, s);
    }
  });
  net.whole?.slots.forEach(([path], k) => {
    add(`o/${path}`, start.kept[k]!);
  });
  const carried = all.length;
  const [epoch, step] = [add("epoch", zero("i32")), add("step", zero("i32"))];
  const columns = history
    ? net.columns.map(([name, t]) => add(`history/${name}`, zero(elem(t), [numberOf(epochsAtMost(net), net, scope)])))
    : [];
  const best = net.by && {
    key: add("best/by", zero(elem(keyType(net.by)))),
    row: net.columns.map(([name, t]) => add(`best/row/${name}`, zero(elem(t)))),
    weights: weights.map(w => (w && net.keep === "best" ? add(`best/${w.name}`, w.start) : undefined)),
  };
  return { all, weights, carried, epoch, step, columns, best };
}
/** the numbers of a training, which data may decide */
const numberOf = (d: Dim, net: Train, scope: Scope): number => extent(d, scope.building, net.span);
const keyType = (by: Fn): TensorType => tensorOf(leaves(by.body)[0]![1]);

/** sums of the losses of an epoch, each with the rounding error of its additions beside it (TwoSum), and its rows */
const sums = (losses: number): More => ({
  types: [...Array.from({ length: 2 * losses }, () => tensor("f32")), tensor("i32")],
  next: (now, made) => {
    const n = g.records("f32");
    const parts = made.flatMap((loss, i) => {
      const [s, c] = [now[2 * i]!, now[2 * i + 1]!];
      const p = g.lane("mul", loss, n);
      const t = g.lane("add", s, p);
      const part = g.lane("sub", t, s);
      const error = g.lane("add", g.lane("sub", s, g.lane("sub", t, part)), g.lane("sub", p, part));
      return [t, g.lane("add", c, error)];
    });
    return [...parts, g.lane("add", now[2 * losses]!, g.records("i32"))];
  },
});
const NOTHING: More = { types: [], next: () => [] };

/** what an epoch has made beside the next states */
interface Epoch {
  readonly losses: readonly Node[];
  /** bool each: it was the last one */
  readonly ends: readonly Node[];
}
export function epochs(net: Train, start: Carried, history: boolean, scope: Scope): Trained {
  const asked = history || net.measure !== undefined || net.by !== undefined || net.stop !== undefined;
  const own = closing();
  const byBatches = net.whole ? undefined : batched(net, start, asked, scope);
  const states = declare(net, start, history, own, scope);
  states.epoch.next = mark(g.lane("add", states.epoch.inside, g.full(1, "i32")), net.span);
  const epoch = byBatches ? byBatches(own, states) : wholeEpoch(net, net.whole!, start, own, states, scope);
  const ends = [...epoch.ends];
  let logs: readonly (readonly [name: string, value: Node])[] = [];
  if (asked || net.whole) {
    const inner = innerScope(net, own, scope);
    const now = states.weights.map((w, i) => w?.next ?? own.capture(start.weights[i]!));
    const row = rowOfEpoch(net, epoch, states, now, inner);
    logs = net.columns.flatMap(([name], i) => (/^(loss|val)/.test(name) ? [[name, row[i]!] as const] : []));
    for (const [i, column] of states.columns.entries()) keepColumn(column, states.epoch, row[i]!, net);
    if (states.best) {
      keepBest(net, states, states.best, row, inner);
      if (net.stop) ends.push(apply(net.stop, [...row, ...states.best.row.map(s => s.next)], inner)[0]!);
    }
  }
  const until = ends.length ? [ends.reduce((a, b) => g.lane("or", a, b))] : [];
  const attrs: g.LoopAttrs = {
    body: own.close([...states.all.map(s => s.next), ...until, ...logs.map(([, value]) => value)]),
    // of steps over batches nobody knows how many an epoch has
    trip: net.whole || net.epochs !== undefined ? numberOf(epochsAtMost(net), net, scope) : -1,
    states: states.all.length,
    until: until.length > 0,
    label: net.whole && net.steps !== undefined ? "step" : "epoch",
    logs: logs.map(([name]) => name),
    names: states.all.map(s => s.name),
    ...(net.checkpoint === undefined ? {} : { checkpoint: net.checkpoint, checkpointName: net.name }),
  };
  const starts = states.all.map(s => s.start);
  const loop = mark(g.loop(attrs, starts, own.captured), net.span);
  const result = (s: State): Node => mark(g.get(states.all.indexOf(s), loop), net.span);
  const kept = states.weights.map((w, i) => states.best?.weights[i] ?? w);
  return {
    weights: kept.map((w, i) => (w ? result(w) : start.weights[i]!)),
    ...(history ? { history: states.columns.map(result) } : {}),
  };
}
/** an epoch of steps over batches */
function batched(net: Train, start: Carried, asked: boolean, scope: Scope): (own: Closing, states: States) => Epoch {
  const rdd = nodeOf(net.rows, scope);
  const more = asked ? sums(net.updates.length) : NOTHING;
  const step = stepFn(net, rdd, start, more, scope);
  return (own, states) => {
    const pass = passOf(net, step, rdd, more, own, states, scope);
    const steps = mark(g.get(firstSum(net, states) + more.types.length, pass), net.span);
    states.all.slice(0, states.carried).forEach((s, i) => {
      s.next = mark(g.get(i, pass), net.span);
    });
    states.step.next = steps;
    return {
      losses: asked ? lossesOf(net, pass, states) : [],
      ends: net.steps === undefined ? [] : [g.lane("le", g.full(numberOf(net.steps, net, scope), "i32"), steps)],
    };
  };
}
/** an epoch that is one step over all rows; its loss is that of the weights that it makes */
function wholeEpoch(
  net: Train,
  { step, slots }: Whole,
  start: Carried,
  own: Closing,
  states: States,
  scope: Scope,
): Epoch {
  const inner = insideScope([step], own, scope);
  const weights = states.weights.map((w, i) => w?.inside ?? own.capture(start.weights[i]!));
  const kept = states.all.slice(states.carried - slots.length, states.carried);
  const made = apply(step, [...weights, ...kept.map(s => s.inside)], inner);
  const paths = leaves(step.body).map(([path]) => path);
  const named = (path: string): Node => mark(made[paths.indexOf(path)]!, net.span);
  for (const [i, w] of net.weights.entries()) {
    const s = states.weights[i];
    if (s) s.next = inType(named(`next.${w.path}`), w.type, w.span, scope);
  }
  kept.forEach((s, k) => {
    s.next = named(`slots.${slots[k]![0]}`);
  });
  states.step.next = mark(g.lane("add", states.step.inside, g.full(1, "i32")), net.span);
  const loss = named("loss");
  const size = g.lane("abs", loss);
  const bad = g.lane("not", g.lane("lt", size, g.full(Number.POSITIVE_INFINITY, elemOf(size))));
  const site = siteOf(scope.building, net.span, "the loss over all data is not finite; of no rows it is NaN");
  const checked = mark(g.check(site, 0, 1, g.cast("i32", bad)), net.span);
  return {
    losses: [g.cast("f32", loss)],
    // reading the check keeps it
    ends: [named("ends"), g.lane("lt", g.full(0, "i32"), checked)],
  };
}

/** where the sums of an epoch begin among the states of a pass */
const firstSum = (net: Train, states: States): number => states.carried + (net.carry?.length ?? 0);
/** the steps of one epoch */
function passOf(net: Train, step: StepFn, rdd: Node, more: More, own: Closing, states: States, scope: Scope): Node {
  const zeros = more.types.map(t => g.full(0, t.elem));
  const attrs: g.BatchesAttrs = {
    body: step.body,
    batch: numberOf(net.batch, net, scope),
    order: net.carry ? "streams" : net.shuffle ? "shuffle" : "source",
    place: placeWord(net.place),
    stop: net.steps === undefined ? -1 : numberOf(net.steps, net, scope),
    states: firstSum(net, states) + zeros.length,
    outs: 0,
    rows: 0,
    label: net.name,
    ...(net.updates.length > 1 ? { logs: net.updates.map(u => `loss.${u.key}`) } : {}),
  };
  const seed = own.capture(seedAt(net.place, undefined, scope));
  const carry = (net.carry ?? []).map(c => own.capture(streamed(nodeOf(c, scope), numberOf(net.batch, net, scope))));
  const given = [...states.all.slice(0, states.carried).map(s => s.inside), ...carry, ...zeros];
  const clock = { epoch: states.epoch.inside, step: states.step.inside };
  return mark(g.batches(attrs, own.capture(rdd), seed, given, step.captures.map(own.capture), clock), net.span);
}

const innerScope = (net: Train, own: Closing, scope: Scope): Scope =>
  insideScope(
    [net.measure, net.by, net.stop].flatMap(f => f ?? []),
    own,
    scope,
  );
/** nodes inside the loop for what the functions capture, and for their chance */
function insideScope(fns: readonly Fn[], own: Closing, scope: Scope): Scope {
  const values = new Map<Expr, Node>();
  for (const f of fns) bindCaptures(f, scope, own, values);
  if (!fns.some(f => f.random)) return { building: scope.building, values, seed: scope.seed, when: NEVER };
  const seed = own.capture(scope.seed());
  return {
    building: scope.building,
    values,
    seed: () => seed,
    when: { time: scope.when.time.map(own.capture), row: [] },
  };
}
/** the means of the losses over the epoch */
function lossesOf(net: Train, pass: Node, states: States): readonly Node[] {
  const sum = (i: number): Node => g.get(firstSum(net, states) + i, pass);
  const rows = g.cast("f32", sum(2 * net.updates.length));
  return net.updates.map((_, i) => {
    const [s, c] = [sum(2 * i), sum(2 * i + 1)];
    // an infinite sum has no error to add
    return g.lane("div", g.select(g.lane("eq", c, c), g.lane("add", s, c), s), rows);
  });
}
/** the columns of the net after an epoch */
function rowOfEpoch(
  net: Train,
  { losses }: Epoch,
  states: States,
  weights: readonly Node[],
  scope: Scope,
): readonly Node[] {
  const measured = net.measure ? apply(net.measure, weights, scope) : [];
  const seconds = g.clock(measured[0] ?? states.step.next);
  const all = [states.epoch.next, states.step.next, ...losses, seconds, ...measured];
  return all.map(x => mark(x, net.span));
}
/** the value of this epoch in its place */
function keepColumn(column: State, epoch: State, value: Node, net: Train): void {
  const shape = shapeAt(column.inside);
  const here = g.lane("eq", g.iota("i32", shape, 0), g.broadcast(shape, [], epoch.inside));
  column.next = mark(g.select(here, g.broadcast(shape, [], value), column.inside), net.span);
}
/** row, key and weights of the best epoch */
function keepBest(
  net: Train,
  states: States,
  best: NonNullable<States["best"]>,
  row: readonly Node[],
  scope: Scope,
): void {
  const key = apply(net.by!, row, scope)[0]!;
  const old = best.key.inside;
  const first = g.lane("eq", states.epoch.inside, g.full(0, "i32"));
  const unordered = g.lane("not", g.lane("eq", old, old));
  const better = g.lane("or", first, g.lane("or", unordered, g.lane("lt", key, old)));
  const choose = (s: State, value: Node): void => {
    s.next = mark(g.select(g.broadcast(shapeAt(value), [], better), value, s.inside), net.span);
  };
  choose(best.key, key);
  for (const [i, s] of best.row.entries()) choose(s, row[i]!);
  for (const [i, s] of best.weights.entries()) if (s) choose(s, states.weights[i]!.next);
}
/** an rdd with the columns of the net, a row per epoch that was made: they are numbered from 1 */
export function historyRows(net: Train, columns: readonly Node[]): Node {
  const all = mark(
    g.rddRows(
      net.columns.map(([name]) => name),
      ...columns,
    ),
    net.span,
  );
  const own = closing();
  const values = Object.values(rowOf(all).row).map(c => own.parameter(columnType(c, net.span)));
  const made = own.close([g.lane("lt", g.full(0, "i32"), values[0]!)]);
  return mark(g.rddFilter(made, false, all), net.span);
}
