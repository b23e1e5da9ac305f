/** Each op of REL, with each of its types, over many values: DuckDB gives what the interpreter gives, bit for bit but for what the op's record grants. */
import { describe, expect, test } from "vitest";
import type { Cell, CellElem, Columns, Rel, RelExpr } from "../../src/ir/rel.ts";
import type { Value } from "../../src/ir/rel-eval.ts";
import type { MAKERS } from "../../src/ir/rel-ops/makers.ts";
import type { Operand, Signature } from "../../src/ir/rel-ops/record.ts";
import { maker, REL_OPS, relOp } from "../../src/ir/rel-ops.ts";
import { cellOf, innerOf } from "../../src/ir/rel-verify.ts";
import { type Drawing, drawing, value } from "./draw.ts";
import { byDuckdb, interpreted, type World } from "./engine.ts";

const ROWS = 150;
const scalar = (elem: CellElem): Cell => ({ k: "scalar", elem });
const column = (name: string): RelExpr => ({ k: "column", name });
const constant = (value: number): RelExpr => ({ k: "const", elem: "i32", value });
/** columns that an operand is made of, and how; lists are of four elements less those that a bool leaves out */
function operand(o: Operand, name: string): { readonly columns: Columns; readonly expr: RelExpr } {
  if (o === "table") return { columns: [], expr: { k: "given", index: 0, elem: "string" } };
  if (o.startsWith("tensor")) {
    const elem = o.slice(7) as CellElem; // as: `tensor <elem>`
    const { columns, expr } = operand(`list ${elem}`, name);
    const zero: RelExpr = { k: "op", op: "element_at", args: [expr, constant(9)], elem };
    return { columns, expr: { k: "op", op: "pad_to", args: [expr, zero], attrs: { n: 3 }, elem } };
  }
  if (!o.startsWith("list")) return { columns: [[name, scalar(o as CellElem)]], expr: column(name) }; // as: a scalar
  const elem = (o === "list" ? "f32" : o.slice(5)) as CellElem; // as: `list <elem>`
  const ids = [0, 1, 2, 3];
  const columns = ids.flatMap(
    (i): Columns => [
      [`${name}${i}`, scalar(elem)],
      [`${name}${i}?`, scalar("bool")],
    ],
  );
  const items = ids.map(
    i =>
      [
        ["v", column(`${name}${i}`)],
        ["k", column(`${name}${i}?`)],
      ] as const,
  );
  const element = (n: string): RelExpr => ({ k: "element", depth: 0, name: n });
  return { columns, expr: { k: "each", list: { k: "list", items }, of: [["", element("v")]], where: element("k") } };
}
const TERMS = ["", "a", "A", "b", "é", "a", "", "it's"];
function world(columns: Columns, d: Drawing): World {
  const cells = (): readonly Value[] => columns.map(([, c]) => (c.k === "scalar" ? value(c.elem, d) : []));
  return {
    scans: { rows: Array.from({ length: ROWS }, cells) },
    given: new Map([[0, { cell: scalar("string"), value: TERMS }]]),
    seed: 0,
  };
}
const scan = (columns: Columns): Rel => ({ k: "scan", format: "rows", paths: ["rows"], options: {}, columns });

const bits = new DataView(new ArrayBuffer(8));
/** units of the last place between two floats */
function distance(a: number, b: number, elem: CellElem): number {
  if (Object.is(a, b)) return 0;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
  const place = (x: number): number => {
    if (elem === "f32") bits.setFloat32(0, x);
    else bits.setFloat64(0, x);
    const n = elem === "f32" ? BigInt(bits.getInt32(0)) : bits.getBigInt64(0);
    return Number(n < 0n ? -(n & (elem === "f32" ? 0x7fffffffn : 0x7fffffffffffffffn)) : n);
  };
  return Math.abs(place(a) - place(b));
}
function expectCells(got: Value, want: Value, elem: CellElem, ulp: number, from: readonly Value[]): void {
  const isNear =
    Object.is(got, want) ||
    (ulp > 0 && typeof got === "number" && typeof want === "number" && distance(got, want, elem) <= ulp);
  if (!isNear) expect({ from, value: got }).toEqual({ from, value: want });
}
function check(exprs: readonly (readonly [RelExpr, CellElem, number])[], columns: Columns, seed: number): void {
  const w = world(columns, drawing(seed));
  const r: Rel = { k: "map", of: scan(columns), columns: exprs.map(([e], i) => [`r${i}`, e]) };
  const [got, want] = [byDuckdb(r, w), interpreted(r, w)];
  expect(got.length).toBe(ROWS);
  got.forEach(({ cells }, row) => {
    exprs.forEach(([, elem, ulp], i) => {
      expectCells(cells[i]!, want[row]!.cells[i]!, elem, ulp, w.scans["rows"]![row]!);
    });
  });
}
const shown = (s: Signature): string => `(${s.args.join(", ")}) ${s.to}`;

describe.each(Object.keys(REL_OPS))("%s", name => {
  const record = relOp(name)!;
  test.each(record.signatures.map((s, i) => [shown(s), s, i] as const))("%s", (_, s, i) => {
    const operands = s.args.map((o, k) => operand(o, `x${k}`));
    const elem = s.to.replace("tensor ", "") as CellElem; // as: what stands behind `tensor`
    const d = drawing(1000 + i);
    // attributes are drawn some times
    const exprs = Array.from({ length: record.sample ? 6 : 1 }, () => {
      const attrs = record.sample?.(d) ?? {};
      expect(record.refuse?.(attrs)).toBe(undefined);
      const e: RelExpr = { k: "op", op: name, args: operands.map(o => o.expr), elem, attrs };
      return [e, elem, elem === "f32" ? Math.min(record.ulp, 1) : record.ulp] as const;
    });
    check(
      exprs,
      operands.flatMap(o => o.columns),
      i,
    );
  });
});
/** operands of each maker, and what is made of them before it */
const element: RelExpr = { k: "element", depth: 0, name: "" };
const same = (e: RelExpr): RelExpr => e;
const twice = (list: RelExpr): RelExpr => ({
  k: "each",
  list,
  of: [["", { k: "list", items: [[["", element]], [["", element]]] }]],
});
const half = (list: RelExpr): RelExpr => ({
  k: "each",
  list,
  of: [["", { k: "op", op: "floordiv", args: [element, constant(2)], elem: "i32" }]],
});
const made: {
  readonly [M in keyof typeof MAKERS]: readonly (readonly [Operand, (e: RelExpr) => RelExpr])[];
} = {
  words: [["string", same]],
  skip_grams: [["list i32", same]],
  take: [
    ["list string", same],
    ["i32", same],
  ],
  part: [
    ["list f32", same],
    ["i32", same],
    ["i32", same],
  ],
  concat: [
    ["list i64", same],
    ["list i64", same],
  ],
  order: [["list i32", same]],
  distinct: [["list i32", same]],
  parted: [["list i32", same]],
  numbered: [["list f64", same]],
  flatten: [["list string", twice]],
  elements: [["tensor f32", same]],
  range: [["i32", e => ({ k: "op", op: "mod", args: [e, constant(5)], elem: "i32" })]],
  texts: [["list string", list => ({ k: "op", op: "list_text", args: [list], elem: "string" })]],
};
describe("lists by", () => {
  test.each(Object.entries(made))("%s", (name, all) => {
    const operands = all.map(([o], k) => operand(o, `x${k}`));
    const args = operands.map((o, k) => all[k]![1](o.expr));
    // keys of the list itself, some of them equal
    if (["order", "distinct", "parted"].includes(name)) args.push(half(args[0]!));
    const columns = operands.flatMap(o => o.columns);
    const w = world(columns, drawing(8));
    const attrs = [1, 2, 3, 4].map(k => maker(name)!.sample?.(drawing(k)) ?? {});
    for (const a of attrs) {
      const types = args.map(e => {
        const c = cellOf(e, { columns, elements: [] });
        return c.k === "list" ? c.of : innerOf(c);
      });
      const of = maker(name)!.type(types, a)!;
      const made: RelExpr = { k: "listOp", op: name, args, attrs: a, of };
      // no list leaves an engine
      const ends: RelExpr = { k: "op", op: "list_length", args: [element], elem: "i32" };
      const list: RelExpr = name === "parted" ? { k: "each", list: made, of: [["", ends]] } : made;
      const r: Rel = { k: "flat", of: scan(columns), list };
      const got = byDuckdb(r, w);
      expect(got.length).toBeGreaterThan(ROWS / 4);
      expect(got).toEqual(interpreted(r, w));
    }
  });
});
