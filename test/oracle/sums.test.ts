/** Sums, means and extremes of parquet files against Python's fractions: each text that an engine is asked, and whole programs. */
import { expect, test, vi } from "vitest";
import { duckdbQuery } from "../../src/codegen/sql/duckdb.ts";
import type { Rel, RelExpr } from "../../src/ir/rel.ts";
import { UNSURE } from "../../src/ir/rel-query.ts";
import { EngineError, putRows, queryRows } from "../../src/runtime/engine/duckdb.ts";
import { seeded } from "../ir/grow.ts";
import { Project } from "./project.ts";
import { tensorsIn, type Wire, withPython } from "./python.ts";

vi.setConfig({ testTimeout: 240_000 });
type Rng = ReturnType<typeof seeded>;
const f32 = Math.fround;
interface Kind {
  readonly rows: number;
  readonly keys: number;
  readonly draw: (rng: Rng) => number;
  /** the first text that is sure: by what the file tells of its columns, by what the numbers are, or the one that always is */
  readonly by: 0 | 1 | 2;
}
const KINDS: Readonly<Record<string, Kind>> = {
  "of one sign": { rows: 20_000, keys: 5, draw: rng => f32(rng.int(1e6) / 1e4), by: 0 },
  cancelling: { rows: 20_000, keys: 3, draw: rng => f32(rng.normal()), by: 0 },
  "of one sign, many keys": { rows: 4000, keys: 900, draw: rng => f32(1 + rng.int(1e6) / 1e4), by: 1 },
  "with zeros, many keys": { rows: 4000, keys: 900, draw: rng => rng.pick([0, -0, f32(rng.normal() * 100)]), by: 1 },
  "between two numbers of f32": { rows: 3000, keys: 700, draw: rng => rng.pick([1, 1 + 2 ** -23, 3]), by: 1 },
  whole: { rows: 3000, keys: 50, draw: rng => rng.int(7) - 3, by: 1 },
  "nothing but zeros": { rows: 300, keys: 5, draw: rng => rng.pick([0, -0]), by: 1 },
  "with NaN": { rows: 3000, keys: 900, draw: rng => rng.pick([Number.NaN, 1, 2]), by: 1 },
  "with infinities": { rows: 900, keys: 90, draw: rng => rng.pick([Infinity, -Infinity, 1, 2]), by: 1 },
  "one infinity": { rows: 900, keys: 4, draw: rng => rng.pick([Infinity, 1, 2]), by: 1 },
  "of all sizes": { rows: 3000, keys: 9, draw: rng => f32(rng.normal() * 10 ** (rng.int(60) - 30)), by: 0 },
  huge: { rows: 900, keys: 9, draw: rng => f32(rng.pick([3.4e38, -3.4e38, 1, 2 ** -149])), by: 2 },
  "below the normal ones": { rows: 900, keys: 90, draw: rng => (rng.int(9) - 4) * 2 ** -149, by: 2 },
  one: { rows: 1, keys: 1, draw: () => f32(0.1), by: 1 },
  none: { rows: 0, keys: 1, draw: () => 0, by: 0 },
};
const bits = (values: ArrayLike<number>): readonly unknown[] =>
  Array.from(values, x => (Number.isNaN(x) ? "NaN" : Object.is(x, -0) ? "-0" : x));
/** the rows as a parquet file; the numbers that it has: DuckDB writes equal ones as the first of them, and 0 is equal to -0 */
function written(path: string, keys: Int32Array, values: Float32Array): Float32Array {
  const columns = [
    { type: "INTEGER", size: 0, bytes: new Uint8Array(keys.buffer) },
    { type: "FLOAT", size: 0, bytes: new Uint8Array(values.buffer) },
  ];
  putRows("sums_put", columns, keys.length);
  queryRows(`copy (select c0 as k, c1 as x from sums_put) to '${path}' (row_group_size 2048)`);
  return Float32Array.from(queryRows(`select x from '${path}' order by file_row_number`), ([v]) => Number(v));
}
const drawn = (kind: Kind, seed: number): readonly [Int32Array, Float32Array] => {
  const rng = seeded(seed);
  const keys = Int32Array.from({ length: kind.rows }, () => rng.int(kind.keys));
  return [keys, Float32Array.from(keys, () => kind.draw(rng))];
};
const wireOf = (dtype: string, values: Int32Array | Float32Array): Wire => ({
  dtype,
  shape: [values.length],
  data: Buffer.from(values.buffer).toString("base64"),
});
const x: RelExpr = { k: "column", name: "x" };
const groups = (path: string): Rel => ({
  k: "group",
  of: {
    k: "scan",
    format: "parquet",
    paths: [path],
    options: {},
    columns: [
      ["k", { k: "scalar", elem: "i32" }],
      ["x", { k: "scalar", elem: "f32" }],
    ],
  },
  keys: [["k", { k: "column", name: "k" }]],
  aggregates: [
    ["sum", { op: "sum", value: x }],
    ["mean", { op: "mean", value: x }],
  ],
});

withPython("fractions", "sums.py", ask => {
  test.each(Object.entries(KINDS))("groups %s", async (name, kind) => {
    const path = new Project().path("rows.parquet");
    const [keys, own] = drawn(kind, name.length);
    const values = written(path, keys, own);
    const want = tensorsIn(await ask("sums", { keys: wireOf("int32", keys), values: wireOf("float32", values) }));
    const { from, order, quick } = duckdbQuery(groups(path));
    const scan = `with hsc_scan0 as not materialized (select k as c0, x as c1, file_row_number as i0 from read_parquet('${path}', file_row_number = true))`;
    const sure: number[] = [];
    for (const [i, text] of [...quick!.filter(q => q.footers !== false).map(q => q.from), from].entries()) {
      let rows: readonly (readonly unknown[])[];
      try {
        rows = queryRows(`${scan} select c0, c1, c2 from ${text} ${order}`);
      } catch (e) {
        if (!(e instanceof EngineError && e.message.includes(UNSURE))) throw e;
        continue;
      }
      sure.push(i);
      const column = (k: number): readonly unknown[] => bits(rows.map(r => Number(r[k])));
      expect([i, column(0)]).toEqual([i, bits(want.get("key")!.data as Float64Array)]);
      expect([i, column(1)]).toEqual([i, bits(want.get("sum")!.data as Float64Array)]);
      expect([i, column(2)]).toEqual([i, bits(want.get("mean")!.data as Float64Array)]);
    }
    expect(quick).toHaveLength(3);
    expect([sure[0], sure.at(-1)]).toEqual([kind.by, 2]);
  });

  test.each(Object.entries(KINDS).filter(([, kind]) => kind.rows > 0))("programs %s", async (name, kind) => {
    const project = new Project();
    const [, own] = drawn(kind, name.length + 1);
    const keys = new Int32Array(own.length);
    const values = written(project.path("rows.parquet"), keys, own);
    const want = tensorsIn(await ask("sums", { keys: wireOf("int32", keys), values: wireOf("float32", values) }));
    project.run(`let d: rdd { k: i32, x: f32 } = parquet("rows.parquet")
save f32(count(d)) to "count.npy"
save sum(d, .x) to "sum.npy"
save mean(d, .x) to "mean.npy"
save min(d, .x) to "least.npy"
save max(d, .x) to "greatest.npy"
`);
    for (const [what, t] of want)
      if (what !== "key")
        expect([what, bits(project.npy(`${what}.npy`).data as Float64Array)]).toEqual([
          what,
          bits(t.data as Float64Array),
        ]);
  });
});
