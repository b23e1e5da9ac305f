/**
 * The file of a checkpoint: a safetensors file of a loop's states by their paths, and in its metadata whose they are and how far the loop
 * is. In the middle of a trip also the memory as it is then, for which nobody else needs to have a use. Versioned. Knows no loop.
 */
import { mkdirSync, readdirSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { HostError } from "../ir/host.ts";
import type { Json, PlanStage } from "../ir/plan.ts";
import { sha256 } from "./bundle.ts";
import type { TensorData } from "./dtype.ts";
import { hostError, withInput, writeWhole } from "./files.ts";
import { encodeSafetensors, readSafetensors } from "./formats/safetensors.ts";

/** whose a checkpoint is */
export interface Owner {
  readonly program: string;
  readonly device: "cpu" | "gpu";
  readonly seed: number;
  readonly params: Readonly<Record<string, Json>>;
}
/** how far a loop is; JSON */
export interface Position {
  /** finished */
  readonly trips: number;
  /** its condition said that no further trip is to be made */
  readonly done: boolean;
  /** that the program ran for, with the runs before */
  readonly seconds: number;
  /** in the middle of a trip */
  readonly pass?: Pass;
}
/** a pass over rows in the body of the loop, interrupted between two batches */
export interface Pass {
  /** which step of the body it is */
  readonly step: number;
  readonly trips: number;
  /** the first record of the next batch */
  readonly start: number;
  readonly values: readonly (readonly [name: string, value: { sum: number; records: number; last: number }])[];
}
export interface Saved {
  readonly position: Position;
  readonly states: ReadonlyMap<string, TensorData>;
  /** present with `position.pass` */
  readonly memory?: Uint8Array;
}
const VERSION = "1";
const MEMORY = "memory";

/** of what is computed by which code: the same for a program whose places in the text, names of values, number of epochs and steps alone are others */
export function programKey(stage: PlanStage, modules: readonly Uint8Array[]): string {
  const left: readonly string[] = ["span", "some", "message", "trip", "stop", "checkpoint", "modules", "heap"];
  const { steps, calls, feeds, regions, pointers, sources } = stage;
  const kept = {
    steps: steps.filter(s => s.k !== "print" && s.k !== "save"),
    calls,
    feeds,
    regions,
    pointers,
    sources,
  };
  const code = modules.map(m => sha256(m)).join();
  return sha256(code + JSON.stringify(kept, (key, v) => (left.includes(key) ? undefined : v)));
}

export function writeCheckpoint(path: string, owner: Owner, { position, states, memory }: Saved): void {
  const tensors = [...states];
  if (memory) tensors.push([MEMORY, { store: "u8", shape: [memory.length], bytes: memory }]);
  const { program, device, seed, params } = owner;
  const text = { checkpoint: VERSION, program, device, seed, params, position };
  const metadata = Object.fromEntries(Object.entries(text).map(([k, v]) => [k, JSON.stringify(v)]));
  try {
    mkdirSync(dirname(path), { recursive: true });
    removeOrphans(path);
  } catch (e) {
    throw hostError("write", path, e);
  }
  writeWhole(path, encodeSafetensors(tensors, metadata));
}
/** what a run that was killed while it wrote has left */
function removeOrphans(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(`.${basename(path)}.`) ? /\.(\d+)\.tmp$/.exec(name)?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) unlinkSync(join(dirname(path), name));
  }
}
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** throws HostError for a damaged file, and for one of another program, seed or param */
export function readCheckpoint(path: string, owner: Owner, expected: ReadonlyMap<string, TensorData>): Saved {
  return withInput(path, file => {
    const { metadata, tensors } = readSafetensors(file);
    const said = (key: string): unknown => {
      try {
        return JSON.parse(metadata[key] ?? "null");
      } catch {
        throw new HostError(`${path}: the metadata \`${key}\` is no JSON`);
      }
    };
    if (said("checkpoint") !== VERSION)
      throw new HostError(
        metadata["checkpoint"] === undefined
          ? `${path} is no checkpoint`
          : `${path} is a checkpoint of version ${said("checkpoint")}, this hsc reads version ${VERSION}`,
      );
    const other = (why: string): HostError => new HostError(`${path} is a checkpoint of another program: ${why}`);
    // a param may decide dims: it is named before them
    const params = said("params") as Owner["params"]; // of this version
    for (const [name, value] of Object.entries(owner.params)) {
      if (!Object.hasOwn(params, name)) throw other(`it has no param \`${name}\``);
      if (JSON.stringify(params[name]) !== JSON.stringify(value))
        throw new HostError(
          `${path} is of a run with ${name} = ${JSON.stringify(params[name])}, here it is ${JSON.stringify(value)}`,
        );
    }
    for (const [name, t] of expected) {
      const found = tensors.get(name);
      if (!found) throw other(`it has no \`${name}\``);
      if (found.store !== t.store || found.shape.join() !== t.shape.join())
        throw other(`\`${name}\` is ${shown(found)}, here it is ${shown(t)}`);
    }
    for (const name of tensors.keys()) if (name !== MEMORY && !expected.has(name)) throw other(`it has \`${name}\``);
    if (said("device") !== owner.device)
      throw new HostError(`${path} is of a run with --device ${said("device")}, this is --device ${owner.device}`);
    if (said("program") !== owner.program) throw other("it computes something else");
    if (said("seed") !== owner.seed)
      throw new HostError(`${path} is of a run with --seed ${said("seed")}, this is --seed ${owner.seed}`);
    const position = said("position") as Position;
    const memory = tensors.get(MEMORY);
    if (position.pass && !memory) throw new HostError(`${path} has no tensor \`${MEMORY}\`: it is damaged`);
    const states = new Map([...tensors].filter(([name]) => name !== MEMORY));
    return { position, states, ...(memory ? { memory: memory.bytes } : {}) };
  });
}
const shown = (t: TensorData): string => `${t.store}${t.shape.length ? `[${t.shape.join(", ")}]` : ""}`;
