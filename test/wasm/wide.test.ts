/**
 * With V8's 256-bit instructions every primitive gives the bits that it gives with 128-bit ones, also where what it is made of is used again
 * and stays in its register: V8 13.6 then takes the ones' complement of a pair for its negation.
 */
import { describe, expect, test } from "vitest";
import { assemble, GUARD } from "../../src/codegen/wasm/module.ts";
import { at, type Buf, type Expr, fresh, type Lanes, type LoopKernel, prim, type Stmt, ty } from "../../src/ir/loop.ts";
import type { Elem } from "../../src/ir/type.ts";
import { instantiate } from "../../src/runtime/wasm.ts";
import { type Case, nameOf, primCases } from "../loop/prim-cases.ts";
import { anyValue, filled, random } from "../loop/values.ts";
import { NO_REGIONS } from "./harness.ts";

const ELEMS: readonly Elem[] = ["bool", "i32", "u32", "i64", "f32", "f64"];
const COUNT = 64;
/** bytes of a buffer, of the widest elements */
const ROOM = COUNT * 8;
/** an empty section: V8 gives the same bytes the module that it has */
const OTHER = Uint8Array.of(0, 2, 1, 120);

/** out = prim(sums..), then the sums themselves */
function kernel(c: Case, lanes: Lanes): LoopKernel {
  const i = fresh("i");
  const where = at(i, lanes);
  const params = c.args.map((e, x): Buf => ({ name: `a${x}`, store: e, extent: COUNT, space: "param" }));
  const kept = c.args.map((e, x): Buf => ({ name: `k${x}`, store: e, extent: COUNT, space: "param" }));
  const out: Buf = { name: "out", store: c.to, extent: COUNT, space: "param" };
  const sums = params.map((buf, x) => {
    const load: Expr = { k: "load", buf, at: where, ty: ty(c.args[x]!, lanes) };
    const to = fresh(`s${x}`, load.ty);
    const value = c.args[x] === "bool" ? load : prim("add", load.ty, load, load);
    return { define: { k: "let", to, value } satisfies Stmt, use: to };
  });
  return {
    name: nameOf(c),
    params: [...params, ...kept, out],
    grid: [{ iv: i, to: COUNT / lanes }],
    group: [],
    body: [
      ...sums.map(s => s.define),
      { k: "store", buf: out, at: where, value: prim(c.prim, ty(c.to, lanes), ...sums.map(s => s.use)) },
      ...kept.map((buf, x): Stmt => ({ k: "store", buf, at: where, value: sums[x]!.use })),
    ],
  };
}
/** what a kernel leaves in all its buffers */
function ran(bytes: Uint8Array, wide: boolean, cases: readonly Case[], lanes: Lanes): readonly Uint8Array[] {
  const { memory, kernel: named } = instantiate(wide ? bytes : Buffer.concat([bytes, OTHER]), GUARD + 16 * ROOM, wide);
  return cases.map(c => {
    const next = random(11);
    const all = memory.bytes(GUARD, 8 * ROOM);
    all.fill(0);
    const data = c.args.map(e =>
      filled(
        e,
        Array.from({ length: COUNT }, () => anyValue(e, next)),
      ),
    );
    data.forEach((d, x) => {
      all.set(new Uint8Array(d.buffer, d.byteOffset, d.byteLength), x * ROOM);
    });
    const addresses = Array.from({ length: 2 * c.args.length + 1 }, (_, x) => GUARD + x * ROOM);
    named!(nameOf(c))!(0, 0, COUNT / lanes, GUARD + 8 * ROOM, ...addresses);
    return all.slice();
  });
}
const cases = primCases(ELEMS);
describe("256 bits", () => {
  test.each([8, 16] as const)("%i lanes", lanes => {
    const kernels = cases.map(c => kernel(c, lanes));
    const bytes = assemble({ kernels, phases: [], regions: NO_REGIONS, build: "relaxed", exportKernels: true });
    const [narrow, wide] = [false, true].map(w => ran(bytes, w, cases, lanes));
    // that something was computed
    expect(narrow!.every((b, i) => b.subarray(cases[i]!.args.length * ROOM).some(x => x !== 0))).toBe(true);
    expect(cases.map(nameOf).filter((_, i) => Buffer.compare(narrow![i]!, wide![i]!) !== 0)).toEqual([]);
  });
});
