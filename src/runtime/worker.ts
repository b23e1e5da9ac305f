/** A thread of a team: the same module over the same memory, its own copy of region worker. Knows nothing but phases. */
import { workerData } from "node:worker_threads";
import { type Control, serve } from "./barrier.ts";
import { link, phaseNames } from "./wasm.ts";

/** what the leader hands over */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: Control;
  /** of this thread in its team: from 1, the leader is 0 */
  readonly number: number;
  /** first byte of this thread's copy of region worker */
  readonly base: number;
}
const { module, memory, control, number, base } = workerData as Job; // team.ts is the only one who starts this file
const { phase } = link(module, memory);
const phases = phaseNames(module).map(phase);
serve(control, number, (k, from, to, records) => phases[k]!(from, to, records, base));
