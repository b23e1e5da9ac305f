/** The fuzzer by hand: `node test/fuzz/main.ts --seconds 600 [--seed n] [--count n]`. Prints what it counted and what it found. */
import { parseArgs } from "node:util";
import { counted, type Found, fuzz, noCounts, share, told } from "./run.ts";

const MOST_UNDECIDED = 0.05;
const { values } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" }, count: { type: "string" } },
});
const now = (): number => performance.now();
const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const count = values.count === undefined ? Number.POSITIVE_INFINITY : Number(values.count);
const until = now() + 1000 * Number(values.seconds ?? (values.count === undefined ? 60 : 1e9));
const counts = noCounts();
const found: Found[] = [];
let seed = first;
let hundreds = 0;
for (; seed < first + count && now() < until; seed++) {
  const f = await fuzz(seed, counts, { now });
  if (f) {
    found.push(f);
    console.log(`${told(f)}\n`);
  }
  const done = Math.floor(counts.programs / 500);
  if (done > hundreds) {
    hundreds = done;
    console.log(`seed ${seed}: ${counted(counts)}`);
  }
}
console.log(`seeds ${first} to ${seed - 1}: ${counted(counts)}, ${found.length} failed`);
if (share(counts) > MOST_UNDECIDED) console.log(`more than ${100 * MOST_UNDECIDED} % are undecided`);
process.exit(found.length || share(counts) > MOST_UNDECIDED ? 1 : 0);
