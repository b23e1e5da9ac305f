/**
 * `node bench/tables/main.ts [--rounds 7] [--rows 2000000] [--python path]`: a csv of 11 numeric columns to f32 columns in memory, by hsc, DuckDB and, where
 * the python (HSC_BENCH_PYTHON) has it, polars; asked in turns, each in a process of its own with the same two threads. Sums of all columns are
 * compared before a time is printed.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    rows: { type: "string", default: "2000000" },
    threads: { type: "string", default: "2" },
    python: { type: "string", default: process.env["HSC_BENCH_PYTHON"] ?? "" },
  },
});
interface Answer {
  readonly seconds: number;
  /** of each column, in f64 */
  readonly sums: readonly number[];
}
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), "hsc-bench-"));
const path = join(folder, "rows.csv");
const COLUMNS = 11;
const cells = Array.from(
  { length: COLUMNS },
  (_, k) => `round((random() + random() + random() - 1.5) * ${10 ** (k % 4)}, 4) as x${k}`,
);
try {
  queryRows(`copy (select ${cells.join(", ")} from range(${Number(values.rows)})) to '${path}' (header)`);
  const bytes = statSync(path).size;
  const own = (name: string) => ({ name, command: process.execPath, args: [join(here, "serve.ts"), name] });
  const all = [own("hsc"), own("duckdb")];
  if (values.python) all.push({ name: "polars", command: values.python, args: [join(here, "polars_peer.py")] });
  const peers = all.map(({ name, command, args }) => {
    const child = spawn(command, [...args, path, String(COLUMNS), values.threads], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, POLARS_MAX_THREADS: values.threads },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (): Promise<Answer> => {
      child.stdin.write("\n");
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended`);
      return JSON.parse(value);
    };
    return { name, ask, end: () => child.stdin.end(), times: [] as number[] };
  });
  // the first round warms up, and tells whether all read the same
  const first = await inTurn(peers, p => p.ask());
  first.forEach(({ sums }, i) => {
    sums.forEach((x, k) => {
      const expected = first[0]!.sums[k]!;
      if (Math.abs(x - expected) > 1e-9 * Math.abs(expected) + 1e-6)
        throw new Error(`column ${k}: ${peers[i]!.name} has the sum ${x}, hsc ${expected}`);
    });
  });
  for (let round = 0; round < Number(values.rounds); round++)
    for (const p of peers) p.times.push((await p.ask()).seconds);
  const sorted = peers.map(p => p.times.toSorted((a, b) => a - b));
  const [hsc] = sorted;
  const say = (cells: readonly string[]): void =>
    void process.stdout.write(`${cells.map(c => c.padStart(12)).join("")}\n`);
  say([`${(bytes / 1e6).toFixed(0)} MB`, "best ms", "median ms", "GB/s", "/ hsc best", "/ hsc median"]);
  sorted.forEach((t, i) => {
    const [best, median] = [t[0]!, t[t.length >> 1]!];
    const ratio = (x: number, to: number): string => (x / to).toFixed(2);
    say([
      peers[i]!.name,
      (best * 1e3).toFixed(0),
      (median * 1e3).toFixed(0),
      (bytes / best / 1e9).toFixed(2),
      ratio(best, hsc![0]!),
      ratio(median, hsc![t.length >> 1]!),
    ]);
  });
  for (const p of peers) p.end();
} finally {
  rmSync(folder, { recursive: true });
}
async function inTurn<T, R>(of: readonly T[], f: (x: T) => Promise<R>): Promise<readonly R[]> {
  const out: R[] = [];
  for (const x of of) out.push(await f(x));
  return out;
}
