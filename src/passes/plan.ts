/**
 * Stage -> PLAN: the main function in the order of its effects, each loop over batches as phases over panels, feeds as selections,
 * every tensor a place. Joins fuse, tile, schedule, memory and emit; knows no op and no target.
 */
import type { Item, Kernel, Phase as KernelPhase, Tensor } from "../ir/kernel.ts";
import { printKernel } from "../ir/kernel-text.ts";
import { accessesOf, along, constant, indexVal, retarget } from "../ir/kernel-walk.ts";
import { elements, extent, PANEL, plain } from "../ir/layout.ts";
import { type LoopKernel, scratchBytes } from "../ir/loop.ts";
import { printLoop } from "../ir/loop-text.ts";
import { type Fn, type Node, spansOf, topological } from "../ir/node.ts";
import { bodyParams } from "../ir/ops/batches.ts";
import { rowOf, visible } from "../ir/ops/rows.ts";
import type {
  Arg,
  Buffer,
  Call,
  Feed,
  PlanInput,
  PlanStage,
  PlanStep,
  Pointer,
  Region,
  Selection,
  Size,
} from "../ir/plan.ts";
import type { Effect, Shape, Source, Stage } from "../ir/stage.ts";
import { numbers, STORED_BYTES, type TensorType } from "../ir/type.ts";
import { emit } from "./emit/index.ts";
import { fuse, type Given } from "./fuse.ts";
import { liftRows } from "./lift.ts";
import { align, place } from "./memory.ts";
import { schedule } from "./schedule.ts";
import { splitFolds, tile } from "./tile.ts";

/** records of a pass over rows whose program names no batch */
const CAPACITY = 1024;
/** no buffer lies in the first page: see codegen/wasm/module.ts */
const BASE = 65536;

export interface Planned {
  readonly stage: PlanStage;
  readonly kernels: readonly LoopKernel[];
  readonly phases: readonly { readonly name: string; readonly calls: readonly Call[] }[];
  /** KERNELs as text, for explain */
  readonly text: string;
}
type Ref = { readonly region: Region; readonly name: string; readonly loop: number } | { readonly pointer: number };
interface Drafted {
  readonly kernel: string;
  readonly args: readonly Ref[];
  readonly writes: readonly number[];
  readonly loop: number;
}

export const planStage = (stage: Stage, module: string): Planned => new Planner(stage, module).run();

/** lives while one stage is planned */
class Planner {
  private readonly stage: Stage;
  private readonly module: string;
  private readonly state = new Map<string, { bytes: number }>();
  private readonly sources: Source[] = [];
  private readonly feeds: Feed[] = [];
  private readonly feedOf = new Map<Node, number>();
  private readonly pointers: Pointer[] = [];
  private readonly pointerKeys = new Map<string, number>();
  private readonly kernels = new Map<string, LoopKernel>();
  private readonly drafts: Drafted[] = [];
  private readonly regions: {
    step: Map<string, number>;
    worker: Map<string, number>;
    stepBytes: number;
    workerBytes: number;
  }[] = [];
  private readonly phaseDrafts: { name: string; calls: number[] }[] = [];
  private readonly buffers: { name: string; shape: readonly number[]; store: Tensor["store"] }[] = [];
  private readonly late: (() => void)[] = [];
  private readonly texts: string[] = [];
  private loops = 0;
  constructor(stage: Stage, module: string) {
    this.stage = stage;
    this.module = module;
  }

  run(): Planned {
    const { main, effects } = this.stage;
    const inputs: PlanInput[] = [];
    const given = new Map<Node, Given>();
    this.reserve("faults", Math.max(4, 4 * this.stage.sites.length));
    const nodes = topological(main.results);
    const params = new Map(nodes.filter(n => n.op.control === "param").map(n => [n.attrs["i"] as number, n]));
    this.stage.inputs.forEach((input, i) => {
      if (input.k === "rows") {
        this.sources.push(input.source);
        return;
      }
      const t = main.params[i] as TensorType;
      const buffer = this.buffer(`in${i}`, t);
      const node = params.get(i);
      if (node) given.set(node, this.tensor(`in${i}`, t));
      if (input.k === "file") this.sources.push(input.source);
      const source = this.sources.length - 1;
      if (input.k === "file")
        inputs.push({ k: "file", source, buffer, ...(input.tensor === undefined ? {} : { tensor: input.tensor }) });
      if (input.k === "param") inputs.push({ k: "param", name: input.name, value: input.value, buffer });
      if (input.k === "seed") inputs.push({ k: "seed", buffer });
      if (input.k === "earlier") inputs.push({ k: "earlier", name: input.name, buffer });
    });
    const loops = nodes.filter(n => n.op.control === "batches");
    for (const n of nodes) {
      if (n.op.control !== "get") continue;
      const name = `loop${loops.indexOf(n.args[0]!)}.${n.attrs["i"]}`;
      given.set(n, this.tensor(name, n.type as TensorType));
      this.buffer(name, n.type as TensorType);
    }
    const needed = (n: Node): boolean => n.type.k === "tensor";
    const roots = [
      ...main.results,
      ...loops.flatMap(n => n.args.slice(2)),
      ...nodes.filter(n => n.type.k === "rdd").flatMap(n => n.args),
    ].filter(needed);
    const fused = fuse([...new Set(roots)], given, n => `t${n.id}`);
    for (const t of fused.stored.values()) if (!this.state.has(t.name)) this.reserve(t.name, this.bytes(t, 0));
    const byNode = new Map(fused.kernels.map(k => [k.covers.at(-1)!, k]));
    const steps: PlanStep[] = [];
    const done = new Set<Node>();
    const ensure = (roots: readonly Node[]): void => {
      for (const n of topological(roots)) {
        if (done.has(n)) continue;
        done.add(n);
        const k = byNode.get(n);
        if (k) steps.push(this.phase([k], "one", this.mainLoop, undefined));
        if (n.op.control === "batches") this.batches(n, loops.indexOf(n), fused.stored, steps);
      }
    };
    this.mainLoop = this.regions.push({ step: new Map(), worker: new Map(), stepBytes: 0, workerBytes: 0 }) - 1;
    const result = (i: number): number => {
      const t = fused.stored.get(main.results[i]!)!;
      return this.buffer(t.name, main.results[i]!.type as TensorType);
    };
    for (const e of effects) {
      ensure(resultsOf(e).map(i => main.results[i]!));
      steps.push({ k: "check" });
      if (e.k === "keep") steps.push({ k: "keep", name: e.name, buffer: result(e.result) });
      else steps.push({ ...e, value: withBuffers(e.value, result) });
    }
    return this.finish(inputs, steps);
  }
  private mainLoop = 0;

  // ---- places
  private reserve(name: string, bytes: number): void {
    if (!this.state.has(name)) this.state.set(name, { bytes: Math.max(bytes, 4) });
  }
  private bytes(t: Tensor, n: number): number {
    return elements(extent(t), n) * STORED_BYTES[t.store];
  }
  private tensor(name: string, t: TensorType): Tensor {
    const out: Tensor = { name, store: t.elem, shape: t.shape, layout: plain(t.shape) };
    this.reserve(name, this.bytes(out, 0));
    return out;
  }
  private buffer(name: string, t: TensorType): number {
    this.tensor(name, t);
    const shape = numbers(t.shape);
    const old = this.buffers.findIndex(b => b.name === name && b.shape.join() === shape.join());
    return old >= 0 ? old : this.buffers.push({ name, shape, store: t.elem }) - 1;
  }
  private pointer(p: Pointer): number {
    const key = JSON.stringify(p);
    let i = this.pointerKeys.get(key);
    if (i === undefined) this.pointerKeys.set(key, (i = this.pointers.push(p) - 1));
    return i;
  }

  // ---- feeds
  private feed(n: Node, stored: ReadonlyMap<Node, Tensor>, steps: PlanStep[]): number {
    const old = this.feedOf.get(n);
    if (old !== undefined) return old;
    if (n.type.k !== "rdd") throw new Error("internal: plan: no rdd");
    const columns = n.type.row;
    const add = (source: Feed["source"], selection: Selection): number =>
      this.feeds.push({ source, columns, selection }) - 1;
    let id: number;
    if (n.op.control === "param") {
      const input = this.stage.inputs[n.attrs["i"] as number]!;
      if (input.k !== "rows") throw new Error("internal: plan: rows of no source");
      id = add(this.sources.indexOf(input.source), { k: "all" });
    } else if (n.args[0]!.type.k === "tensor") {
      const of = n.args[0]!;
      const i = this.buffer(stored.get(of)!.name, of.type as TensorType);
      const feed: { source: Feed["source"]; columns: Feed["columns"]; selection: Selection } = {
        source: 0,
        columns,
        selection: { k: "all" },
      };
      id = this.feeds.push(feed) - 1;
      this.late.push(() => {
        feed.source = { rows: this.placedBuffer(i) };
      });
    } else {
      const from = this.feed(n.args[0]!, stored, steps);
      const chosen = n.op.selection?.(n);
      if (!chosen) throw new Error(`internal: plan: ${n.op.name} selects no rows`);
      id = add(this.feeds[from]!.source, { ...chosen, from } as Selection);
      const base = this.feeds[from]!;
      this.late.push(() => Object.assign(this.feeds[id]!, { source: base.source }));
      if (chosen.k === "filter") this.filter(n, id, from, stored, steps);
    }
    this.feedOf.set(n, id);
    return id;
  }
  private filter(n: Node, id: number, from: number, stored: ReadonlyMap<Node, Tensor>, steps: PlanStep[]): void {
    const body = liftRows(n);
    const columns = visible(rowOf(n.args[0]!));
    const captures = n.args.slice(1);
    const identity = n.attrs["identity"] === true;
    const loop = this.loops++;
    const alias = new Map<string, Ref>();
    const given = this.givenRows(body, columns, from, identity ? columns.length + captures.length : -1, alias, loop);
    this.capture(body, columns.length, captures, stored, given);
    if (identity) this.slots(body, columns.length + captures.length + 1, given, [`filter${loop}.epoch`]);
    const out: Tensor = {
      name: `filter${loop}.mask`,
      store: "bool",
      shape: [{ n: 1, plus: 0 }],
      layout: plain([{ n: 1, plus: 0 }]),
    };
    alias.set(out.name, { pointer: this.pointer({ k: "mask", feed: id }) });
    const fused = fuse(body.results, given, x => `f${loop}.t${x.id}`);
    const kernels = [...fused.kernels, copy(fused.stored.get(body.results[0]!)!, out)];
    const phases = this.phases(splitFolds(kernels), alias, CAPACITY);
    steps.push(
      { k: "loop", label: "filter", over: { feed: from, order: "source", place: 0, batch: CAPACITY }, body: phases },
      { k: "filter", feed: id },
    );
  }
  /** the first parameters of a body: columns gathered by the selection, and the rows' identities */
  private givenRows(
    body: Fn,
    columns: readonly string[],
    feed: number,
    row: number,
    alias: Map<string, Ref>,
    loop: number,
  ): Map<Node, Given> {
    const given = new Map<Node, Given>();
    const words: Tensor["shape"] = [Number.POSITIVE_INFINITY];
    const word = (k: "selection" | "identity"): Tensor => {
      const t: Tensor = { name: `loop${loop}.${k}`, store: "u32", shape: words, layout: plain(words) };
      alias.set(t.name, { pointer: this.pointer({ k, feed }) });
      return t;
    };
    for (const p of paramsOf(body)) {
      const i = p.attrs["i"] as number;
      if (i < columns.length) {
        const name = columns[i]!;
        const column = this.feeds[feed]!.columns[name]!;
        const shape = [Number.POSITIVE_INFINITY, ...column.shape];
        const store = column.store === "string" || column.store === "time" ? "i64" : column.store;
        const t: Tensor = { name: `loop${loop}.col.${name}`, store, shape, layout: plain(shape) };
        alias.set(t.name, { pointer: this.pointer({ k: "column", feed, column: name }) });
        const selection = word("selection");
        given.set(p, at => ({
          k: "read",
          from: {
            of: t,
            index: [
              { ...constant(0), gather: { k: "read", from: { of: selection, index: [at[0]!] } } },
              ...at.slice(1),
            ],
          },
        }));
      } else if (i === row) {
        const ids = word("identity");
        given.set(p, at => ({
          k: "prim",
          prim: "select",
          args: [
            {
              k: "prim",
              prim: "eq",
              args: [indexVal(at[1]!), { k: "const", value: 0, elem: "i32" }],
            },
            { k: "const", value: 0, elem: "u32" },
            { k: "read", from: { of: ids, index: [at[0]!] } },
          ],
        }));
      }
    }
    return given;
  }
  private capture(
    body: Fn,
    first: number,
    captures: readonly Node[],
    stored: ReadonlyMap<Node, Tensor>,
    given: Map<Node, Given>,
  ): void {
    for (const p of paramsOf(body)) {
      const c = captures[(p.attrs["i"] as number) - first];
      if (c && !given.has(p)) given.set(p, { ...stored.get(c)!, shape: (p.type as TensorType).shape });
    }
  }
  private slots(body: Fn, first: number, given: Map<Node, Given>, names: readonly string[]): void {
    for (const name of names) this.reserve(name, 4);
    for (const p of paramsOf(body)) {
      const name = names[(p.attrs["i"] as number) - first];
      if (name !== undefined) given.set(p, { name, store: "i32", shape: [], layout: plain([]) });
    }
  }

  // ---- loops over batches
  private batches(n: Node, index: number, stored: ReadonlyMap<Node, Tensor>, steps: PlanStep[]): void {
    const attrs = n.attrs as Readonly<Record<string, number>>;
    const body = n.attrs["body"] as Fn;
    const at = bodyParams(n);
    const feed = this.feed(n.args[0]!, stored, steps);
    const loop = this.loops++;
    const [states, outs, batch] = [attrs["states"]!, attrs["outs"]!, attrs["batch"]!];
    const alias = new Map<string, Ref>();
    const given = this.givenRows(body, visible(rowOf(n.args[0]!)), feed, at.row, alias, loop);
    const [epoch, step] = [`loop${loop}.epoch`, `loop${loop}.step`];
    this.slots(body, at.epoch, given, [epoch, step]);
    this.capture(body, at.captures, n.args.slice(2 + states), stored, given);
    const carried = n.args.slice(2, 2 + states).map((a, i) => {
      const t = this.tensor(`loop${index}.${i}`, a.type as TensorType);
      const p = paramsOf(body).find(q => q.attrs["i"] === at.states + i);
      if (p) given.set(p, t);
      steps.push({ k: "copy", from: this.at(stored.get(a)!.name), to: this.at(t.name), bytes: this.bytes(t, 0) });
      return t;
    });
    const fused = fuse(body.results, given, x => `l${loop}.t${x.id}`);
    const written = (i: number): Tensor => fused.stored.get(body.results[i]!)!;
    const copies: Kernel[] = [];
    for (let i = states; i < states + outs; i++) {
      const rows = attrs["rows"]!;
      const name = `loop${index}.${i}`;
      const t = written(i);
      const out: Tensor = { name: `${name}.rows`, store: t.store, shape: t.shape, layout: plain(t.shape) };
      const whole = this.tensor(name, { ...(body.results[i]!.type as TensorType), shape: [rows, ...t.shape.slice(1)] });
      const bytes = this.bytes(whole, 0) / Math.max(rows, 1);
      const site = attrs["site"];
      const pointer = {
        k: "output" as const,
        feed,
        of: this.at(name),
        bytes,
        rows,
        ...(site === undefined ? {} : { site }),
      };
      alias.set(out.name, { pointer: this.pointers.push(pointer) - 1 });
      copies.push(copy(t, out));
    }
    const temporary = carried.map((t, i): Tensor => ({ ...t, name: `${t.name}.next${loop}`, store: written(i).store }));
    const moved: PlanStep[] = [];
    carried.forEach((t, i) => {
      if (written(i).name === t.name) return;
      this.reserve(temporary[i]!.name, this.bytes(t, 0));
      copies.push(copy({ ...written(i), shape: t.shape }, temporary[i]!));
      moved.push({ k: "copy", from: this.at(temporary[i]!.name), to: this.at(t.name), bytes: this.bytes(t, 0) });
    });
    const logs = body.results.slice(states + outs).map((r, j): PlanStep => {
      const t: Tensor = { name: `loop${loop}.log${j}`, store: "f32", shape: [], layout: plain([]) };
      this.reserve(t.name, 4);
      copies.push(copy(fused.stored.get(r)!, t));
      const span = spansOf(r)[0];
      return { k: "log", loss: this.at(t.name), name: "loss", ...(span ? { span } : {}) };
    });
    const phases = this.phases(splitFolds([...fused.kernels, ...copies]), alias, batch);
    const inner: PlanStep = {
      k: "loop",
      label: "step",
      over: { feed, order: n.attrs["order"] as "source", place: attrs["place"]!, batch },
      ...(attrs["steps"]! >= 0 ? { stop: attrs["steps"]! } : {}),
      total: this.at(step),
      body: [...phases, ...logs, ...moved, { k: "check" }],
    };
    const trip = attrs["epochs"]! >= 0 ? { trip: attrs["epochs"]! } : {};
    steps.push({ k: "loop", label: n.attrs["label"] as string, ...trip, counter: this.at(epoch), body: [inner] });
  }

  // ---- kernels
  private phases(kernels: readonly Kernel[], alias: ReadonlyMap<string, Ref>, capacity: number): readonly PlanStep[] {
    const placed = new Set([...this.state.keys(), ...alias.keys()]);
    const draft = schedule(kernels, placed);
    const region = this.regions.push({ step: new Map(), worker: new Map(), stepBytes: 0, workerBytes: 0 }) - 1;
    const life = new Map<string, { from: number; to: number; bytes: number; region: Region }>();
    let time = 0;
    for (const p of draft.phases)
      for (const k of p.kernels) {
        time++;
        const { reads, writes } = accessesOf(k);
        for (const a of [...reads, ...writes]) {
          const r = draft.regions.get(a.of.name);
          if (!r) continue;
          const old = life.get(a.of.name);
          const when = r === "worker" ? time : draft.phases.indexOf(p);
          const bytes = this.bytes(a.of, r === "worker" ? PANEL : capacity);
          life.set(a.of.name, {
            from: Math.min(old?.from ?? when, when),
            to: Math.max(old?.to ?? when, when),
            bytes: Math.max(old?.bytes ?? 0, bytes),
            region: r,
          });
        }
      }
    const of = (r: Region): ReturnType<typeof place> =>
      place(
        [...life]
          .filter(([, b]) => b.region === r)
          .map(([name, b]) => ({ name, bytes: b.bytes, from: b.from, to: b.to })),
      );
    const [step, worker] = [of("step"), of("worker")];
    this.regions[region] = {
      step: new Map(step.offsets),
      worker: new Map(worker.offsets),
      stepBytes: step.bytes,
      workerBytes: worker.bytes,
    };
    const refs = new Map<string, Ref>([
      ...alias,
      ...[...life].map(([name, b]): [string, Ref] => [name, { region: b.region, name, loop: region }]),
    ]);
    return draft.phases.map(p => this.phase(p.kernels, p.items, region, refs));
  }
  private phase(
    kernels: readonly Kernel[],
    items: "panels" | "one",
    region: number,
    refs: ReadonlyMap<string, Ref> | undefined,
  ): PlanStep {
    const calls = kernels.map(k => this.call(k, region, refs));
    const name = `p${this.phaseDrafts.length}`;
    this.phaseDrafts.push({ name, calls });
    const size: Size = items === "one" ? 1 : { of: { n: 1, plus: 0 }, by: PANEL, unit: 1 };
    return { k: "phase", name, items: size, calls };
  }
  private call(k: Kernel, region: number, refs: ReadonlyMap<string, Ref> | undefined): number {
    const names = new Map<string, string>();
    const renamed = retarget(k, t => {
      if (t.local) return t;
      const name = names.get(t.name) ?? `a${names.size}`;
      names.set(t.name, name);
      return { ...t, name };
    });
    const { writes } = accessesOf(renamed);
    const loop = emit({ ...renamed, name: "kernel" }, tile(renamed));
    const text = printLoop(loop);
    const old = this.kernels.get(text);
    const kernel = old ?? { ...loop, name: `k${this.kernels.size}_${k.name.replace(/\W/g, "_")}` };
    if (!old) {
      this.kernels.set(text, kernel);
      this.texts.push(printKernel({ ...renamed, name: kernel.name }));
    }
    const back = new Map([...names].map(([a, b]) => [b, a]));
    const args = loop.params.map((b): Ref => {
      const name = back.get(b.name) ?? b.name;
      return refs?.get(name) ?? { region: "state", name, loop: region };
    });
    const wrote = loop.params.flatMap((b, i) => (writes.some(w => w.of.name === b.name) ? [i] : []));
    return this.drafts.push({ kernel: kernel.name, args, writes: wrote, loop: region }) - 1;
  }

  // ---- the end: names become bytes
  private readonly offsets = new Map<string, number>();
  private readonly pending: { slot: { region: Region; offset: number }; name: string }[] = [];
  private at(name: string): { region: Region; offset: number } {
    const slot = { region: "state" as Region, offset: 0 };
    this.pending.push({ slot, name });
    return slot;
  }
  private placedBuffer(i: number): Buffer {
    const b = this.buffers[i]!;
    return { ...b, at: { region: "state", offset: this.offsets.get(b.name)! } };
  }
  private finish(inputs: readonly PlanInput[], steps: readonly PlanStep[]): Planned {
    let top = align(4 * this.pointers.length + 4);
    for (const [name, b] of this.state) {
      this.offsets.set(name, top);
      top = align(top + b.bytes) + 64;
    }
    for (const p of this.pending) p.slot.offset = this.offsets.get(p.name)!;
    for (const f of this.late) f();
    const kernels = [...this.kernels.values()];
    const scratch = Math.max(0, ...kernels.map(scratchBytes));
    const workerBytes = Math.max(0, ...this.regions.map(r => r.workerBytes));
    const stepBytes = Math.max(0, ...this.regions.map(r => r.stepBytes));
    const arg = (r: Ref): Arg => {
      if ("pointer" in r) return r;
      const own = this.regions[r.loop]!;
      const offset = r.region === "state" ? this.offsets.get(r.name) : own[r.region as "step" | "worker"].get(r.name);
      if (offset === undefined) throw new Error(`internal: plan: ${r.name} has no place`);
      return { region: r.region, offset };
    };
    const calls = this.drafts.map(
      (d): Call => ({ kernel: d.kernel, args: d.args.map(arg), writes: d.writes, scratch: align(workerBytes) }),
    );
    const state = { base: BASE, bytes: align(top) };
    const step = { base: state.base + state.bytes, bytes: align(stepBytes) };
    const worker = { base: step.base + step.bytes, bytes: align(workerBytes) + align(scratch) };
    const staging = { base: worker.base + worker.bytes, bytes: 0 };
    const stage: PlanStage = {
      needs: {},
      sources: this.sources,
      inputs,
      feeds: this.feeds,
      pointers: this.pointers,
      regions: { state, step, worker, staging },
      heap: align(staging.base + 64),
      faults: { region: "state", offset: this.offsets.get("faults")! },
      sites: this.stage.sites,
      buffers: this.buffers.map((_, i) => this.placedBuffer(i)),
      calls,
      steps,
      constants: [],
      modules: { relaxed: `${this.module}.relaxed.wasm`, simd: `${this.module}.simd.wasm` },
    };
    const phases = this.phaseDrafts.map(p => ({ name: p.name, calls: p.calls.map(c => calls[c]!) }));
    return { stage, kernels, phases, text: this.texts.join("\n") };
  }
}

const paramsOf = (f: Fn): readonly Node[] => topological(f.results).filter(n => n.op.control === "param");
function copy(from: Tensor, to: Tensor): Kernel {
  const axes = to.shape.map((e, d) => ({ name: `i${d}`, extent: e, role: "parallel" as const }));
  const at = axes.map(a => along(a.name));
  const then: readonly Item[] = [{ to: { of: to, index: at }, value: { k: "read", from: { of: from, index: at } } }];
  const phase: KernelPhase = { axes, reduce: [], then };
  return { name: "copy", phases: [phase], covers: [] };
}
function resultsOf(e: Effect): readonly number[] {
  return e.k === "keep" ? [e.result] : resultsOfShape(e.value);
}
function resultsOfShape(s: Shape): readonly number[] {
  switch (s.k) {
    case "tensor":
      return [s.result];
    case "text":
      return [];
    case "record":
      return s.fields.flatMap(([, v]) => resultsOfShape(v));
    case "list":
      return s.of.flatMap(resultsOfShape);
    case "table":
      return [...s.columns.map(([, r]) => r), s.count];
    default:
      return s satisfies never;
  }
}
function withBuffers(s: Shape, of: (result: number) => number): Shape {
  switch (s.k) {
    case "tensor":
      return { ...s, result: of(s.result) };
    case "text":
      return s;
    case "record":
      return { ...s, fields: s.fields.map(([n, v]) => [n, withBuffers(v, of)] as const) };
    case "list":
      return { ...s, of: s.of.map(v => withBuffers(v, of)) };
    case "table":
      return { ...s, columns: s.columns.map(([n, r]) => [n, of(r)] as const), count: of(s.count) };
    default:
      return s satisfies never;
  }
}
