/**
 * Gradients against central differences in f64: every `grad` of a program, as a function of its own, at values of its own away from
 * ties. Where differences of two step sizes and from both sides do not agree, the function has a kink there and they say nothing.
 */
import { evaluate } from "../../src/ir/interp.ts";
import { type Fn, fn, fnsOf, make, type Node, topological } from "../../src/ir/node.ts";
import type { TensorValue } from "../../src/ir/op.ts";
import { parameter } from "../../src/ir/ops/index.ts";
import { atN, isFloat, type TensorType, type Type, tensor } from "../../src/ir/type.ts";
import { numbersOf, tabulate, tensorOf } from "../../src/ir/value.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { expandFn } from "../../src/passes/expand.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { seeded } from "../ir/grow.ts";
import { work } from "./case.ts";

const RECORDS = 3;
/** each derivative evaluates the function seven times */
const MOST_WORK = 100_000;
/** throws at the first derivative that is not the differences' */
export function differs(main: Fn, seed: number): void {
  const seen = new Set<Fn>();
  const stack = [main];
  for (let f = stack.pop(); f; f = stack.pop()) {
    if (seen.has(f)) continue;
    seen.add(f);
    for (const x of topological(f.results)) {
      stack.push(...fnsOf(x));
      if (x.op.control === "grad") one(fnsOf(x)[0]!, x.attrs["wrt"] as readonly number[], seed); // as: by the type rule
    }
  }
}
function one(f: Fn, wrt: readonly number[], seed: number): void {
  if (f.params.some(p => p.k !== "tensor")) return;
  const plain = inF64(expandFn(segmentFn(f)));
  if (!plain || topological(plain.results).some(x => x.op.name === "stop_gradient")) return;
  const derived = gradient(plain, wrt);
  if (work(derived, RECORDS) > MOST_WORK) return;
  const rng = seeded(seed);
  const args = plain.params.map((p): TensorValue => {
    const t = p as TensorType; // as: tested above
    const below = t.below === undefined ? 20 : Math.max(1, atN(t.below, RECORDS));
    return tabulate(
      t.elem,
      t.shape.map(d => atN(d, RECORDS)),
      () =>
        isFloat(t.elem)
          ? (rng.int(2) ? 1 : -1) * (0.3 + rng.int(2 ** 20) / 2 ** 20)
          : t.elem === "bool"
            ? rng.int(2)
            : rng.int(below),
    );
  });
  // behind an infinity, also of a root's slope at 0, the chain rule says 0 * inf, whatever the function does; and 0 * NaN behind a NaN
  const inner = (f: Fn, meets: (x: number) => boolean): boolean => {
    const floats = topological(f.results).filter(x => x.type.k === "tensor" && isFloat(x.type.elem));
    return evaluate(fn(f.params, floats), args, RECORDS).some(v => numbersOf(tensorOf(v)).some(meets));
  };
  if (inner(derived, y => Math.abs(y) === Number.POSITIVE_INFINITY) || inner(plain, Number.isNaN)) return;
  const got = evaluate(derived, args, RECORDS).slice(plain.results.length).map(tensorOf);
  const loss = fn(plain.params, [plain.results[0]!]);
  const value = (at: readonly TensorValue[]): number => numbersOf(tensorOf(evaluate(loss, at, RECORDS)[0]))[0]!;
  wrt.forEach((i, k) => {
    const count = numbersOf(got[k]!).length;
    for (const j of some(rng.int, count)) {
      const moved = (by: number): number =>
        value(
          args.map((a, q) =>
            q === i ? { ...a, data: Float64Array.from(numbersOf(a), (x, m) => (m === j ? x + by : x)) } : a,
          ),
        );
      const want = derivative(moved);
      const g = numbersOf(got[k]!)[j]!;
      if (want !== undefined && !(Math.abs(g - want) <= 1e-4 * (1 + Math.abs(want))))
        throw new Error(`d/d${i}[${j}] is ${g}, by differences ${want}`);
    }
  });
}
/** few elements of many: each costs six evaluations */
const some = (int: (n: number) => number, count: number): readonly number[] =>
  count <= 4 ? Array.from({ length: count }, (_, i) => i) : [int(count), int(count), int(count), int(count)];
/** undefined at a kink, a pole, or where the function is too steep for the step */
function derivative(f: (by: number) => number): number | undefined {
  const h = 2 ** -10;
  const [a, b, c, d, here] = [f(-2 * h), f(-h), f(h), f(2 * h), f(0)];
  const central = (8 * (c! - b!) - (d! - a!)) / (12 * h);
  const near = f(h / 2) - f(-h / 2);
  const finer = (8 * near - (c! - b!)) / (6 * h);
  const [left, right] = [(here! - b!) / h, (c! - here!) / h];
  const size = 1 + Math.abs(central);
  if (![central, finer, left, right].every(Number.isFinite)) return undefined;
  if (Math.abs(central - finer) > 1e-6 * size || Math.abs(left - right) > 0.1 * size) return undefined;
  return finer;
}
/** the same function with every f32 an f64; undefined where an op takes it as a word of 32 bits */
function inF64(f: Fn): Fn | undefined {
  const wide = (t: Type): Type => (t.k === "tensor" && t.elem === "f32" ? tensor("f64", t.shape, t.below) : t);
  const params = f.params.map(wide);
  const now = new Map<Node, Node>();
  try {
    for (const x of topological(f.results)) {
      const args = x.args.map(a => now.get(a)!);
      if (x.op.name === "bitcast" || x.op.name === "blob") return undefined;
      const attrs = x.attrs["elem"] === "f32" ? { ...x.attrs, elem: "f64" } : x.attrs;
      const i = x.attrs["i"];
      now.set(x, x.op.control === "param" ? parameter(i as number, params[i as number]!) : make(x.op, args, attrs));
    }
  } catch {
    return undefined;
  }
  return fn(
    params,
    f.results.map(r => now.get(r)!),
  );
}
