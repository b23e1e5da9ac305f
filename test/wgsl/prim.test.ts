/** Every primitive that WGSL has, on every element and number of lanes, is what ir/prim.ts says, within its ulp for WGSL. */
import { expect, it } from "vitest";
import { isWide } from "../../src/codegen/wgsl/text.ts";
import { at, type Buf, type Expr, fresh, type Lanes, type LoopKernel, prim, ty } from "../../src/ir/loop.ts";
import { type Data, storage } from "../../src/ir/loop-data.ts";
import { ANGLES, isMath } from "../../src/ir/math.ts";
import { evaluate, PRIMS, type Value } from "../../src/ir/prim.ts";
import type { Elem } from "../../src/ir/type.ts";
import { type Case, nameOf, primCases } from "../loop/prim-cases.ts";
import { anyValue, filled, random, specials } from "../loop/values.ts";
import { onEachAdapter } from "./device.ts";
import { compiled } from "./run.ts";

const ELEMS: readonly Elem[] = ["bool", "i32", "u32", "i64", "f32", "f64"];
const LANES: readonly Lanes[] = [1, 2, 4, 16];
const COUNT = 480;
const CASES = primCases(ELEMS);

const TINY = 2 ** -126;
/** of f32 WGSL may flush what is below, and assume that nothing is infinite or no number */
const inContract = (v: Value, e: Elem): boolean =>
  e !== "f32" || v === 0 || (Number.isFinite(Number(v)) && Math.abs(Number(v)) >= TINY && Math.abs(Number(v)) < 3.4e38);
function inputs(c: Case, seed: number): readonly (readonly Value[])[] {
  const next = random(seed);
  const lists = c.args.map(e => specials(e).filter(v => inContract(v, e)));
  const any = (e: Elem): Value => {
    for (;;) {
      const v = anyValue(e, next);
      if (inContract(v, e)) return v;
    }
  };
  return c.args.map((e, x) =>
    Array.from({ length: COUNT }, (_, i) => {
      const before = lists.slice(0, x).reduce((n, l) => n * l.length, 1);
      return i % 3 === 0 ? any(e) : lists[x]![Math.floor(i / before) % lists[x]!.length]!;
    }),
  );
}
/** all cases in one kernel: out[i * lanes ..] = prim(a[i * lanes ..], ..) */
function kernel(c: Case, lanes: Lanes): LoopKernel {
  const i = fresh("i");
  const where = at(i, lanes);
  const params = c.args.map((e, x): Buf => ({ name: `a${x}`, store: e, extent: COUNT, space: "param" }));
  const out: Buf = { name: "out", store: c.to, extent: COUNT, space: "param" };
  const loads = params.map((buf, x): Expr => ({ k: "load", buf, at: where, ty: ty(c.args[x]!, lanes) }));
  const body = [{ k: "store" as const, buf: out, at: where, value: prim(c.prim, ty(c.to, lanes), ...loads) }];
  return { name: nameOf(c), params: [...params, out], grid: [{ iv: i, to: COUNT / lanes }], group: [], body };
}
const unit = (v: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(v)))) - 23);

/** f64 is computed in integers: to the bit, but for sequences, which are as exact as on a CPU */
function wrongWide(c: Case, args: readonly Value[], got: Value): string | undefined {
  const of = c.args.at(-1)!;
  const says = (want: Value): string => `${nameOf(c)}: (${args.join(", ")}) = ${got}, not ${want}`;
  if (c.prim === "fma") {
    const want = evaluate("add", [evaluate("mul", args.slice(0, 2), of, of), args[2]!], of, of);
    return Object.is(got, want) ? undefined : says(want);
  }
  const want = evaluate(c.prim, args, of, c.to);
  if (c.to === "f32" && !inContract(Math.fround(Number(want)), "f32")) return undefined;
  if (!isMath(c.prim))
    return Object.is(got, c.to === "f32" ? Math.fround(Number(want)) : want) ? undefined : says(want);
  const [a, w, g] = [Number(args[0]), Number(want), Number(got)];
  if (Number.isNaN(w)) return Number.isNaN(g) ? undefined : says(want);
  if ((c.prim === "sin" || c.prim === "cos") && Math.abs(a) > ANGLES.f64)
    return Math.abs(g) <= 1 ? undefined : says(want);
  if (!Number.isFinite(w)) return g === w ? undefined : says(want);
  const place = 2 ** (Math.max(-1022, Math.floor(Math.log2(Math.abs(w)))) - 52);
  return Math.abs(g - w) <= (PRIMS[c.prim].ulp64 + 1) * place ? undefined : says(want);
}
function wrong(c: Case, args: readonly Value[], got: Value): string | undefined {
  if (hasPairs(c)) return wrongWide(c, args, got);
  return wrongWord(c, args, Number(got));
}
function wrongWord(c: Case, args: readonly Value[], got: number): string | undefined {
  const of = c.args.at(-1)!;
  const [a, b] = args.map(Number) as [number, number];
  const says = (want: Value): string => `${nameOf(c)}: (${args.join(", ")}) = ${got}, not ${want}`;
  if (c.prim === "bitcast" && c.to === "f32" && !inContract(evaluate("bitcast", args, of, "f32"), "f32"))
    return undefined;
  const want = c.prim === "fma" ? fused(args, of) : evaluate(c.prim, args, of, c.to);
  if (c.to !== "f32") return got === Number(want) ? undefined : says(want);
  if ((c.prim === "sin" || c.prim === "cos") && Math.abs(a) > 12867) return Math.abs(got) <= 1 ? undefined : says(want);
  if (c.prim === "div" && !(Math.abs(b) >= 2 ** -126 && Math.abs(b) <= 2 ** 126)) return undefined;
  if (c.prim === "rem" && b === 0) return undefined;
  const w = Number(want);
  if (!Number.isFinite(w) || Math.abs(w) >= 3.4e38) return undefined;
  const ulp = c.prim === "fma" ? 0 : PRIMS[c.prim].ulpWgsl;
  const error = Math.abs(got - w);
  if (Math.abs(w) < TINY) return error <= TINY ? undefined : says(want);
  // the sum of a product that cancels may lose what the product's rounding took
  const product = c.prim === "fma" ? unit(a * b) / 2 + TINY : 0;
  // a step of a sequence may be flushed
  const half = isMath(c.prim) ? TINY : unit(w) / 2;
  return error <= ulp * unit(w) + half + product ? undefined : says(want);
}
const fused = (args: readonly Value[], of: Elem): Value =>
  evaluate("add", [evaluate("mul", args.slice(0, 2), of, of), args[2]!], of, of);

const hasPairs = (c: Case): boolean => [...c.args, c.to].some(isWide);
/** long functions: with several natives side by side they take adapters on processors minutes, and so do those of pairs with several lanes */
const isLong = (c: Case): boolean =>
  c.prim === "rem" || isMath(c.prim) || (hasPairs(c) && (c.prim === "div" || c.prim === "sqrt" || c.prim === "fma"));
/** of several natives side by side these will do */
const FEW: readonly string[] = ["add", "lt", "select", "cast"];
const KINDS = LANES.flatMap(lanes => [false, true].map(pairs => ({ lanes, pairs })));

onEachAdapter("every primitive", gpu => {
  it.each(KINDS)("$lanes lanes, pairs of words: $pairs", { timeout: 240_000 }, async ({ lanes, pairs }) => {
    const found: string[] = [];
    for (const [x, c] of CASES.entries()) {
      if (hasPairs(c) !== pairs || (lanes > (pairs ? 1 : 4) && isLong(c))) continue;
      if (pairs && lanes > 4 && !FEW.includes(c.prim)) continue;
      const values = inputs(c, x + 1);
      const buffers = new Map<string, Data>(values.map((v, i) => [`a${i}`, filled(c.args[i]!, v)]));
      buffers.set("out", storage(c.to, COUNT));
      const { run } = await compiled(gpu, kernel(c, lanes));
      const out = (await run(buffers, 0)).get("out")! as ArrayLike<Value>;
      const at = (i: number): readonly Value[] => values.map(v => v[i]!);
      found.push(
        ...Array.from(out, (got, i) => wrong(c, at(i), got) ?? "")
          .filter(s => s !== "")
          .slice(0, 3),
      );
    }
    expect(found).toEqual([]);
  });
});
