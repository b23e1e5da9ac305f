/** Runs a LOOP kernel as WGSL on given buffers, and sees what it writes beside them. */
import { BINDINGS, type Bind, type WgslKernel, wgsl } from "../../src/codegen/wgsl/module.ts";
import type { LoopKernel } from "../../src/ir/loop.ts";
import { type Data, itemsAt } from "../../src/ir/loop-data.ts";
import { STORED_BYTES } from "../../src/ir/type.ts";
import type { Gpu } from "../../src/runtime/gpu-device.ts";

/** bytes beside each buffer that must stay as they were */
const FENCE = 256;
const POISON = 0xa5a5a5a5;
/** a binding has at least one word, or one element */
const bound = (d: Data): number => Math.max(4, d.BYTES_PER_ELEMENT, Math.ceil(d.byteLength / 4) * 4);
const slots = (bytes: number): number => Math.ceil(bytes / FENCE) * FENCE;
export interface Compiled {
  readonly text: WgslKernel;
  readonly run: (buffers: ReadonlyMap<string, Data>, n: number) => Promise<Map<string, Data>>;
}
export async function compiled(gpu: Gpu, k: LoopKernel): Promise<Compiled> {
  const { device } = gpu;
  const many = k.params.length > BINDINGS;
  const binds: readonly Bind[] = many ? k.params.map(() => ({ shared: "all" })) : [];
  const text = wgsl(k, binds);
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: text.code });
  const count = Math.max(0, ...text.params.map(p => p.binding + 1));
  const storage = Array.from({ length: count }, (_, binding) => ({
    binding,
    visibility: 4,
    buffer: { type: "storage" as const },
  }));
  const layouts = [
    device.createBindGroupLayout({ entries: storage }),
    device.createBindGroupLayout({ entries: [{ binding: 0, visibility: 4, buffer: {} }] }),
  ];
  const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: layouts });
  await refused(gpu, text.code);
  const [storageGroup, scalarGroup] = layouts as [GPUBindGroupLayout, GPUBindGroupLayout];
  const run = async (buffers: ReadonlyMap<string, Data>, n: number): Promise<Map<string, Data>> => {
    let top = FENCE;
    const places = k.params.map(p => {
      const at = top;
      top += slots(buffers.get(p.name)!.byteLength) + 2 * FENCE;
      return at;
    });
    const constants = Object.fromEntries(
      text.params.flatMap((p, i) =>
        p.base ? [[p.base, (places[i]! - FENCE) / STORED_BYTES[k.params[i]!.store]]] : [],
      ),
    );
    device.pushErrorScope("validation");
    const pipeline = device.createComputePipeline({
      layout: pipelineLayout,
      compute: { module, entryPoint: "main", constants },
    });
    await refused(gpu, text.code);
    const words = new Uint32Array(top / 4).fill(POISON);
    const bytes = new Uint8Array(words.buffer);
    k.params.forEach((p, i) => {
      const d = buffers.get(p.name)!;
      bytes.set(new Uint8Array(d.buffer, d.byteOffset, d.byteLength), places[i]!);
    });
    // storage, copies in both directions
    const memory = device.createBuffer({ size: top, usage: 0x80 | 0x4 | 0x8 });
    const scalars = device.createBuffer({ size: 16, usage: 0x40 | 0x8 });
    const back = device.createBuffer({ size: top, usage: 0x1 | 0x8 });
    device.pushErrorScope("validation");
    device.queue.writeBuffer(memory, 0, words);
    device.queue.writeBuffer(scalars, 0, new Int32Array([n, 0, 0, 0]));
    const slice = (offset: number, size: number): GPUBufferBinding => ({ buffer: memory, offset, size });
    const entries = many
      ? [{ binding: 0, resource: slice(FENCE, top - 2 * FENCE) }]
      : k.params.map((p, binding) => ({ binding, resource: slice(places[binding]!, bound(buffers.get(p.name)!)) }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: storageGroup, entries }));
    pass.setBindGroup(
      1,
      device.createBindGroup({ layout: scalarGroup, entries: [{ binding: 0, resource: { buffer: scalars } }] }),
    );
    const groups = Math.ceil(k.grid.reduce((x, g) => x * itemsAt(g.to, n), 1) / text.items);
    if (groups > 0) pass.dispatchWorkgroups(Math.min(groups, 65535), Math.ceil(groups / 65535));
    pass.end();
    encoder.copyBufferToBuffer(memory, 0, back, 0, top);
    device.queue.submit([encoder.finish()]);
    await refused(gpu, text.code);
    await back.mapAsync(1);
    const got = new Uint32Array(back.getMappedRange().slice(0));
    for (const b of [memory, scalars, back]) b.destroy();
    const gotBytes = new Uint8Array(got.buffer);
    const out = new Map<string, Data>();
    k.params.forEach((p, i) => {
      const copy = buffers.get(p.name)!.slice();
      new Uint8Array(copy.buffer).set(gotBytes.subarray(places[i]!, places[i]! + copy.byteLength));
      out.set(p.name, copy);
      const end = places[i]! + Math.ceil(copy.byteLength / 4) * 4;
      for (let w = end / 4; w < (places[i]! + slots(copy.byteLength) + FENCE) / 4; w++)
        if (got[w] !== POISON) throw new Error(`${k.name} wrote beside ${p.name}`);
    });
    return out;
  };
  return { text, run };
}
async function refused(gpu: Gpu, code: string): Promise<void> {
  const error = await gpu.device.popErrorScope();
  if (error) throw new Error(`${error.message}\n${code}`);
}
