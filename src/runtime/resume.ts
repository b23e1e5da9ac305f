/**
 * Where a loop with checkpoints goes on, and when it saves: after each trip, and between two batches when a signal asks for it.
 * Knows no file format and no signal.
 */
import { join } from "node:path";
import { HostError } from "../ir/host.ts";
import { copyBytes } from "./blame.ts";
import { type Owner, type Pass, readCheckpoint, type Saved, writeCheckpoint } from "./checkpoint.ts";
import type { TensorData } from "./dtype.ts";
import { Interrupted, RuntimeDiagnostic } from "./error.ts";
import { exists } from "./files.ts";
import type { Frame, Loop, Run } from "./frame.ts";
import { resolvePath } from "./host.ts";
import { bufferBytes, readBuffer } from "./inputs.ts";
import { bufferRange } from "./remote.ts";

/** a pass that an interrupted run was in */
export interface Pending {
  readonly loop: Loop;
  readonly pass: Pass;
  readonly memory: Uint8Array;
}

const pathOf = (run: Run, { folder, name }: NonNullable<Loop["checkpoint"]>): string =>
  join(resolvePath(run.options.folder, folder), `${name}.safetensors`);
const statesOf = (run: Run, indices: readonly number[]): ReadonlyMap<string, TensorData> =>
  new Map(indices.map(i => [run.stage.buffers[i]!.name, readBuffer(run.stage, run.memory, i)]));

function saved(path: string, ...of: [owner: Owner, expected: ReadonlyMap<string, TensorData>]): Saved {
  try {
    return readCheckpoint(path, ...of);
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    throw new RuntimeDiagnostic(e.message, { help: "without --resume it begins anew, and writes over the checkpoint" });
  }
}
/** with --resume: states, trips and, in the middle of one, what its pass takes up when it begins */
export function takeUp(run: Run, frame: Frame): void {
  const { checkpoint } = frame.loop;
  const { resume, owner, status } = run.options;
  if (!checkpoint || !resume || !owner) return;
  const path = pathOf(run, checkpoint);
  if (!exists(path)) {
    status.note(`no checkpoint ${path}: from the start`);
    return;
  }
  const { position, states, memory } = saved(path, owner, statesOf(run, checkpoint.states));
  for (const i of checkpoint.states) {
    bufferBytes(run.stage, run.memory, i).set(states.get(run.stage.buffers[i]!.name)!.bytes);
    run.instance.remote?.sent(bufferRange(run.stage, i));
  }
  frame.trips = position.trips;
  frame.taken = position.trips;
  frame.done = position.done;
  run.started -= position.seconds * 1000;
  const { pass } = position;
  const loop = pass && frame.loop.body[pass.step];
  if (pass && memory && loop?.k === "loop") {
    run.pending = { loop, pass, memory };
    // what stands before the pass in the body, and its order, hang on the states of this trip
    restore(run, memory);
  }
  const at = pass ? `, step ${pass.trips} of the next` : "";
  status.note(`goes on after ${frame.loop.label} ${position.trips}${at}, from ${path}`);
}
/** the memory is of a run whose data may have lain elsewhere */
function restore({ stage, memory: m, instance }: Run, saved: Uint8Array): void {
  const { state, step } = stage.regions;
  const table = m.u32(state.base, stage.pointers.length).slice();
  m.bytes(state.base, saved.length).set(saved);
  m.u32(state.base, table.length).set(table);
  for (const { base, bytes } of [state, step]) instance.remote?.sent({ at: base, bytes });
}
/** the pass of the loop begins */
export function enterPass(run: Run, frame: Frame): void {
  const { pending } = run;
  if (pending?.loop !== frame.loop) return;
  run.pending = undefined;
  restore(run, pending.memory);
  [frame.trips, frame.start] = [pending.pass.trips, pending.pass.start];
  for (const [name, value] of pending.pass.values) frame.values.set(name, value);
}

/** a trip of the loop is finished */
export async function keepTrip(run: Run, frame: Frame): Promise<void> {
  const { checkpoint } = frame.loop;
  if (!checkpoint) return;
  await run.instance.remote?.fetch(checkpoint.states.map(i => bufferRange(run.stage, i)));
  write(run, frame, checkpoint, undefined);
}
/** between two batches: a signal may want the run saved, or ended. `settled`: what is late was looked at */
export async function keepPass(run: Run, frame: Frame, settled: () => Promise<void>): Promise<void> {
  const outer = run.frames.at(-2);
  if (!run.options.signals?.wanted || !outer?.loop.checkpoint) return;
  // other passes in the trip, over what is held out, are short: their trip is finished first
  const { loop, trips, start, values, rows } = frame;
  if (run.frames.at(-1) !== frame || !rows || start >= rows.rows.length || !loop.body.some(b => b.k === "log")) return;
  await settled();
  await run.instance.remote?.fetchAll();
  const pass = { step: outer.loop.body.indexOf(loop), trips, start, values: [...values] };
  write(run, outer, outer.loop.checkpoint, pass);
}
function write(run: Run, frame: Frame, checkpoint: NonNullable<Loop["checkpoint"]>, pass: Pass | undefined): void {
  const { stage, options } = run;
  if (!options.owner) return;
  const path = pathOf(run, checkpoint);
  const { trips, done } = frame;
  const seconds = (options.now() - run.started) / 1000;
  const saved: Saved = {
    position: { trips, done, seconds, ...(pass ? { pass } : {}) },
    states: statesOf(run, checkpoint.states),
    ...(pass ? { memory: run.memory.bytes(stage.regions.state.base, copyBytes(stage)).slice() } : {}),
  };
  writeCheckpoint(path, options.owner, saved);
  options.log.write("checkpoint", { path, [frame.loop.label]: trips, ...(pass ? { step: pass.trips } : {}) });
  const wanted = options.signals?.wanted;
  if (wanted === undefined) return;
  options.signals?.served();
  const at = `${frame.loop.label} ${trips}${pass ? `, step ${pass.trips} of the next` : ""}`;
  if (wanted === "save") options.status.note(`saved after ${at} to ${path}`);
  else throw new Interrupted(`stopped after ${at}, saved to ${path}\nhelp: --resume goes on from there`);
}
