/** The fuzzer by hand: `node test/fuzz/main.ts --seconds 600 [--seed n] [--count n]`. Prints what it counted and what it found. */
import { parseArgs } from "node:util";
import { WIDENS } from "../../src/runtime/wasm.ts";
import type { Failure } from "./check.ts";
import { counted, fuzz, noCounts, share, told as tell } from "./run.ts";

const MOST_UNDECIDED = 0.05;
const { values } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" }, count: { type: "string" } },
});
if (!WIDENS)
  console.log(`no 256-bit instructions by V8 ${process.versions.v8} on ${process.arch}: that level repeats 128 bits`);
const nameOf = (f: Failure): string => `${f.level}: ${f.kind}`;
const now = (): number => performance.now();
const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const count = values.count === undefined ? Number.POSITIVE_INFINITY : Number(values.count);
const until = now() + 1000 * Number(values.seconds ?? (values.count === undefined ? 60 : 1e9));
const counts = noCounts();
/** how often each level failed in each way: the first is shrunk and told, the others are counted */
const failed = new Map<string, number>();
let seed = first;
let told = 0;
for (; seed < first + count && now() < until; seed++) {
  const found = await fuzz(seed, counts, { known: f => failed.has(nameOf(f)) });
  if (found) {
    const name = nameOf(found.failure);
    if (!failed.has(name)) console.log(`${tell(found)}\n`);
    else console.log(`seed ${seed}: again ${name}`);
    failed.set(name, (failed.get(name) ?? 0) + 1);
  }
  const hundreds = Math.floor(counts.programs / 500);
  if (hundreds > told) {
    told = hundreds;
    console.log(`seed ${seed}: ${counted(counts)}`);
  }
}
const failures = [...failed.values()].reduce((a, b) => a + b, 0);
console.log(`seeds ${first} to ${seed - 1}: ${counted(counts)}, ${failures} failed`);
if (share(counts) > MOST_UNDECIDED) console.log(`more than ${100 * MOST_UNDECIDED} % are undecided`);
process.exit(failures || share(counts) > MOST_UNDECIDED ? 1 : 0);
