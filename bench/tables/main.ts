/**
 * `node bench/tables/main.ts [--only csv] [--rounds 7] [--rows 2000000] [--python path]`: tables beside DuckDB, polars and PyTorch (or JAX), as the python
 * (HSC_BENCH_PYTHON) has them; asked in turns, each in a process of its own with the same two threads.
 * csv: 11 numeric columns to f32 columns in memory. mixed: days, categories, quoted texts and numbers to columns. group: a mean per key, from parquet to memory; keys: of ten rows each. mlp: csv, features, one epoch of a small net.
 * filter, texts, semi, distinct: rows of parquet that are chosen by a number, by a text, by having a partner, by being the first; a sum of them.
 * What is computed is compared before a time is printed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "7" },
    rows: { type: "string", default: "2000000" },
    threads: { type: "string", default: "2" },
    python: { type: "string", default: process.env["HSC_BENCH_PYTHON"] ?? "" },
  },
});
interface Answer {
  readonly seconds: number;
  /** of what was computed, in f64; of a net nothing, which everybody draws for himself */
  readonly sums: readonly number[];
}
interface Peer {
  readonly name: string;
  readonly ask: () => Promise<Answer>;
  readonly child: ChildProcess;
}
interface Case {
  readonly what: string;
  readonly rows: number;
  readonly file: string;
  readonly sql: string;
  readonly peers: readonly string[];
}
const COLUMNS = 11;
const rows = Number(values.rows);
const numbers = Array.from(
  { length: COLUMNS },
  (_, k) => `round((random() + random() + random() - 1.5) * ${10 ** (k % 4)}, 4) as x${k}`,
);
const CASES: readonly Case[] = [
  {
    what: "csv",
    rows,
    file: "rows.csv",
    sql: `select ${numbers.join(", ")}`,
    peers: ["hsc", "duckdb", "polars"],
  },
  {
    what: "mixed",
    rows: rows / 2,
    file: "mixed.csv",
    sql: `select date '2000-01-01' + (random() * 9000)::integer as day, 'city ' || (random() * 300)::integer as city,
      case when random() < 0.1 then 'two' || chr(10) || 'lines, "quoted"' else 'word ' || (random() * 5000)::integer end as note, round(random() * 100, 2) as x`,
    peers: ["hsc", "duckdb", "polars"],
  },
  {
    what: "group",
    rows: 5 * rows,
    file: "rows.parquet",
    sql: "select (random() * 1000)::integer as k, round(random() * 100, 4)::float as x",
    peers: ["hsc", "duckdb", "polars"],
  },
  {
    what: "keys",
    rows,
    file: "rows.parquet",
    sql: `select (random() * ${rows / 10})::integer as k, round(random() * 100, 4)::float as x`,
    peers: ["hsc", "duckdb"],
  },
  ...["filter", "texts", "semi", "distinct"].map(
    (what): Case => ({
      what,
      rows,
      file: "rows.parquet",
      sql: `select (random() * ${rows / 10})::integer as id, round(random() * 100, 4)::float as x, 'city ' || (random() * 300)::integer as s`,
      peers: ["hsc", "duckdb"],
    }),
  ),
  {
    what: "mlp",
    rows: rows / 4,
    file: "rows.csv",
    sql: `select ${numbers.map(c => c.replace(/ \* 10*,/, ",")).join(", ")}`,
    peers: ["hsc", "torch", "jax"],
  },
];
const here = import.meta.dirname;
const say = (cells: readonly string[]): void =>
  void process.stdout.write(`${cells.map((c, i) => (i ? c.padStart(14) : c.padEnd(16))).join("")}\n`);

/** undefined, and a line, where the python has not what it needs */
async function start(name: string, what: string, path: string): Promise<Peer | undefined> {
  const own = name === "hsc" || name === "duckdb";
  if (!own && !values.python) return undefined;
  const command = own ? process.execPath : values.python;
  const child = spawn(command, [join(here, own ? "serve.ts" : "peer.py"), name, what, path, values.threads], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, POLARS_MAX_THREADS: values.threads, OMP_NUM_THREADS: values.threads },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).done) {
    say([`${what}: no ${name}`]);
    return undefined;
  }
  const ask = async (): Promise<Answer> => {
    child.stdin.write("\n");
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended`);
    return JSON.parse(value);
  };
  return { name, ask, child };
}
function expectAlike(first: readonly Answer[], peers: readonly Peer[]): void {
  first.forEach(({ sums }, i) => {
    sums.forEach((x, k) => {
      const expected = first[0]!.sums[k]!;
      // sums of f32 in some order; columns whose sum is near 0 by 1e-6 of a number per row
      if (Math.abs(x - expected) > 1e-5 * Math.abs(expected) + 1e-6 * rows)
        throw new Error(`${peers[i]!.name} has the sum ${x} where hsc has ${expected}`);
    });
  });
}
async function measure(c: Case, folder: string): Promise<void> {
  const path = join(folder, c.file);
  queryRows(`copy (${c.sql} from range(${c.rows})) to '${path}' ${c.file.endsWith(".csv") ? "(header)" : ""}`);
  const started: (Peer | undefined)[] = [];
  for (const name of c.peers) started.push(await start(name, c.what, path));
  const peers = started.filter(p => p !== undefined);
  // the first round warms up, and tells whether all compute the same
  const first: Answer[] = [];
  for (const p of peers) first.push(await p.ask());
  expectAlike(first, peers);
  const times = peers.map((): number[] => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, p] of peers.entries()) times[i]!.push((await p.ask()).seconds);
  const sorted = times.map(t => t.toSorted((a, b) => a - b));
  say([`${c.what} ${(statSync(path).size / 1e6).toFixed(0)} MB`, "best ms", "median ms", "/ hsc best", "/ hsc median"]);
  sorted.forEach((t, i) => {
    const at = (q: number): readonly [own: number, hsc: number] => [t[q]!, sorted[0]![q]!];
    const [best, median] = [at(0), at(t.length >> 1)];
    const ratio = ([x, hsc]: readonly [number, number]): string => (x / hsc).toFixed(2);
    say([peers[i]!.name, (best[0] * 1e3).toFixed(0), (median[0] * 1e3).toFixed(0), ratio(best), ratio(median)]);
  });
  for (const p of peers) p.child.stdin!.end();
  rmSync(path);
}
const folder = mkdtempSync(join(tmpdir(), "hsc-bench-"));
try {
  for (const c of CASES) if (!values.only || c.what === values.only) await measure(c, folder);
} finally {
  rmSync(folder, { recursive: true });
}
