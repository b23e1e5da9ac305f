/**
 * A map whose function cannot be done for all elements at once, since it chooses rows or goes over them step by step for each: a loop over the
 * elements, a trip for each. Knows no op but by its record.
 */
import { inline, paramOf } from "../ir/inline.ts";
import { type Fn, fn, type Node, topological } from "../ir/node.ts";
import { plus } from "../ir/ops/accumulate.ts";
import { elemOf, shapeAt } from "../ir/ops/attrs.ts";
import * as build from "../ir/ops/index.ts";
import { tensor } from "../ir/type.ts";
import { put, take } from "./trips/stacks.ts";

/** whether `lift` can do it for all at once. No map, grad or call may be left in f */
export function isLiftable(f: Fn, mapped: readonly boolean[]): boolean {
  const moves = new Set<Node>();
  for (const x of topological(f.results)) {
    const flags = x.args.map(a => moves.has(a));
    if (x.op.control === "param" ? !mapped[paramOf(x)] : !flags.includes(true)) continue;
    if (x.op.lift === "none" || x.op.lifts?.(x, flags, isLiftable) === false) return false;
    moves.add(x);
  }
  return true;
}

/**
 * What `map{f, mapped}(args)` gives, for `count` elements:
 * map{f}(x: T[count, ..], w)  -->  loop{(y, i) => (y with f(x[i], w) at i, i + 1)}(zeros, 0; x, w)
 */
export function oneByOne(f: Fn, mapped: readonly boolean[], args: readonly Node[], count: number): readonly Node[] {
  const starts = f.results.map(r => build.full(0, elemOf(r), [count, ...shapeAt(r)]));
  if (count === 0) return starts;
  const zero = build.full(0, "i32");
  const states = [...starts, zero];
  const params = [...states, ...args].map(a => (a.type.k === "tensor" ? tensor(a.type.elem, a.type.shape) : a.type));
  const inputs = params.map((p, i) => build.parameter(i, p));
  const at = inputs[starts.length]!;
  const given = inputs.slice(states.length);
  const made = inline(
    f,
    given.map((x, i) => (mapped[i] ? take(x, at) : x)),
  );
  const next = [...made.map((y, k) => put(inputs[k]!, at, y)), plus(at, build.full(1, "i32"))];
  const all = build.loop(
    {
      body: fn(params, next),
      trip: count,
      states: states.length,
      until: false,
      label: "element",
      logs: [],
      names: states.map((_, i) => `${i}`),
      overwritten: states.map((_, i) => i < starts.length),
    },
    states,
    args,
  );
  return starts.map((_, k) => build.get(k, all));
}
