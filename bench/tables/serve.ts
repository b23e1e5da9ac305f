/** `serve.ts hsc|duckdb file columns threads`: reads the file once for each line of its input; a line of JSON with the seconds it took, and the sums. */
import { createInterface } from "node:readline";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { makeStrings } from "../../src/runtime/strings.ts";

const [who, path, count, threads] = process.argv.slice(2) as [string, string, string, string]; // as: main.ts gives four
const names = Array.from({ length: Number(count) }, (_, k) => `x${k}`);

/** into the memory of kernels, which is empty at first */
function hsc(): readonly [seconds: number, sums: readonly number[]] {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const places = new Map<string, number>();
  let top = 0;
  const started = performance.now();
  const options = { columns: names.map(n => [n, "f32", [], false]), threads: Number(threads) };
  const { rows } = formatOf("csv").rows!(
    [path],
    options,
    (name, bytes) => {
      const at = places.get(name) ?? top;
      if (!places.has(name)) top += Math.ceil(bytes / 64) * 64;
      places.set(name, at);
      const missing = Math.ceil((top - memory.buffer.byteLength) / 65536);
      if (missing > 0) memory.grow(missing);
      return new Uint8Array(memory.buffer, at, bytes);
    },
    makeStrings([]),
  );
  const seconds = (performance.now() - started) / 1000;
  return [seconds, names.map(n => new Float32Array(memory.buffer, places.get(n)!, rows).reduce((a, b) => a + b, 0))];
}
/** its own reader, told the types, into a table in memory */
function duckdb(): readonly [seconds: number, sums: readonly number[]] {
  const types = names.map(n => `'${n}': 'FLOAT'`).join(", ");
  const started = performance.now();
  queryRows(`create or replace table t as select * from read_csv('${path}', header = true, columns = {${types}})`);
  const seconds = (performance.now() - started) / 1000;
  const sums = queryRows(`select ${names.map(n => `sum(${n}::double)`).join(", ")} from t`)[0]!;
  return [seconds, sums.map(Number)];
}
queryRows(`set threads = ${Number(threads)}`);
for await (const _ of createInterface({ input: process.stdin })) {
  const [seconds, sums] = who === "hsc" ? hsc() : duckdb();
  process.stdout.write(`${JSON.stringify({ seconds, sums })}\n`);
}
process.exit(0);
