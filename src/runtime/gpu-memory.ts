/// <reference types="@webgpu/types" />
/**
 * The device's side of the player's memory: a buffer per region and per column, and which bytes only the device has. Commands are encoded
 * in order and submitted when the player writes or reads. Knows no kernel and no step.
 */
import type { PlanStage } from "../ir/plan.ts";
import { RuntimeDiagnostic } from "./error.ts";
import type { Gpu } from "./gpu-device.ts";
import { ModuleMemory } from "./memory.ts";
import type { Range, Remote, Snapshot } from "./remote.ts";

// WebGPU's flags: globals of browsers that Node does not have
export const USAGE = { read: 0x1, from: 0x4, to: 0x8, uniform: 0x40, storage: 0x80 };
const READ = 1;
/** slices of buffers begin at multiples of it */
export const SLICE = 256;
/** the most bindings of one kernel */
const SPARE = 64;
/** bytes of a buffer for what is kept */
const KEPT = 4096;
const slices = (bytes: number): number => Math.max(SLICE, Math.ceil(bytes / SLICE) * SLICE);
export const words = (bytes: number): number => Math.max(4, Math.ceil(bytes / 4) * 4);

export const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** bytes of the player's memory that have a buffer */
interface Area extends Range {
  readonly buffer: GPUBuffer;
}
/** what a binding shows */
export interface Slice {
  readonly area: Area;
  /** first byte in the area */
  readonly offset: number;
  readonly bytes: number;
}
export const overlap = (a: Slice, b: Slice): boolean =>
  a.area.buffer === b.area.buffer && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

/** lives as long as the stage is played */
export class DeviceMemory implements Omit<Remote, "batch" | "binds"> {
  /** the player's */
  readonly memory: ModuleMemory;
  readonly #gpu: Gpu;
  readonly #device: GPUDevice;
  readonly #regions: readonly Area[];
  /** for bindings that show nothing */
  readonly spare: Area;
  /** by first byte: columns, row numbers, masks */
  readonly #own = new Map<number, Area>();
  readonly #owners = new Map<number, object>();
  readonly #pointers = new Map<number, Range>();
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
  /** copies of slices, by binding and size */
  readonly #aside = new Map<string, Area>();
  #error: string | undefined;
  readonly #complain = (event: Event): void => {
    this.#error ??= (event as GPUUncapturedErrorEvent).error.message; // as: only for these it is called
  };

  constructor(gpu: Gpu, stage: PlanStage) {
    this.memory = new ModuleMemory(stage.heap, false);
    this.#gpu = gpu;
    this.#device = gpu.device;
    this.#device.addEventListener("uncapturederror", this.#complain);
    const { state, step } = stage.regions;
    this.#regions = [state, step].map(r => this.#area(r.base, r.bytes));
    this.spare = this.#area(0, SLICE * SPARE);
  }
  /** the buffer is whole slices; the area ends where the bytes do: others lie right behind it */
  #area(at: number, bytes: number): Area {
    const limit = this.#device.limits.maxBufferSize;
    if (bytes > limit)
      throw new RuntimeDiagnostic(
        `${mib(bytes)} in one buffer: ${this.#gpu.name} holds ${mib(limit)} in one; --device cpu has no such limit`,
      );
    const buffer = this.#device.createBuffer({ size: slices(bytes), usage: USAGE.storage | USAGE.from | USAGE.to });
    return { at, bytes, buffer };
  }

  /** the area that the byte lies in */
  areaOf(at: number): Area {
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
  compute(): GPUComputePassEncoder {
    return (this.#pass ??= this.#encode().beginComputePass());
  }
  submit(): void {
    if (!this.#encoder) return;
    this.#device.queue.submit([this.#encode().finish()]);
    this.#encoder = undefined;
  }
  /** throws what went wrong on the device since it was asked last */
  healthy(): void {
    const { lost } = this.#gpu;
    const what = this.#error ?? lost;
    if (what !== undefined) throw new RuntimeDiagnostic(`${this.#gpu.name}: ${what}`);
  }

  // ---- the player's memory and the device's

  readonly fetch = async (ranges: readonly Range[]): Promise<void> => {
    const wanted = ranges.filter(r => r.bytes > 0 && this.#isStale(r));
    this.healthy();
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
    this.submit();
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
    this.healthy();
  };
  readonly fetchAll = (): Promise<void> => this.fetch([...this.#stale.values()]);
  readonly snapshot = (): Snapshot => {
    const copies = this.#regions.map(r => ({ ...this.#area(r.at, r.bytes), host: new Uint8Array(r.bytes) }));
    const stale = new Map<number, Range>();
    const whole = (from: readonly Area[], to: readonly Area[]): void => {
      const encoder = this.#encode();
      from.forEach(({ buffer }, i) => {
        encoder.copyBufferToBuffer(buffer, 0, to[i]!.buffer, 0, buffer.size);
      });
    };
    return {
      take: () => {
        whole(this.#regions, copies);
        for (const c of copies) c.host.set(this.memory.bytes(c.at, c.bytes));
        refill(stale, this.#stale);
      },
      restore: () => {
        whole(copies, this.#regions);
        for (const c of copies) this.memory.bytes(c.at, c.bytes).set(c.host);
        refill(this.#stale, stale);
      },
      drop: () => {
        for (const c of copies) c.buffer.destroy();
      },
    };
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
    this.submit();
    const out: Uint8Array[] = [];
    for (const { buffer, parts } of all) {
      await this.#map(buffer);
      const bytes = new Uint8Array(buffer.getMappedRange());
      for (const p of parts) out.push(bytes.slice(p.at, p.at + p.bytes));
      buffer.destroy();
    }
    this.healthy();
    return out;
  };
  async #map(buffer: GPUBuffer): Promise<void> {
    try {
      await buffer.mapAsync(READ);
    } catch (e) {
      this.healthy();
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
    this.submit();
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
  /** the bytes as they are now, in a buffer of their own: for a kernel that reads them and binds what lies around them */
  readonly aside = ({ area, offset, bytes }: Slice, binding: number): Slice => {
    const key = `${binding} ${bytes}`;
    let own = this.#aside.get(key);
    if (!own) this.#aside.set(key, (own = this.#area(0, bytes)));
    this.#encode().copyBufferToBuffer(area.buffer, offset, own.buffer, 0, bytes);
    return { area: own, offset: 0, bytes };
  };
  readonly point = (k: number, range: Range, owner?: object): void => {
    this.#pointers.set(k, range);
    if (this.#regions.some(r => range.at >= r.at && range.at < r.at + r.bytes)) return;
    let area = this.#own.get(range.at);
    if (!area || area.bytes < range.bytes) {
      this.submit();
      area?.buffer.destroy();
      area = this.#area(range.at, words(range.bytes));
      this.#own.set(range.at, area);
      this.#owners.delete(range.at);
    }
    if (!owner || this.#owners.get(range.at) === owner) return;
    this.#owners.set(range.at, owner);
    this.submit();
    this.#device.queue.writeBuffer(area.buffer, 0, padded(this.memory.bytes(range.at, range.bytes)));
  };
  readonly pointed = (k: number): Range | undefined => this.#pointers.get(k);
  /** a kernel writes these */
  readonly wrote = (r: Range): void => {
    this.#stale.set(r.at, { at: r.at, bytes: Math.max(r.bytes, this.#stale.get(r.at)?.bytes ?? 0) });
  };
  readonly close = (): void => {
    this.#device.removeEventListener("uncapturederror", this.#complain);
    for (const a of [...this.#regions, this.spare, ...this.#own.values(), ...this.#aside.values()]) a.buffer.destroy();
  };
}
function refill<K, V>(map: Map<K, V>, from: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [k, v] of from) map.set(k, v);
}
const padded = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(words(bytes.length));
  out.set(bytes);
  return out;
};
