/**
 * A pass over rows that logs a loss is watched: a copy of the memory from time to time, from which `firstBad` starts when a loss is not
 * finite. Knows no kernel.
 */
import type { PlanStep } from "../ir/plan.ts";
import { type Blame, badIn, copyBytes, firstBad } from "./blame.ts";
import { RuntimeDiagnostic } from "./error.ts";
import { count, type Frame, type Loop, type Run, type Step, stepsOf } from "./frame.ts";
import { scalarText } from "./print.ts";

/** how the player makes a trip again */
export interface Again {
  readonly bind: () => void;
  readonly act: (s: PlanStep) => void;
}
/** a copy is made where a bad loss would be traced, and costs little: memory beyond this is left alone */
const MOST_COPIED = 256 << 20;
/** milliseconds between two copies: what is repeated to find the first bad value */
const COPY_EVERY = 500;
export const copies = (run: Run, s: Loop): boolean =>
  run.instance.kernel !== undefined && s.body.some(b => b.k === "log") && copyBytes(run.stage) <= MOST_COPIED;
/** of the passes of one loop two are remembered */
export function follow(run: Run, frame: Frame): void {
  const previous = run.passes.get(frame.loop);
  if (previous) previous.previous = undefined;
  frame.previous = previous;
  run.passes.set(frame.loop, frame);
}
export function keepCopy(run: Run, frame: Frame): void {
  const time = run.options.now();
  if (frame.copy && time - frame.copy.time < COPY_EVERY) return;
  const now = run.memory.bytes(run.stage.regions.state.base, copyBytes(run.stage));
  const bytes = frame.copy?.bytes ?? new Uint8Array(now.length);
  bytes.set(now);
  frame.copy = { bytes, start: frame.start, trips: frame.trips, time };
}
function blame(run: Run, frame: Frame, last: number, again: (frame: Frame) => Again): Blame | undefined {
  const found = blamePass(run, frame, last, again(frame));
  if (found !== "before") return found;
  const earlier = frame.previous && blamePass(run, frame.previous, last, again(frame.previous));
  return earlier === "before" ? undefined : earlier;
}
function blamePass(run: Run, frame: Frame, last: number, { bind, act }: Again): Blame | "before" | undefined {
  const { stage, memory, instance } = run;
  const { copy, rows, loop: s } = frame;
  const { kernel } = instance;
  if (!copy || !rows || !s.over || !kernel) return undefined;
  const { over } = s;
  return firstBad(
    {
      stage,
      memory,
      body: s.body,
      kernel,
      restore: () => {
        memory.bytes(stage.regions.state.base, copy.bytes.length).set(copy.bytes);
        [frame.start, frame.trips] = [copy.start, copy.trips];
      },
      more: () => frame.start < rows.rows.length,
      bind: () => {
        frame.n = Math.min(over.batch, rows.rows.length - frame.start);
        bind();
        return frame.n;
      },
      act,
      advance: () => count(run, frame),
      made: () => stepsOf(run, frame),
      badRow: () => badRow(run, frame),
    },
    last,
  );
}
function badRow({ stage, memory }: Run, { loop: { over }, rows, start, n }: Frame): string | undefined {
  const { columns } = stage.feeds[over!.feed]!;
  for (const [name, { address, bytes }] of rows!.columns) {
    const store = columns[name]?.store;
    if (store === undefined || store === "string" || store === "time") continue;
    for (let i = start; i < start + n; i++) {
      const kind = badIn(store, memory.bytes(address + rows!.rows[i]! * bytes, bytes));
      if (kind)
        return `${name === "" ? "" : `\`${name}\` of `}row ${rows!.ids[i]} holds ${kind === "NaN" ? "NaN" : "an infinity"}`;
    }
  }
  return undefined;
}
/** `again`: for a frame of this loop */
export function notFinite(run: Run, s: Step<"log">, loss: number, again: (frame: Frame) => Again): RuntimeDiagnostic {
  const frame = run.frames.at(-1);
  const step = frame && stepsOf(run, frame) + 1;
  const value = Number.isNaN(loss) ? "NaN" : scalarText("f32", loss);
  const found = frame && step !== undefined ? blame(run, frame, step, again) : undefined;
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
