/**
 * Generated data of the examples. `node test/data/make.ts` writes the matrices of product.hs anew, and what is not kept in the repository:
 * small files in CIFAR-10's format for resnet.hs and cifar10.hs, pictures of pets for 16_transfer.hs, and the tables of tables.ts. A function of nothing: test/examples compares.
 * `node test/data/make.ts ../try` makes a folder in which the programs of test/frontend/programs run.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { mix32 } from "../../src/ir/mix32.ts";
import { npy } from "../../src/runtime/formats/npy.ts";
import { writeTables } from "./tables.ts";

/** numbers in [-1, 1) with 16 bits behind the point: exact in f32, and as a literal in any language */
function matrix(rows: number, columns: number, seed: number): Uint8Array {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => (mix32(i ^ seed) >>> 15) / 2 ** 16 - 1);
  const value = { store: "f32", shape: [rows, columns], bytes: new Uint8Array(values.buffer) } as const;
  return Buffer.concat([...(npy.encodeTensor?.(value) ?? [])]);
}
/**
 * label, then 3 planes of 32 x 32: a colour for each class under noise. https://www.cs.toronto.edu/~kriz/cifar.html, "binary version"
 * Dark, and low in contrast: CIFAR-10 "quick" takes pixels as they are, and its steps are too long for noise of half the range (JAX
 * diverges, too); its crops pad with black, so a bright image has edges.
 */
function cifar(records: number, seed: number): Uint8Array {
  const [plane, size] = [32 * 32, 1 + 3 * 32 * 32];
  const out = new Uint8Array(records * size);
  for (let r = 0; r < records; r++) {
    const label = mix32(r ^ seed) % 10;
    out[r * size] = label;
    for (let i = 0; i < 3 * plane; i++) {
      const colour = mix32(1 + label * 3 + Math.floor(i / plane)) & 31;
      out[r * size + 1 + i] = colour + (mix32((r * 3 * plane + i) ^ seed) & 7);
    }
  }
  return out;
}
const BREEDS = ["Beagle", "Birman", "Pug"];
/** small jpegs in a folder for each breed: a colour and a stripe of its own under noise; not all of one size */
export async function petFiles(): Promise<typeof files> {
  const { default: encode, init } = await import("@jsquash/jpeg/encode.js");
  const codec = createRequire(import.meta.url).resolve("@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm");
  await init(new WebAssembly.Module(readFileSync(codec)));
  const out: Record<string, () => Uint8Array> = {};
  for (let i = 0; i < 24; i++) {
    const breed = i % BREEDS.length;
    const [width, height] = [40 + (mix32(i) & 15), 40 + (mix32(i + 100) & 15)];
    const data = new Uint8ClampedArray(4 * width * height);
    for (let at = 0; at < data.length; at++) {
      const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)];
      const stripe = (breed === 0 ? x : breed === 1 ? y : x + y) & 8 ? 60 : 0;
      data[at] = at % 4 === 3 ? 255 : 40 + 50 * Number(at % 4 === breed) + stripe + (mix32(at ^ (i << 20)) & 31);
    }
    const image = { data, width, height, colorSpace: "srgb" } as Parameters<typeof encode>[0]; // as: of a browser's class only these are read
    const bytes = new Uint8Array(await encode(image));
    out[`pets/${BREEDS[breed]}/${BREEDS[breed]}_${i}.jpg`] = () => bytes;
  }
  return out;
}
/** path in examples/data -> bytes; those in the repository */
export const files: Readonly<Record<string, () => Uint8Array>> = {
  "a.npy": () => matrix(37, 53, 0x0a0a0a0a),
  "b.npy": () => matrix(53, 29, 0x0b0b0b0b),
};
/** those beside it */
export const cifarFiles: Readonly<Record<string, () => Uint8Array>> = {
  "cifar/data_batch_1.bin": () => cifar(160, 0x01010101),
  "cifar/data_batch_2.bin": () => cifar(140, 0x02020202),
  "cifar/test_batch.bin": () => cifar(50, 0x03030303),
};
export const folder = join(import.meta.dirname, "../../examples/data");
export function write(all: typeof files, to: string): void {
  for (const [name, bytes] of Object.entries(all)) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    writeFileSync(join(to, name), bytes());
  }
}
/** the programs of test/frontend/programs, and what they read under the names that they give it */
export async function writePrograms(to: string): Promise<void> {
  cpSync(join(import.meta.dirname, "../frontend/programs"), to, { recursive: true });
  for (const name of ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
    cpSync(join(folder, name), join(to, "data", name));
  cpSync(join(folder, "iris.libsvm"), join(to, "iris.txt"));
  cpSync(join(folder, "tinyshakespeare.txt"), join(to, "tiny.txt"));
  write({ ...files, ...cifarFiles, ...(await petFiles()) }, to);
  writeTables(to);
  // what 18_batch_inference.hs scores, and the folder for it
  const rows = 'idx("data/t10k-images-idx3-ubyte.gz") |> zip_index |> map(r => { id: r.index, r.image })';
  writeFileSync(join(to, "rows.hs"), `save ${rows} to "rows.parquet"\n`);
  mkdirSync(join(to, "scored"), { recursive: true });
}
if (import.meta.main) {
  const [to] = process.argv.slice(2);
  if (to !== undefined) await writePrograms(to);
  else {
    write(files, folder);
    write(cifarFiles, folder);
    write(await petFiles(), folder);
    writeTables(join(folder, "tables"));
  }
}
