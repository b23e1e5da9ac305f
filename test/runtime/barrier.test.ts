/** Phases shared among threads: each item once, nobody left behind, whoever is late, asleep or broken. */
import { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { lead, makeControl, stop } from "../../src/runtime/barrier.ts";
import { act, COUNTS, GATE, type Orders, sleep } from "./barrier-thread.ts";

vi.setConfig({ testTimeout: 60_000 });
const ITEMS = 64;
interface Crew extends Orders {
  readonly threads: number;
  readonly ended: Promise<unknown>;
}
/** the caller and `threads` - 1 others, who have arrived at the gate */
async function crew(threads: number, dawdles: number, open = true): Promise<Crew> {
  const control = makeControl(threads);
  const words = new Int32Array(new SharedArrayBuffer(4 * (COUNTS + ITEMS)));
  words[GATE] = open ? 1 : 0;
  const others = Array.from({ length: threads - 1 }, (_, i) => {
    const workerData: Orders = { control, words, number: i + 1, dawdles };
    return new Worker(new URL("./barrier-thread.ts", import.meta.url), { workerData });
  });
  const ended = Promise.all(others.map(w => new Promise(done => w.on("exit", done))));
  onTestFinished(async () => {
    stop(control);
    Atomics.store(words, GATE, 1);
    Atomics.notify(words, GATE);
    await ended;
  });
  await Promise.all(others.map(w => new Promise(done => w.on("message", done))));
  return { control, words, number: 0, dawdles, threads, ended };
}
const doPhase = (c: Crew, items: number, phase = 0, deadline = 30_000): string | undefined =>
  lead(c.control, { phase, items, records: 0 }, c.threads, act(c), deadline);
const counts = (c: Crew): readonly number[] => [...c.words.subarray(COUNTS)];
const expected = (items: number): readonly number[] => Array.from({ length: ITEMS }, (_, i) => (i < items ? 1 : 0));

describe.each([1, 2, 3, 7])("%i threads", threads => {
  test.each([
    ["in haste", 0, 3000],
    ["that dawdle", 40, 300],
  ])("%s do each item once, and all of a phase before the next", async (_, dawdles, phases) => {
    const c = await crew(threads, dawdles);
    for (let k = 0; k < phases; k++) {
      const items = (k * 37) % (ITEMS + 1);
      expect(doPhase(c, items)).toBeUndefined();
      expect(counts(c)).toEqual(expected(items));
      c.words.fill(0, COUNTS);
      // long enough for the others to fall asleep
      if (k % 100 === 99) sleep(2);
    }
  });
});
test("a thread that never comes is not waited for, and joins when it does", async () => {
  const c = await crew(2, 0, false);
  for (let k = 0; k < 100; k++) expect(doPhase(c, ITEMS)).toBeUndefined();
  expect(counts(c)).toEqual(Array(ITEMS).fill(100));
  Atomics.store(c.words, GATE, 1);
  Atomics.notify(c.words, GATE);
  // phase 1 fails in any thread but the caller's: it has come when it does
  let wrong: string | undefined;
  for (const until = Date.now() + 20_000; wrong === undefined && Date.now() < until; sleep(1))
    wrong = doPhase(c, ITEMS, 1);
  expect(wrong).toBe("Error: thread 1 met a trap");
});
test("a thread that does not come back is named by the deadline", async () => {
  const c = await crew(2, 0);
  let wrong: string | undefined;
  for (let k = 0; wrong === undefined && k < 10_000; k++) wrong = doPhase(c, ITEMS, 2, 50);
  expect(wrong).toBe("no end within 0.05 s");
});
test("threads end when they are told to", async () => {
  const c = await crew(3, 0);
  stop(c.control);
  expect(await c.ended).toEqual([0, 0]);
});
