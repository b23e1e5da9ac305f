/** What a stage finds in its memory before the first step: constants, tensors of files, params, the seed, results of earlier stages. */
import type { Json, PlanInput, PlanStage, Slot } from "../ir/plan.ts";
import { STORED_BYTES, sizeOf } from "../ir/type.ts";
import { seedWords } from "./chance.ts";
import { canWiden, type TensorData, widen, writable } from "./dtype.ts";
import { placed, RuntimeDiagnostic } from "./error.ts";
import { formatOf } from "./formats/index.ts";
import { resolvePath } from "./host.ts";
import type { ModuleMemory } from "./memory.ts";
import type { Reads } from "./reads.ts";

export interface InputContext {
  readonly stage: PlanStage;
  readonly memory: ModuleMemory;
  readonly folder: string;
  readonly seed: number;
  readonly params: ReadonlyMap<string, Json>;
  readonly earlier: ReadonlyMap<string, TensorData>;
  /** present: the run has several stages */
  readonly reads?: Reads | undefined;
}
export const addressOf = (stage: PlanStage, at: Slot): number => stage.regions[at.region].base + at.offset;

/** the bytes of buffer `i`: a view, valid until the memory grows */
export function bufferBytes(stage: PlanStage, memory: ModuleMemory, i: number): Uint8Array {
  const b = stage.buffers[i]!;
  return memory.bytes(addressOf(stage, b.at), STORED_BYTES[b.store] * sizeOf(b.shape));
}
/** a copy */
export const readBuffer = (stage: PlanStage, memory: ModuleMemory, i: number): TensorData => {
  const { store, shape } = stage.buffers[i]!;
  return { store, shape, bytes: bufferBytes(stage, memory, i).slice() };
};

export function fillInputs(cx: InputContext): void {
  const { stage, memory } = cx;
  for (const { offset, base64 } of stage.constants) {
    const bytes = Buffer.from(base64, "base64");
    memory.bytes(stage.regions.state.base + offset, bytes.length).set(bytes);
  }
  for (const input of stage.inputs) fill(input, cx);
}
function fill(input: PlanInput, cx: InputContext): void {
  const { stage, memory } = cx;
  switch (input.k) {
    case "source":
      return; // feeds load it when a loop wants it
    case "file":
      file(input, cx);
      return;
    case "param":
      param(input.name, input.buffer, cx.params.get(input.name) ?? input.value, cx);
      return;
    case "seed":
      memory.u32(addressOf(stage, stage.buffers[input.buffer]!.at), 2).set(seedWords(cx.seed));
      return;
    case "earlier": {
      const value = cx.earlier.get(input.name);
      if (!value) throw new Error(`internal: no earlier stage kept ${input.name}`);
      put(value, input.buffer, `the result ${input.name} of an earlier stage`, cx);
      return;
    }
    default:
      input satisfies never;
  }
}
function file({ source: i, tensor, buffer }: Extract<PlanInput, { k: "file" }>, cx: InputContext): void {
  const source = cx.stage.sources[i]!;
  placed(source.span, () => {
    const format = formatOf(source.format);
    if (!format.tensor)
      throw new RuntimeDiagnostic(`${source.format} files hold no single tensor`, { span: source.span });
    const path = source.paths[0]!;
    const resolved = resolvePath(cx.folder, path);
    cx.reads?.files([resolved], source);
    const value = format.tensor(resolved, tensor);
    try {
      put(value, buffer, tensor === undefined ? path : `\`${tensor}\` of ${path}`, cx);
    } catch (e) {
      throw e instanceof RuntimeDiagnostic ? new RuntimeDiagnostic(e.message, { span: source.span }) : e;
    }
  });
}
function put(value: TensorData, buffer: number, what: string, cx: InputContext): void {
  const { store, shape } = cx.stage.buffers[buffer]!;
  const show = (s: string, dims: readonly number[]): string => `${s}${dims.length ? `[${dims.join(", ")}]` : ""}`;
  if (!canWiden(value.store, store) || shape.join() !== value.shape.join())
    throw new RuntimeDiagnostic(
      `${what} is ${show(value.store, value.shape)}, the program was compiled for ${show(store, shape)}`,
    );
  widen(value, store, bufferBytes(cx.stage, cx.memory, buffer));
}
/** one number for all elements, the elements, or a file that has them */
function param(name: string, buffer: number, value: Json, cx: InputContext): void {
  if (typeof value === "string") {
    const npy = formatOf("npy").tensor!;
    put(npy(resolvePath(cx.folder, value), undefined), buffer, `param ${name}, ${value},`, cx);
    return;
  }
  const { store } = cx.stage.buffers[buffer]!;
  const target = writable(store, bufferBytes(cx.stage, cx.memory, buffer));
  const at = (i: number): number => Number(Array.isArray(value) ? value[i] : value);
  for (let i = 0; i < target.length; i++) target[i] = target instanceof BigInt64Array ? BigInt(at(i)) : at(i);
}
