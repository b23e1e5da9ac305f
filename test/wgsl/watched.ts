/**
 * A GPU whose kernels are looked at one by one: what each was given and what it left are set aside on the device, and every element is
 * compared with the bounds of its KERNEL on these very inputs. If all lie within, each step of the computation is a correct one, however
 * wide the bound of the whole has grown on the way. Knows no op.
 */
import type { Kernel } from "../../src/ir/kernel.ts";
import { tensorsOf } from "../../src/ir/kernel-walk.ts";
import { type Data, storage } from "../../src/ir/loop-data.ts";
import type { PlanStage, PlanStep } from "../../src/ir/plan.ts";
import { STORED_BYTES, type Stored } from "../../src/ir/type.ts";
import { emit } from "../../src/passes/emit/index.ts";
import { tileForGpu } from "../../src/passes/tile-gpu.ts";
import type { GpuInstance } from "../../src/runtime/gpu.ts";
import { addressOf } from "../../src/runtime/inputs.ts";
import type { Range, Remote } from "../../src/runtime/remote.ts";
import { sizeAt } from "../../src/runtime/size.ts";
import { bounded, outside } from "../emit/bounded.ts";

export interface Verdict {
  /** runs of kernels, and what they stored */
  runs: number;
  elements: number;
  undecided: number;
  /** what is not within its bound, by the name of the kernel */
  readonly wrong: string[];
}
export const noVerdict = (): Verdict => ({ runs: 0, elements: 0, undecided: 0, wrong: [] });
export interface Watched {
  readonly instance: GpuInstance;
  /** when all is played */
  readonly finish: () => Promise<void>;
}

/** a param of a call that its KERNEL knows, and where it lies */
interface Part {
  readonly name: string;
  readonly store: Stored;
  readonly range: Range;
}
/** one run of a kernel; set aside are its parts before it, and then after it */
interface Run {
  readonly call: number;
  readonly n: number;
  readonly parts: readonly Part[];
  readonly seen: Uint8Array[];
}

/** `kernels`: the KERNEL of each call of the stage */
export function watched(of: GpuInstance, stage: PlanStage, kernels: readonly Kernel[], verdict: Verdict): Watched {
  const calls = kernels.map(k => ({
    kernel: k,
    tensors: new Map(tensorsOf(k).map(t => [t.name, t])),
    params: emit(k, tileForGpu(k)).params.map(p => p.name),
    bounds: bounded(k),
  }));
  if (calls.length !== stage.calls.length) throw new Error(`${stage.calls.length} calls of ${calls.length} kernels`);
  /** whose what was set aside is */
  let order: (Run | "player")[] = [];
  let start = 0;
  const rangeOf = (call: number, i: number, n: number): Range => {
    const c = stage.calls[call]!;
    const a = c.args[i]!;
    if (!("pointer" in a))
      return { at: addressOf(stage, a), bytes: sizeAt(stage.gpu![c.kernel]!.params[i]!.bytes!, n) };
    const p = stage.pointers[a.pointer]!;
    if (p.k === "output") return { at: addressOf(stage, p.of) + p.bytes * start, bytes: p.bytes * n };
    const r = of.remote.pointed(a.pointer)!;
    return p.k === "mask" ? { at: r.at + 4 * start, bytes: 4 * n } : r;
  };
  const phase = (name: string) => {
    const own = of.phase(name);
    const call = onlyCall(stage, name);
    const { tensors, params } = calls[call]!;
    // LOOP's arrays hold no halves: what such kernels make is compared with a CPU's (halves.test.ts)
    if ([...tensors.values()].some(t => t.store === "f16" || t.store === "bf16")) return own;
    return (from: number, to: number, n: number, worker: number): void => {
      // what the KERNEL does not know are the words of faults
      const parts = params.flatMap((p, i): readonly Part[] => {
        const t = tensors.get(p);
        return t ? [{ name: p, store: t.store, range: rangeOf(call, i, n) }] : [];
      });
      const run: Run = { call, n, parts: parts.filter(p => p.range.bytes > 0), seen: [] };
      const setAside = (): void => {
        for (const p of run.parts) {
          order.push(run);
          of.remote.keep(p.range);
        }
      };
      setAside();
      own(from, to, n, worker);
      setAside();
    };
  };
  const judge = ({ call, n, parts, seen }: Run): void => {
    const { kernel, bounds } = calls[call]!;
    const contents = (from: number): Map<string, Data> =>
      new Map(parts.map((p, i) => [p.name, dataOf(p.store, seen[from + i]!)]));
    const [before, after] = [contents(0), contents(parts.length)];
    verdict.runs++;
    for (const [name, b] of bounds(n, before).tensors) {
      const got = after.get(name);
      if (!got) continue; // it lives between phases
      const { wrong, elements, undecided } = outside(b, before.get(name)!, got);
      verdict.elements += elements;
      verdict.undecided += undecided;
      if (wrong !== undefined) verdict.wrong.push(`${kernel.name} (call ${call}), ${name}: ${wrong}`);
    }
  };
  const kept = async (): Promise<readonly Uint8Array[]> => {
    const whose = order;
    order = [];
    const all = await of.remote.kept();
    const players: Uint8Array[] = [];
    for (const [i, w] of whose.entries())
      if (w === "player") players.push(all[i]!);
      else if (w.seen.push(all[i]!) === 2 * w.parts.length) {
        judge(w);
        w.seen.length = 0;
      }
    return players;
  };
  const remote: Remote = {
    ...of.remote,
    kept,
    keep: r => {
      order.push("player");
      of.remote.keep(r);
    },
    batch: at => {
      start = at;
      of.remote.batch(at);
    },
  };
  const finish = async (): Promise<void> => void (await kept());
  return { instance: { ...of, phase, remote }, finish };
}
function dataOf(store: Stored, bytes: Uint8Array): Data {
  const data = storage(store, bytes.length / STORED_BYTES[store]);
  new Uint8Array(data.buffer).set(bytes);
  return data;
}
function onlyCall(stage: PlanStage, name: string): number {
  const pending: PlanStep[] = [...stage.steps];
  for (let s = pending.pop(); s; s = pending.pop()) {
    if (s.k === "phase" && s.name === name && s.calls.length === 1) return s.calls[0]!;
    if (s.k === "loop") pending.push(...s.body);
  }
  throw new Error(`no phase ${name} of one call`);
}
