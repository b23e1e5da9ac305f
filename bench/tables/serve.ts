/** `serve.ts hsc|duckdb case file threads`: does it once for each line of its input; a line of JSON with the seconds it took, and sums of what it computed. */
import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { subject } from "../../src/bench.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { play } from "../../src/runtime/player.ts";
import { makeStrings } from "../../src/runtime/strings.ts";

const [who, what, path, threads] = process.argv.slice(2) as [string, string, string, string]; // as: main.ts gives four
const names = Array.from({ length: 11 }, (_, k) => `x${k}`);
const MIXED = { day: "time", city: "string", note: "string", x: "f64" };
interface Done {
  readonly seconds: number;
  readonly sums: readonly number[];
}
const since = (started: number): number => (performance.now() - started) / 1000;

/** into the memory of kernels, which is empty at first */
function columns(): Done {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const places = new Map<string, number>();
  let top = 0;
  const room = (name: string, bytes: number): Uint8Array => {
    const at = places.get(name) ?? top;
    if (!places.has(name)) top += Math.ceil(bytes / 64) * 64;
    places.set(name, at);
    const missing = Math.ceil((top - memory.buffer.byteLength) / 65536);
    if (missing > 0) memory.grow(missing);
    return new Uint8Array(memory.buffer, at, bytes);
  };
  const around = {
    files: (paths: readonly string[]) => paths,
    seed: 0,
    given: () => {
      throw new Error("nothing is given to a file");
    },
  };
  const started = performance.now();
  const stores = what === "mixed" ? Object.entries(MIXED) : names.map(n => [n, "f32"]);
  const options = { columns: stores.map(([n, s]) => [n, s, [], false]), threads: Number(threads) };
  const { rows } = formatOf("csv").rows!([path], options, room, makeStrings([]), around);
  const seconds = since(started);
  if (what === "mixed")
    return { seconds, sums: [new Float64Array(memory.buffer, places.get("x")!, rows).reduce((a, b) => a + b, 0)] };
  return {
    seconds,
    sums: names.map(n => new Float32Array(memory.buffer, places.get(n)!, rows).reduce((a, b) => a + b, 0)),
  };
}
const TABLE = `let d: rdd { id: i32, x: f32, s: string } = parquet("${basename(path)}")
`;
const MEANS = `select sum(m) from (select k, avg(x) as m from '${path}' group by k)`;
const QUERIES: Readonly<Record<string, string>> = {
  group: MEANS,
  keys: MEANS,
  filter: `select sum(id::double) from '${path}' where x > 50`,
  texts: `select sum(id::double) from '${path}' where contains(upper(s), 'Y 1')`,
  semi: `select sum(id::double) from '${path}' semi join (select id from '${path}' where x > 99) using (id)`,
  distinct: `select sum(id::double) from (select distinct id from '${path}')`,
};
const MEANS_OF_KEYS = `let d: rdd { k: i32, x: f32 } = parquet("${basename(path)}")
print d |> group_by(.k, g => { m: mean(g, .x) }) |> sum(.m)
`;
const PROGRAMS: Readonly<Record<string, string>> = {
  group: MEANS_OF_KEYS,
  keys: MEANS_OF_KEYS,
  filter: `${TABLE}print d |> filter(r => r.x > 50) |> sum(r => f64(r.id))
`,
  texts: `${TABLE}print d |> filter(r => contains(upper(r.s), "Y 1")) |> sum(r => f64(r.id))
`,
  semi: `${TABLE}print d |> join(d |> filter(r => r.x > 99), on: "id", how: "semi") |> sum(r => f64(r.id))
`,
  distinct: `${TABLE}print d |> map(r => { r.id }) |> distinct |> sum(r => f64(r.id))
`,
  mlp: `let d: rdd { ${names.map(n => `${n}: f32`).join(", ")} } = csv("${basename(path)}")
model M(x: f32[10]) -> f32[1] = x |> dense(64) |> relu |> dense(32) |> relu |> dense(1)
let net = train(M, d, loss: (m, r) => mse(m([${names.slice(1).join(", ").replaceAll("x", "r.x")}] * 2), [r.x0]),
  optimizer: sgd(0.01), batch: 256, epochs: 1, shuffle: false)
print net(zeros([10]))
`,
};
/** a program that was compiled before: from its files to its end */
async function program(text: string): Promise<() => Promise<Done>> {
  const file = join(dirname(path), `${what}.hs`);
  writeFileSync(file, text);
  const s = await subject(file, new Map());
  if (!s) throw new Error("the program is wrong");
  return async () => {
    let printed = "";
    const started = performance.now();
    await play(s.stage, s.module, { ...s.options, threads: Number(threads), print: t => void (printed = t) });
    const seconds = since(started);
    return { seconds, sums: QUERIES[what] ? [Number(printed)] : [] };
  };
}
/** its own readers, told the types; its own means */
function duckdb(): Done {
  const types = names.map(n => `'${n}': 'FLOAT'`).join(", ");
  const started = performance.now();
  const query = QUERIES[what];
  if (query) {
    const [sum] = queryRows(query)[0]!;
    return { seconds: since(started), sums: [Number(sum)] };
  }
  const mixed = "'day': 'DATE', 'city': 'VARCHAR', 'note': 'VARCHAR', 'x': 'DOUBLE'";
  const columns = what === "mixed" ? mixed : types;
  queryRows(`create or replace table t as select * from read_csv('${path}', header = true, columns = {${columns}})`);
  const seconds = since(started);
  if (what === "mixed") return { seconds, sums: queryRows("select sum(x) from t")[0]!.map(Number) };
  return {
    seconds,
    sums: queryRows(`select ${names.map(n => `sum(${n}::double)`).join(", ")} from t`)[0]!.map(Number),
  };
}
queryRows(`set threads = ${Number(threads)}`);
const once = who === "duckdb" ? duckdb : what === "csv" || what === "mixed" ? columns : await program(PROGRAMS[what]!);
process.stdout.write("ready\n");
for await (const _ of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await once())}\n`);
process.exit(0);
