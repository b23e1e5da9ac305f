/**
 * Damaged programs, by hand: `node test/fuzz/mutants.ts --seconds 600 [--seed n] [--count n]`. Each is compiled and run as `hsc run` does, in a thread
 * that is ended where it takes too long: it ends well or with a message, never with an internal error. Prints what it counted and what it found.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { readGolden } from "../golden/runner/file.ts";
import { ran } from "../golden/runner/machine.ts";
import { mutant, randomOf, wordsOf } from "./mutate.ts";

const SECONDS = 10;
const golden = join(import.meta.dirname, "../golden");

/** `ended`: refused with a message, or run to its end; `internal`: neither */
type Told =
  | { readonly k: "program"; readonly seed: number; readonly text: string }
  | { readonly k: "ended"; readonly right: boolean }
  | { readonly k: "internal"; readonly error: string };
interface Job {
  /** a copy of test/golden, in which programs may write */
  readonly folder: string;
  readonly seed: number;
}
/** what no message to a user says */
const UNSPOKEN = /internal|undefined|\[object |NaN dims|Expecting|at file:/;

async function work({ folder, seed }: Job): Promise<never> {
  const programs = ["language", "errors", "limits", "passes"].flatMap(f =>
    readdirSync(join(golden, f))
      .filter(n => n.endsWith(".hs"))
      .sort()
      .map(n => readGolden(readFileSync(join(golden, f, n), "utf8")).program),
  );
  const words = programs.flatMap(wordsOf).filter(w => w.trim() !== "" && !w.startsWith("//"));
  const tell = (t: Told): void => parentPort!.postMessage(t);
  for (let s = seed; ; s++) {
    const random = randomOf(s);
    const text = mutant(programs[random(programs.length)]!, words, random);
    tell({ k: "program", seed: s, text });
    writeFileSync(join(folder, "mutant.hs"), text);
    try {
      const r = await ran({ folder, file: "mutant.hs", set: new Map(), seed: 0 });
      if (UNSPOKEN.test(r.err)) tell({ k: "internal", error: r.err });
      else tell({ k: "ended", right: r.code === 0 });
    } catch (e) {
      tell({ k: "internal", error: e instanceof Error ? (e.stack ?? e.message) : String(e) });
    }
  }
}

/** of mutants, how many ended how; `first`, `last`: seeds */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: "string" }, seed: { type: "string" }, count: { type: "string" } },
  });
  const now = (): number => performance.now();
  const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
  const count = values.count === undefined ? Number.POSITIVE_INFINITY : Number(values.count);
  const until = now() + 1000 * Number(values.seconds ?? (values.count === undefined ? 60 : 1e9));
  const counts = { right: 0, refused: 0, cut: 0, internal: 0 };
  const known = new Set<string>();
  const root = mkdtempSync(join(tmpdir(), "hsc-mutants-"));
  cpSync(golden, join(root, "golden"), { recursive: true });
  let seed = first;
  try {
    while (seed < first + count && now() < until) {
      const job: Job = { folder: join(root, "golden/language"), seed };
      const worker = new Worker(new URL(import.meta.url), { workerData: job, stderr: true, stdout: true });
      let text = "";
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve, failed) => {
        // the thread goes on until it is ended
        const done = (): void => {
          worker.removeAllListeners("message");
          resolve();
        };
        worker.on("error", failed);
        worker.on("message", (t: Told) => {
          clearTimeout(timer);
          if (t.k === "program") {
            ({ seed, text } = t);
            timer = setTimeout(() => {
              counts.cut++;
              console.log(`seed ${seed} took more than ${SECONDS} s:\n--\n${text}\n`);
              done();
            }, 1000 * SECONDS);
            return;
          }
          if (t.k === "ended") counts[t.right ? "right" : "refused"]++;
          else {
            counts.internal++;
            const kind = t.error
              .split("\n")
              .slice(0, 2)
              .join("\n")
              .replace(/[0-9]+/g, "0");
            if (!known.has(kind)) console.log(`seed ${seed}: ${t.error}\n--\n${text}\n`);
            known.add(kind);
          }
          if (seed + 1 >= first + count || now() >= until) done();
        });
      });
      await worker.terminate();
      seed++;
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const { right, refused, cut, internal } = counts;
  console.log(
    `seeds ${first} to ${seed - 1}: ${right} ran, ${refused} refused with a message, ${cut} took more than ${SECONDS} s, ${internal} internal errors`,
  );
  process.exit(internal ? 1 : 0);
}

if (isMainThread) await main();
else await work(workerData as Job); // main starts it with nothing else
