/** Random typed graphs from the records' samples, and values for them. Seeded: a failure prints its seed. */
import { type Fn, fn, type Node } from "../../src/ir/node.ts";
import type { Op, Rng, Value } from "../../src/ir/op.ts";
import { allOps, parameter } from "../../src/ir/ops/index.ts";
import { atN, N, type TensorType, tensor } from "../../src/ir/type.ts";
import { tabulate } from "../../src/ir/value.ts";

/** a small generator with a period of 2^32 (mulberry32) */
export function seeded(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (n: number): number => Math.floor(next() * n);
  return {
    int,
    pick: xs => xs[int(xs.length)]!,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** what a graph starts from: records and shared tensors, odd extents, an index, truths, a key */
export const PARAMS: readonly TensorType[] = [
  tensor("f32", [N, 3, 5]),
  tensor("f32", [N, 5]),
  tensor("f32", [N]),
  tensor("f32", [5, 2]),
  tensor("f32", [3, 1]),
  tensor("f32", [7, 7]),
  tensor("f32"),
  tensor("i32", [N], 5),
  tensor("i32", [3], 3),
  tensor("i32", [2, 5]),
  tensor("u32", [2]),
  tensor("u32"),
  tensor("bool", [N, 5]),
  tensor("bool", [5, 2]),
];

export function drawValue(type: TensorType, n: number, rng: Rng): Value {
  const shape = type.shape.map(d => atN(d, n));
  const below = type.below === undefined ? undefined : atN(type.below, n);
  return tabulate(type.elem, shape, () => {
    switch (type.elem) {
      case "bool":
        return rng.int(2);
      case "i32":
        return below === undefined ? rng.int(20) - 10 : rng.int(below);
      case "u32":
        return rng.int(2 ** 32);
      case "i64":
        return BigInt(rng.int(2000) - 1000);
      case "f16":
      case "f32":
      case "f64":
        // quarters make ties and exact zeros normal
        return rng.int(3) === 0 ? Math.round(rng.normal() * 4) / 4 : rng.normal();
      default:
        return type.elem satisfies never;
    }
  });
}
export const valuesOf = (f: Fn, n: number, rng: Rng): readonly Value[] =>
  f.params.map(p => {
    if (p.k !== "tensor") throw new Error("a parameter that is no tensor");
    return drawValue(p, n, rng);
  });

export const parameters = (types: readonly TensorType[] = PARAMS): readonly Node[] =>
  types.map((t, i) => parameter(i, t));

/** a function of about `count` nodes over parameters of these types */
export function grow(
  rng: Rng,
  count: number,
  ops: readonly Op[] = allOps().filter(o => o.sample),
  types: readonly TensorType[] = PARAMS,
): Fn {
  const nodes = [...parameters(types)];
  for (let tries = 0; nodes.length < types.length + count && tries < 50 * count; tries++) {
    // recent nodes are likelier: graphs grow deep
    const recent = nodes.slice(-6);
    const made = rng.pick(ops).sample?.(rng, rng.int(2) ? nodes : [...recent, rng.pick(nodes)]);
    if (made && !nodes.includes(made)) nodes.push(made);
  }
  const fresh = nodes.slice(types.length);
  return fn(types, fresh.length ? fresh.slice(-3) : nodes.slice(0, 1));
}
