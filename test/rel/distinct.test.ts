/** Rows once each where all columns are their key, and none is a float: places and identities are those of the first ones. */
import { expect, test } from "vitest";
import type { Columns, Rel, RelExpr } from "../../src/ir/rel.ts";
import { seeded } from "../ir/grow.ts";
import { byDuckdb, interpreted, type World } from "./engine.ts";

const columns: Columns = [
  ["i", { k: "scalar", elem: "i32" }],
  ["n", { k: "scalar", elem: "i64" }],
  ["s", { k: "scalar", elem: "string" }],
  ["b", { k: "scalar", elem: "bool" }],
  ["x", { k: "scalar", elem: "f32" }],
];
const column = (name: string): RelExpr => ({ k: "column", name });
const rows: Rel = { k: "scan", format: "rows", paths: ["a"], options: {}, columns };
const only = (of: Rel, ...names: readonly string[]): Rel => ({
  k: "map",
  of,
  columns: names.map(n => [n, column(n)] as const),
});
const distinct = (of: Rel, ...by: readonly string[]): Rel => ({ k: "distinct", of, by: by.map(column) });
const sorted = (of: Rel, ...by: readonly string[]): Rel => ({
  k: "sort",
  of,
  by: by.map(name => ({ key: column(name), descending: name === "i" })),
});
const CASES: Readonly<Record<string, Rel>> = {
  "of integers": distinct(only(rows, "i")),
  "of texts and bools": distinct(only(rows, "s", "b")),
  "by all columns": distinct(only(rows, "i", "n"), "n", "i"),
  "by some": distinct(only(rows, "i", "n"), "i"),
  "of floats": distinct(only(rows, "x")),
  "of what is sorted": distinct(only(sorted(rows, "i", "s"), "i", "b")),
  "and numbered": { k: "number", of: distinct(only(rows, "i", "b")), column: "at" },
  "and sorted": sorted(distinct(only(rows, "i", "s")), "s"),
  "and taken": { k: "take", of: distinct(only(rows, "i")), count: 3 },
  "of pairs of rows": distinct(
    only({ k: "join", left: rows, right: only(rows, "i", "n"), on: ["i", "n"], how: "inner" }, "s"),
  ),
  "and split": { k: "split", of: distinct(only(rows, "n", "s")), place: 7, seed: "run", low: 0, high: 2 ** 31 },
};
test.each(Object.entries(CASES))("%s", (_, rel) => {
  for (let seed = 0; seed < 8; seed++) {
    const rng = seeded(seed);
    const a = Array.from({ length: rng.pick([0, 1, 30, 3000]) }, () => [
      rng.int(5),
      BigInt(rng.int(3)) * 2n ** 60n,
      rng.pick(["", "a", "A", "é", "a "]),
      rng.int(2) > 0,
      rng.pick([0, -0, 1, Number.NaN]),
    ]);
    const few = rel === CASES["of pairs of rows"] ? a.slice(0, 40) : a;
    const world: World = { scans: { a: few }, given: new Map(), seed };
    expect(byDuckdb(rel, world)).toEqual(interpreted(rel, world));
  }
});
