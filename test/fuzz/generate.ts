/**
 * Random programs: tensors and the rows of a source; rows mapped, chosen, ordered, grouped; loops over batches that carry states and
 * give rows; aggregates; functions of all of it, applied and differentiated. A seed gives one program.
 */
import { fn, type Node } from "../../src/ir/node.ts";
import type { Rng } from "../../src/ir/op.ts";
import * as o from "../../src/ir/ops/index.ts";
import type { Clock } from "../../src/ir/ops/loop-build.ts";
import { columnTypes, visible } from "../../src/ir/ops/rows.ts";
import {
  type Column,
  isStatic,
  N,
  numbers,
  type RddType,
  sizeOf,
  type TensorType,
  type Type,
  tensor,
} from "../../src/ir/type.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { seeded } from "../ir/grow.ts";
import { type Case, MOODS, programWork } from "./case.ts";
import { closed, growPool, lossOf, parametersOf, type Soil, some, tensorTypeOf, toward } from "./grow.ts";

const RECORDS = [0, 1, 15, 16, 17, 33] as const;
/** odd and prime extents find what powers of two hide */
const SHAPES: readonly (readonly number[])[] = [
  [],
  [],
  [5],
  [3, 5],
  [2, 3, 3],
  [1],
  [13],
  [4, 4],
  [7, 2],
  [1, 6, 6],
  [17],
];
const STORES: readonly Column["store"][] = [
  "f32",
  "f32",
  "f32",
  "f32",
  "u8",
  "i32",
  "i8",
  "u16",
  "f64",
  "i64",
  "bool",
  "u32",
];
const TENSORS: readonly TensorType[] = [
  tensor("f32", [5, 2]),
  tensor("f32", [3, 1]),
  tensor("f32", [7, 7]),
  tensor("f32", [5]),
  tensor("f32"),
  tensor("f32", [3, 5, 2]),
  tensor("f32", [13, 11]),
  tensor("i32", [3], 3),
  tensor("i32", [2, 5]),
  tensor("i32"),
  tensor("u32"),
  tensor("bool", [5, 2]),
  tensor("f64", [3]),
  tensor("i64", [5]),
];
const SEED = tensor("u32", [2]);

/** elements of a result, so that no single one makes the share of what is undecided */
const MOST_RESULT = 256;
/** so that the interpreters come to an end */
const MOST_WORK = 1_000_000;
export function generate(seed: number): Case {
  let c = draw(seed, 0);
  for (let again = 1; again < 8 && isLarge(c); again++) c = draw(seed, again);
  return c;
}
function isLarge({ main, rows }: Case): boolean {
  try {
    return programWork(expandAll(segmentFn(main)), rows) > MOST_WORK;
  } catch {
    return false; // whoever runs the passes will see it
  }
}
function draw(seed: number, again: number): Case {
  const rng = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(again, 0x85ebca6b) ^ 0x5bd1e995);
  const tensors = TENSORS.filter(() => rng.int(3) > 0);
  const hasRows = rng.int(5) > 0;
  const rdd: RddType = { k: "rdd", row: columns(rng), order: "source" };
  const params: readonly Type[] = [...(hasRows ? [rdd] : []), SEED, ...tensors];
  const inputs = parametersOf(params);
  const pool = inputs.filter(x => x.type.k === "tensor");
  const soil: Soil = { rng, depth: 0, rows: false };
  const size = 3 + rng.int(rng.int(3) ? 14 : 38);
  const rows = rng.pick(RECORDS);
  if (!hasRows) growPool(soil, pool, size);
  else {
    growPool(soil, pool, rng.int(5));
    const before = pool.length;
    const key = keyOf(rng, inputs[1]!);
    const d = chain(soil, sourceOf(soil, inputs[0]!, pool, rows), pool, key);
    const actions = 1 + rng.int(2);
    for (let i = 0; i < actions; i++) pool.push(...action(soil, d, pool, key, Math.ceil(size / actions)));
    if (rng.int(6) === 0) pool.push(...afterwards(soil, pool, key));
    if (pool.length > before) growPool(soil, pool, rng.int(6));
  }
  const made = pool.filter(x => x.op.control !== "param" && isStatic(tensorTypeOf(x).shape));
  const few = made.filter(x => sizeOf(numbers(tensorTypeOf(x).shape)) <= MOST_RESULT);
  const from = few.length ? few : made;
  const results = from.length ? [...new Set(from.slice(-1 - rng.int(5)))] : [pool.at(-1)!];
  return {
    main: fn(params, results),
    rows,
    data: seed,
    mood: rng.pick([...MOODS, "tame", "tame", "ties", "ties"]),
    seed: rng.pick([0, 1, 7, 2 ** 32 + 5]),
    decisions: rng.int(3) ? 1 + rng.int(1000000) : 0,
  };
}
/** the run's seed, or one of the program's own */
const keyOf = (rng: Rng, seed: Node): Node =>
  rng.pick([seed, seed, seed, o.full(3, "u32", [2]), o.foldIn(seed, o.full(7, "u32"))]);
function columns(rng: Rng): RddType["row"] {
  const row: Record<string, Column> = {};
  for (let i = 0, count = 1 + rng.int(4); i < count; i++)
    row[`c${i}`] = { store: rng.pick(STORES), shape: rng.pick(SHAPES), nullable: false };
  return row;
}

// ---- rows

/** the rdd and the largest number of rows that it may have */
interface Feed {
  readonly of: Node;
  readonly most: number;
}
const rowOf = (d: Node): RddType["row"] => (d.type as RddType).row; // as: chains are of rdds
const statics = (pool: readonly Node[], rng: Rng, most: number): readonly Node[] => {
  const all = pool.filter(x => isStatic(tensorTypeOf(x).shape));
  return [...new Set(Array.from({ length: rng.int(most + 1) }, () => rng.pick(all)))];
};
/** parameters of a function over one row */
const rowTypes = (d: Node, captures: readonly Node[], identity: boolean): readonly Type[] => [
  ...columnTypes(rowOf(d)),
  ...captures.map(tensorTypeOf),
  ...(identity ? [SEED, tensor("i32")] : []),
];
const made = (pool: readonly Node[]): readonly Node[] => {
  const own = pool.filter(x => x.op.control !== "param");
  return own.length ? own : pool;
};

/** the rows of the source, now and then those of tensors that are known exactly */
function sourceOf({ rng }: Soil, source: Node, pool: readonly Node[], rows: number): Feed {
  const exact = pool.filter(x => x.op.control === "param" && tensorTypeOf(x).shape.length > 0 && x.type.k === "tensor");
  return rng.int(8) || !exact.length ? { of: source, most: rows } : rowsOf(rng, exact);
}
function rowsOf(rng: Rng, tensors: readonly Node[]): Feed {
  const first = rng.pick(tensors);
  const most = tensorTypeOf(first).shape[0] as number; // as: results of loops and parameters have no N
  const more = tensors.filter(x => x !== first && tensorTypeOf(x).shape[0] === most).slice(0, rng.int(3));
  const all = [first, ...more];
  return {
    of: o.rddRows(
      all.map((_, i) => `t${i}`),
      ...all,
    ),
    most,
  };
}
/** rows of what came out of rows: integers, whose values are decided */
function afterwards(soil: Soil, pool: readonly Node[], key: Node): readonly Node[] {
  const whole = pool.filter(x => {
    const { elem, shape } = tensorTypeOf(x);
    return (
      x.op.control === "get" &&
      shape.length > 0 &&
      isStatic(shape) &&
      (elem === "i32" || elem === "i64" || elem === "u32")
    );
  });
  return whole.length ? action(soil, chain(soil, rowsOf(soil.rng, whole), pool, key), pool, key, 6) : [];
}

function chain(soil: Soil, source: Feed, pool: readonly Node[], key: Node): Feed {
  const { rng } = soil;
  let feed = source;
  const own: Soil = { ...soil, depth: soil.depth + 1, rows: true };
  for (let i = rng.int(4); i > 0; i--) {
    const { of: d, most } = feed;
    const place = rng.int(2 ** 31);
    const steps: readonly (() => Feed | undefined)[] = [
      () => ({ of: o.rddTake(rng.pick([0, 1, 3, 16, 20, 99]), d), most }),
      () => ({ of: o.rddShuffle(place, d, key), most }),
      () => ({ of: o.rddSample(place, 0.5, d, key), most }),
      () => ({ of: o.rddSplit(place, 0, rng.pick([2 ** 31, 3 * 2 ** 30, 2 ** 32]), d, key), most }),
      () =>
        Object.values(rowOf(d)).every(c => c.shape.length < 3)
          ? { of: o.rddBatch(rng.pick([1, 2, 3]), d), most }
          : undefined,
      () => ({ of: o.rddFreeze(d), most }),
      () => (rowOf(d)["number"] ? undefined : { of: o.rddNumber("number", d), most }),
      () => filtered(own, d, pool, most),
      () => mappedRows(own, d, pool, most),
      () => mappedRows(own, d, pool, most),
    ];
    feed = rng.pick(steps)() ?? feed;
  }
  return feed;
}
function mappedRows(soil: Soil, d: Node, pool: readonly Node[], most: number): Feed | undefined {
  const { rng } = soil;
  const captures = statics(pool, rng, 2);
  const identity = rng.int(4) === 0;
  const count = 1 + rng.int(3);
  const f = closed(soil, rowTypes(d, captures, identity), 2 + rng.int(6), own =>
    own.filter(x => isStatic(tensorTypeOf(x).shape)).slice(-count),
  );
  return (
    f && {
      of: o.rddMap(
        f,
        f.results.map((_, i) => `m${i}`),
        identity,
        d,
        captures,
      ),
      most,
    }
  );
}
/** by numbers that are exact, so that it is decided which rows stay */
function filtered(soil: Soil, d: Node, pool: readonly Node[], most: number): Feed | undefined {
  const { rng } = soil;
  const captures = statics(
    pool.filter(x => x.op.control === "param"),
    rng,
    1,
  );
  const identity = rng.int(4) === 0;
  const f = closed(soil, rowTypes(d, captures, identity), rng.int(4), own => {
    const x = some(rng, own, t => isStatic(t.shape) && t.elem !== "bool");
    if (!x) return undefined;
    const shape = tensorTypeOf(x).shape;
    const top = o.reduce(
      rng.pick(["max", "min"]),
      shape.map((_, i) => i),
      x,
    );
    return [o.lane("lt", o.full(rng.pick([0, 1]), o.elemOf(x)), top)];
  });
  return f && { of: o.rddFilter(f, identity, d, captures), most };
}

// ---- actions

function action(soil: Soil, d: Feed, pool: readonly Node[], key: Node, size: number): readonly Node[] {
  const { rng } = soil;
  const dice = rng.int(6);
  if (dice < 2) return aggregated(soil, d, pool, rng.pick([1, 1, 2]));
  return dice < 4 ? pass(soil, d, pool, key, size) : epochs(soil, d, pool, key, size);
}
function aggregated(soil: Soil, { of: d }: Feed, pool: readonly Node[], count: number): readonly Node[] {
  const { rng } = soil;
  const own: Soil = { ...soil, rows: true };
  return Array.from({ length: count }).flatMap(() => {
    const captures = statics(pool, rng, 2);
    const identity = rng.int(6) === 0;
    const by = rng.pick(["add", "mean", "min", "max"] as const);
    const f = closed(own, rowTypes(d, captures, identity), 2 + rng.int(8), p => [
      made(p)
        .filter(x => isStatic(tensorTypeOf(x).shape))
        .at(-1) ?? p[0]!,
    ]);
    if (!f) return [];
    const site = (by === "min" || by === "max") && rng.int(2) ? 3 : undefined;
    const node = o.aggregate(f, by, identity, d, captures, site);
    const wrt = captures.flatMap((x, i) => (o.elemOf(x) === "f32" || o.elemOf(x) === "f64" ? [i + 1] : []));
    const mine = fn(
      [d.type, ...captures.map(tensorTypeOf)],
      [
        o.aggregate(
          f,
          by,
          identity,
          o.parameter(0, d.type),
          captures.map((x, i) => o.parameter(i + 1, tensorTypeOf(x))),
        ),
      ],
    );
    // the gradient of a sum or mean over rows
    if (!wrt.length || by === "min" || by === "max" || !["f32", "f64"].includes(o.elemOf(node))) return [node];
    const loss = lossOf(soil, [...mine.results]);
    if (!loss || rng.int(2)) return [node];
    const g = o.grad(fn(mine.params, [loss]), wrt, [d, ...captures]);
    return [node, ...wrt.map((_, k) => o.get(1 + k, g))];
  });
}

/** states that change, rows that come out, losses: training and every other pass over rows */
function pass(
  soil: Soil,
  { of: d, most }: Feed,
  pool: readonly Node[],
  key: Node,
  size: number,
  clock?: Clock,
  carried?: readonly Node[],
): readonly Node[] {
  const { rng } = soil;
  const states = carried ?? statesOf(pool, rng);
  const captures = statics(pool, rng, 2);
  const count = visible(rowOf(d)).length;
  const plain = (x: Node): TensorType => tensor(o.elemOf(x), o.shapeAt(x));
  const params: readonly Type[] = [
    ...columnTypes(rowOf(d), [N]),
    tensor("u32", [N, 2]),
    ...states.map(plain),
    tensor("i32"),
    tensor("i32"),
    ...captures.map(plain),
  ];
  const inputs = parametersOf(params);
  const inside: Node[] = [...inputs];
  const own: Soil = { ...soil, rows: false };
  growPool(own, inside, Math.max(3, size));
  const next = states.map((_, i) => toward(own, inside, inputs[count + 1 + i]!));
  const outs = inside
    .filter(x => {
      const [lead, ...rest] = tensorTypeOf(x).shape;
      return typeof lead === "object" && lead.n === 1 && lead.plus === 0 && isStatic(rest) && x.op.control !== "param";
    })
    .slice(-rng.int(4));
  const given = outs.length || next.length ? outs : inputs.slice(0, 1);
  const logs = rng.int(3)
    ? []
    : [
        finite(
          lossOf(
            own,
            inside.filter(x => o.elemOf(x) === "f32"),
          ),
        ),
      ].flatMap(x => x ?? []);
  const stop = rng.pick([-1, -1, -1, 0, 1, 3]);
  const attrs = {
    body: fn(params, [...next, ...given, ...logs]),
    batch: rng.pick([1, 4, 15, 16, 17, 33, 64]),
    stop,
    order: rng.pick(["source", "shuffle"] as const),
    place: rng.int(2 ** 31),
    states: next.length,
    outs: given.length,
    rows: most,
    label: "epoch",
  };
  const t = o.batches(attrs, d, key, states, captures, clock);
  return [...next, ...(clock ? [clock.step] : []), ...given].map((_, i) => o.get(i, t));
}
const statesOf = (pool: readonly Node[], rng: Rng): readonly Node[] =>
  statics(
    pool.filter(x => tensorTypeOf(x).below === undefined),
    rng,
    3,
  );
/** passes in a loop: some of its states are those of the pass inside; chance in the rows moves with its epochs */
function epochs(soil: Soil, outside: Feed, pool: readonly Node[], key: Node, size: number): readonly Node[] {
  const { rng } = soil;
  const init = statesOf(pool, rng);
  const zero = o.full(0, "i32");
  const captures = statics(pool, rng, 2);
  const plain = (x: Node): TensorType => tensor(o.elemOf(x), o.shapeAt(x));
  const states = [...init.map(plain), tensor("i32"), tensor("i32")];
  const params: readonly Type[] = [...states, outside.of.type, SEED, ...captures.map(plain)];
  const inputs = parametersOf(params);
  const [epoch, step, rows, seed] = [0, 1, 2, 3].map(i => inputs[init.length + i]!) as [Node, Node, Node, Node]; // as: four
  const inside: Node[] = inputs.filter(x => x.type.k === "tensor");
  const own: Soil = { ...soil, rows: false };
  growPool(own, inside, rng.int(4));
  const d = rng.int(2) ? { ...outside, of: rows } : chain(own, { ...outside, of: rows }, inside, seed);
  const clock = rng.int(5) ? { epoch, step } : undefined;
  // states of the loop that are states of the pass, in place of what they were
  const through = inputs.slice(0, init.length).filter(() => rng.int(3) > 0);
  const made = pass(own, d, inside, seed, size, clock, through);
  inside.push(...made);
  if (rng.int(3) === 0) inside.push(...aggregated(own, d, inside, 1));
  growPool(own, inside, rng.int(5));
  const next = init.map((_, i) => {
    const at = through.indexOf(inputs[i]!);
    return at >= 0 && rng.int(4) ? made[at]! : toward(own, inside, inputs[i]!);
  });
  const one = (x: Node): Node => o.lane("add", x, o.full(1, "i32"));
  const stepped = clock ? made[through.length]! : one(step);
  const until = rng.int(3) === 0 ? [o.lane("le", o.full(1 + rng.int(3), "i32"), stepped)] : [];
  const log = rng.int(4)
    ? undefined
    : finite(
        lossOf(
          own,
          inside.filter(x => o.elemOf(x) === "f32" && isStatic(tensorTypeOf(x).shape)),
        ),
      );
  const logs = log ? [log] : [];
  const t = o.loop(
    {
      body: fn(params, [...next, one(epoch), stepped, ...until, ...logs]),
      trip: rng.pick([0, 1, 2, 2, 3]),
      states: states.length,
      until: until.length > 0,
      label: "epoch",
      logs: logs.map(() => "loss"),
      names: states.map((_, i) => `s${i}`),
    },
    [...init, zero, zero],
    [outside.of, key, ...captures],
  );
  return states.map((_, i) => o.get(i, t));
}
/** the player stops at a loss that is no number */
function finite(x: Node | undefined): Node | undefined {
  if (!x) return undefined;
  const bounded = o.lane("min", o.lane("max", x, o.full(-1000, "f32")), o.full(1000, "f32"));
  return o.select(o.lane("eq", x, x), bounded, o.full(0, "f32"));
}
