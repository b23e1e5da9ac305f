/** The linear memory of a module: regions at fixed addresses below, the player's own data in a bump heap above. Knows no plan step. */
import { RuntimeDiagnostic } from "./error.ts";

const PAGE = 65536;
const MAX_PAGES = 65536;
const ALIGN = 64;

export class ModuleMemory {
  readonly memory: WebAssembly.Memory;
  #top: number;

  /** `heap`: first byte behind the regions */
  constructor(heap: number, shared: boolean) {
    if (pages(heap) > MAX_PAGES) throw tooLarge("the program's tensors", heap, 0);
    try {
      this.memory = new WebAssembly.Memory({ initial: pages(heap), maximum: MAX_PAGES, shared });
    } catch {
      throw tooLarge("the program's tensors", heap, 0);
    }
    this.#top = align(heap);
  }
  /** address of `bytes` zeroed bytes, 64 bytes aligned. Growing detaches views: take them anew after each call */
  allocate(bytes: number, what: string): number {
    const at = this.#top;
    const top = align(at + bytes);
    const missing = pages(top) - this.memory.buffer.byteLength / PAGE;
    if (pages(top) > MAX_PAGES) throw tooLarge(what, bytes, at);
    if (missing > 0)
      try {
        this.memory.grow(missing);
      } catch {
        throw tooLarge(what, bytes, at);
      }
    this.#top = top;
    return at;
  }
  bytes(at: number, bytes: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, bytes);
  }
  u32(at: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, at, count);
  }
  i32(at: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, count);
  }
  f32(at: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, count);
  }
  /** bytes in use */
  get used(): number {
    return this.#top;
  }
}
const align = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;
const pages = (bytes: number): number => Math.max(1, Math.ceil(bytes / PAGE));
const show = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const tooLarge = (what: string, bytes: number, used: number): RuntimeDiagnostic =>
  new RuntimeDiagnostic(
    `no room for ${what}: ${show(bytes)} beside the ${show(used)} in use; one WebAssembly memory holds 4096 MiB`,
  );
