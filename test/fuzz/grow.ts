/**
 * Grows pools of nodes: the records' samples by weight, functions applied by map, grad and call, and what nets are made of (pools
 * after relu, convolutions, losses). Knows rdds and loops not.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Fn, fn, type Node, topological } from "../../src/ir/node.ts";
import type { Op, Rng } from "../../src/ir/op.ts";
import * as o from "../../src/ir/ops/index.ts";
import { op } from "../../src/ir/ops/registry.ts";
import { points } from "../../src/ir/ops/sampling.ts";
import {
  type Dim,
  isFloat,
  isStatic,
  numbers,
  sameDim,
  sameShape,
  sizeOf,
  type TensorType,
  type Type,
  tensor,
} from "../../src/ir/type.ts";
import { relu } from "../passes/graphs.ts";

/** no result holds more per record, so that the interpreters stay fast */
const MOST_POINTS = 600;
const MOST_RANK = 6;
const DEPTH = 2;

/** rows: the functions are of one row, where the number of records has no meaning */
export interface Soil {
  readonly rng: Rng;
  readonly depth: number;
  readonly rows: boolean;
}
export const tensorTypeOf = (x: Node): TensorType => x.type as TensorType; // as: pools hold tensors only
const shapeOf = (x: Node): readonly Dim[] => tensorTypeOf(x).shape;
const isRecords = (d: Dim | undefined): boolean => d !== undefined && typeof d !== "number";

const WEIGHTS: { readonly [op: string]: number } = {
  contract: 5,
  reduce: 5,
  argreduce: 2,
  window: 4,
  pad: 3,
  slice: 2,
  reshape: 3,
  transpose: 2,
  broadcast: 2,
  gather: 3,
  scatter: 2,
  concat: 2,
  add: 4,
  sub: 3,
  mul: 4,
  max: 3,
  min: 2,
  select: 3,
  lt: 2,
  tanh: 3,
  cast: 3,
};
let weighted: readonly Op[] | undefined;
const opsByWeight = (): readonly Op[] =>
  (weighted ??= o
    .allOps()
    .filter(x => x.sample)
    .flatMap(x => Array.from({ length: WEIGHTS[x.name] ?? 1 }, () => x)));
/** records of the table may have been replaced since */
const current = (x: Op): Op => op(x.name);

export function parametersOf(types: readonly Type[]): readonly Node[] {
  return types.map((t, i) => o.parameter(i, t));
}
/** some of the pool, the latest likelier: graphs grow deep */
export function some(rng: Rng, pool: readonly Node[], fits: (t: TensorType) => boolean = () => true): Node | undefined {
  const all = pool.filter(x => x.type.k === "tensor" && fits(x.type));
  if (!all.length) return undefined;
  return rng.int(2) ? rng.pick(all) : rng.pick(all.slice(-6));
}

/** adds about `count` nodes */
export function growPool(soil: Soil, pool: Node[], count: number): void {
  const until = pool.length + count;
  for (let tries = 0; pool.length < until && tries < 30 * count; tries++) {
    for (const x of attempt(soil, pool)) if (!pool.includes(x) && keeps(x)) pool.push(x);
  }
}
const keeps = (x: Node): boolean =>
  x.type.k === "tensor" &&
  points(x.type) <= MOST_POINTS &&
  x.type.shape.length <= MOST_RANK &&
  x.type.shape.filter(isRecords).length <= 1;

function attempt(soil: Soil, pool: readonly Node[]): readonly Node[] {
  const { rng } = soil;
  const dice = rng.int(100);
  if (soil.depth < DEPTH && dice < 5) return mapped(soil, pool);
  if (soil.depth < DEPTH && dice < 10) return differentiated(soil, pool);
  if (soil.depth < DEPTH && dice < 12) return called(soil, pool);
  if (dice < 24) return rng.pick(PARTS)(rng, pool);
  const record = current(rng.pick(opsByWeight()));
  if (soil.rows && record.name === "n") return [];
  const recent = pool.slice(-6);
  const made = record.sample!(rng, rng.int(2) ? pool : [...recent, rng.pick(pool)]);
  return made && !vanishes(made) ? [made] : [];
}
/** x - x, x / x: what divides by the one has a sign that nobody knows */
const vanishes = (x: Node): boolean => ["sub", "div", "rem"].includes(x.op.name) && x.args[0] === x.args[1];

// ---- what nets are made of

type Part = (rng: Rng, pool: readonly Node[]) => readonly Node[];
const floats = (t: TensorType): boolean => t.elem === "f32";
const axisOf = (rng: Rng, x: Node, least: number): number | undefined => {
  const axes = shapeOf(x).flatMap((d, i) => (typeof d === "number" && d >= least ? [i] : []));
  return axes.length ? rng.pick(axes) : undefined;
};
/** a window along an axis, at most as large as the axis */
function windowed(rng: Rng, x: Node, axis: number): Node {
  const extent = shapeOf(x)[axis] as number; // as: axisOf chose a number
  const size = Math.min(extent, 2 + rng.int(3));
  const dilation = size > 1 && (size - 1) * 2 < extent && rng.int(4) === 0 ? 2 : 1;
  return o.window(axis, size, 1 + rng.int(3), dilation, x);
}
const PARTS: readonly Part[] = [
  // relu, then the largest of each window: every window of zeros is a tie
  (rng, pool) => {
    const x = some(rng, pool, t => floats(t) && t.shape.length > 0 && t.shape.length <= 4);
    const axis = x && axisOf(rng, x, 2);
    if (!x || axis === undefined) return [];
    const y = windowed(rng, rng.int(3) ? relu(x) : x, axis);
    return [
      rng.int(4) ? o.reduce(rng.pick(["max", "max", "min", "add"]), [axis + 1], y) : o.argreduce("max", [axis + 1], y),
    ];
  },
  // a convolution along one axis: padded windows times a kernel
  (rng, pool) => {
    const x = some(rng, pool, t => floats(t) && t.shape.length >= 2 && t.shape.length <= 4);
    const axis = x && axisOf(rng, x, 2);
    if (!x || axis === undefined) return [];
    const padded = rng.int(2) ? o.padAxis(axis, rng.int(3), rng.int(3), rng.int(6) ? 0 : 1, 0, x) : x;
    const y = windowed(rng, padded, axis);
    const size = shapeOf(y)[axis + 1]!;
    const kernel = some(
      rng,
      pool,
      t => floats(t) && isStatic(t.shape) && t.shape.length <= 2 && t.shape.some(d => sameDim(d, size)),
    );
    const letters = "abcdefgh".slice(0, shapeOf(y).length);
    const w = kernel ?? o.cast("f32", o.iota("i32", [size, 3], rng.int(2)));
    const at = shapeOf(w).findIndex(d => sameDim(d, size));
    const own = shapeOf(w)
      .map((_, d) => (d === at ? letters[axis + 1]! : "xyz"[d]!))
      .join("");
    const kept = letters.replace(letters[axis + 1]!, "");
    return [o.contract(`${letters},${own}->${kept}${own.replace(letters[axis + 1]!, "")}`, y, w)];
  },
  // values that stay small: deep programs otherwise overflow
  (rng, pool) => {
    const x = some(rng, pool, floats);
    return x ? [o.lane(rng.pick(["tanh", "erf", "sin"]), x)] : [];
  },
  // softmax over an axis, by the largest, or the logarithm of its sum
  (rng, pool) => {
    const x = some(rng, pool, t => floats(t) && t.shape.length > 0);
    const axis = x && axisOf(rng, x, 1);
    if (!x || axis === undefined) return [];
    const axes = shapeOf(x).flatMap((_, d) => (d === axis ? [] : [d]));
    const spread = (y: Node): Node => o.broadcast(shapeOf(x), axes, y);
    const e = o.lane("exp2", o.lane("sub", x, spread(o.reduce("max", [axis], x))));
    const sum = o.reduce("add", [axis], e);
    return [rng.int(2) ? o.lane("div", e, spread(sum)) : o.lane("log2", sum)];
  },
  // an index that is known to fit, and what lies there
  (rng, pool) => {
    const x = some(rng, pool, t => t.shape.length > 0 && t.shape.length <= 3);
    const i = some(rng, pool, t => t.elem === "i32" && t.shape.length <= 2);
    const axis = x && axisOf(rng, x, 1);
    if (!x || !i || axis === undefined) return [];
    const extent = shapeOf(x)[axis] as number; // as: axisOf chose a number
    const shared = isRecords(shapeOf(x)[0]) && isRecords(shapeOf(i)[0]) ? 1 : 0;
    if (isRecords(shapeOf(i)[0]) && !shared && axis > 0) return [];
    const inside = o.lane("abs", o.lane("rem", i, o.full(extent, "i32", shapeOf(i))));
    return [o.gather(axis, shared, x, o.check(4 + rng.int(4), 0, extent, rng.int(4) ? inside : i))];
  },
  // a constant tensor, as literals and imported files give them
  (rng, pool) => {
    const x = some(rng, pool, t => isStatic(t.shape) && (t.elem === "f32" || t.elem === "i32"));
    if (!x) return [];
    const [elem, shape] = [o.elemOf(x) as "f32" | "i32", numbers(shapeOf(x))]; // as: just chosen
    const values = Array.from({ length: sizeOf(shape) }, () =>
      elem === "f32" ? Math.fround(rng.normal()) : rng.int(9) - 4,
    );
    const bytes = new Uint8Array((elem === "f32" ? Float32Array : Int32Array).from(values).buffer);
    return [o.blob({ k: "blob", store: elem, sha256: bytesToHex(sha256(bytes)), bytes }, elem, shape)];
  },
  // other elements
  (rng, pool) => {
    const x = some(rng, pool);
    return x ? [o.cast(rng.pick(["f64", "i64", "f32", "f32"]), x)] : [];
  },
];

// ---- functions

/** a closed function of parameters of these types; `choose` gives its results, undefined: there are none */
export function closed(
  soil: Soil,
  params: readonly Type[],
  count: number,
  choose: (pool: readonly Node[], soil: Soil) => readonly Node[] | undefined,
): Fn | undefined {
  const inner = { ...soil, depth: soil.depth + 1 };
  const pool = [...parametersOf(params)];
  growPool(inner, pool, count);
  const results = choose(pool, inner);
  return results?.length ? fn(params, results) : undefined;
}
const latest = (rng: Rng, pool: readonly Node[], most: number): readonly Node[] => {
  const made = pool.filter(x => x.op.control !== "param");
  const from = made.length ? made : pool;
  return from.slice(-1 - rng.int(most));
};
const results = (x: Node, f: Fn): readonly Node[] => f.results.map((_, i) => o.get(i, x));
const distinct = (xs: readonly Node[]): readonly Node[] => [...new Set(xs)];

function mapped(soil: Soil, pool: readonly Node[]): readonly Node[] {
  const { rng } = soil;
  const first = some(rng, pool, t => t.shape.length > 0);
  if (!first) return [];
  const lead = shapeOf(first)[0]!;
  if (typeof lead === "number" && lead > 7) return [];
  const others = Array.from({ length: rng.int(3) }, () =>
    some(rng, pool, t => t.shape.length > 0 && sameDim(t.shape[0]!, lead)),
  );
  const shared = Array.from({ length: rng.int(3) }, () => some(rng, pool, t => isStatic(t.shape)));
  const over = distinct([first, ...others.flatMap(x => x ?? [])]);
  const rest = distinct(shared.flatMap(x => x ?? []));
  const args = [...over, ...rest];
  const params = args.map((x, i): TensorType => {
    const t = tensorTypeOf(x);
    return i < over.length ? tensor(t.elem, t.shape.slice(1), t.below) : t;
  });
  const f = closed(soil, params, 2 + rng.int(6), made => latest(rng, made, 2));
  return f
    ? results(
        o.map(
          f,
          args.map((_, i) => i < over.length),
          args,
        ),
        f,
      )
    : [];
}
/** a scalar that hangs on float nodes of the pool */
export function lossOf(soil: Soil, pool: readonly Node[]): Node | undefined {
  const { rng } = soil;
  const made = pool.filter(x => x.op.control !== "param" && isFloat(o.elemOf(x)) && o.elemOf(x) !== "f16");
  const x = made.length ? rng.pick(made.slice(-4)) : undefined;
  if (!x) return undefined;
  const shape = shapeOf(x);
  const y = rng.int(2) ? o.lane("tanh", x) : o.lane("mul", x, x);
  // the gradient of a product over records would need a tensor of records by records
  const by = rng.int(5)
    ? "add"
    : rng.pick(shape.some(isRecords) ? (["max", "min"] as const) : (["max", "min", "mul"] as const));
  return o.reduce(
    by,
    shape.map((_, d) => d),
    y,
  );
}
function differentiated(soil: Soil, pool: readonly Node[]): readonly Node[] {
  const { rng } = soil;
  const args = distinct(Array.from({ length: 1 + rng.int(4) }, () => some(rng, pool)).flatMap(x => x ?? []));
  const wrt = args.flatMap((x, i) => (isFloat(o.elemOf(x)) && rng.int(3) ? [i] : []));
  if (!wrt.length) return [];
  const f = closed(soil, args.map(tensorTypeOf), 3 + rng.int(8), (made, inner) => {
    const loss = lossOf(inner, made);
    return loss && [loss, ...latest(rng, made, 1)];
  });
  if (!f || !depends(f, wrt)) return [];
  const g = o.grad(f, wrt, args);
  return [...results(g, f), ...wrt.map((_, k) => o.get(f.results.length + k, g))];
}
const depends = (f: Fn, wrt: readonly number[]): boolean =>
  topological([f.results[0]!]).some(x => x.op.control === "param" && wrt.includes(x.attrs["i"] as number));
function called(soil: Soil, pool: readonly Node[]): readonly Node[] {
  const { rng } = soil;
  const args = distinct(Array.from({ length: 1 + rng.int(3) }, () => some(rng, pool)).flatMap(x => x ?? []));
  const f = closed(soil, args.map(tensorTypeOf), 2 + rng.int(5), made => latest(rng, made, 2));
  return f ? results(o.call(f, args), f) : [];
}

/** a node of the pool of that type, or one made from it and from `old`, which has the type */
export function toward(soil: Soil, pool: readonly Node[], old: Node): Node {
  const { rng } = soil;
  const type = tensorTypeOf(old);
  const same = pool.filter(x => x !== old && o.elemOf(x) === type.elem && sameShape(shapeOf(x), type.shape));
  if (same.length && rng.int(4)) return rng.pick(same.slice(-4));
  const from = pool.filter(x => o.elemOf(x) === type.elem && x.op.control !== "param").slice(-5);
  if (!from.length || type.elem === "bool") return old;
  const x = rng.pick(from);
  const shape = shapeOf(x);
  // what the extents do not share is summed
  const kept = shape.flatMap((d, i) =>
    i >= shape.length - type.shape.length && sameDim(d, type.shape[i - shape.length + type.shape.length]!) ? [i] : [],
  );
  const sum = o.reduce(
    "add",
    shape.flatMap((_, i) => (kept.includes(i) ? [] : [i])),
    x,
  );
  const at = kept.map(i => i - shape.length + type.shape.length);
  const wide = o.broadcast(type.shape, at, sum);
  const step = isFloat(type.elem) ? o.lane("mul", o.full(0.25, type.elem, type.shape), o.lane("tanh", wide)) : wide;
  return o.lane(rng.pick(["add", "sub", "max"]), old, step);
}
