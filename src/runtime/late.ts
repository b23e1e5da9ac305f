/**
 * On a device, what a pass logs and checks is looked at some trips late, so that the host seldom waits: the bytes are set aside when the
 * step is due. What else reads waits for what is late. Knows no device.
 */
import type { PlanStep } from "../ir/plan.ts";
import { type Frame, type Run, type Step, word } from "./frame.ts";
import { hostReads, type Range, type Remote } from "./remote.ts";

/** a step that is due, and where its pass stood */
export interface Late {
  readonly step: Step<"log"> | Step<"check">;
  readonly range: Range;
  readonly frame: Frame;
  readonly trips: number;
  readonly start: number;
  readonly n: number;
  readonly total: number;
}
/** trips between two looks */
const TRIPS = 16;

/** false: the step is to be played now */
export function setAside(run: Run, remote: Remote, step: PlanStep): boolean {
  const frame = run.frames.at(-1);
  if (!frame?.rows || (step.k !== "log" && step.k !== "check")) return false;
  const range = hostReads(run.stage, step, remote)[0]!; // both read one
  if (range.bytes === 0) return true;
  remote.keep(range);
  const { trips, start, n, loop } = frame;
  run.late.push({ step, range, frame, trips, start, n, total: word(run, loop.total) });
  return true;
}
export const isDue = ({ late }: Run, { trips }: Frame): boolean => late.length > 0 && trips - late[0]!.trips >= TRIPS;

/** plays what is late as if its trip were at hand */
export async function settle(run: Run, remote: Remote, play: (step: Late["step"]) => void): Promise<void> {
  const late = run.late.splice(0);
  if (!late.length) return;
  const kept = await remote.kept();
  const { memory, stage } = run;
  for (const [i, { step, range, frame, ...then }] of late.entries()) {
    memory.bytes(range.at, range.bytes).set(kept[i]!);
    const { trips, start, n, loop } = frame;
    const total = loop.total && memory.i32(stage.regions[loop.total.region].base + loop.total.offset, 1);
    const now = total?.[0] ?? 0;
    [frame.trips, frame.start, frame.n] = [then.trips, then.start, then.n];
    if (total) total[0] = then.total;
    play(step);
    [frame.trips, frame.start, frame.n] = [trips, start, n];
    if (total) total[0] = now;
  }
}
