/**
 * A plan in names: steps, calls, feeds and buffers that say `t12` where the PLAN says an offset. It grows while a stage is planned;
 * link.ts gives every name its bytes. Knows no node.
 */
import type { Tensor } from "../../ir/kernel.ts";
import { elements, extent, plain } from "../../ir/layout.ts";
import type { LoopKernel } from "../../ir/loop.ts";
import type { Blob } from "../../ir/node.ts";
import type { Buffer, Call, Feed, PlanStep, Pointer, Region, Written } from "../../ir/plan.ts";
import type { Source } from "../../ir/stage.ts";
import { numbers, STORED_BYTES, type Stored, type TensorType } from "../../ir/type.ts";
import type { Trace } from "../trace.ts";
import type { Target } from "./target.ts";

export type DraftStep = PlanStep<string>;
export type DraftArg = string | { readonly pointer: number };
export interface DraftCall {
  readonly kernel: LoopKernel;
  readonly args: readonly DraftArg[];
  /** every argument that it writes */
  readonly writes: readonly Written[];
  /** indices of the arguments that it reads */
  readonly reads: readonly number[];
  /** of its phase's items */
  readonly items?: NonNullable<Call["items"]>;
}
/** where a name will lie: state for as long as the stage, step and worker while it is alive */
export interface Place {
  readonly bytes: number;
  readonly region: Exclude<Region, "staging">;
}

/** lives while one stage is planned */
export class Draft {
  readonly target: Target;
  readonly places = new Map<string, Place>();
  readonly constants = new Map<string, Uint8Array>();
  readonly sources: Source[] = [];
  readonly feeds: Feed<string>[] = [];
  readonly pointers: Pointer<string>[] = [];
  readonly buffers: Buffer<string>[] = [];
  readonly calls: DraftCall[] = [];
  /** filters that choose anew in each epoch and tables, by feed: the steps of one */
  readonly renewed = new Map<number, (epoch: string | undefined) => readonly DraftStep[]>();
  readonly phases: { readonly name: string; readonly calls: readonly number[] }[] = [];
  private readonly pointerOf = new Map<string, number>();
  private used = 0;
  readonly trace: Trace;
  constructor(target: Target, trace: Trace) {
    this.target = target;
    this.trace = trace;
  }

  /** a name that no other has */
  fresh(what: string): string {
    return `${what}.${this.used++}`;
  }
  /** the largest of what was asked for */
  place(name: string, bytes: number, region: Place["region"]): void {
    const old = this.places.get(name);
    const most = Math.max(bytes, old?.bytes ?? 4);
    this.places.set(name, { bytes: most, region: old?.region === "state" ? "state" : region });
  }
  /** a tensor in plain layout that stays where it is for the whole stage */
  state(name: string, store: Stored, shape: TensorType["shape"], capacity = 0): Tensor {
    const t: Tensor = { name, store, shape, layout: plain(shape) };
    this.place(name, bytesOf(t, capacity), "state");
    return t;
  }
  /** a tensor whose bytes are there from the start; equal ones are one */
  constant(blob: Blob, shape: TensorType["shape"]): Tensor {
    const t = this.state(`constant.${blob.store}.${blob.sha256}`, blob.store, shape);
    this.constants.set(t.name, blob.bytes);
    return t;
  }
  word(name: string, store: "i32" | "u32" | "f32" = "i32"): Tensor {
    return this.state(name, store, []);
  }
  /** what the player reads or writes by itself; `name` is for people */
  buffer(name: string, t: Tensor, type: TensorType): number {
    const shape = numbers(type.shape);
    const old = this.buffers.findIndex(b => b.at === t.name && b.name === name && b.shape.join() === shape.join());
    if (old >= 0) return old;
    this.place(t.name, bytesOf(t, 0), "state");
    return this.buffers.push({ name, at: t.name, store: t.store, shape }) - 1;
  }
  pointer(p: Pointer<string>): { readonly pointer: number } {
    const key = Object.values(p).join(" ");
    let pointer = this.pointerOf.get(`${p.k} ${key}`);
    if (pointer === undefined) this.pointerOf.set(`${p.k} ${key}`, (pointer = this.pointers.push(p) - 1));
    return { pointer };
  }
}

/** with room for `n` records */
export const bytesOf = (t: Tensor, n: number): number => elements(extent(t), n) * STORED_BYTES[t.store];
