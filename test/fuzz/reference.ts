/**
 * What a whole program means, with bounds: functions of tensors by the records' bound rules, rdds by their meaning, loops over batches
 * by walking them once for the values and again for the distances and the doubts of the rows they give. Knows no pass.
 */
import { paramOf } from "../../src/ir/inline.ts";
import { type Fn, type Node, topological } from "../../src/ir/node.ts";
import type { Bounded, EvalContext, RddValue, TensorValue, Value } from "../../src/ir/op.ts";
import { exactBound, exactly } from "../../src/ir/ops/bounds.ts";
import { isBitcast } from "../../src/ir/ops/match.ts";
import { sameTensor, tensorOf } from "../../src/ir/value.ts";

type Known =
  | { readonly k: "tensor"; readonly is: Bounded }
  | { readonly k: "rows"; readonly is: RddValue }
  | { readonly k: "tuple"; readonly of: readonly Known[] };
export interface Reference {
  readonly results: readonly Bounded[];
  /** sites of faults of which it is not decided whether they are raised */
  readonly doubtfulSites: ReadonlySet<number>;
  /** which rows a filter keeps is not decided: nothing behind it is */
  readonly doubtful: boolean;
  /** every f32 on the way was a normal number or 0: what WGSL keeps */
  readonly normal: boolean;
  /** the bits of a NaN were read: a processor chooses them, for V8 another one in 256 bits than in 128 */
  readonly chosenBits: boolean;
}

/** f is expanded: of tensors, selections of rows and loops over them */
export function reference(f: Fn, args: readonly Value[], n = 0): Reference {
  const walker = new Walker();
  const known = args.map((a): Known => {
    if (a.k === "tuple") throw new Error("a tuple as argument");
    return a.k === "rdd" ? { k: "rows", is: a } : { k: "tensor", is: exactly(a) };
  });
  const results = walker.evaluate(f, known, n).map(bounded);
  const { doubtfulSites, doubtful, normal, chosenBits } = walker;
  return { results, doubtfulSites, doubtful, normal, chosenBits };
}
const bounded = (x: Known): Bounded => {
  if (x.k !== "tensor") throw new Error(`a ${x.k} where a tensor is read`);
  return x.is;
};
const plainValue = (x: Known): Value =>
  x.k === "tensor" ? x.is.value : x.k === "rows" ? x.is : { k: "tuple", of: x.of.map(plainValue) };

/** lives while one program is evaluated */
class Walker {
  readonly doubtfulSites = new Set<number>();
  doubtful = false;
  normal = true;
  chosenBits = false;
  /** what is known of a value that an op over rows passes on without looking at it */
  private readonly held = new WeakMap<TensorValue, Bounded>();

  evaluate(f: Fn, args: readonly Known[], n: number): readonly Known[] {
    const values = new Map<Node, Known>();
    for (const x of topological(f.results)) {
      const inputs = x.args.map(a => values.get(a)!);
      values.set(x, x.op.control === "param" ? args[paramOf(x)]! : this.node(x, inputs, n));
    }
    return f.results.map(r => values.get(r)!);
  }
  private node(x: Node, inputs: readonly Known[], n: number): Known {
    if (x.op.control === "get") {
      const t = inputs[0]!;
      if (t.k !== "tuple") throw new Error("get of no tuple");
      return t.of[paramOf(x)]!;
    }
    if (x.op.control === "batches") return this.batches(x, inputs, n);
    if (x.op.control === "loop") return this.loop(x, inputs, n);
    if (x.type.k === "rdd") return { k: "rows", is: this.rows(x, inputs, n) };
    const args = inputs.map(bounded);
    const cx: EvalContext = { n, call: refuse, fault: () => {} };
    const site = x.attrs["site"];
    if (typeof site === "number" && args.some(a => a.undecided.includes(1))) this.doubtfulSites.add(site);
    if (isBitcast(x)) this.chosenBits ||= args[0]!.value.data.some(v => Number.isNaN(v));
    const is = (x.op.bound ?? exactBound)(args, x, cx);
    if (x.type.k === "tensor" && x.type.elem === "f32") this.normal &&= is.value.data.every(isNormal);
    return { k: "tensor", is };
  }
  private call(f: Fn, args: readonly Value[], n: number): readonly Bounded[] {
    const known = args.map((a): Known => {
      if (a.k === "rdd") return { k: "rows", is: a };
      return { k: "tensor", is: this.held.get(tensorOf(a)) ?? exactly(tensorOf(a)) };
    });
    const results = this.evaluate(f, known, n).map(bounded);
    for (const r of results) this.held.set(r.value, r);
    return results;
  }
  private hold(inputs: readonly Known[]): readonly Value[] {
    for (const i of inputs) if (i.k === "tensor") this.held.set(i.is.value, i.is);
    return inputs.map(plainValue);
  }
  /** a selection: its function must be decided. The slices of a tensor: it must be exact */
  private rows(x: Node, inputs: readonly Known[], n: number): RddValue {
    if (x.args[0]!.type.k === "tensor" && !isExact(bounded(inputs[0]!))) this.doubtful = true;
    const call: EvalContext["call"] = (f, args, records) => {
      const results = this.call(f, args, records);
      if (results.some(r => r.undecided.includes(1))) this.doubtful = true;
      return results.map(r => r.value);
    };
    const v = x.op.eval(this.hold(inputs), x, { n, call, fault: () => {} });
    if (v.k !== "rdd") throw new Error(`${x.op.name} gives a ${v.k}`);
    return v;
  }
  /** a loop over states passes them on; whether it goes on must be decided */
  private loop(x: Node, inputs: readonly Known[], n: number): Known {
    const end = x.attrs["until"] === true ? (x.attrs["states"] as number) : -1; // as: by its type rule
    const call: EvalContext["call"] = (f, given, records) => {
      const results = this.call(f, given, records);
      if (results[end]?.undecided[0]) this.doubtful = true;
      return results.map(r => r.value);
    };
    const v = x.op.eval(this.hold(inputs), x, { n, call, fault: () => {} });
    if (v.k !== "tuple") throw new Error(`${x.op.name} gives a ${v.k}`);
    return { k: "tuple", of: v.of.map((s): Known => ({ k: "tensor", is: this.held.get(tensorOf(s))! })) };
  }
  /** a loop over batches looks at no value that it carries: it is walked three times, with the values, their errors and their doubts */
  private batches(x: Node, inputs: readonly Known[], n: number): Known {
    const args = this.hold(inputs);
    const steps: (readonly Bounded[])[] = [];
    const walk = (
      part: (step: number, f: Fn, given: readonly Value[], records: number) => readonly Value[],
    ): readonly Value[] => {
      let step = 0;
      const v = x.op.eval(args, x, {
        n,
        fault: () => {},
        call: (f, given, records) => part(step++, f, given, records),
      });
      if (v.k !== "tuple") throw new Error(`${x.op.name} gives a ${v.k}`);
      return v.of;
    };
    const values = walk((step, f, given, records) => (steps[step] = this.call(f, given, records)).map(r => r.value));
    const errors = walk(step => steps[step]!.map(r => like(r.value, r.error)));
    const doubts = walk(step => steps[step]!.map(r => like(r.value, r.undecided)));
    const of = values.map((v, i): Known => {
      const value = tensorOf(v);
      // a state is the very value that the last step gave, or its first one
      const state = this.held.get(value);
      if (state) return { k: "tensor", is: state };
      // what the loop counts is the same whatever it carries
      const [error, undecided] = [tensorOf(errors[i]), tensorOf(doubts[i])];
      if (sameTensor(value, error) && sameTensor(value, undecided)) return { k: "tensor", is: exactly(value) };
      const is = {
        value,
        error: Float64Array.from(error.data, Number),
        undecided: Uint8Array.from(undecided.data, Number),
      };
      return { k: "tensor", is };
    });
    return { k: "tuple", of };
  }
}
const refuse = (): never => {
  throw new Error("bounds are of expanded programs");
};
const isNormal = (v: number | bigint): boolean =>
  v === 0 || (Math.abs(Number(v)) >= 2 ** -126 && Math.abs(Number(v)) <= 3.4028234663852886e38);
const isExact = (b: Bounded): boolean => b.error.every(e => e === 0) && b.undecided.every(u => u === 0);
/** numbers in the place of the elements of `of`, in its kind */
const like = (of: TensorValue, numbers: Float64Array | Uint8Array): TensorValue => ({
  k: "tensor",
  shape: of.shape,
  data: of.data instanceof BigInt64Array ? BigInt64Array.from(numbers, x => BigInt(x)) : Float64Array.from(numbers),
});
