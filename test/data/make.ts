/** Generated data of the examples: `node test/data/make.ts` writes the files anew. A function of nothing: test/examples compares. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mix32 } from "../../src/ir/mix32.ts";
import { npy } from "../../src/runtime/formats/npy.ts";

/** numbers in [-1, 1) with 16 bits behind the point: exact in f32, and as a literal in any language */
function matrix(rows: number, columns: number, seed: number): Uint8Array {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => (mix32(i ^ seed) >>> 15) / 2 ** 16 - 1);
  const value = { store: "f32", shape: [rows, columns], bytes: new Uint8Array(values.buffer) } as const;
  return Buffer.concat([...(npy.encodeTensor?.(value) ?? [])]);
}
/** path in examples/data -> bytes */
export const files: Readonly<Record<string, () => Uint8Array>> = {
  "a.npy": () => matrix(37, 53, 0x0a0a0a0a),
  "b.npy": () => matrix(53, 29, 0x0b0b0b0b),
};
export const folder = join(import.meta.dirname, "../../examples/data");

if (import.meta.main) for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes());
