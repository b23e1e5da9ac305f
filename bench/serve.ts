/** hsc as one of the peers of bench/main.ts: `node bench/serve.ts threads`. Compiles a row's program where its data lie, runs it, times it. */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { peakMeter } from "../src/measure/peak.ts";
import { type Program, program, silent, stepFlops, training } from "../src/measure/program.ts";
import { steady } from "../src/measure/steady.ts";
import { play } from "../src/runtime/player.ts";
import { build } from "../src/runtime/wasm.ts";
import type { Answer, Question } from "./peer.ts";

const threads = Number(process.argv[2] ?? 2);
const peak = peakMeter(build());
const known = new Map<string, Program>();
const made = (q: Question, set: Readonly<Record<string, number>>): Program =>
  program(join(q.folder, "program.hs"), new Map(Object.entries(set).map(([k, v]) => [k, String(v)])));

/** the first steps of a training in the order of the data, or the values: what the others compare with */
async function prepare(q: Question): Promise<Answer> {
  const p = made(q, q.kind === "train" ? { batch: q.batch!, shuffled: 0, steps: q.steps } : {});
  await play(p.stage, p.module, { ...silent(p.folder), params: new Map(), threads });
  return {};
}
async function time(q: Question): Promise<Answer> {
  let p = known.get(q.id);
  if (!p) known.set(q.id, (p = made(q, q.kind === "train" ? { batch: q.batch! } : {})));
  const step = await steady(p, threads, q.seconds);
  if (!step) throw new Error(`nothing to time in ${q.program}`);
  const steps = training(p.stage.steps)?.body ?? p.stage.steps;
  return { seconds: step.best / 1000, gflop: stepFlops(p, steps, step.records) / 1e9, peak: peak() };
}
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const q = JSON.parse(line) as Question;
  const answer = await (q.ask === "time" ? time(q) : prepare(q)).catch((e: unknown) => ({ cannot: String(e) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
