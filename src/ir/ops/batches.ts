/** The loop over batches of an rdd: training, and every action over rows. Knows no optimizer, loss or printing. */

import { inline } from "../inline.ts";
import { type Attrs, fn, make, type Node } from "../node.ts";
import type { Op, TensorValue } from "../op.ts";
import {
  type Dim,
  N,
  numbers,
  sameDim,
  sameType,
  showType,
  sizeOf,
  type TensorType,
  type Type,
  tensor,
  tuple,
} from "../type.ts";
import { allocate, tensorOf } from "../value.ts";
import { fnAttr, int, need, refuse, tensorAt, text } from "./attrs.ts";
import { parameter } from "./build.ts";
import { shuffled } from "./rdd.ts";
import {
  asRdd,
  atEpoch,
  checkParams,
  columnTypes,
  identities,
  overGroup,
  perRow,
  put,
  rddAt,
  rowOf,
  scalar,
  take,
  visible,
} from "./rows.ts";

/** where the body's parameters begin: columns, row, states, epoch, step, captures */
export interface BodyParams {
  readonly row: number;
  readonly states: number;
  readonly epoch: number;
  readonly step: number;
  readonly captures: number;
}
export function bodyParams(node: Node): BodyParams {
  const row = visible(rowOf(node.args[0]!)).length;
  const states = row + 1;
  const epoch = states + int(node.attrs, "states");
  return { row, states, epoch, step: epoch + 1, captures: epoch + 2 };
}
/** the arguments by what they are; without a clock the epoch is 0 and the steps count from 0 */
export interface BatchesArgs<T> {
  readonly rows: T;
  readonly seed: T;
  readonly clock?: { readonly epoch: T; readonly step: T };
  readonly states: readonly T[];
  readonly captures: readonly T[];
}
export function batchesArgs<T>(args: readonly T[], attrs: Attrs): BatchesArgs<T> {
  const [rows, seed, ...rest] = args as readonly [T, T, ...T[]]; // by the type rule
  const clocked = attrs["clocked"] === true;
  const own = clocked ? rest.slice(2) : rest;
  const states = int(attrs, "states");
  return {
    rows,
    seed,
    ...(clocked ? { clock: { epoch: rest[0]!, step: rest[1]! } } : {}),
    states: own.slice(0, states),
    captures: own.slice(states),
  };
}
const plain = (t: Type): TensorType =>
  t.k === "tensor" ? tensor(t.elem, t.shape) : refuse(`${showType(t)} where a tensor is carried`);

const type: Op["type"] = (args, attrs) => {
  const body = fnAttr(attrs, "body");
  const [states, outs, rows, order] = [
    int(attrs, "states"),
    int(attrs, "outs"),
    int(attrs, "rows"),
    text(attrs, "order"),
  ];
  need(int(attrs, "batch") > 0, () => "batches of no rows");
  need(int(attrs, "stop") >= -1, () => "a stop before the first step");
  need(
    attrs["passing"] !== true || rows === int(attrs, "batch"),
    () => "rows that pass in other batches than those of the loop",
  );
  need(order === "source" || order === "shuffle" || order === "streams", () => `batches in order ${order}`);
  int(attrs, "place");
  text(attrs, "label");
  if (attrs["site"] !== undefined) int(attrs, "site");
  const seed = tensorAt(args, 1);
  need(seed.elem === "u32" && seed.shape.length === 1 && seed.shape[0] === 2, () => "a seed is u32[2]");
  const given = batchesArgs(args, attrs);
  for (const t of given.clock ? [given.clock.epoch, given.clock.step] : [])
    need(sameType(plain(t), tensor("i32")), () => `a clock of ${showType(t)}`);
  const carried = given.states.map(plain);
  const columns = columnTypes(rddAt(args, 0).row, [N]);
  const who = tensor("u32", [N, 2]);
  checkParams(body, [...columns, who, ...carried, tensor("i32"), tensor("i32"), ...given.captures]);
  for (const p of body.params.slice(columns.length + 1, columns.length + 1 + states))
    need(
      p.k === "tensor" && p.below === undefined,
      () => `state ${showType(p)} with a bound that its next value may break`,
    );
  const results = body.results.map(r => r.type);
  need(results.length >= states + outs, () => `a body of ${results.length} results for ${states} states, ${outs} outs`);
  carried.forEach((s, i) => {
    need(sameType(s, results[i]!), () => `state ${i} is ${showType(s)}, its next ${showType(results[i]!)}`);
  });
  const out = results.slice(states, states + outs).map((t, i) => {
    const [lead, ...shape] = t.k === "tensor" ? t.shape : [];
    if (t.k !== "tensor" || lead === undefined || !sameDim(lead, N))
      return refuse(`out ${i} is ${showType(t)}, not [N, ..]`);
    return tensor(t.elem, [rows as Dim, ...numbers(shape)]);
  });
  results.slice(states + outs).forEach((t, i) => {
    need(sameType(t, tensor("f32")), () => `log ${i} is ${showType(t)}, not f32`);
  });
  return tuple(...carried, ...(given.clock ? [tensor("i32")] : []), ...out);
};

/** rows of the outs as they come: written at their position in the pass */
function outBuffers(node: Node): readonly TensorValue[] {
  if (node.type.k !== "tuple") throw new Error("internal: batches gives a tuple");
  return node.type.of.slice(-int(node.attrs, "outs") || node.type.of.length).map(t => {
    const { elem, shape } = t as TensorType; // by the type rule
    return { k: "tensor", shape: numbers(shape), data: allocate(elem, sizeOf(numbers(shape))) };
  });
}
function write(to: TensorValue, from: TensorValue, at: number): void {
  const size = sizeOf(to.shape.slice(1));
  const room = Math.max(0, to.shape[0]! - at);
  const part = from.data.subarray(0, room * size);
  if (part.length) put(to.data, part, at * size);
}

/** `count` contiguous streams side by side: batch t holds row t of each; what is left over is dropped */
function streams(rows: number, count: number): readonly number[] {
  const length = Math.floor(rows / count);
  return Array.from({ length: length * count }, (_, i) => (i % count) * length + Math.floor(i / count));
}
const evaluate: Op["eval"] = (args, node, cx) => {
  const [batch, stop, place] = [int(node.attrs, "batch"), int(node.attrs, "stop"), int(node.attrs, "place")];
  const [count, body] = [int(node.attrs, "states"), fnAttr(node.attrs, "body")];
  const given = batchesArgs(args, node.attrs);
  const epoch = given.clock ? tensorOf(given.clock.epoch) : scalar(0);
  const source = asRdd(given.rows);
  const d = atEpoch(source, Number(epoch.data[0]));
  const columns = visible(rowOf(node.args[0]!));
  const outs = outBuffers(node);
  let states = given.states;
  let step = given.clock ? Number(tensorOf(given.clock.step).data[0]) : 0;
  const order = ((): readonly number[] => {
    switch (text(node.attrs, "order")) {
      case "shuffle":
        return shuffled(d, tensorOf(given.seed), place, Number(epoch.data[0]));
      case "streams":
        return streams(d.rows, batch);
      default:
        return d.id.map((_, i) => i);
    }
  })();
  for (let done = 0; done < order.length && (stop < 0 || step < stop); done += batch) {
    const at = order.slice(done, done + batch);
    const rows = columns.map(c => take(d.columns[c]!, at));
    const who = identities(at.map(i => d.id[i]!));
    const results = cx.call(body, [...rows, who, ...states, epoch, scalar(step), ...given.captures], at.length);
    states = results.slice(0, count);
    outs.forEach((to, i) => {
      write(to, tensorOf(results[count + i]), node.attrs["passing"] === true ? 0 : done);
    });
    step++;
  }
  const site = node.attrs["site"];
  if (typeof site === "number" && source.rows < int(node.attrs, "rows")) cx.fault(site, source.rows);
  return { k: "tuple", of: [...states, ...(given.clock ? [scalar(step)] : []), ...outs] };
};

/** batches{g}(rdd.map{f}(d), .., w)  -->  batches{(x, .., w, v) => g(map{f}(x, v), .., w)}(d, .., w, v) */
const through: NonNullable<Op["through"]> = (node, rows) => {
  const inner = perRow(rows);
  const body = fnAttr(node.attrs, "body");
  const columns = columnTypes(rowOf(inner.source), [N]);
  const params = [...columns, ...body.params.slice(bodyParams(node).row), ...inner.captures.map(c => c.type)];
  const inputs = params.map((p, i) => parameter(i, p));
  const captures = inputs.length - inner.captures.length;
  const who = [inputs[columns.length]!, inputs[columns.length + 1 + int(node.attrs, "states")]!]; // row, epoch
  const made = overGroup(inner, inputs.slice(0, columns.length), inputs.slice(captures), who);
  const results = inline(body, [...made, ...inputs.slice(columns.length, captures)]);
  const args = [inner.source, ...node.args.slice(1), ...inner.captures];
  return make(node.op, args, { ...node.attrs, body: fn(params, results) });
};

const batches: Op = {
  kernel: { k: "none" },
  name: "batches",
  doc: "states carried over batches of rows, epoch by epoch, and rows computed from rows: a tuple",
  control: "batches",
  type,
  eval: evaluate,
  grad: "none",
  lift: "none",
  through,
};

export const batchesOps: readonly Op[] = [batches];
