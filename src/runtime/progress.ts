/** What a run tells of its progress: values that were logged, on the status line and in the log. Knows no phase. */
import { type Frame, type Run, word } from "./frame.ts";
import type { Progress } from "./status.ts";

/** a pass over rows ends that logged losses: their means over records, unless the loop around logs values of its own */
export function passed(run: Run, frame: Frame): void {
  if (!frame.values.size) return;
  const outer = run.frames.at(-1);
  if (outer) outer.visited += frame.start;
  if (outer?.loop.body.some(b => b.k === "log")) return;
  report(run, frame, run.frames, (outer?.trips ?? 0) + 1);
}
/** a trip ends that logged values */
export function tripped(run: Run, frame: Frame): void {
  if (!frame.values.size) return;
  report(run, frame, run.frames.slice(0, -1), frame.trips);
  frame.values.clear();
}
function report(run: Run, frame: Frame, outer: readonly Frame[], epoch: number): void {
  const { options } = run;
  const values = Object.fromEntries([...frame.values].map(([name, v]) => [name, v.sum / v.records]));
  options.status.keep({ ...progress(run, frame, outer), values });
  options.log.write("epoch", {
    loop: frame.loop.label,
    epoch,
    ...(frame.loop.total ? { step: word(run, frame.loop.total) } : {}),
    ...(frame.rows ? { records: frame.start } : {}),
    ...values,
    seconds: (options.now() - frame.started) / 1000,
  });
}
export function progress(run: Run, frame: Frame, outer: readonly Frame[]): Progress {
  const { over, stop, label, trip } = frame.loop;
  const pass = frame.rows?.rows.length ?? 0;
  const repeated = outer.at(-1);
  const steps = over ? Math.ceil(pass / over.batch) : trip;
  return {
    at: [
      ...outer.map(f => ({ label: f.loop.label, done: f.trips + 1, of: f.loop.trip })),
      stop === undefined
        ? { label: over ? "step" : label, done: frame.trips, of: steps }
        : { label: "step", done: word(run, frame.loop.total), of: stop },
    ],
    values: Object.fromEntries([...frame.values].map(([name, v]) => [name, v.last])),
    ...pace(
      over ? recordsOf(frame, repeated) : visitedBy(frame),
      over ? (repeated ?? frame) : frame,
      pass,
      run.options.now(),
    ),
  };
}
/** since the first step was finished, where there was a second: what the start took says nothing of the steps to come */
function pace(
  all: Records,
  { settled, started }: Frame,
  pass: number,
  now: number,
): Records & { readonly seconds: number } {
  const earlier = settled ? settled.passes * pass + settled.start : 0;
  // of one step, most of whose time may be the start's, nothing follows
  if (!settled || (all.records ?? 0) <= earlier)
    return { ...all, allRecords: undefined, seconds: (now - started) / 1000 };
  return { ...all, earlierRecords: earlier, seconds: (now - settled.time) / 1000 };
}
type Records = Pick<Progress, "records" | "earlierRecords" | "allRecords">;
/** of a pass, in the passes that the loop around it makes */
function recordsOf({ loop: { over, stop }, rows, start }: Frame, repeated: Frame | undefined): Records {
  const pass = rows?.rows.length ?? 0;
  const passes = repeated ? repeated.loop.trip : 1;
  return {
    records: (repeated?.trips ?? 0) * pass + start,
    earlierRecords: (repeated?.taken ?? 0) * pass,
    allRecords: stop !== undefined && over ? stop * over.batch : passes === undefined ? undefined : passes * pass,
  };
}
/** of a loop around passes: as many in each trip as so far */
function visitedBy({ loop: { trip }, visited, trips, taken }: Frame): Records {
  if (!visited) return {};
  return {
    records: visited,
    allRecords: trip === undefined ? undefined : (visited / (trips - taken)) * (trip - taken),
  };
}
