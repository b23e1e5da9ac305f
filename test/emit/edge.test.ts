/** What a single kernel shows: gathers, faults, NaN, records that do not fill a panel, and hot loops without masks. */
import { describe, expect, it } from "vitest";
import type { Kernel, Schedule, Val } from "../../src/ir/kernel.ts";
import { type Block, blocks, children, type Expr, exprs } from "../../src/ir/loop.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { verifyLoop } from "../../src/ir/loop-verify.ts";
import { emit, fallback } from "../../src/passes/emit/index.ts";
import { CASES } from "./cases.ts";
import { compare } from "./harness.ts";
import * as K from "./kernels.ts";
import { access, axes, cast, int, kernel, N, name, nest, num, p, read, single, tensor, to } from "./kernels.ts";

const RECORDS = [0, 1, 15, 16, 17, 33];
function right(k: Kernel, ...schedules: Schedule[]): void {
  for (const s of [fallback(k), ...schedules])
    for (const n of RECORDS) expect([n, compare(k, s, n, n + 7, undefined, 4).wrong.slice(0, 3)]).toEqual([n, []]);
}
/** masked accesses, and conditions, of a block */
function count(b: Block): { masks: number; branches: number } {
  let [masks, branches] = [0, 0];
  const expr = (e: Expr): void => {
    if (e.k === "load" && e.mask) masks++;
    children(e).forEach(expr);
  };
  const walk = (block: Block): void => {
    for (const s of block) {
      if (s.k === "if") branches++;
      if (s.k === "store" && s.mask) masks++;
      exprs(s).forEach(expr);
      blocks(s).forEach(walk);
    }
  };
  walk(b);
  return { masks, branches };
}

describe("hot loops", () => {
  for (const [title, make] of CASES)
    it(`${title}: proved, and in registers`, () => {
      const verdict = verifyLoop(emit(...make()));
      expect([verdict.errors, verdict.unproved]).toEqual([[], []]);
    });
  it("kernels over panels have no mask and one version", () => {
    for (const title of [
      "conv forward",
      "conv dX + mask",
      "dense forward",
      "dense dX",
      "unpool",
      "conv + pool",
      "dense dW + momentum",
    ]) {
      const [, make] = CASES.find(c => c[0] === title)!;
      expect([title, count(emit(...make()).body)]).toEqual([title, { masks: 0, branches: 0 }]);
    }
  });
  it("a fold over the records of a panel clears the pads of the last one, and masks nothing in its sweep", () => {
    const conv = { n: N, h: 4, w: 3, ci: 2, co: 10, k: 3, p: 1, BO: 5, KT: 2, CT: 5, R: 4 };
    const [kernel, schedule] = K.convWeight(conv);
    const [pads, ...sweep] = emit(kernel, schedule).body;
    const selects = (b: Block): boolean => JSON.stringify(b).includes('"select"');
    expect(pads?.k === "if" && [selects(pads.then), pads.else]).toEqual([true, []]);
    expect([sweep.length > 0, selects(sweep)]).toEqual([true, false]);
    for (const n of [1, 2, 3, 7, 15, 16, 17])
      expect([n, compare(kernel, schedule, n, n).wrong.slice(0, 5)]).toEqual([n, []]);
  });
});

describe("gathers", () => {
  const rows = tensor("rows", { row: Infinity, c: 5 }, "row c", {}, { store: "u8" });
  const selection = tensor("selection", { n: N }, "n", {}, { store: "u32" });
  const y = tensor("y", { n: N, c: 5 }, "n/16 c n%16");
  const chosen: Val = {
    k: "read",
    from: {
      of: rows,
      index: [
        { base: 0, terms: [], gather: read(selection, "n") },
        { base: 0, terms: [{ axis: "c", by: 1 }] },
      ],
    },
  };
  it("read the rows of a feed that a selection names, bytes to floats", () => {
    const k = kernel("feed", {
      axes: axes({ n: N, c: 5 }),
      reduce: [],
      then: [to(y, ["n", "c"], p("div", cast("f32", chosen), num(255)))],
    });
    const l = emit(k, fallback(k));
    expect(l.params.find(b => b.name === "rows")?.extent).toBe("unknown");
    for (const n of [0, 3, 17]) {
      const data = new Map<string, Uint8Array | Uint32Array | Float32Array>([
        ["rows", Uint8Array.from({ length: 200 }, (_, i) => i)],
        ["selection", Uint32Array.from({ length: n }, (_, i) => 39 - i)],
        ["y", new Float32Array(Math.ceil(n / 16) * 80)],
      ]);
      interpret(l, data, n);
      const got = Array.from({ length: n }, (_, i) => data.get("y")![Math.floor(i / 16) * 80 + 3 * 16 + (i % 16)]);
      expect(got).toEqual(Array.from({ length: n }, (_, i) => Math.fround((5 * (39 - i) + 3) / 255)));
    }
  });
  const ids = tensor("ids", { n: N }, "n", {}, { store: "i32" });
  const table = tensor("table", { id: 4, c: 6 }, "id c");
  const embedded: Val = {
    k: "read",
    from: {
      of: table,
      index: [
        { base: 0, terms: [], gather: read(ids, "n") },
        { base: 0, terms: [{ axis: "c", by: 1 }] },
      ],
    },
  };
  it("read rows of a table with records or with features in lanes", () => {
    const out = tensor("y", { n: N, c: 6 }, "n c");
    const k = kernel("embed", { axes: axes({ n: N, c: 6 }), reduce: [], then: [to(out, ["n", "c"], embedded)] });
    right(k, single(nest("c", 4, "n:16@grid n:1 c:4 |")), single(nest("n", 16, "n:16@grid c:1 |")));
  });
  it("store where a gathered coordinate says", () => {
    const out = tensor("y", { n: N, id: 4 }, "n/16 id n%16");
    const hit = {
      to: {
        of: out,
        index: [...access(out, "n", "0").index.slice(0, 1), { base: 0, terms: [], gather: read(ids, "n") }],
      },
      value: num(1),
    };
    right(kernel("hot", { axes: axes({ n: N }), reduce: [], then: [hit] }));
  });
});

describe("records", () => {
  const x = tensor("x", { n: N }, "n/16 n%16");
  const total = (op: "add" | "max" | "min" | "mul"): Kernel =>
    kernel("total", {
      axes: axes({}, { n: N }),
      reduce: [{ name: "s", op, value: read(x, "n") }],
      then: [to(tensor("y", {}, ""), [], name("s"))],
    });
  it("are folded without those that pads hold; none give the identity", () => {
    for (const op of ["add", "max", "min", "mul"] as const)
      right(total(op), single(nest("n", 8, "| n:16")), single(nest("n", 16, "n:32 | n:16")));
  });
  it("have numbers", () => {
    const y = tensor("y", { n: N }, "n", {}, { store: "i32" });
    const k = kernel("iota", {
      axes: axes({ n: N }),
      reduce: [],
      then: [to(y, ["n"], p("sub", { k: "n" }, { k: "axis", axis: "n" }))],
    });
    right(k, single(nest("n", 8, "n:16@grid n:8 |")), single(nest("n", 1, "n:1@grid |")));
  });
  it("that fail tell the least number, once per site", () => {
    const ids = tensor("ids", { n: N, c: 3 }, "n/16 c n%16", {}, { store: "i32" });
    const k = kernel("check", {
      axes: axes({ n: N, c: 3 }),
      reduce: [],
      then: [
        { fault: 2, ok: p("lt", read(ids, "n", "c"), int(3)) },
        to(tensor("y", { n: N, c: 3 }, "n/16 c n%16", {}, { store: "i32" }), ["n", "c"], read(ids, "n", "c")),
      ],
    });
    right(k, single(nest("n", 8, "n:16@grid c:2 n:8 |")));
  });
});

describe("folded storage", () => {
  it("holds one panel of what stays in an item", () => {
    const [x, y] = [tensor("x", { n: N, c: 5 }, "c n%16"), tensor("y", { n: N, c: 5 }, "c n%16")];
    const k = kernel("twice", {
      axes: axes({ n: N, c: 5 }),
      reduce: [],
      then: [to(y, ["n", "c"], p("add", read(x, "n", "c"), num(1)))],
    });
    for (const s of [fallback(k), single(nest("n", 8, "n:16@grid c:1 n:8 |"))])
      for (const n of [0, 1, 15, 16]) {
        const report = compare(k, s, n, n + 7);
        expect([n, report.wrong]).toEqual([n, []]);
        expect([verifyLoop(report.loop).unproved, count(report.loop.body).masks]).toEqual([[], 0]);
      }
  });
});

describe("maxima", () => {
  const x = tensor("x", { n: N, c: 7 }, "n/16 c n%16");
  const [y, i] = [tensor("y", { n: N }, "n/16 n%16"), tensor("i", { n: N }, "n/16 n%16", {}, { store: "i32" })];
  const k = kernel("argmax", {
    axes: axes({ n: N }, { c: 7 }),
    reduce: [
      { name: "m", op: "max", value: read(x, "n", "c") },
      { name: "w", op: "first", of: "m", value: { k: "axis", axis: "c" } },
    ],
    then: [to(y, ["n"], name("m")), to(i, ["n"], name("w"))],
  });
  it("come with the first place that has them; the first NaN wins; nothing beats none", () => {
    const cases: readonly (readonly [readonly number[], number])[] = [
      [[1, 3, 3, 2, 0, 3, 1], 1],
      [[1, Number.NaN, 9, Number.NaN, 0, 3, 1], 1],
      [Array<number>(7).fill(-Infinity), 0],
      [[5, 4, 3, 2, 1, 0, Number.NaN], 6],
    ];
    for (const s of [fallback(k), single(nest("n", 8, "n:16@grid n:8 | c:1")), single(nest("c", 8, "n:1@grid |"))]) {
      const data = new Map<string, Float32Array | Int32Array>([
        ["x", new Float32Array(112).fill(Number.NaN)],
        ["y", new Float32Array(16)],
        ["i", new Int32Array(16)],
      ]);
      for (const [n, [row]] of cases.entries()) for (const [c, v] of row.entries()) data.get("x")![16 * c + n] = v;
      interpret(emit(k, s), data, cases.length);
      expect([...data.get("i")!].slice(0, 4)).toEqual(cases.map(([, w]) => w));
      for (const [n, [row, w]] of cases.entries()) expect(data.get("y")![n]).toBe(row[w]);
    }
  });
});
