/**
 * Points that lie side by side while lanes lie far apart are loaded and stored as rows: the same elements in the same places, and
 * lane by lane wherever a row would be another thing.
 */
import { describe, expect, it } from "vitest";
import { assembleText } from "../../src/codegen/wasm/module.ts";
import {
  type Affine,
  type Block,
  type Buf,
  type Expr,
  fresh,
  type Lanes,
  type LoopKernel,
  num,
  prim,
  type Stmt,
  ty,
  type Var,
} from "../../src/ir/loop.ts";
import type { Data } from "../../src/ir/loop-data.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import type { Elem } from "../../src/ir/type.ts";
import { anyValue, filled, random } from "../loop/values.ts";
import { BUILDS, compiledAll, NO_REGIONS } from "./harness.ts";

interface Case {
  readonly title: string;
  readonly lanes: Lanes;
  /** of the unrolled loops */
  readonly trips: number;
  readonly elem?: Elem;
  /** elements between lanes: where it is read, where it is written */
  readonly from: number | "gather";
  readonly to: number;
  /** elements from one point of the unrolled loop to the next */
  readonly by?: number;
  /** how many lanes are read */
  readonly masked?: number;
  /** what is done to what is read */
  readonly value?: (x: Expr) => Expr;
  /** instructions: rows that are loaded and stored, elements that are */
  readonly rows: number;
  readonly single: number;
}
const ITEMS = 3;
const ROOM = 1024;
const negated = (x: Expr): Expr => prim("neg", x.ty, prim("mul", x.ty, x, num(2, x.ty)));
const CASES: readonly Case[] = [
  { title: "a read across", lanes: 16, trips: 4, from: 20, to: 1, by: 1, rows: 16 + 16, single: 0 },
  { title: "two squares side by side", lanes: 8, trips: 8, from: 9, to: 40, rows: 16 + 16, single: 0 },
  { title: "four lanes", lanes: 4, trips: 4, from: 7, to: 5, rows: 4 + 4, single: 0 },
  { title: "rows that others choose", lanes: 16, trips: 4, from: "gather", to: 16, rows: 16 + 16 + 4, single: 0 },
  { title: "whole numbers", lanes: 8, trips: 4, elem: "i32", from: "gather", to: 4, rows: 8 + 8 + 2, single: 0 },
  { title: "what is computed of them", lanes: 8, trips: 4, from: 12, to: 16, value: negated, rows: 8 + 8, single: 0 },
  { title: "lanes backwards", lanes: 8, trips: 4, from: -6, to: 8, rows: 8 + 8, single: 0 },
  { title: "three points", lanes: 8, trips: 3, from: 12, to: 8, rows: 0, single: 24 + 24 },
  { title: "points far apart", lanes: 4, trips: 4, from: 40, to: 40, by: 2, rows: 0, single: 16 + 16 },
  { title: "wide elements", lanes: 4, trips: 4, elem: "f64", from: 6, to: 8, rows: 0, single: 16 + 16 },
  { title: "a part of the lanes", lanes: 8, trips: 4, from: "gather", to: 4, masked: 5, rows: 8 + 32, single: 0 },
];
/** for u { x[u] = load a[lanes far apart] }; for u { store y[lanes far apart] = x[u] } */
function kernel({ lanes, trips, elem = "f32", from, to, by = 1, masked, value = x => x }: Case): LoopKernel {
  const [item, u, v] = [fresh("item"), fresh("u", ty("i32"), trips), fresh("v", ty("i32"), trips)];
  const t = ty(elem, lanes);
  const a: Buf = { name: "a", store: elem, extent: ROOM, space: "param" };
  const rows: Buf = { name: "rows", store: "i32", extent: 16, space: "param" };
  const y: Buf = { name: "y", store: elem, extent: ROOM, space: "param" };
  const x: Buf = { name: "x", store: elem, extent: lanes * trips, space: "reg" };
  const place = (base: number, of: Var, step: number): Affine => ({
    base,
    terms: [
      { v: item, by: step },
      { v: of, by },
    ],
  });
  const slot = (of: Var): Affine => ({ base: 0, terms: [{ v: of, by: lanes }] });
  const chosen: Expr = { k: "load", buf: rows, at: { base: 0, terms: [] }, ty: ty("i32", lanes) };
  const lane = from === "gather" ? { gather: chosen } : { stride: from };
  const few: Expr | undefined =
    masked === undefined
      ? undefined
      : prim("lt", ty("bool", lanes), prim("iota", ty("i32", lanes)), num(masked, ty("i32", lanes)));
  const base = typeof from === "number" && from < 0 ? -from * (lanes - 1) : 0;
  const load: Expr = { k: "load", buf: a, at: { ...place(base, u, 5), ...lane }, ty: t, ...(few ? { mask: few } : {}) };
  const unrolled = (iv: Var, body: Block): Stmt => {
    const [first, end] = [
      { base: 0, terms: [] },
      { base: trips, terms: [] },
    ];
    return { k: "for", iv, from: [first], to: [end], step: 1, as: "unroll", body };
  };
  const read = unrolled(u, [{ k: "store", buf: x, at: slot(u), value: value(load) }]);
  const put: Expr = { k: "load", buf: x, at: slot(v), ty: t };
  const written = unrolled(v, [{ k: "store", buf: y, at: { ...place(0, v, 300), stride: to }, value: put }]);
  return {
    name: "square",
    params: [a, ...(from === "gather" ? [rows] : []), y],
    grid: [{ iv: item, to: ITEMS }],
    group: [],
    body: [{ k: "alloc", buf: x, body: [read, written] }],
  };
}
function data({ elem = "f32", lanes }: Case, seed: number): ReadonlyMap<string, Data> {
  const next = random(seed);
  const some = (e: Elem, count: number): Data =>
    filled(
      e,
      Array.from({ length: count }, () => anyValue(e, next)),
    );
  // in any order, some of them twice
  const rows = Int32Array.from({ length: 16 }, (_, l) => ((l * 7 + seed) % (lanes - 1)) * 13);
  return new Map<string, Data>([
    ["a", some(elem, ROOM)],
    ["rows", rows],
    ["y", some(elem, ROOM)],
  ]);
}
const bits = (d: Data): readonly number[] => [...new Uint8Array(d.buffer, d.byteOffset, d.byteLength)];

describe("squares of lanes and points", () => {
  for (const c of CASES) {
    for (const build of BUILDS)
      it(`${c.title}, ${build}`, () => {
        const k = kernel(c);
        expect(verifyLoop(k, { registers: Infinity }).errors).toEqual([]);
        const run = compiledAll([k], build);
        for (const seed of [1, 2, 3]) {
          const expected = new Map([...data(c, seed)].map(([name, d]) => [name, d.slice() as Data]));
          interpret(k, expected, 1);
          const got = run("square", data(c, seed), 1, 0, ITEMS);
          expect(bits(got.get("y")!)).toEqual(bits(expected.get("y")!));
        }
      });
    it(`${c.title}: as rows where they are`, () => {
      const text = assembleText({
        kernels: [kernel(c)],
        phases: [],
        regions: NO_REGIONS,
        build: "simd",
        exportKernels: true,
      });
      const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
      expect({
        rows: count(/v128\.(load|store) /g),
        single: count(/v128\.(load(32|64)_(lane|zero)|store(32|64)_lane)/g),
      }).toEqual({ rows: c.rows, single: c.single });
    });
  }
});
