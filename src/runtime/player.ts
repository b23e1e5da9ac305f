/**
 * Plays a stage of a PLAN: memory, inputs, phases, loops over feeds, checks and effects, in the order of its steps.
 * Knows regions, feeds, formats and printing; no op, layer or optimizer.
 */
import { setImmediate } from "node:timers/promises";
import type { PlanStage, PlanStep, Size, Slot } from "../ir/plan.ts";
import { atN } from "../ir/type.ts";
import { firstBad } from "./blame.ts";
import { shuffled } from "./chance.ts";
import type { TensorData } from "./dtype.ts";
import { type PlayOptions, print, save } from "./effects.ts";
import { RuntimeDiagnostic } from "./error.ts";
import { choose, type Feeds, makeFeeds, type Rows } from "./feed.ts";
import { addressOf, fillInputs, readBuffer } from "./inputs.ts";
import type { ModuleMemory } from "./memory.ts";
import { scalarText } from "./print.ts";
import type { Progress } from "./status.ts";
import { makeTeam } from "./team.ts";
import { type Instance, instantiate } from "./wasm.ts";

type Step<K extends PlanStep["k"]> = Extract<PlanStep, { readonly k: K }>;
type Loop = Step<"loop">;

/** a loop that is running */
interface Frame {
  readonly loop: Loop;
  readonly rows: Rows | undefined;
  readonly started: number;
  /** trips finished since it was entered */
  trips: number;
  /** the batch at hand: first record, number of records */
  start: number;
  n: number;
  /** of the losses logged in it: sum over records, records */
  lossSum: number;
  lossRecords: number;
  lastLoss: number | undefined;
}
/** a stage that is being played */
interface Run {
  readonly stage: PlanStage;
  readonly instance: Instance;
  readonly memory: ModuleMemory;
  readonly feeds: Feeds;
  readonly frames: Frame[];
  /** trips that each loop made in all */
  readonly totals: Map<Loop, number>;
  /** room for the row numbers and identities of one batch */
  readonly staging: Map<Loop, { readonly rows: number; readonly ids: number }>;
  readonly kept: Map<string, TensorData>;
  readonly options: PlayOptions;
  rested: number;
}

/** gives what the stage keeps for later ones */
export const play = (
  stage: PlanStage,
  module: Uint8Array,
  options: PlayOptions,
): Promise<ReadonlyMap<string, TensorData>> => {
  const instance = instantiate(module, stage.heap);
  const team = makeTeam(instance, { threads: options.threads ?? 1, workerBytes: stage.regions.worker.bytes });
  return playOn(team, stage, options).finally(team.close);
};

/** on phases and a memory that are ready, however they were made */
export async function playOn(
  instance: Instance,
  stage: PlanStage,
  options: PlayOptions,
): Promise<ReadonlyMap<string, TensorData>> {
  const { memory } = instance;
  const cx = { stage, memory, ...options };
  fillInputs(cx);
  memory.u32(addressOf(stage, stage.faults), stage.sites.length).fill(NO_FAULT);
  const run: Run = {
    stage,
    instance,
    memory,
    feeds: makeFeeds(cx),
    frames: [],
    totals: new Map(),
    staging: new Map(),
    kept: new Map(),
    options,
    rested: options.now(),
  };
  await steps(run, stage.steps);
  options.status.clear();
  return run.kept;
}
const NO_FAULT = 0xffffffff;

/** true: a loop in it has made all the trips it is to make */
async function steps(run: Run, list: readonly PlanStep[]): Promise<boolean> {
  let stopped = false;
  for (const s of list)
    if (s.k === "loop") stopped = (await loop(run, s)) || stopped;
    else act(run, s);
  return stopped;
}
function act(run: Run, s: Exclude<PlanStep, Loop>): void {
  const { stage, memory } = run;
  switch (s.k) {
    case "phase":
      phase(run, s);
      return;
    case "zero":
      memory.bytes(addressOf(stage, s.at), s.bytes).fill(0);
      return;
    case "copy":
      memory.bytes(addressOf(stage, s.to), s.bytes).set(memory.bytes(addressOf(stage, s.from), s.bytes));
      return;
    case "filter":
      run.feeds.filter(s.feed, epochOf(run));
      return;
    case "log":
      logLoss(run, s);
      return;
    case "check":
      check(run);
      return;
    case "print":
      print(run, s);
      return;
    case "save":
      save(run, s);
      return;
    case "keep":
      run.kept.set(s.name, readBuffer(stage, memory, s.buffer));
      return;
    default:
      s satisfies never;
  }
}

/** one thread claims all items; workers would share the range through one atomic counter and meet at a barrier here */
function phase(run: Run, s: Step<"phase">): void {
  const n = run.frames.at(-1)?.n ?? 0;
  const items = sizeAt(s.items, n);
  if (items > 0) run.instance.phase(s.name)(0, items, n, run.stage.regions.worker.base);
}
export const sizeAt = (s: Size, n: number): number =>
  typeof s === "number" ? s : s.unit * Math.ceil(atN(s.of, n) / s.by);

// ---- loops

async function loop(run: Run, s: Loop): Promise<boolean> {
  const { options, frames } = run;
  const rows = s.over ? inOrder(run, s.over) : undefined;
  const frame: Frame = {
    loop: s,
    rows,
    started: options.now(),
    trips: 0,
    start: 0,
    n: frames.at(-1)?.n ?? 0,
    lossSum: 0,
    lossRecords: 0,
    lastLoss: undefined,
  };
  if (s.over && rows) bindColumns(run, s.over.feed, rows);
  frames.push(frame);
  setWord(run, s.counter, 0);
  const nested = s.body.some(b => b.k === "loop");
  let stopped = reached(run, s);
  while (!stopped && (s.trip === undefined || frame.trips < s.trip)) {
    if (s.over && rows) {
      if (frame.start >= rows.rows.length) break;
      frame.n = Math.min(s.over.batch, rows.rows.length - frame.start);
      bindBatch(run, frame, s.over.feed, s.over.batch);
    }
    const before = made(run, s.body);
    const inner = nested ? await steps(run, s.body) : flat(run, s.body);
    if (!s.over && s.trip === undefined && s.stop === undefined) {
      if (inner) stopped = true;
      else if (made(run, s.body) === before) throw new RuntimeDiagnostic(`no rows to ${s.label} with`);
    }
    advance(run, frame);
    stopped ||= reached(run, s);
    if (options.now() - run.rested > 50) await rest(run);
  }
  frames.pop();
  finished(run, frame);
  return s.stop !== undefined && reached(run, s);
}
function flat(run: Run, body: readonly PlanStep[]): boolean {
  for (const b of body) act(run, b as Exclude<PlanStep, Loop>); // the caller saw that no loop is among them
  return false;
}
const reached = (run: Run, s: Loop): boolean => s.stop !== undefined && (run.totals.get(s) ?? 0) >= s.stop;
/** trips that the loops directly in `body` have made in all */
const made = (run: Run, body: readonly PlanStep[]): number =>
  body.reduce((sum, b) => sum + (b.k === "loop" ? (run.totals.get(b) ?? 0) : 0), 0);

function advance(run: Run, frame: Frame): void {
  const { loop: s } = frame;
  frame.trips++;
  if (s.over) frame.start += frame.n;
  const total = (run.totals.get(s) ?? 0) + 1;
  run.totals.set(s, total);
  setWord(run, s.counter, frame.trips);
  setWord(run, s.total, total);
  if (s.over) run.options.status.show(progress(run, frame, run.frames.slice(0, -1)));
}
function setWord(run: Run, at: Slot | undefined, value: number): void {
  if (at) run.memory.i32(addressOf(run.stage, at), 1)[0] = value;
}
/** signals and timers are served between trips */
async function rest(run: Run): Promise<void> {
  await setImmediate();
  run.rested = run.options.now();
}
/** chance in data advances with the trips of the loop around */
const epochOf = (run: Run): number => run.frames.findLast(f => !f.rows)?.trips ?? 0;
/** the rows of the feed as this loop visits them */
function inOrder(run: Run, over: NonNullable<Loop["over"]>): Rows {
  const epoch = epochOf(run);
  const rows = run.feeds.of(over.feed, epoch);
  if (over.order === "source") return rows;
  return choose(rows, shuffled(rows.ids, over.seed ?? run.options.seed, over.place, epoch));
}

// ---- the pointer table

const setPointer = (run: Run, k: number, address: number): void => {
  run.memory.u32(run.stage.regions.state.base, run.stage.pointers.length)[k] = address;
};
function bindColumns(run: Run, feed: number, rows: Rows): void {
  const { stage } = run;
  for (const [k, p] of stage.pointers.entries()) {
    if (p.k === "column" && p.feed === feed) {
      const column = rows.columns.get(p.column);
      if (!column) throw new Error(`internal: feed ${feed} has no column ${p.column}`);
      setPointer(run, k, column.address);
    } else if (p.k === "output" && p.feed === feed) expectRows(run, p, rows.rows.length);
    // allocated before the loop: growing the memory detaches all views
    else if (p.k === "mask" && fromOf(stage, p.feed) === feed) run.feeds.mask(p.feed, epochOf(run));
  }
}
const fromOf = (stage: PlanStage, feed: number): number | undefined => {
  const s = stage.feeds[feed]!.selection;
  return s.k === "all" ? undefined : s.from;
};
function expectRows({ stage }: Run, p: { readonly rows: number; readonly site?: number }, found: number): void {
  if (found === p.rows || (found < p.rows && p.site === undefined)) return;
  const site = p.site === undefined ? undefined : stage.sites[p.site];
  const span = site ? { span: site.span } : {};
  throw new RuntimeDiagnostic(
    `${site?.message ?? `the program was compiled for ${p.rows} rows`}: there are ${found}`,
    span,
  );
}
/** copies the batch's row numbers; the pads of the last panel of 16 are its first row (ir.md 2) */
function bindBatch(run: Run, frame: Frame, feed: number, batch: number): void {
  const { stage, memory } = run;
  const { rows, ids } = frame.rows!;
  const { start, n } = frame;
  const padded = 16 * Math.ceil(n / 16);
  let at = run.staging.get(frame.loop);
  if (!at) {
    const bytes = 64 * Math.ceil(batch / 16);
    at = { rows: memory.allocate(bytes, "a batch"), ids: memory.allocate(bytes, "a batch") };
    run.staging.set(frame.loop, at);
  }
  for (const [address, from] of [
    [at.rows, rows],
    [at.ids, ids],
  ] as const) {
    const words = memory.u32(address, padded);
    words.set(from.subarray(start, start + n));
    words.fill(from[start]!, n);
  }
  for (const [k, p] of stage.pointers.entries()) {
    if (p.k === "selection" && p.feed === feed) setPointer(run, k, at.rows);
    else if (p.k === "identity" && p.feed === feed) setPointer(run, k, at.ids);
    else if (p.k === "output" && p.feed === feed) setPointer(run, k, addressOf(stage, p.of) + p.bytes * start);
    else if (p.k === "mask" && fromOf(stage, p.feed) === feed)
      setPointer(run, k, run.feeds.mask(p.feed, epochOf(run)) + 4 * start);
  }
}

// ---- losses

function logLoss(run: Run, s: Step<"log">): void {
  const { stage, memory, frames } = run;
  const loss = memory.f32(addressOf(stage, s.loss), 1)[0]!;
  const frame = frames.at(-1);
  if (!Number.isFinite(loss)) throw notFinite(run, s, loss);
  if (!frame) return;
  frame.lossSum += loss * frame.n;
  frame.lossRecords += frame.n;
  frame.lastLoss = loss;
}
function notFinite(run: Run, s: Step<"log">, loss: number): RuntimeDiagnostic {
  const frame = run.frames.at(-1);
  const body = frame?.loop.body ?? run.stage.steps;
  const bad = firstBad(run.stage, run.memory, body);
  const step = frame ? ` at step ${(run.totals.get(frame.loop) ?? 0) + 1}` : "";
  const value = Number.isNaN(loss) ? "NaN" : scalarText("f32", loss);
  return new RuntimeDiagnostic(
    `${s.name} is ${value}${step}${bad === undefined ? "" : `, first in ${bad}`}`,
    s.span ? { span: s.span } : {},
  );
}
/** a pass of a loop that logs losses ends: its mean over records, on the status line and in the log */
function finished(run: Run, frame: Frame): void {
  if (!frame.lossRecords) return;
  const { options } = run;
  const loss = frame.lossSum / frame.lossRecords;
  options.status.keep({ ...progress(run, frame, run.frames), loss });
  options.log.write("epoch", {
    loop: frame.loop.label,
    epoch: (run.frames.at(-1)?.trips ?? 0) + 1,
    step: run.totals.get(frame.loop) ?? 0,
    records: frame.lossRecords,
    loss,
    seconds: (options.now() - frame.started) / 1000,
  });
}
function progress(run: Run, frame: Frame, outer: readonly Frame[]): Progress {
  const { over, stop } = frame.loop;
  const pass = frame.rows?.rows.length ?? 0;
  const repeated = outer.at(-1);
  const total = run.totals.get(frame.loop) ?? 0;
  const passes = repeated ? repeated.loop.trip : 1;
  const steps = over ? Math.ceil(pass / over.batch) : undefined;
  return {
    at: [
      ...outer.map(f => ({ label: f.loop.label, done: f.trips + 1, of: f.loop.trip })),
      stop === undefined
        ? { label: frame.loop.label, done: frame.trips, of: steps }
        : { label: frame.loop.label, done: total, of: stop },
    ],
    loss: frame.lastLoss,
    records: (repeated?.trips ?? 0) * pass + frame.start,
    allRecords: stop !== undefined && over ? stop * over.batch : passes === undefined ? undefined : passes * pass,
    seconds: (run.options.now() - (repeated ?? frame).started) / 1000,
  };
}

// ---- checks

function check({ stage, memory, frames }: Run): void {
  const faults = memory.u32(addressOf(stage, stage.faults), stage.sites.length);
  const site = faults.findIndex(record => record !== NO_FAULT);
  if (site < 0) return;
  const { span, message } = stage.sites[site]!;
  const frame = frames.findLast(f => f.rows);
  const row = frame?.rows?.ids[frame.start + faults[site]!];
  const notes = row === undefined ? [] : [{ message: `in row ${row}, counted from 0` }];
  throw new RuntimeDiagnostic(message, { span, notes });
}
