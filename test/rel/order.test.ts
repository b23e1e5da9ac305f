/** Sums of f32 that threads take in any order: the bits of the rows' order, or none. */
import { expect, test } from "vitest";
import { duckdbQuery } from "../../src/codegen/sql/duckdb.ts";
import type { Rel } from "../../src/ir/rel.ts";
import { UNSURE } from "../../src/ir/rel-query.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { seeded } from "../ir/grow.ts";
import { byDuckdb, interpreted, type World } from "./engine.ts";

const x = { k: "column", name: "x" } as const;
const kept = { k: "op", op: "gt", args: [x, { k: "const", elem: "f32", value: 0.5 }], elem: "bool" } as const;
const rows: Rel = {
  k: "scan",
  format: "rows",
  paths: ["a"],
  options: {},
  columns: [
    ["k", { k: "scalar", elem: "i32" }],
    ["x", { k: "scalar", elem: "f32" }],
  ],
};
const means: Rel = {
  k: "group",
  of: rows,
  keys: [["k", { k: "column", name: "k" }]],
  aggregates: [
    ["mean", { op: "mean", value: x }],
    ["sum", { op: "sum", value: x }],
    ["some", { op: "mean", value: x, where: kept }],
    ["less", { op: "sum", value: x, where: kept }],
  ],
};
const bits = (cells: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] =>
  cells.map(row => row.map(c => (typeof c === "number" && !Number.isNaN(c) ? [c, Object.is(c, -0)] : String(c))));
function expectRowsOrder(table: World["scans"][string]): void {
  const world: World = { scans: { a: table }, given: new Map(), seed: 0 };
  const [own, other] = [interpreted(means, world), byDuckdb(means, world)].map(r => bits(r.map(({ cells }) => cells)));
  expect(other).toEqual(own);
}
const f32 = Math.fround;
const KINDS: Readonly<Record<string, (rng: ReturnType<typeof seeded>) => number>> = {
  "of one sign": rng => f32(rng.int(1e6) / 1e4),
  "around 0": rng => f32(rng.normal()),
  "of all sizes": rng => f32(rng.normal() * 10 ** (rng.int(60) - 30)),
  whole: rng => rng.int(7) - 3,
  "with what is none": rng => rng.pick([f32(rng.normal()), 1, Number.NaN, Infinity, -Infinity, 0, -0, 3e38, 1e-45]),
  "large in f32": rng => f32(rng.pick([3.4e38, -3.4e38, 1e38, 1])),
  zeros: rng => rng.pick([0, -0]),
};
test.each(Object.keys(KINDS))("%s", kind => {
  for (let seed = 0; seed < 12; seed++) {
    const rng = seeded(seed);
    expectRowsOrder(Array.from({ length: rng.int(300) }, () => [rng.int(9), KINDS[kind]!(rng)]));
  }
});
test("of more rows than one thread takes", { timeout: 120_000 }, () => {
  for (const kind of ["of one sign", "around 0"]) {
    const rng = seeded(1);
    expectRowsOrder(Array.from({ length: 400_000 }, () => [rng.int(3), KINDS[kind]!(rng)]));
  }
});
test("takes the few groups of which it is not sure in the order of the rows", () => {
  const rng = seeded(3);
  const table = Array.from({ length: 4000 }, (_, i) => [i % 200, f32(rng.int(1e6) / 1e4)] as const);
  const between = [1, 1 + 2 ** -23].map(x => [200, x] as const);
  expectRowsOrder([...table, ...between]);
  const cells = [...table, ...between].map(([k, x], i) => `(${k}, '${x}'::float, ${i}::bigint)`).join(", ");
  queryRows(`create or replace temp view hsc_scan0 as select * from (values ${cells}) t(c0, c1, i0)`);
  const found = queryRows(`select c1, c2 from ${duckdbQuery(means).quick} where c0 = 200`);
  expect(found).toEqual([[1, 2]]); // to even
});
test("is not sure of what lies just between two numbers of f32", () => {
  const { quick } = duckdbQuery(means);
  const asked = (values: readonly number[]) => {
    const cells = values.map((v, i) => `(1, '${v}'::float, ${i}::bigint)`).join(", ");
    queryRows(`create or replace temp view hsc_scan0 as select * from (values ${cells}) t(c0, c1, i0)`);
    return queryRows(`select c0, c1, c2 from ${quick}`);
  };
  expect(asked([1, 2.5])).toEqual([[1, 1.75, 3.5]]);
  expect(() => asked([1, 1 + 2 ** -23])).toThrow(UNSURE);
  // the bound knows no more than how large they are
  expect(() => asked([1, -1])).toThrow(UNSURE);
});
