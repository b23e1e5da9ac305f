/**
 * Constants of vectors lie in memory, in the page below all buffers, and are loaded into all lanes where they are used: V8 makes a constant
 * of a vector anew at each use, from words, and a polynomial of 256 bits then takes 2.8 times as long. Knows no primitive.
 */
import binaryen from "binaryen";
import { GUARD } from "./address.ts";
import type { Module, Ref } from "./func.ts";

/** one instruction without memory: no bit is set, or all are */
export const isPlain = (bytes: Uint8Array): boolean =>
  bytes.every(b => b === bytes[0]) && (bytes[0] === 0 || bytes[0] === 255);

/** lives while one module is made */
export class Constants {
  private readonly places = new Map<string, { readonly at: number; readonly bytes: Uint8Array }>();
  private top = 0;

  /** in each lane of a native these bytes: 4 or 8 */
  splat(m: Module, bytes: Uint8Array): Ref {
    const key = bytes.join();
    const at = this.places.get(key)?.at ?? Math.ceil(this.top / bytes.length) * bytes.length;
    if (at + bytes.length > GUARD) return m.v128.const(Array.from({ length: 16 }, (_, i) => bytes[i % bytes.length]!));
    this.places.set(key, { at, bytes });
    this.top = Math.max(this.top, at + bytes.length);
    return bytes.length === 4 ? m.v128.load32_splat(at, 4, m.i32.const(0)) : m.v128.load64_splat(at, 8, m.i32.const(0));
  }
  /** the function that writes them when the module is instantiated: by each thread, the same bytes */
  fill(m: Module): void {
    if (!this.places.size) return;
    const stores = [...this.places.values()].flatMap(({ at, bytes }) => {
      const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      return Array.from({ length: bytes.length / 4 }, (_, i) =>
        m.i32.store(at + 4 * i, 4, m.i32.const(0), m.i32.const(words.getInt32(4 * i, true))),
      );
    });
    m.setStart(m.addFunction("constants", binaryen.none, binaryen.none, [], m.block(null, stores)));
  }
}
