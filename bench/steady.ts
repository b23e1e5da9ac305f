/** The best time of a training step while a program runs as ever: all threads, feeds and copies included. Knows no kernel. */
import { dirname, resolve } from "node:path";
import type { PlanStage } from "../src/ir/plan.ts";
import { noLog } from "../src/runtime/log.ts";
import { setParams } from "../src/runtime/params.ts";
import { play } from "../src/runtime/player.ts";
import { noStatus, type Progress } from "../src/runtime/status.ts";
import { Enough } from "./profile.ts";

export interface Steady {
  readonly threads: number;
  readonly seconds: number;
  /** records of a step */
  readonly batch: number;
}
/** milliseconds that steps are measured together at least */
const CHUNK = 3;

/** milliseconds of a step: the best mean over a chunk */
export async function steady(file: string, stage: PlanStage, module: Uint8Array, o: Steady): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  let end = Number.POSITIVE_INFINITY;
  let started = 0;
  let steps = 0;
  const show = (p: Progress): void => {
    const now = performance.now();
    if (end === Number.POSITIVE_INFINITY) end = now + 1000 * o.seconds;
    if (now > end) throw new Enough();
    // a pass ends with a smaller batch
    if (p.records === undefined || p.records % o.batch || !started) started = steps = 0;
    else steps++;
    if (!steps) started = now;
    else if (now - started >= CHUNK) {
      best = Math.min(best, (now - started) / steps);
      started = now;
      steps = 0;
    }
  };
  try {
    await play(stage, module, {
      folder: dirname(resolve(file)),
      seed: 0,
      params: setParams([], new Map()),
      earlier: new Map(),
      print: () => {},
      log: noLog,
      status: { ...noStatus, show },
      now: () => performance.now(),
      threads: o.threads,
    });
  } catch (e) {
    if (!(e instanceof Enough)) throw e;
  }
  return best;
}
