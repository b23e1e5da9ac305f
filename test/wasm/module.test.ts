/** Phases, regions, the pointer table, scratch, shared memory, and what a module says of itself. */
import { describe, expect, test } from "vitest";
import { assemble, assembleText, GUARD, type Phase, validates } from "../../src/codegen/wasm/module.ts";
import {
  affine,
  at,
  type Block,
  type Buf,
  type Expr,
  fresh,
  type LoopKernel,
  num,
  prim,
  type Stmt,
  scratchBytes,
  ty,
} from "../../src/ir/loop.ts";
import { BUILDS, NO_REGIONS } from "./harness.ts";

const f32x16 = ty("f32", 16);
const panels = (name: string): Buf => ({
  name,
  store: "f32",
  extent: { of: { n: 1, plus: 0 }, by: 16, unit: 16 },
  space: "param",
});
/** b = a * a, per panel, through scratch */
function square(): LoopKernel {
  const p = fresh("p");
  const [a, b] = [panels("a"), panels("b")];
  const s: Buf = { name: "s", store: "f32", extent: 16, space: "group" };
  const load = (buf: Buf, where = at(p, 16)): Expr => ({ k: "load", buf, at: where, ty: f32x16 });
  const body: Block = [
    { k: "store", buf: s, at: affine(0), value: prim("mul", f32x16, load(a), load(a)) },
    { k: "store", buf: b, at: at(p, 16), value: load(s, affine(0)) },
  ];
  return {
    name: "square",
    params: [a, b],
    grid: [{ iv: p, to: { of: { n: 1, plus: 0 }, by: 16 } }],
    group: [],
    body: [{ k: "alloc", buf: s, body }],
  };
}
/** total += the number of its item plus n */
function count(): LoopKernel {
  const [n, p] = [fresh("n"), fresh("p")];
  const total: Buf = { name: "total", store: "i32", extent: 1, space: "param" };
  const body: Stmt = { k: "atomic", buf: total, at: affine(0), op: "add", value: prim("add", ty("i32"), p, n) };
  return { name: "count", params: [total], n, grid: [{ iv: p, to: { n: 1, plus: 0 } }], group: [], body: [body] };
}

describe.each(BUILDS)("build %s", build => {
  test("a phase calls its kernels per item, with constants, worker offsets and pointers", () => {
    const memory = new WebAssembly.Memory({ initial: 8 });
    const regions = { state: { base: GUARD }, step: { base: GUARD + 4096 }, staging: { base: GUARD + 8192 } };
    const [input, worker] = [GUARD + 16384, GUARD + 32768];
    const phase: Phase = {
      name: "phase 0",
      calls: [
        { kernel: "square", args: [{ pointer: 3 }, { region: "step", offset: 64 }], scratch: 256 },
        { kernel: "count", args: [{ region: "worker", offset: 1024 }], scratch: 0 },
      ],
    };
    const bytes = assemble({ kernels: [square(), count()], phases: [phase], regions, build });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory } });
    expect(Object.keys(instance.exports)).toEqual(["phase 0"]);
    const words = new Int32Array(memory.buffer);
    const floats = new Float32Array(memory.buffer);
    words[GUARD / 4 + 3] = input;
    for (let i = 0; i < 64; i++) floats[input / 4 + i] = i;
    (instance.exports["phase 0"] as (...a: number[]) => void)(1, 3, 50, worker);
    const out = Array.from(floats.subarray((regions.step.base + 64) / 4, (regions.step.base + 64) / 4 + 64));
    expect(out).toEqual(out.map((_, i) => (i >= 16 && i < 48 ? i * i : 0)));
    expect(words[(worker + 1024) / 4]).toBe(1 + 50 + (2 + 50));
    // scratch lies where the call says
    expect(floats[(worker + 256) / 4]).toBe(32 * 32);
  });
  test("no items: nothing runs, the pointer table apart nothing is read", () => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const calls = [{ kernel: "count", args: [{ region: "step" as const, offset: 0 }], scratch: 0 }];
    const bytes = assemble({ kernels: [count()], phases: [{ name: "p", calls }], regions: NO_REGIONS, build });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory } });
    (instance.exports["p"] as (...a: number[]) => void)(4, 4, 50, GUARD);
    expect(new Uint8Array(memory.buffer).every(x => x === 0)).toBe(true);
  });
  test("binaryen finds the module valid, and its relaxed instructions only where they are asked for", () => {
    const t = ty("f32", 4);
    const b: Buf = { name: "b", store: "f32", extent: 4, space: "param" };
    const load: Expr = { k: "load", buf: b, at: affine(0), ty: t };
    const value = prim("fma", t, load, load, num(1, t));
    const k: LoopKernel = {
      name: "k",
      params: [b],
      grid: [],
      group: [],
      body: [{ k: "store", buf: b, at: affine(0), value }],
    };
    const all = { kernels: [k, square(), count()], phases: [], regions: NO_REGIONS, build };
    expect(validates(all)).toBe(true);
    expect(assembleText(all).includes("relaxed_madd")).toBe(build === "relaxed");
  });
  test("in shared memory an atomic is one, for integers, floats and extremes", () => {
    const kinds = ["i32", "u32", "f32", "i64"] as const;
    const ops = ["add", "max", "min"] as const;
    const kernels = kinds.flatMap(store =>
      ops.map((op): LoopKernel => {
        const b: Buf = { name: "b", store, extent: 2, space: "param" };
        const value = prim("cast", ty(store, 2), prim("iota", ty("i32", 2)));
        const moved = prim("add", ty(store, 2), value, num(3, ty(store, 2)));
        const body: Block = [{ k: "atomic", buf: b, at: affine(0), op, value: moved }];
        return { name: `${store} ${op}`, params: [b], grid: [], group: [], body };
      }),
    );
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
    const bytes = assemble({
      kernels,
      phases: [],
      regions: NO_REGIONS,
      build,
      shared: true,
      maximum: 2,
      exportKernels: true,
    });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory } });
    const views = { i32: Int32Array, u32: Uint32Array, f32: Float32Array, i64: BigInt64Array };
    for (const store of kinds)
      for (const op of ops) {
        const cells = new views[store](memory.buffer, GUARD, 2);
        cells.set((store === "i64" ? [10n, 3n] : [10, 3]) as never);
        (instance.exports[`${store} ${op}`] as (...a: number[]) => void)(0, 0, 1, GUARD, GUARD);
        const want = { add: [13, 7], max: [10, 4], min: [3, 3] }[op];
        expect([store, op, ...Array.from(cells as ArrayLike<number | bigint>, Number)]).toEqual([store, op, ...want]);
      }
  });
});

test("scratch of a kernel: what nests adds up, what lies side by side shares, whole cache lines", () => {
  const group = (name: string, extent: number, ...body: Stmt[]): Stmt => ({
    k: "alloc",
    buf: { name, store: "f32", extent, space: "group" },
    body,
  });
  const registers: Stmt = {
    k: "alloc",
    buf: { name: "r", store: "f32", extent: 64, space: "reg" },
    body: [group("c", 16)],
  };
  const k: LoopKernel = {
    name: "k",
    params: [],
    grid: [],
    group: [],
    body: [group("a", 17, group("b", 1)), registers],
  };
  expect(scratchBytes(k)).toBe(128 + 64);
});

test("a large constant or a place below the pointer is no offset=: it would not wrap", () => {
  const b: Buf = { name: "b", store: "f32", extent: 100_000, space: "param" };
  const i = fresh("i", ty("i32"), 2);
  // element 60000 - 59990 * i: for i = 1 the pointer lies 240 KB below element 60000
  const where = affine(60_000, { v: i, by: -59_990 });
  const k: LoopKernel = {
    name: "k",
    params: [b],
    grid: [{ iv: i, to: 2 }],
    group: [],
    body: [{ k: "store", buf: b, at: where, value: num(1, ty("f32")) }],
  };
  const memory = new WebAssembly.Memory({ initial: 8 });
  const bytes = assemble({ kernels: [k], phases: [], regions: NO_REGIONS, build: "simd", exportKernels: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory } });
  (instance.exports["k"] as (...a: number[]) => void)(0, 0, 2, GUARD, GUARD);
  const written = [...new Float32Array(memory.buffer, GUARD, 100_000).entries()].filter(([, v]) => v !== 0);
  expect(written).toEqual([
    [10, 1],
    [60_000, 1],
  ]);
});
