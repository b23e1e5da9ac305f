/** The folder of a row: its program, the images that it reads, tensors of normal numbers as .npy files. The same on every machine. */
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "./rows.ts";
import { CACHE } from "./tools.ts";

const checkout = join(import.meta.dirname, "..");
export const IMAGES = join(checkout, "examples", "data");

/** makes what is not there yet; gives the folder */
export function folderOf(row: Row): string {
  const size = Object.values(row.inputs ?? {}).map(shape => shape.join("x"));
  const folder = join(CACHE, "work", [row.id.replace(":", "-"), ...size.slice(0, 1)].join("-"));
  mkdirSync(folder, { recursive: true });
  // programs name the images as they lie in the checkout: ../../examples/data
  const link = join(CACHE, "examples");
  rmSync(link, { force: true });
  symlinkSync(join(checkout, "examples"), link);
  copyFileSync(join(checkout, "bench", "programs", `${row.program}.hs`), join(folder, "program.hs"));
  for (const [i, [name, shape]] of Object.entries(row.inputs ?? {}).entries()) {
    const path = join(folder, `${name}.npy`);
    if (!existsSync(path)) writeFileSync(path, npy(normal(shape, i + 1, row.elem ?? "f32"), shape));
  }
  return folder;
}

/** Marsaglia's xorshift32 into Box and Muller's transform */
function normal(shape: readonly number[], seed: number, elem: "f32" | "f64"): Float32Array | Float64Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const out = elem === "f32" ? new Float32Array(size) : new Float64Array(size);
  let x = (seed * 0x9e3779b9) | 1;
  const uniform = (): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return ((x >>> 0) + 0.5) / 2 ** 32;
  };
  for (let i = 0; i < size; i++) out[i] = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return out;
}
/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1 */
function npy(data: Float32Array | Float64Array, shape: readonly number[]): Uint8Array {
  const type = data instanceof Float32Array ? "<f4" : "<f8";
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const head = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
  const lead = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, head.length & 255, head.length >> 8]);
  return Buffer.concat([lead, Buffer.from(head), Buffer.from(data.buffer)]);
}
