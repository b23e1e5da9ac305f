/// <reference types="@webgpu/types" />
/**
 * Phases of a stage on a GPU: a buffer per region and per column, a dispatch per call, one submit per trip. The player works on a memory
 * of its own as it does on a CPU; what kernels wrote is fetched before it reads, what it wrote is sent before kernels run.
 * Knows no step of the plan but phases.
 */
import type { Call, GpuKernel, PlanStage, Size } from "../ir/plan.ts";
import { RuntimeDiagnostic } from "./error.ts";
import type { Gpu } from "./gpu-device.ts";
import { ModuleMemory } from "./memory.ts";
import type { Range, Remote } from "./remote.ts";
import { sizeAt } from "./size.ts";
import type { Instance } from "./wasm.ts";

// WebGPU's flags: globals of browsers that Node does not have
const USAGE = { read: 0x1, from: 0x4, to: 0x8, uniform: 0x40, storage: 0x80 };
const COMPUTE = 4;
const READ = 1;
/** slices of buffers begin at multiples of it */
const SLICE = 256;
/** bytes of a buffer for what is kept */
const KEPT = 4096;
const slices = (bytes: number): number => Math.max(SLICE, Math.ceil(bytes / SLICE) * SLICE);
const words = (bytes: number): number => Math.max(4, Math.ceil(bytes / 4) * 4);

export type GpuInstance = Instance & { readonly remote: Remote };

/** bytes of the player's memory that have a buffer */
interface Area extends Range {
  readonly buffer: GPUBuffer;
}
interface Slice {
  readonly area: Area;
  /** first byte in the area */
  readonly offset: number;
  readonly bytes: number;
}
interface Ready {
  readonly call: Call;
  readonly kernel: GpuKernel;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly groups: Map<string, GPUBindGroup>;
}

/** `text`: of a file that the plan names */
export async function instantiateOnGpu(
  gpu: Gpu,
  stage: PlanStage,
  text: (file: string) => string,
): Promise<GpuInstance> {
  const e = new Engine(gpu, stage);
  await e.prepare(text);
  return { memory: e.memory, phase: e.phase, remote: e };
}

class Engine implements Remote {
  readonly memory: ModuleMemory;
  readonly #gpu: Gpu;
  readonly #device: GPUDevice;
  readonly #stage: PlanStage;
  readonly #regions: readonly Area[];
  /** by first byte: columns, row numbers, masks */
  readonly #own = new Map<number, Area>();
  readonly #owners = new Map<number, object>();
  readonly #pointers = new Map<number, Range>();
  readonly #calls: Ready[] = [];
  readonly #scalars: GPUBuffer;
  #scalarGroup: GPUBindGroup | undefined;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** what kernels wrote and the player has not fetched, by first byte */
  readonly #stale = new Map<number, Range>();
  #kept: {
    readonly buffer: GPUBuffer;
    top: number;
    readonly parts: { readonly at: number; readonly bytes: number }[];
  }[] = [];
  readonly #bounce = new Map<number, GPUBuffer>();
  #n = -1;
  #start = 0;
  #sentStart = -1;
  #error: string | undefined;
  #ids = 0;
  readonly #idOf = new WeakMap<GPUBuffer, number>();

  constructor(gpu: Gpu, stage: PlanStage) {
    this.memory = new ModuleMemory(stage.heap, false);
    this.#gpu = gpu;
    this.#device = gpu.device;
    this.#stage = stage;
    this.#device.addEventListener("uncapturederror", event => {
      this.#error ??= (event as GPUUncapturedErrorEvent).error.message;
    });
    const { state, step } = stage.regions;
    this.#regions = [state, step].map(r => this.#area(r.base, r.bytes));
    this.#scalars = this.#device.createBuffer({ size: 16, usage: USAGE.uniform | USAGE.to });
  }
  /** the buffer is whole slices; the area ends where the bytes do: others lie right behind it */
  #area(at: number, bytes: number): Area {
    const limit = this.#device.limits.maxBufferSize;
    if (bytes > limit)
      throw new RuntimeDiagnostic(
        `${mib(bytes)} in one buffer: ${this.#gpu.name} holds ${mib(limit)} in one; --device cpu has no such limit`,
      );
    const buffer = this.#device.createBuffer({ size: slices(bytes), usage: USAGE.storage | USAGE.from | USAGE.to });
    this.#idOf.set(buffer, this.#ids++);
    return { at, bytes, buffer };
  }

  // ---- kernels

  async prepare(text: (file: string) => string): Promise<void> {
    const { gpu, calls } = this.#stage;
    if (!gpu) throw new Error("internal: a stage without texts for a GPU");
    const scalars = this.#device.createBindGroupLayout({ entries: [{ binding: 0, visibility: COMPUTE, buffer: {} }] });
    this.#scalarGroup = this.#device.createBindGroup({
      layout: scalars,
      entries: [{ binding: 0, resource: { buffer: this.#scalars } }],
    });
    const modules = new Map<string, GPUShaderModule>();
    const layouts = new Map<number, GPUBindGroupLayout>();
    const pipelines = new Map<string, Promise<GPUComputePipeline>>();
    const made = calls.map(async call => {
      const kernel = gpu[call.kernel]!;
      this.#expectFits(call.kernel, kernel);
      const count = Math.max(0, ...kernel.params.map(p => p.binding + 1));
      let layout = layouts.get(count);
      if (!layout) layouts.set(count, (layout = this.#layout(count)));
      let module = modules.get(kernel.file);
      if (!module)
        modules.set(
          kernel.file,
          (module = this.#device.createShaderModule({ code: text(kernel.file), label: kernel.file })),
        );
      const constants = this.#constants(call, kernel);
      const key = `${call.kernel} ${JSON.stringify(constants)}`;
      let pipeline = pipelines.get(key);
      if (!pipeline) {
        const whole = this.#device.createPipelineLayout({ bindGroupLayouts: [layout, scalars] });
        pipeline = this.#device.createComputePipelineAsync({
          layout: whole,
          compute: { module, entryPoint: "main", constants },
        });
        pipelines.set(key, pipeline);
      }
      return { call, kernel, pipeline: await pipeline, layout, groups: new Map() };
    });
    try {
      this.#calls.push(...(await Promise.all(made)));
    } catch (e) {
      throw new RuntimeDiagnostic(`${this.#gpu.name} refuses a kernel: ${(e as Error).message}`);
    }
    this.#healthy();
  }
  #layout(count: number): GPUBindGroupLayout {
    const entries = Array.from({ length: count }, (_, binding) => ({
      binding,
      visibility: COMPUTE,
      buffer: { type: "storage" as const },
    }));
    return this.#device.createBindGroupLayout({ entries });
  }
  #expectFits(name: string, k: GpuKernel): void {
    const { limits, features } = this.#device;
    const refuse = (what: string): never => {
      throw new RuntimeDiagnostic(`${this.#gpu.name} cannot run ${name}: ${what}`);
    };
    if (k.groupBytes > limits.maxComputeWorkgroupStorageSize)
      refuse(`${k.groupBytes} bytes of workgroup memory, it has ${limits.maxComputeWorkgroupStorageSize}`);
    if (k.size > limits.maxComputeInvocationsPerWorkgroup)
      refuse(`${k.size} invocations in a workgroup, it has ${limits.maxComputeInvocationsPerWorkgroup}`);
    if (k.subgroups && !features.has("subgroups")) refuse("it has no subgroups");
  }
  #constants(call: Call, kernel: GpuKernel): Record<string, number> {
    const out: Record<string, number> = {};
    kernel.params.forEach((p, i) => {
      const at = this.#place(call, i);
      if (p.base !== undefined) out[p.base] = (at - this.#first(call, kernel, p.binding)) / p.unit;
      if (p.step === undefined) return;
      const arg = call.args[i]!;
      const pointer = "pointer" in arg ? this.#stage.pointers[arg.pointer] : undefined;
      out[p.step] = pointer?.k === "output" ? pointer.bytes / p.unit : pointer?.k === "mask" ? 1 : 0;
    });
    return out;
  }
  /** first byte of a param that lies in a region */
  #place(call: Call, i: number): number {
    const { regions, pointers } = this.#stage;
    const arg = call.args[i]!;
    const slot = "pointer" in arg ? pointers[arg.pointer] : arg;
    if (!slot) throw new Error("internal: no such pointer");
    if ("region" in slot) return regions[slot.region].base + slot.offset;
    return slot.k === "output" ? regions[slot.of.region].base + slot.of.offset : 0;
  }
  #first(call: Call, kernel: GpuKernel, binding: number): number {
    return Math.min(...kernel.params.flatMap((p, i) => (p.binding === binding ? [this.#place(call, i)] : [])));
  }

  // ---- dispatches

  readonly phase = (name: string) => {
    const calls = callsOf(this.#stage, name).map(c => this.#calls[c]!);
    return (_from: number, _to: number, n: number): void => {
      this.#scalarsAre(n);
      for (const c of calls) this.#dispatch(c, n);
    };
  };
  #scalarsAre(n: number): void {
    if (n === this.#n && this.#start === this.#sentStart) return;
    this.#submit();
    this.#device.queue.writeBuffer(this.#scalars, 0, new Int32Array([n, this.#start, 0, 0]));
    this.#n = n;
    this.#sentStart = this.#start;
  }
  #dispatch({ call, kernel, pipeline, layout, groups }: Ready, n: number): void {
    const items = kernel.grid.reduce<number>((x, g) => x * sizeAt(g, n), 1);
    if (items <= 0) return;
    const bound = this.#slices(call, kernel, n);
    const key = bound.map(s => `${this.#idOf.get(s.area.buffer)}:${s.offset}:${s.bytes}`).join(" ");
    let group = groups.get(key);
    if (!group) {
      const entries = bound.map((s, binding) => ({
        binding,
        resource: { buffer: s.area.buffer, offset: s.offset, size: s.bytes },
      }));
      groups.set(key, (group = this.#device.createBindGroup({ layout, entries })));
    }
    const pass = this.#compute();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.setBindGroup(1, this.#scalarGroup);
    const count = Math.ceil(items / kernel.items);
    const x = Math.min(count, 65535);
    pass.dispatchWorkgroups(x, Math.ceil(count / x));
    for (const w of call.writes) {
      const r = this.#argument(call, w.arg, kernel.params[w.arg]!.bytes ?? w.bytes, n);
      this.#stale.set(r.at, { at: r.at, bytes: Math.max(r.bytes, this.#stale.get(r.at)?.bytes ?? 0) });
    }
    const faults = this.#stage.regions.state.base + this.#stage.faults.offset;
    if (call.args.some(a => !("pointer" in a) && this.#stage.regions[a.region].base + a.offset === faults))
      this.#stale.set(faults, { at: faults, bytes: 4 * this.#stage.sites.length });
  }
  /** the bytes that an argument stands for */
  #argument(call: Call, i: number, bytes: Size, n: number): Range {
    const arg = call.args[i]!;
    if ("pointer" in arg) {
      const p = this.#stage.pointers[arg.pointer]!;
      if (p.k === "output") return { at: this.#place(call, i), bytes: p.bytes * p.rows };
      const r = this.#pointers.get(arg.pointer);
      if (!r) throw new Error(`internal: pointer ${arg.pointer} stands for nothing`);
      return r;
    }
    return { at: this.#place(call, i), bytes: sizeAt(bytes, n) };
  }
  #slices(call: Call, kernel: GpuKernel, n: number): readonly Slice[] {
    const ranges: { at: number; end: number }[] = [];
    kernel.params.forEach((p, i) => {
      // what has no size of its own are the words of faults, and what pointers stand for
      const r = this.#argument(call, i, p.bytes ?? 4 * Math.max(1, this.#stage.sites.length), n);
      const old = ranges[p.binding];
      const end = r.at + words(r.bytes);
      ranges[p.binding] = old ? { at: Math.min(old.at, r.at), end: Math.max(old.end, end) } : { at: r.at, end };
    });
    const limit = this.#device.limits.maxStorageBufferBindingSize;
    return ranges.map(({ at, end }) => {
      const area = this.#areaOf(at);
      if (end - at > limit)
        throw new RuntimeDiagnostic(
          `${call.kernel} reads ${mib(end - at)} at once: ${this.#gpu.name} binds ${mib(limit)}; --device cpu has no such limit`,
        );
      return { area, offset: at - area.at, bytes: end - at };
    });
  }
  #areaOf(at: number): Area {
    const area = this.#own.get(at) ?? this.#regions.find(r => at >= r.at && at < r.at + r.bytes);
    if (!area) throw new Error(`internal: no buffer holds byte ${at}`);
    return area;
  }

  // ---- the queue

  #encode(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = undefined;
    return (this.#encoder ??= this.#device.createCommandEncoder());
  }
  #compute(): GPUComputePassEncoder {
    return (this.#pass ??= this.#encode().beginComputePass());
  }
  #submit(): void {
    if (!this.#encoder) return;
    this.#device.queue.submit([this.#encode().finish()]);
    this.#encoder = undefined;
  }
  #healthy(): void {
    const { lost } = this.#gpu;
    const what = this.#error ?? lost;
    if (what !== undefined) throw new RuntimeDiagnostic(`${this.#gpu.name}: ${what}`);
  }

  // ---- the player's memory and the device's

  readonly fetch = async (ranges: readonly Range[]): Promise<void> => {
    const wanted = ranges.filter(r => r.bytes > 0 && this.#isStale(r));
    this.#healthy();
    if (!wanted.length) return;
    const encoder = this.#encode();
    const parts = wanted.map(r => {
      const area = this.#areaHolding(r);
      const first = Math.floor((r.at - area.at) / 4) * 4;
      const end = Math.ceil((r.at - area.at + r.bytes) / 4) * 4;
      return { r, area, first, bytes: end - first };
    });
    const total = parts.reduce((sum, p) => sum + p.bytes, 0);
    const back = this.#device.createBuffer({ size: total, usage: USAGE.read | USAGE.to });
    let top = 0;
    for (const p of parts) {
      encoder.copyBufferToBuffer(p.area.buffer, p.first, back, top, p.bytes);
      top += p.bytes;
    }
    this.#submit();
    await this.#map(back);
    const bytes = new Uint8Array(back.getMappedRange());
    top = 0;
    for (const { r, area, first, bytes: size } of parts) {
      const skip = r.at - area.at - first;
      this.memory.bytes(r.at, r.bytes).set(bytes.subarray(top + skip, top + skip + r.bytes));
      top += size;
      this.#forget(r);
    }
    back.destroy();
    this.#healthy();
  };
  readonly keep = (r: Range): void => {
    const size = words(r.bytes);
    let last = this.#kept.at(-1);
    if (!last || last.top + size > last.buffer.size) {
      const buffer = this.#device.createBuffer({ size: Math.max(size, KEPT), usage: USAGE.read | USAGE.to });
      last = { buffer, top: 0, parts: [] };
      this.#kept.push(last);
    }
    const area = this.#areaHolding(r);
    this.#encode().copyBufferToBuffer(area.buffer, r.at - area.at, last.buffer, last.top, size);
    last.parts.push({ at: last.top, bytes: r.bytes });
    last.top += size;
  };
  readonly kept = async (): Promise<readonly Uint8Array[]> => {
    const all = this.#kept;
    this.#kept = [];
    this.#submit();
    const out: Uint8Array[] = [];
    for (const { buffer, parts } of all) {
      await this.#map(buffer);
      const bytes = new Uint8Array(buffer.getMappedRange());
      for (const p of parts) out.push(bytes.slice(p.at, p.at + p.bytes));
      buffer.destroy();
    }
    this.#healthy();
    return out;
  };
  async #map(buffer: GPUBuffer): Promise<void> {
    try {
      await buffer.mapAsync(READ);
    } catch (e) {
      this.#healthy();
      throw e;
    }
  }
  #isStale(r: Range): boolean {
    for (const s of this.#stale.values()) if (s.at < r.at + r.bytes && r.at < s.at + s.bytes) return true;
    return false;
  }
  /** both memories have these bytes now */
  #forget(r: Range): void {
    for (const [at, s] of this.#stale) if (s.at >= r.at && s.at + s.bytes <= r.at + r.bytes) this.#stale.delete(at);
  }
  #areaHolding({ at, bytes }: Range): Area {
    const inside = (a: Area): boolean => at >= a.at && at + bytes <= a.at + a.bytes;
    const area = this.#regions.find(inside) ?? [...this.#own.values()].find(inside);
    if (!area) throw new Error(`internal: no buffer holds bytes ${at} to ${at + bytes}`);
    return area;
  }
  readonly sent = (r: Range): void => {
    this.#submit();
    this.#upload(this.#areaHolding(r), r);
    this.#forget(r);
  };
  #upload(area: Area, { at, bytes }: Range): void {
    // whole words; the bytes beside them are the player's own too
    const first = Math.floor((at - area.at) / 4) * 4;
    const size = Math.min(area.bytes, Math.ceil((at - area.at + bytes) / 4) * 4) - first;
    this.#device.queue.writeBuffer(area.buffer, first, this.memory.bytes(area.at + first, size).slice());
  }
  readonly copy = (from: number, to: number, bytes: number): void => {
    const [a, b] = [this.#areaHolding({ at: from, bytes }), this.#areaHolding({ at: to, bytes })];
    const size = words(bytes);
    const stale = this.#isStale({ at: from, bytes });
    const encoder = this.#encode();
    if (a !== b) encoder.copyBufferToBuffer(a.buffer, from - a.at, b.buffer, to - b.at, size);
    else {
      // a buffer is not copied to itself
      let between = this.#bounce.get(size);
      if (!between)
        this.#bounce.set(size, (between = this.#device.createBuffer({ size, usage: USAGE.from | USAGE.to })));
      encoder.copyBufferToBuffer(a.buffer, from - a.at, between, 0, size);
      encoder.copyBufferToBuffer(between, 0, b.buffer, to - b.at, size);
    }
    if (stale) this.#stale.set(to, { at: to, bytes });
    else {
      this.memory.bytes(to, bytes).set(this.memory.bytes(from, bytes));
      this.#forget({ at: to, bytes });
    }
  };
  readonly point = (k: number, range: Range, owner?: object): void => {
    this.#pointers.set(k, range);
    if (this.#regions.some(r => range.at >= r.at && range.at < r.at + r.bytes)) return;
    let area = this.#own.get(range.at);
    if (!area || area.bytes < range.bytes) {
      this.#submit();
      area?.buffer.destroy();
      area = this.#area(range.at, words(range.bytes));
      this.#own.set(range.at, area);
      this.#owners.delete(range.at);
    }
    if (!owner || this.#owners.get(range.at) === owner) return;
    this.#owners.set(range.at, owner);
    this.#submit();
    this.#device.queue.writeBuffer(area.buffer, 0, padded(this.memory.bytes(range.at, range.bytes)));
  };
  readonly pointed = (k: number): Range | undefined => this.#pointers.get(k);
  readonly batch = (start: number): void => {
    this.#start = start;
  };
  readonly close = (): void => {
    for (const a of [...this.#regions, ...this.#own.values()]) a.buffer.destroy();
  };
}
const padded = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(words(bytes.length));
  out.set(bytes);
  return out;
};
const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
function callsOf(stage: PlanStage, name: string): readonly number[] {
  const pending = [...stage.steps];
  for (let s = pending.pop(); s; s = pending.pop()) {
    if (s.k === "phase" && s.name === name) return s.calls;
    if (s.k === "loop") pending.push(...s.body);
  }
  throw new Error(`internal: the plan has no phase ${name}`);
}
