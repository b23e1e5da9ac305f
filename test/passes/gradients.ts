/** Gradients against central differences in f64. */
import { expect } from "vitest";
import type { Fn } from "../../src/ir/node.ts";
import type { TensorValue, Value } from "../../src/ir/op.ts";
import { isFloat, sizeOf } from "../../src/ir/type.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { expandFn } from "../../src/passes/expand.ts";
import { list, run } from "./graphs.ts";

/** d f.results[0] / d args[i] by differences of fourth order: their error is about h^4, and eps / h */
function differences(f: Fn, args: readonly Value[], i: number, n: number): readonly number[] {
  const at = args[i] as TensorValue;
  const h = 2 ** -9;
  const probe = (k: number, by: number): number => {
    const moved = { ...at, data: Float64Array.from(at.data as Float64Array, (x, j) => (j === k ? x + by : x)) };
    return list(
      run(
        f,
        args.map((a, j) => (j === i ? moved : a)),
        n,
      )[0]!,
    )[0]!;
  };
  return Array.from({ length: sizeOf(at.shape) }, (_, k) => {
    const [near, far] = [probe(k, h) - probe(k, -h), probe(k, 2 * h) - probe(k, -2 * h)];
    return (8 * near - far) / (12 * h);
  });
}
/** of the first result for every float parameter */
export function expectGradients(f: Fn, args: readonly Value[], n = 0): void {
  const wrt = f.params.flatMap((p, i) => (p.k === "tensor" && isFloat(p.elem) ? [i] : []));
  const plain = expandFn(f);
  const got = run(expandFn(gradient(plain, wrt)), args, n).slice(f.results.length);
  wrt.forEach((i, k) => {
    const want = differences(plain, args, i, n);
    list(got[k]!).forEach((g, j) => {
      expect(Math.abs(g - want[j]!), `d/d${i}[${j}] is ${g}, by differences ${want[j]}`).toBeLessThan(
        1e-7 * (1 + Math.abs(want[j]!)),
      );
    });
  });
}
