/** hsc as one of the peers of bench/main.ts: `node bench/serve.ts threads`. Compiles a row's program where its data lie, runs it, times it. */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Subject, stepFlops, subject } from "../src/bench.ts";
import { peak } from "../src/peak.ts";
import { steady } from "../src/runtime/measure/steady.ts";
import { play } from "../src/runtime/player.ts";
import type { Answer, Question } from "./peer.ts";

const threads = Number(process.argv[2] ?? 2);
const meter = peak();
const known = new Map<string, Subject>();
async function made(q: Question, set: Readonly<Record<string, number>>): Promise<Subject> {
  const values = new Map(Object.entries(set).map(([k, v]) => [k, String(v)]));
  const s = await subject(join(q.folder, "program.hs"), values);
  if (!s) throw new Error(`${q.program} compiles to nothing`);
  return s;
}
/** the first steps of a training in the order of the data, or the values: what the others compare with */
async function prepare(q: Question): Promise<Answer> {
  const s = await made(q, q.kind === "train" ? { batch: q.batch!, shuffled: 0, steps: q.steps } : {});
  await play(s.stage, s.module, { ...s.options, threads });
  return {};
}
async function time(q: Question): Promise<Answer> {
  let s = known.get(q.id);
  if (!s) known.set(q.id, (s = await made(q, q.kind === "train" ? { batch: q.batch! } : {})));
  const step = await steady(s, threads, q.seconds);
  if (!step) throw new Error(`nothing to time in ${q.program}`);
  return { seconds: step.best / 1000, gflop: stepFlops(s, step.records) / 1e9, peak: meter() };
}
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const q = JSON.parse(line) as Question;
  if (q.ask === "forget") known.delete(q.id);
  const work = q.ask === "time" ? time(q) : q.ask === "prepare" ? prepare(q) : Promise.resolve({});
  const answer = await work.catch((e: unknown) => ({ cannot: String(e) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
