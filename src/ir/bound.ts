/**
 * The numeric contract (design 4): evaluates a function in f64 beside the distance that any correct result may have, and compares a
 * result with it. Laws and the fuzzer use nothing else. Knows no op.
 */
import { paramOf } from "./inline.ts";
import { type Fn, topological } from "./node.ts";
import type { Bounded, EvalContext, TensorValue, Value } from "./op.ts";
import { exactBound, exactly } from "./ops/bounds.ts";
import { tensorOf } from "./value.ts";

/** one per result of `f`, which must be a function of tensors without map, grad, call */
export function bound(f: Fn, args: readonly Value[], n: number): readonly Bounded[] {
  const cx: EvalContext = {
    n,
    call: () => {
      throw new Error("internal: bounds are of expanded functions");
    },
    fault: () => {},
  };
  const values = new Map<object, Bounded>();
  for (const node of topological(f.results)) {
    const inputs = node.args.map(a => values.get(a)!);
    const rule = node.op.bound ?? exactBound;
    values.set(node, node.op.control === "param" ? exactly(tensorOf(args[paramOf(node)])) : rule(inputs, node, cx));
  }
  return f.results.map(r => values.get(r)!);
}

export interface Comparison {
  /** the first element that is not within its bound; undefined: all are */
  readonly wrong: string | undefined;
  readonly elements: number;
  /** how many were compared by type and count only */
  readonly undecided: number;
}
/** is `got` a correct result, as far as that is decided */
export function compare(got: TensorValue, want: Bounded): Comparison {
  const { value, error, undecided } = want;
  const count = undecided.reduce((a, u) => a + u, 0);
  const sameShape = got.shape.length === value.shape.length && got.shape.every((d, i) => d === value.shape[i]);
  if (!sameShape || got.data.length !== value.data.length)
    return { wrong: `shape [${got.shape}] where [${value.shape}] is right`, elements: error.length, undecided: count };
  for (let i = 0; i < error.length; i++) {
    if (undecided[i] || within(got.data[i]!, value.data[i]!, error[i]!)) continue;
    const wrong = `element ${i}: ${got.data[i]} is not ${value.data[i]} within ${error[i]}`;
    return { wrong, elements: error.length, undecided: count };
  }
  return { wrong: undefined, elements: error.length, undecided: count };
}
function within(got: number | bigint, want: number | bigint, error: number): boolean {
  if (typeof got === "bigint" || typeof want === "bigint") return got === want;
  if (Number.isNaN(want) || !Number.isFinite(want)) return Object.is(got, want);
  return Math.abs(got - want) <= error;
}
