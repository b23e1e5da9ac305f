/**
 * Plays a stage of a PLAN: memory, inputs, phases, loops over feeds, checks and effects, in the order of its steps.
 * Knows regions, feeds, formats and printing; no op, layer or optimizer.
 */
import { setImmediate } from "node:timers/promises";
import type { Over, PlanStage, PlanStep, Slot } from "../ir/plan.ts";
import { bodyOf, takesPointer } from "../ir/plan-walk.ts";
import { Appended } from "./appended.ts";
import { shuffled } from "./chance.ts";
import type { TensorData } from "./dtype.ts";
import { type PlayOptions, print, save } from "./effects.ts";
import { RuntimeDiagnostic } from "./error.ts";
import { choose, makeFeeds, placesOf, type Rows } from "./feed.ts";
import { count, type Frame, type Loop, type Run, type Step, word } from "./frame.ts";
import { bytesVisited, firstNumbers, type Gathered, gather, isGathered } from "./gathered.ts";
import { addressOf, bufferBytes, fillInputs, readBuffer } from "./inputs.ts";
import { isDue, setAside, settle } from "./late.ts";
import { mark } from "./marks.ts";
import { passed, progress, tripped } from "./progress.ts";
import { hostReads, slotRange } from "./remote.ts";
import { enterPass, keepPass, keepTrip, takeUp } from "./resume.ts";
import { sizeAt } from "./size.ts";
import { makeTeam } from "./team.ts";
import { type Instance, instantiate } from "./wasm.ts";
import { type Again, BadLoss, copies, copyIsDue, explained, follow, keepCopy } from "./watch.ts";

/** gives what the stage keeps for later ones */
export const play = (
  stage: PlanStage,
  module: Uint8Array,
  options: PlayOptions,
): Promise<ReadonlyMap<string, TensorData>> => {
  const instance = instantiate(module, stage.heap);
  mark("code ready");
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
  const { state } = stage.regions;
  instance.remote?.sent({ at: state.base, bytes: state.bytes });
  const run: Run = {
    stage,
    instance,
    memory,
    feeds: makeFeeds(cx),
    frames: [],
    staging: new Map(),
    gathered: new Map(),
    kept: new Map(),
    appended: new Map(),
    passes: new Map(),
    options,
    started: options.began ?? options.now(),
    rested: options.now(),
    pending: undefined,
    late: [],
  };
  await steps(run, stage.steps)
    .catch(async e => {
      throw e instanceof BadLoss ? await explained(run, e, againOn(run)) : e;
    })
    .finally(() => {
      for (const a of new Set(run.appended.values())) a.close();
    });
  options.status.clear();
  return run.kept;
}
const NO_FAULT = 0xffffffff;

async function steps(run: Run, list: readonly PlanStep[]): Promise<void> {
  const { remote } = run.instance;
  for (const s of list) {
    if (remote) {
      if (setAside(run, remote, s)) continue;
      if (s.k !== "phase" && s.k !== "copy" && s.k !== "zero") await settle(run, remote, t => act(run, t));
      await remote.fetch(hostReads(run.stage, s, remote));
    }
    if (s.k === "loop") await loop(run, s);
    else act(run, s);
  }
}
function act(run: Run, s: Exclude<PlanStep, Loop>): void {
  const { stage, memory } = run;
  switch (s.k) {
    case "phase":
      phase(run, s);
      return;
    case "zero":
      memory.bytes(addressOf(stage, s.at), s.bytes).fill(0);
      sent(run, s.at, s.bytes);
      return;
    case "copy":
      if (run.instance.remote) run.instance.remote.copy(addressOf(stage, s.from), addressOf(stage, s.to), s.bytes);
      else memory.bytes(addressOf(stage, s.to), s.bytes).set(memory.bytes(addressOf(stage, s.from), s.bytes));
      return;
    case "filter":
      run.feeds.filter(s.feed, word(run, s.epoch));
      return;
    case "choose":
      run.feeds.forget(s.feed);
      return;
    case "table":
      fill(run, s);
      return;
    case "log":
      log(run, s);
      return;
    case "clock":
      memory.f32(addressOf(stage, s.to), 1)[0] = (run.options.now() - run.started) / 1000;
      sent(run, s.to, 4);
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
    case "append":
      append(run, s);
      return;
    case "keep":
      run.kept.set(s.name, readBuffer(stage, memory, s.buffer));
      return;
    default:
      s satisfies never;
  }
}

/** a device with a memory of its own has these bytes too */
const sent = ({ stage, instance }: Run, at: Slot, bytes: number): void =>
  instance.remote?.sent({ at: addressOf(stage, at), bytes });

function append(run: Run, s: Step<"append">): void {
  const { appended, stage, memory } = run;
  let own = appended.get(s.buffers[0]!);
  if (!own) {
    own = new Appended(new Map(s.buffers.map(i => [i, stage.buffers[i]!])));
    for (const i of s.buffers) appended.set(i, own);
  }
  own.append(run.frames.at(-1)?.n ?? 0, i => bufferBytes(stage, memory, i));
}
/** a table has the rows that were appended; a pass over no rows appends none */
function fill({ appended, feeds, stage }: Run, s: Step<"table">): void {
  const own = appended.get(s.buffers[0]!) ?? new Appended(new Map(s.buffers.map(i => [i, stage.buffers[i]!])));
  for (const i of s.buffers) appended.delete(i);
  feeds.table(s.feed, own.taken(s.buffers));
}
/** one thread claims all items; workers would share the range through one atomic counter and meet at a barrier here */
function phase(run: Run, s: Step<"phase">): void {
  const n = run.frames.at(-1)?.n ?? 0;
  const items = sizeAt(s.items, n);
  if (items > 0) run.instance.phase(s.name)(0, items, n, run.stage.regions.worker.base);
}

// ---- loops

async function loop(run: Run, s: Loop): Promise<void> {
  const { options, frames } = run;
  const rows = s.over ? inOrder(run, s.over) : undefined;
  const frame: Frame = {
    loop: s,
    rows,
    started: options.now(),
    settled: undefined,
    trips: 0,
    taken: 0,
    done: false,
    visited: 0,
    start: 0,
    n: frames.at(-1)?.n ?? 0,
    values: new Map(),
    copy: undefined,
    previous: undefined,
  };
  if (s.over && rows) {
    if (s.over.some && !rows.rows.length) throw new RuntimeDiagnostic("no rows to train with", { span: s.over.some });
    bindColumns(run, s, s.over, rows);
  }
  frames.push(frame);
  if (rows) mark("rows ready");
  if (s.checkpoint) options.signals?.enter();
  takeUp(run, frame);
  enterPass(run, frame);
  const nested = s.body.some(b => b.k === "loop");
  const { remote } = run.instance;
  const watched = !nested && copies(run, s);
  if (watched) follow(run, frame);
  for (;;) {
    if (remote && frame.trips) await remote.fetch(slotRange(run.stage, s.until, 4));
    if (ended(run, frame)) break;
    if (s.over && rows) {
      if (watched && copyIsDue(run, frame)) {
        // what is late may be bad: the copy must be older
        if (remote) await settle(run, remote, t => act(run, t));
        keepCopy(run, frame);
      }
      frame.n = Math.min(s.over.batch, rows.rows.length - frame.start);
      bindBatch(run, frame, s.over);
    }
    const body = bodyOf(s, frame.n);
    if (nested || remote) await steps(run, body);
    else for (const b of body) act(run, b as Exclude<PlanStep, Loop>); // no loop is among them
    advance(run, frame);
    if (remote && isDue(run, frame)) await settle(run, remote, t => act(run, t));
    if (options.now() - run.rested > 50) await rest(run);
    if (options.signals?.wanted)
      await keepPass(run, frame, async () => {
        if (remote) await settle(run, remote, t => act(run, t));
      });
    if (!s.checkpoint) continue;
    if (remote) await remote.fetch(slotRange(run.stage, s.until, 4));
    frame.done = s.until !== undefined && word(run, s.until) !== 0;
    await keepTrip(run, frame);
  }
  if (s.checkpoint) options.signals?.leave();
  if (remote) await settle(run, remote, t => act(run, t));
  frames.pop();
  if (rows) passed(run, frame);
}
function ended(run: Run, { loop: s, rows, start, trips, taken, done }: Frame): boolean {
  if (done) return true;
  if (rows && start >= rows.rows.length) return true;
  if (s.trip !== undefined && trips >= s.trip) return true;
  if (s.stop !== undefined && word(run, s.total) >= s.stop) return true;
  // of a trip that an earlier run made, `done` tells
  return trips > taken && s.until !== undefined && word(run, s.until) !== 0;
}
function advance(run: Run, frame: Frame): void {
  const { loop: s } = frame;
  if (s.over && !frame.trips) mark("first step");
  count(run, frame);
  if (s.total) sent(run, s.total, 4);
  if (s.over) run.options.status.show(() => progress(run, frame, run.frames.slice(0, -1)));
  else tripped(run, frame);
}
/** signals and timers are served between trips */
async function rest(run: Run): Promise<void> {
  await setImmediate();
  // whoever asked it to stop is heard once more before the next kernel
  if (run.options.signals?.wanted) await setImmediate();
  run.rested = run.options.now();
}
/** positions of `count` contiguous streams side by side; what is left over is dropped */
function streams(rows: number, count: number): Uint32Array {
  const length = Math.floor(rows / count);
  return Uint32Array.from({ length: length * count }, (_, i) => (i % count) * length + Math.floor(i / count));
}
/** the rows of the feed as this loop visits them */
function inOrder(run: Run, over: Over): Rows {
  const epoch = word(run, over.epoch);
  const rows = run.feeds.of(over.feed, epoch);
  if (over.order === "source") return rows;
  if (over.order === "streams") return choose(rows, streams(rows.rows.length, over.batch));
  return choose(rows, shuffled(rows.ids, run.feeds.seed(over.seed), over.place, epoch));
}

// ---- the pointer table

const setPointer = (run: Run, k: number, address: number): void => {
  run.memory.u32(run.stage.regions.state.base, run.stage.pointers.length)[k] = address;
};
function bindColumns(run: Run, loop: Loop, { feed, epoch, batch }: Over, rows: Rows): void {
  const { stage } = run;
  const { remote } = run.instance;
  const gathered: Gathered | undefined = isGathered(remote, rows) ? (run.gathered.get(loop) ?? new Map()) : undefined;
  if (gathered) run.gathered.set(loop, gathered);
  else run.gathered.delete(loop);
  for (const [k, p] of stage.pointers.entries()) {
    if (p.k === "column" && p.feed === feed) {
      const column = rows.columns.get(p.column);
      if (!column) throw new Error(`internal: feed ${feed} has no column ${p.column}`);
      if (gathered) {
        const at = gathered.get(k)?.at ?? run.memory.allocate(batch * column.bytes, "a batch");
        gathered.set(k, { column, at });
        continue;
      }
      setPointer(run, k, column.address);
      remote?.point(k, { at: column.address, bytes: bytesVisited(rows, column) }, column);
    } else if (p.k === "output" && p.feed === feed) {
      // another pass over this feed may be one of another epoch, with other rows
      if (takesPointer(stage, loop, k)) expectRows(run, p, rows.rows.length);
    }
    // allocated before the loop: growing the memory detaches all views
    else if (p.k === "mask" && fromOf(stage, p.feed) === feed) {
      const at = run.feeds.mask(p.feed, word(run, epoch));
      remote?.point(k, { at, bytes: 64 * Math.ceil(rows.rows.length / 16) });
    }
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
function bindBatch(run: Run, frame: Frame, { feed, batch, epoch }: Over): void {
  const { stage, memory } = run;
  const { ids } = frame.rows!;
  const { start, n } = frame;
  const padded = 16 * Math.ceil(n / 16);
  let at = run.staging.get(frame.loop);
  if (!at) {
    const bytes = 64 * Math.ceil(batch / 16);
    at = { rows: memory.allocate(bytes, "a batch"), ids: memory.allocate(bytes, "a batch") };
    run.staging.set(frame.loop, at);
  }
  const { remote } = run.instance;
  const owner = {}; // of this batch
  let places = placesOf(frame.rows!, start, n);
  const gathered = run.gathered.get(frame.loop);
  if (gathered) {
    gather(memory, gathered, places);
    for (const [k, { column, at: room }] of gathered) remote?.point(k, { at: room, bytes: n * column.bytes }, owner);
    places = firstNumbers(n);
  }
  const write = (address: number, from: Uint32Array): void => {
    const words = memory.u32(address, padded);
    words.set(from);
    words.fill(from[0]!, n);
  };
  write(at.rows, places);
  if (stage.pointers.some(p => p.k === "identity" && p.feed === feed)) write(at.ids, ids.subarray(start, start + n));
  const sendWords = (k: number, address: number): void => remote?.point(k, { at: address, bytes: 4 * padded }, owner);
  remote?.batch(start);
  for (const [k, p] of stage.pointers.entries()) {
    if (p.k === "selection" && p.feed === feed) {
      setPointer(run, k, at.rows);
      sendWords(k, at.rows);
    } else if (p.k === "identity" && p.feed === feed) {
      setPointer(run, k, at.ids);
      sendWords(k, at.ids);
    } else if (p.k === "output" && p.feed === feed) setPointer(run, k, addressOf(stage, p.of) + p.bytes * start);
    else if (p.k === "mask" && fromOf(stage, p.feed) === feed)
      setPointer(run, k, run.feeds.mask(p.feed, word(run, epoch)) + 4 * start);
  }
}

// ---- losses

function log(run: Run, s: Step<"log">): void {
  const last = run.memory.f32(addressOf(run.stage, s.value), 1)[0]!;
  const frame = run.frames.at(-1);
  if (!frame) return;
  if (!frame.rows) return void frame.values.set(s.name, { sum: last, records: 1, last });
  if (!Number.isFinite(last)) throw new BadLoss(s, last);
  const old = frame.values.get(s.name);
  frame.values.set(s.name, {
    sum: (old?.sum ?? 0) + last * frame.n,
    records: (old?.records ?? 0) + frame.n,
    last,
  });
}
/** a pass made again: only those over rows log, and they are watched only if no loop is in them */
const againOn = (run: Run): Again => ({
  bind: f => bindBatch(run, f, f.loop.over!),
  act: async s => {
    const { remote } = run.instance;
    await remote?.fetch(hostReads(run.stage, s, remote));
    act(run, s as Exclude<PlanStep, Loop>);
  },
  advance: f => {
    count(run, f);
    if (f.loop.total) sent(run, f.loop.total, 4);
  },
});

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
