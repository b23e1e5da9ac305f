/** Sums of f32, which are exact: whatever takes them, in whatever order, gives the same bits. */
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
function expectAlike(table: World["scans"][string]): void {
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
  "with what is none": rng => f32(rng.pick([rng.normal(), 1, Number.NaN, Infinity, -Infinity, 0, -0, 3e38, 1e-45])),
  "large in f32": rng => f32(rng.pick([3.4e38, -3.4e38, 1e38, 1])),
  zeros: rng => rng.pick([0, -0]),
};
test.each(Object.keys(KINDS))("%s", kind => {
  for (let seed = 0; seed < 12; seed++) {
    const rng = seeded(seed);
    expectAlike(Array.from({ length: rng.int(300) }, () => [rng.int(9), KINDS[kind]!(rng)]));
  }
});
test("of more rows than one thread takes", { timeout: 120_000 }, () => {
  for (const kind of ["of one sign", "around 0"]) {
    const rng = seeded(1);
    expectAlike(Array.from({ length: 400_000 }, () => [rng.int(3), KINDS[kind]!(rng)]));
  }
});
test("is not sure of what lies just between two numbers of f32, or may", () => {
  const [quick] = duckdbQuery(means).quick!;
  const asked = (values: readonly number[]) => {
    const cells = values.map((v, i) => `(1, '${v}'::float, ${i}::bigint)`).join(", ");
    queryRows(`create or replace temp view hsc_scan0 as select * from (values ${cells}) t(c0, c1, i0)`);
    return queryRows(`select c0, c1, c2 from ${quick!.from}`);
  };
  expect(asked([1, 2.5])).toEqual([[1, 1.75, 3.5]]);
  for (const values of [
    [1, 1 + 2 ** -23],
    [1, -1],
    [1, Infinity],
  ])
    expect(() => asked(values)).toThrow(UNSURE);
});
test("integers as f64 are added in any order while that is exact, else in theirs", () => {
  const whole = { k: "op", op: "cast", args: [{ k: "column", name: "n" }], elem: "f64" } as const;
  const sums: Rel = {
    k: "group",
    of: { k: "scan", format: "rows", paths: ["a"], options: {}, columns: [["n", { k: "scalar", elem: "i64" }]] },
    keys: [],
    aggregates: [
      ["sum", { op: "sum", value: whole }],
      ["mean", { op: "mean", value: whole }],
    ],
  };
  const draws: readonly ((rng: ReturnType<typeof seeded>) => bigint)[] = [
    rng => BigInt(rng.int(1000) - 500),
    // their sums are rounded: to what their order says
    rng => BigInt(rng.int(1000)) * rng.pick([1n, -1n, 2n ** 52n, -(2n ** 53n)]),
    rng => rng.pick([2n ** 63n - 1n, -(2n ** 63n), 1n]),
  ];
  for (const draw of draws)
    for (const length of [0, 1, 2, 3000]) {
      const rng = seeded(length);
      const world: World = { scans: { a: Array.from({ length }, () => [draw(rng)]) }, given: new Map(), seed: 0 };
      expect(byDuckdb(sums, world)).toEqual(interpreted(sums, world));
    }
  const [quick] = duckdbQuery(sums).quick!;
  queryRows("create or replace temp view hsc_scan0 as select 1 + 2 ** 52::bigint as c0, 0 as i0");
  expect(() => queryRows(`select c0 from ${quick!.from}`)).toThrow(UNSURE);
});
test.each([
  ["ties to even, above", [1, 1 + 2 ** -23], 2],
  ["ties to even, below", [1 + 2 ** -23, 1 + 2 ** -22], 2 + 2 ** -21],
  ["a tie of what f64 has of it", [2 ** 25, 2, 2 ** -149], 2 ** 25],
  ["what is left when large numbers are gone", [3.4028234663852886e38, 2 ** -149, -3.4028234663852886e38], 2 ** -149],
  ["of one infinity", [1, Infinity, 2], Infinity],
  ["of both", [Infinity, 1, -Infinity], Number.NaN],
  ["beyond f32", [3.4e38, 3.4e38].map(f32), Infinity],
  ["nothing is left", [-1, 1, -0], 0],
])("sums are exact and rounded twice: %s", (_, values, expected) => {
  for (const own of [values, values.toReversed()]) {
    const world: World = { scans: { a: own.map(v => [1, v]) }, given: new Map(), seed: 0 };
    for (const rows of [interpreted(means, world), byDuckdb(means, world)]) expect(rows[0]!.cells[2]).toBe(expected);
  }
});
