/** Laws from the registries: what each op and each rule says of itself, on random values and graphs. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { type Fn, fn, type Node } from "../../src/ir/node.ts";
import type { Op, TensorValue, Value } from "../../src/ir/op.ts";
import { allOps } from "../../src/ir/ops/index.ts";
import { parse, print } from "../../src/ir/text.ts";
import { N, sizeOf, type TensorType } from "../../src/ir/type.ts";
import { sameTensor, tensorOf } from "../../src/ir/value.ts";
import { verify } from "../../src/ir/verify.ts";
import { lift } from "../../src/passes/lift.ts";
import { exactRules, rules, simplifyFn } from "../../src/passes/simplify.ts";
import { grow, PARAMS, parameters, seeded, valuesOf } from "./grow.ts";

const RECORDS = [0, 1, 3, 16];
const sampled = allOps().filter(o => o.sample);
/** several applications of one op to parameters */
function applications(op: Op, count: number, seed: number): readonly Node[] {
  const rng = seeded(seed);
  const given = parameters();
  const found = new Set<Node>();
  for (let i = 0; i < 40 * count && found.size < count; i++) {
    const made = op.sample!(rng, given);
    if (made && !given.includes(made)) found.add(made);
  }
  return [...found];
}
const same = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.every((x, i) => sameTensor(tensorOf(x), tensorOf(b[i])));

describe("every op", () => {
  it.each(sampled.map(o => [o.name, o] as const))("%s: its sample is well typed", (name, op) => {
    const made = applications(op, 8, 1);
    expect(made.length, `${name} samples nothing`).toBeGreaterThan(0);
    for (const x of made) expect(verify(fn(PARAMS, [x]), "kernel")).toEqual([]);
  });
  it.each(sampled.map(o => [o.name, o] as const))("%s: lifted it does the same to each record", (_name, op) => {
    const rng = seeded(2);
    const fixed = PARAMS.map(t => ({ ...t, shape: t.shape.map(d => (typeof d === "number" ? d : 2)) }));
    const given = parameters(fixed);
    const made = new Set(Array.from({ length: 60 }, () => op.sample!(rng, given)).filter(x => x !== undefined));
    for (const x of [...made].slice(0, 12)) {
      if (x.args.length === 0) continue;
      const f = fn(fixed, [x]);
      for (const mapped of flagsFor(x, fixed.length)) checkLift(f, mapped, 3, seeded(5));
    }
  });
});
/** each way to map over the parameters that x reads */
function flagsFor(x: Node, count: number): readonly (readonly boolean[])[] {
  const read = [...new Set(x.args.map(a => a.attrs["i"] as number).filter(i => i !== undefined))];
  const sets = Array.from({ length: 2 ** read.length - 1 }, (_, s) => read.filter((_r, k) => ((s + 1) >> k) & 1));
  return sets.map(s => Array.from({ length: count }, (_, i) => s.includes(i)));
}
function checkLift(f: Fn, mapped: readonly boolean[], count: number, rng: ReturnType<typeof seeded>): void {
  const lifted = lift(f, mapped, N);
  const args = valuesOf(lifted.fn, count, rng);
  const [all] = evaluate(lifted.fn, args, count).map(tensorOf);
  for (let r = 0; r < count; r++) {
    const one = args.map((a, i) => (mapped[i] ? recordOf(tensorOf(a), r) : a));
    const [want] = evaluate(f, one, 1).map(tensorOf);
    const got = lifted.mapped[0] ? recordOf(all!, r) : all!;
    expect(sameTensor(got, want!), `${print(f)} record ${r} mapped ${mapped.map(Number).join("")}`).toBe(true);
  }
}
function recordOf(t: TensorValue, r: number): TensorValue {
  const shape = t.shape.slice(1);
  const size = sizeOf(shape);
  return { k: "tensor", shape, data: t.data.slice(r * size, (r + 1) * size) };
}

describe("random graphs", () => {
  it.each(Array.from({ length: 40 }, (_, i) => i))("seed %i: are valid, and text holds all of them", seed => {
    const f = grow(seeded(seed), 12);
    expect(verify(f, "kernel")).toEqual([]);
    expect(parse(print(f))).toBe(f);
    for (const n of RECORDS) {
      const args = valuesOf(f, n, seeded(seed));
      const results = evaluate(f, args, n).map(tensorOf);
      results.forEach((r, i) => {
        const type = f.results[i]!.type as TensorType;
        expect(r.shape).toEqual(type.shape.map(d => (typeof d === "number" ? d : d.n * n + d.plus)));
      });
    }
  });
  it.each(Array.from({ length: 60 }, (_, i) => i))("seed %i: exact rules change no bit", seed => {
    const f = grow(seeded(seed + 1000), 12);
    const g = simplifyFn(f, true);
    expect(verify(g, "kernel")).toEqual([]);
    expect(simplifyFn(g, true)).toBe(g);
    for (const n of RECORDS) {
      const args = valuesOf(f, n, seeded(seed));
      expect(same(evaluate(g, args, n), evaluate(f, args, n)), `${print(f)}\n${print(g)}`).toBe(true);
    }
  });
});

describe("rules", () => {
  it.each(exactRules.map(r => [r.name, r] as const))("%s", (name, rule) => {
    if (name === "applied-parameter") return;
    let applied = 0;
    for (let seed = 0; seed < 120 && applied < 40; seed++) {
      const x = rule.law.sample(seeded(seed), parameters());
      const y = x && rule.apply(x);
      if (!x || !y) continue;
      applied++;
      for (const n of RECORDS) {
        const args = valuesOf(fn(PARAMS, [x]), n, seeded(seed));
        const [before, after] = [x, y].map(r => evaluate(fn(PARAMS, [r]), args, n));
        expect(same(before!, after!), `${name} ${print(fn(PARAMS, [x]))} ${print(fn(PARAMS, [y]))}`).toBe(true);
      }
    }
    expect(applied, `${name} never applies to its sample`).toBeGreaterThan(0);
  });
  it("all have names of their own", () => {
    expect(new Set(rules.map(r => r.name)).size).toBe(rules.length);
  });
});
