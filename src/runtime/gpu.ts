/// <reference types="@webgpu/types" />
/**
 * Phases of a stage on a GPU: a buffer per region and per column, a dispatch per call, one submit per trip. The player works on a memory
 * of its own as it does on a CPU; what kernels wrote is fetched before it reads, what it wrote is sent before kernels run.
 * Knows no step of the plan but phases.
 */
import type { Arg, Blocks, Call, GpuKernel, PlanStage, Size } from "../ir/plan.ts";
import { RuntimeDiagnostic } from "./error.ts";
import type { Gpu } from "./gpu-device.ts";
import { DeviceMemory, mib, overlap, SLICE, type Slice, USAGE, words } from "./gpu-memory.ts";
import type { Range, Remote } from "./remote.ts";
import { sizeAt } from "./size.ts";
import type { Instance } from "./wasm.ts";

/** WebGPU's flag of the stage: a global of browsers that Node does not have */
const COMPUTE = 4;
/** bytes of the largest element that a binding shows: it shows one at least */
const PAIR = 8;

export type GpuInstance = Instance & { readonly remote: Remote };

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
  const { memory, batch, phase } = e;
  const { fetch, fetchAll, snapshot, keep, kept, sent, copy, point, pointed, close } = memory;
  const binds = gpu.device.limits.maxStorageBufferBindingSize;
  const remote: Remote = { binds, fetch, fetchAll, snapshot, keep, kept, sent, copy, point, pointed, batch, close };
  return { memory: memory.memory, phase, remote };
}

/** lives as long as the stage is played */
class Engine {
  readonly memory: DeviceMemory;
  readonly #gpu: Gpu;
  readonly #device: GPUDevice;
  readonly #stage: PlanStage;
  readonly #calls: Ready[] = [];
  readonly #scalars: GPUBuffer;
  #scalarGroup: GPUBindGroup | undefined;
  /** what stands in the uniform */
  #n = -1;
  #sentStart = -1;
  /** of the batch at hand */
  #start = 0;
  #ids = 0;
  readonly #idOf = new WeakMap<GPUBuffer, number>();

  constructor(gpu: Gpu, stage: PlanStage) {
    this.memory = new DeviceMemory(gpu, stage);
    this.#gpu = gpu;
    this.#device = gpu.device;
    this.#stage = stage;
    this.#scalars = this.#device.createBuffer({ size: 16, usage: USAGE.uniform | USAGE.to });
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
      const count = bindingsOf(kernel);
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
      if (e instanceof RuntimeDiagnostic) throw e;
      throw new RuntimeDiagnostic(`${this.#gpu.name} refuses a kernel: ${(e as Error).message}`);
    }
    this.memory.healthy();
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
    const bindings = bindingsOf(k);
    if (bindings > limits.maxStorageBuffersPerShaderStage)
      refuse(
        `it wants ${bindings} bindings of ${limits.maxStorageBuffersPerShaderStage}; --device cpu has no such limit`,
      );
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
    this.memory.submit();
    this.#device.queue.writeBuffer(this.#scalars, 0, new Int32Array([n, this.#start, 0, 0]));
    this.#n = n;
    this.#sentStart = this.#start;
  }
  #dispatch({ call, kernel, pipeline, layout, groups }: Ready, n: number): void {
    const items = kernel.grid.reduce<number>((x, g) => x * sizeAt(g, n), 1);
    if (items <= 0) return;
    const bound = this.#slices(call, kernel, n);
    const key = bound.map(s => `${this.#id(s.area.buffer)}:${s.offset}:${s.bytes}`).join(" ");
    let group = groups.get(key);
    if (!group) {
      const entries = bound.map((s, binding) => ({
        binding,
        resource: { buffer: s.area.buffer, offset: s.offset, size: s.bytes },
      }));
      groups.set(key, (group = this.#device.createBindGroup({ layout, entries })));
    }
    const pass = this.memory.compute();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.setBindGroup(1, this.#scalarGroup);
    const count = Math.ceil(items / kernel.items);
    const x = Math.min(count, 65535);
    pass.dispatchWorkgroups(x, Math.ceil(count / x));
    for (const w of call.writes) {
      const r = this.#argument(call, w.arg, kernel.params[w.arg]!.bytes ?? w.bytes, n);
      this.memory.wrote(r);
    }
    const faults = this.#stage.regions.state.base + this.#stage.faults.offset;
    if (call.args.some(a => !("pointer" in a) && this.#stage.regions[a.region].base + a.offset === faults))
      this.memory.wrote({ at: faults, bytes: 4 * this.#stage.sites.length });
  }
  /** the bytes that an argument stands for */
  #argument(call: Call, i: number, bytes: Size, n: number): Range {
    const arg = call.args[i]!;
    if ("pointer" in arg) {
      const p = this.#stage.pointers[arg.pointer]!;
      if (p.k === "output") return { at: this.#place(call, i), bytes: p.bytes * p.rows };
      const r = this.memory.pointed(arg.pointer);
      if (!r) throw new Error(`internal: pointer ${arg.pointer} stands for nothing`);
      return r;
    }
    return { at: this.#place(call, i), bytes: sizeAt(bytes, n) };
  }
  #id(buffer: GPUBuffer): number {
    let id = this.#idOf.get(buffer);
    if (id === undefined) this.#idOf.set(buffer, (id = this.#ids++));
    return id;
  }
  /** what each binding shows */
  #slices(call: Call, kernel: GpuKernel, n: number): readonly Slice[] {
    const ranges = new Map<number, { at: number; end: number; blocks: Blocks | undefined }>();
    kernel.params.forEach((p, i) => {
      // what has no size of its own are the words of faults, and what pointers stand for
      const r = this.#argument(call, i, p.bytes ?? 4 * Math.max(1, this.#stage.sites.length), n);
      const old = ranges.get(p.binding);
      const [at, end] = [
        Math.min(old?.at ?? Infinity, r.at),
        Math.max(old?.end ?? 0, r.at + Math.max(p.unit, words(r.bytes))),
      ];
      ranges.set(p.binding, { at, end, blocks: p.blocks });
    });
    const slices = [...ranges].flatMap(([binding, { at, end, blocks = { count: 1, bytes: Infinity } }]) =>
      Array.from({ length: blocks.count }, (_, b) => {
        const from = b === 0 ? at : at + b * blocks.bytes;
        return this.#slice(call, from, Math.min(end, from + blocks.bytes), binding + b);
      }),
    );
    // rows of a tensor are a column that lies in a region, maybe among what the kernel binds as one
    const columns = new Set(kernel.params.flatMap((p, i) => (this.#isColumn(call.args[i]!) ? [p.binding] : [])));
    return slices.map((s, i) =>
      columns.has(i) && slices.some((o, q) => q !== i && overlap(s, o)) ? this.memory.aside(s, i) : s,
    );
  }
  #isColumn(a: Arg): boolean {
    return "pointer" in a && this.#stage.pointers[a.pointer]!.k === "column";
  }
  #slice(call: Call, from: number, to: number, binding: number): Slice {
    // with fewer records a tensor has fewer blocks; two bindings must not show the same bytes
    if (to <= from) return { area: this.memory.spare, offset: SLICE * binding, bytes: PAIR };
    const limit = this.#device.limits.maxStorageBufferBindingSize;
    if (to - from > limit)
      throw new RuntimeDiagnostic(
        `${call.kernel} reads ${mib(to - from)} at once: ${this.#gpu.name} binds ${mib(limit)}; --device cpu has no such limit`,
      );
    const area = this.memory.areaOf(from);
    return { area, offset: from - area.at, bytes: to - from };
  }
  readonly batch = (start: number): void => {
    this.#start = start;
  };
}
const bindingsOf = (k: GpuKernel): number => Math.max(0, ...k.params.map(p => p.binding + (p.blocks?.count ?? 1)));
function callsOf(stage: PlanStage, name: string): readonly number[] {
  const pending = [...stage.steps];
  for (let s = pending.pop(); s; s = pending.pop()) {
    if (s.k === "phase" && s.name === name) return s.calls;
    if (s.k === "loop") pending.push(...s.body);
  }
  throw new Error(`internal: the plan has no phase ${name}`);
}
