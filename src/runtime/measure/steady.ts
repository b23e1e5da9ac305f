/** What a step takes while a stage is played as ever: all threads, feeds and copies included. Knows no kernel. */
import type { Slot } from "../../ir/plan.ts";
import { phasesIn, training } from "../../ir/plan-walk.ts";
import { addressOf } from "../inputs.ts";
import { play, playOn } from "../player.ts";
import { sizeAt } from "../size.ts";
import type { Progress } from "../status.ts";
import { makeTeam } from "../team.ts";
import { instantiate } from "../wasm.ts";
import { Enough, type Measured, mute } from "./steps.ts";

export interface Steady {
  /** milliseconds of a step: the best mean over a chunk */
  readonly best: number;
  /** of a step; 0 where nothing has records */
  readonly records: number;
}
/** milliseconds that steps are measured together at least */
const CHUNK = 3;

/** of a step of the training, else of all phases that are in no loop; undefined: the program has neither */
export async function steady(m: Measured, threads: number, seconds: number): Promise<Steady | undefined> {
  if (training(m.stage.steps)) return trips(m, threads, seconds);
  if (m.stage.steps.some(s => s.k === "loop") || !phasesIn(m.stage.steps).length) return undefined;
  return { best: await repeated(m, threads, seconds), records: 0 };
}
async function trips(m: Measured, threads: number, seconds: number): Promise<Steady> {
  const batch = training(m.stage.steps)!.over!.batch;
  let best = Number.POSITIVE_INFINITY;
  let end = Number.POSITIVE_INFINITY;
  let started = 0;
  let steps = 0;
  let before = 0;
  const show = (p: () => Progress): void => {
    const now = performance.now();
    if (end === Number.POSITIVE_INFINITY) end = now + 1000 * seconds;
    if (now > end && best < Number.POSITIVE_INFINITY) throw new Enough();
    steps++;
    if (started && now - started < CHUNK) return;
    const { records = 0 } = p();
    // a pass ends with a smaller batch
    if (started && records - before === steps * batch) best = Math.min(best, (now - started) / steps);
    before = records;
    steps = 0;
    started = performance.now();
  };
  try {
    await play(mute(m.stage), m.module, { ...m.options, status: { ...m.options.status, show }, threads });
  } catch (e) {
    if (!(e instanceof Enough)) throw e;
  }
  return { best, records: batch };
}
/** a program without loops, again and again over the memory that a play left: what it computes, not what it reads and saves */
async function repeated(m: Measured, threads: number, seconds: number): Promise<number> {
  const { stage } = m;
  const { state, worker } = stage.regions;
  const team = makeTeam(instantiate(m.module, stage.heap), { threads, workerBytes: worker.bytes });
  try {
    await playOn(team, mute(stage), m.options);
    const bytes = (at: Slot, n: number): Uint8Array => team.memory.bytes(addressOf(stage, at), n);
    const round = stage.steps.flatMap((s): readonly (() => void)[] => {
      if (s.k === "zero") return [() => bytes(s.at, s.bytes).fill(0)];
      if (s.k === "copy") return [() => bytes(s.to, s.bytes).set(bytes(s.from, s.bytes))];
      const items = s.k === "phase" ? sizeAt(s.items, 0) : 0;
      return s.k === "phase" && items ? [() => team.phase(s.name)(0, items, 0, worker.base)] : [];
    });
    const all = (): void => {
      for (const f of round) f();
    };
    const memory = (): Uint8Array => team.memory.bytes(state.base, state.bytes);
    // a result may lie where an input lay: then each round begins with what the program finds
    const left = memory().slice();
    all();
    let found: Uint8Array | undefined;
    if (Buffer.compare(left, memory())) {
      await playOn(team, { ...stage, steps: [] }, m.options);
      found = memory().slice();
    }
    let best = Number.POSITIVE_INFINITY;
    const end = performance.now() + 1000 * seconds;
    for (let started = performance.now(), rounds = 0; started < end; ) {
      if (found) {
        memory().set(found);
        started = performance.now();
      }
      all();
      rounds++;
      const now = performance.now();
      if (!found && now - started < CHUNK) continue;
      best = Math.min(best, (now - started) / rounds);
      rounds = 0;
      started = performance.now();
    }
    return best;
  } finally {
    team.close();
  }
}
