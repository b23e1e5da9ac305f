/**
 * The kernels of a stage: each KERNEL is tiled and emitted once, whatever its tensors are called, and called with the names it has here.
 * Knows no node and no address.
 */
import type { Kernel, Schedule, Tensor } from "../../ir/kernel.ts";
import { printKernel } from "../../ir/kernel-text.ts";
import { accessesOf, retarget } from "../../ir/kernel-walk.ts";
import { extent } from "../../ir/layout.ts";
import type { LoopKernel } from "../../ir/loop.ts";
import { printLoop } from "../../ir/loop-text.ts";
import { type Node, spansOf } from "../../ir/node.ts";
import type { Size, Written } from "../../ir/plan.ts";
import { STORED_BYTES } from "../../ir/type.ts";
import { emit } from "../emit/index.ts";
import { flatten } from "../flatten.ts";
import type { Trace } from "../trace.ts";
import type { DraftArg, DraftCall } from "./draft.ts";

/** lives while one stage is planned */
export class Kernels {
  /** by all that the LOOP follows from */
  private readonly emitted = new Map<string, LoopKernel>();
  private readonly texts: string[] = [];
  private readonly choose: (k: Kernel) => Schedule;
  private readonly legal: (k: LoopKernel) => LoopKernel;
  private readonly trace: Trace;
  private readonly made: (k: LoopKernel) => void;
  /** those of an attempt: nobody has been told */
  private held: LoopKernel[] | undefined;
  /**
   * `choose`: how a kernel is cut, in items as the schedule of phases says; `legal`: without what the target has not; `made`: is told each
   * one, in the order of `all`
   */
  constructor(
    choose: (k: Kernel) => Schedule,
    legal: (k: LoopKernel) => LoopKernel,
    trace: Trace,
    made: (k: LoopKernel) => void,
  ) {
    this.choose = choose;
    this.legal = legal;
    this.trace = trace;
    this.made = made;
  }

  /** what `make` calls is there only if `keep` says so of what it made */
  attempt<T>(make: () => T, keep: (made: T) => boolean): T | undefined {
    const [kernels, texts] = [new Set(this.emitted.keys()), this.texts.length];
    this.held = [];
    const made = make();
    const { held } = this;
    this.held = undefined;
    if (keep(made)) {
      held.forEach(this.made);
      return made;
    }
    for (const key of [...this.emitted.keys()]) if (!kernels.has(key)) this.emitted.delete(key);
    this.texts.length = texts;
    return undefined;
  }

  get all(): readonly LoopKernel[] {
    return [...this.emitted.values()];
  }
  /** KERNELs as text, for explain */
  get text(): string {
    return this.texts.join("\n");
  }

  /** `arg`: what a tensor is called in the draft, or its entry in the pointer table; `origin`: the node whose value it holds */
  call(k: Kernel, arg: (tensor: string) => DraftArg, origin: (tensor: string) => Node | undefined): DraftCall {
    const names = new Map<string, string>();
    const anonymous = retarget(k, t => {
      if (t.local) return t;
      const name = names.get(t.name) ?? `a${names.size}`;
      names.set(t.name, name);
      return { ...t, name };
    });
    const kernel = this.emit(k.name, flatten(anonymous));
    const own = new Map([...names].map(([a, b]) => [b, a]));
    const { reads, writes } = accessesOf(anonymous);
    const read = new Set(reads.map(a => a.of.name));
    const written = (name: string, i: number): readonly Written[] => {
      const t = writes.find(w => w.of.name === name)?.of;
      if (!t) return [];
      const node = origin(own.get(name)!) ?? k.covers.at(-1);
      const what = node?.op.name ?? k.name;
      const span = node && spansOf(node)[0];
      return [{ arg: i, store: t.store, bytes: sizeOf(t), name: what, ...(span ? { span } : {}) }];
    };
    return {
      kernel,
      args: kernel.params.map(p => arg(own.get(p.name) ?? p.name)),
      writes: kernel.params.flatMap((p, i) => written(p.name, i)),
      reads: kernel.params.flatMap((p, i) => (read.has(p.name) ? [i] : [])),
    };
  }
  private emit(name: string, k: Kernel): LoopKernel {
    const named = { ...k, name };
    const cut = (s: Schedule): string => printKernel(named, s);
    const how = this.trace(
      "tile",
      () => this.choose(k),
      cut,
      () => printKernel(named),
    );
    const anonymous = { ...k, name: "kernel" };
    const key = keyOf(anonymous, how);
    const old = this.emitted.get(key);
    if (old) return old;
    const loop = this.trace(
      "emit",
      () => this.legal(emit(anonymous, how)),
      printLoop,
      () => cut(how),
    );
    const kernel = { ...loop, name: `k${this.emitted.size}_${name.replace(/\W/g, "_")}` };
    this.emitted.set(key, kernel);
    if (this.held) this.held.push(kernel);
    else this.made(kernel);
    this.texts.push(printKernel({ ...k, name: kernel.name }));
    return kernel;
  }
}
/** JSON would make one of NaN, the infinities and null, and of 0 and -0 */
const keyOf = (k: Kernel, s: Schedule): string =>
  JSON.stringify([k.phases, s], (_, v: unknown) =>
    typeof v === "number" && (!Number.isFinite(v) || Object.is(v, -0)) ? `#${Object.is(v, -0) ? "-0" : v}` : v,
  );
function sizeOf(t: Tensor): Size {
  const [e, bytes] = [extent(t), STORED_BYTES[t.store]];
  if (e === "unknown") return 0; // rows of a feed are not written
  return typeof e === "object" && "of" in e ? { ...e, unit: e.unit * bytes } : { of: e, by: 1, unit: bytes };
}
