/**
 * A pass over rows that logs a loss is watched: a copy of the memory from time to time, from which `firstBad` starts when a loss is not
 * finite. Knows no kernel.
 */
import type { PlanStep } from "../ir/plan.ts";
import { bodyOf } from "../ir/plan-walk.ts";
import { type Blame, badIn, copyBytes, firstBad } from "./blame.ts";
import { RuntimeDiagnostic } from "./error.ts";
import { placesOf } from "./feed.ts";
import { type Frame, type Loop, type Run, type Step, stepsOf } from "./frame.ts";
import { scalarText } from "./print.ts";
import type { Snapshot } from "./remote.ts";

/** how the player makes a trip again */
export interface Again {
  readonly bind: (frame: Frame) => void;
  readonly act: (s: PlanStep) => Promise<void>;
  readonly advance: (frame: Frame) => void;
}
/** a copy is made where a bad loss would be traced, and costs little: memory beyond this is left alone */
const MOST_COPIED = 256 << 20;
/** milliseconds between two copies: what is repeated to find the first bad value */
const COPY_EVERY = 500;
export const copies = ({ instance, stage }: Run, s: Loop): boolean =>
  (instance.kernel !== undefined || instance.remote !== undefined) &&
  s.body.some(b => b.k === "log") &&
  copyBytes(stage) <= MOST_COPIED;
/** of the passes of one loop two are remembered */
export function follow(run: Run, frame: Frame): void {
  const previous = run.passes.get(frame.loop);
  if (previous) {
    previous.previous?.copy?.of.drop();
    previous.previous = undefined;
  }
  frame.previous = previous;
  run.passes.set(frame.loop, frame);
}
export const copyIsDue = ({ options }: Run, { copy }: Frame): boolean =>
  copy === undefined || options.now() - copy.time >= COPY_EVERY;
export function keepCopy(run: Run, frame: Frame): void {
  const of = frame.copy?.of ?? run.instance.remote?.snapshot() ?? inMemory(run);
  of.take();
  frame.copy = { of, start: frame.start, trips: frame.trips, time: run.options.now() };
}
/** room for the regions in a memory that kernels share with the player */
function inMemory({ memory, stage }: Run): Snapshot {
  const { base } = stage.regions.state;
  const bytes = new Uint8Array(copyBytes(stage));
  return {
    take: () => bytes.set(memory.bytes(base, bytes.length)),
    restore: () => memory.bytes(base, bytes.length).set(bytes),
    drop: () => {},
  };
}
async function blame(run: Run, frame: Frame, last: number, again: Again): Promise<Blame | undefined> {
  const found = await blamePass(run, frame, last, again);
  if (found !== "before") return found;
  const earlier = frame.previous && (await blamePass(run, frame.previous, last, again));
  return earlier === "before" ? undefined : earlier;
}
async function blamePass(run: Run, frame: Frame, last: number, again: Again): Promise<Blame | "before" | undefined> {
  const { stage, memory, instance } = run;
  const { copy, rows, loop: s } = frame;
  if (!copy || !rows || !s.over) return undefined;
  const { over } = s;
  return firstBad(
    {
      stage,
      instance,
      memory,
      body: n => bodyOf(s, n),
      snapshot: () => {
        const now = instance.remote?.snapshot() ?? inMemory(run);
        now.take();
        return now;
      },
      restore: () => {
        copy.of.restore();
        [frame.start, frame.trips] = [copy.start, copy.trips];
      },
      more: () => frame.start < rows.rows.length,
      bind: () => {
        frame.n = Math.min(over.batch, rows.rows.length - frame.start);
        again.bind(frame);
        return frame.n;
      },
      act: again.act,
      advance: () => again.advance(frame),
      made: () => stepsOf(run, frame),
      badRow: () => badRow(run, frame),
    },
    last,
  );
}
function badRow({ stage, memory }: Run, { loop: { over }, rows, start, n }: Frame): string | undefined {
  const { columns } = stage.feeds[over!.feed]!;
  const places = placesOf(rows!, start, n);
  for (const [name, { address, bytes }] of rows!.columns) {
    const store = columns[name]?.store;
    if (store === undefined || store === "string" || store === "time") continue;
    for (let i = start; i < start + n; i++) {
      const kind = badIn(store, memory.bytes(address + places[i - start]! * bytes, bytes));
      if (kind)
        return `${name === "" ? "" : `\`${name}\` of `}row ${rows!.ids[i]} holds ${kind === "NaN" ? "NaN" : "an infinity"}`;
    }
  }
  return undefined;
}
/** thrown where a loss is read, to be explained where there is time */
export class BadLoss extends Error {
  readonly step: Step<"log">;
  readonly loss: number;
  constructor(step: Step<"log">, loss: number) {
    super(`${step.name} is ${loss}`);
    this.step = step;
    this.loss = loss;
  }
}
/** which value was the first bad one, in the pass at hand or the one before it */
export async function explained(run: Run, { step: s, loss }: BadLoss, again: Again): Promise<RuntimeDiagnostic> {
  const frame = run.frames.at(-1);
  const step = frame && stepsOf(run, frame) + 1;
  const value = Number.isNaN(loss) ? "NaN" : scalarText("f32", loss);
  const found = frame && step !== undefined ? await blame(run, frame, step, again) : undefined;
  const where = found && `${found.step === step ? "" : `: at step ${found.step}`}, ${found.what}`;
  const span = found?.span ?? s.span;
  const notes = [
    ...(found?.notes ?? []),
    ...(found?.span && s.span ? [{ message: `${s.name} is this`, span: s.span }] : []),
  ];
  return new RuntimeDiagnostic(`${s.name} is ${value}${step === undefined ? "" : ` at step ${step}`}${where ?? ""}`, {
    ...(span ? { span } : {}),
    notes,
  });
}
