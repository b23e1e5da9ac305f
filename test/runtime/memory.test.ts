/** Tables that are larger than the memory a run may take: the same results as in memory, in so many bytes, and nothing is left behind. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { ModuleMemory } from "../../src/runtime/memory.ts";
import { Spill, Window } from "../../src/runtime/spill.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "./temporary.ts";

describe("a window", () => {
  test.each([
    ["in order", (n: number) => Uint32Array.from({ length: n }, (_, i) => i)],
    ["backwards", (n: number) => Uint32Array.from({ length: n }, (_, i) => n - 1 - i)],
    ["some", (n: number) => Uint32Array.from({ length: n / 10 }, (_, i) => 10 * i + 3)],
    [
      "at random, some twice",
      (n: number) => Uint32Array.from({ length: n }, (_, i) => (Math.imul(i, 2654435761) >>> 0) % n),
    ],
  ])("holds the rows of each batch: %s", (_, order) => {
    const n = 100_000;
    const widths = [1, 2, 4, 8, 12];
    const spill = new Spill(widths.map((bytes, i) => ({ name: String(i), bytes: n * bytes })));
    const files = widths.map((bytes, i) => {
      const all = new Uint8Array(n * bytes);
      const rng = seeded(i);
      for (let k = 0; k < all.length; k++) all[k] = rng.int(256);
      writeFileSync(spill.path(String(i)), all);
      return all;
    });
    const memory = new ModuleMemory(0, true);
    const capacity = 3000;
    const columns = widths.map((bytes, i) => ({
      name: String(i),
      path: spill.path(String(i)),
      bytes,
      address: memory.allocate(capacity * bytes, ""),
    }));
    const window = new Window(memory, columns, capacity);
    spill.close();
    const rows = order(n);
    const rng = seeded(7);
    for (let start = 0; start < rows.length; ) {
      const count = Math.min(1 + rng.int(capacity), rows.length - start);
      const at = window.take(rows, start, count);
      columns.forEach(({ bytes, address }, c) => {
        const expected = Buffer.concat(
          [...rows.subarray(start, start + count)].map(r => files[c]!.subarray(r * bytes, (r + 1) * bytes)),
        );
        expect(expected.equals(memory.bytes(address + at * bytes, count * bytes)), `column ${c} from ${start}`).toBe(
          true,
        );
      });
      start += count;
    }
  });
});

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
/** standard output, the status lines, and the most memory that the process took, in bytes */
function hsc(
  folder: string,
  ...args: readonly string[]
): { readonly out: string; readonly err: string; readonly most: number } {
  const said = join(folder, "most.txt");
  const hook = join(folder, "most.mjs");
  writeFileSync(
    hook,
    `import { writeFileSync } from "node:fs"; import { isMainThread } from "node:worker_threads"; if (isMainThread) process.on("exit", () => writeFileSync(${JSON.stringify(said)}, String(1024 * process.resourceUsage().maxRSS)));`,
  );
  const r = spawnSync(process.execPath, ["--import", hook, BIN, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), TMPDIR: folder, NO_COLOR: "1" },
  });
  expect(r.status, r.stderr).toBe(0);
  return { out: r.stdout, err: r.stderr, most: Number(readFileSync(said, "utf8")) };
}
const table = (columns: number): string =>
  `rdd { ${Array.from({ length: columns }, (_, i) => `x${i}: f32`).join(", ")} }`;
const program = (columns: number): string => {
  const inputs = Array.from({ length: columns - 1 }, (_, i) => `r.x${i + 1}`).join(", ");
  return `let d: ${table(columns)} = csv("d.csv")
let good = d |> filter(r => r.x0 > 0.25)
let parts = good |> split({ train: 0.8, test: 0.2 })
model M(x: f32[${columns - 1}]) -> f32 = sum(x |> dense(8) |> tanh |> dense(1))
let net = train(M, parts.train, loss: (m, r) => mse(m([${inputs}]), r.x0), optimizer: sgd(0.05), batch: 500, epochs: 2)
print count(d)
print count(good)
print sums = good |> sum(r => r.x${columns - 1})
print loss = parts.test |> mean(r => mse(net([${inputs}]), r.x0))
print good |> shuffle |> take(20)
`;
};
const made = (folder: string, rows: number, columns: number): void => {
  const cells = Array.from(
    { length: columns },
    (_, i) => `((i * ${2 * i + 1} * 7919 + ${i}) % 1000003) / 1000003 as x${i}`,
  );
  queryRows(`copy (select ${cells.join(", ")} from range(${rows}) t(i)) to '${join(folder, "d.csv")}' (header)`);
};

test("filtered, split, shuffled, trained with: the same digits as in memory", { timeout: 240_000 }, () => {
  const folder = temporary();
  made(folder, 600_000, 8);
  writeFileSync(join(folder, "a.hs"), program(8));
  const whole = hsc(folder, "run", "a.hs");
  const parts = hsc(folder, "run", "a.hs", "--memory", "200MB");
  expect(parts.err).toContain("d.csv: 20 MB of columns lie on disk, 16 MB of them in memory at a time");
  expect(whole.err).not.toContain("on disk");
  expect(parts.out).toBe(whole.out);
  expect(Number(/^\d+/.exec(whole.out)![0])).toBe(600_000);
  expect(readdirSync(folder).filter(f => f.startsWith("hsc-"))).toEqual([]);
});

test("in groups, with numbers, sampled, in two orders: the same digits as in memory, and DuckDB's", {
  timeout: 240_000,
}, () => {
  const folder = temporary();
  const rows = 600_003;
  made(folder, rows, 8);
  writeFileSync(
    join(folder, "a.hs"),
    `let d: ${table(8)} = csv("d.csv")
let groups = d |> filter(r => r.x0 > 0.25) |> batch(7)
print count(groups)
print lasts = groups |> sum(g => f64(g.x1[6]))
print groups |> shuffle |> take(3) |> map(g => { first: g.x0[0], rest: sum(g.x7) })
print numbers = d |> filter(r => r.x0 > 0.25) |> zip_index |> sum(r => r.index % 1000)
let mixed = d |> shuffle |> zip_index
print mixed |> filter(r => r.index < 3)
print both = mixed |> sum(r => f64(r.index) * f64(r.x2))
print d |> zip_index |> map(r => { r.index, r.x3 }) |> batch(100000) |> map(g => { first: g.index[0], last: g.index[99999], x: mean(g.x3) })
print d |> sample(0.01) |> count
model M(x: f32[7]) -> f32 = sum(x |> dense(4) |> tanh |> dense(1))
let net = train(M, groups |> map(g => { x: g.x1, y: g.x2[0] }), loss: (m, r) => mse(m(r.x), r.y), optimizer: sgd(0.05), batch: 300, epochs: 2)
print net(range(7) / 7.0)
`,
  );
  const whole = hsc(folder, "run", "a.hs");
  const parts = hsc(folder, "run", "a.hs", "--memory", "200MB");
  expect(whole.err).not.toContain("on disk");
  expect(parts.err).toContain("on disk");
  expect(parts.out).toBe(whole.out);
  const [counted] = queryRows(
    `with d as (select row_number() over () - 1 as i, * from read_csv('${join(folder, "d.csv")}')),
     good as (select row_number() over (order by i) - 1 as k, * from d where x0::float > 0.25::float)
     select count(*) // 7, sum(x1::float::double) filter (k % 7 = 6), sum(k % 1000) from good`,
  );
  const [groups, lasts, numbers] = [/^\d+/, /lasts = ([\d.]+)/, /numbers = (\d+)/].map(p =>
    Number(p.exec(whole.out)!.at(-1)),
  );
  expect(groups).toBe(Number(counted![0]));
  const sum = Number(counted![1]);
  expect(Math.abs(lasts! - sum)).toBeLessThanOrEqual(groups! * 2 ** -53 * sum);
  expect(numbers).toBe(Number(counted![2]));
  expect(readdirSync(folder).filter(f => f.startsWith("hsc-"))).toEqual([]);
});

test("500 MB in less than 300 MB", { timeout: 600_000 }, () => {
  const folder = temporary();
  made(folder, 1_250_000, 20);
  writeFileSync(join(folder, "a.hs"), program(20));
  hsc(folder, "compile", "a.hs", "-o", "out");
  const { out, err, most } = hsc(folder, "run", "out", "--memory", "300MB");
  expect(err).toContain("of columns lie on disk");
  expect(out).toContain("1250000\n");
  expect(most).toBeLessThan(300e6);
});
