/** What the peers in JavaScript share: the protocol of bench/peer.ts, weights and tensors as hsc saves them. Knows no framework. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";

/** [kernel, units, relu, pool, pad] per layer; kernel 0 is dense */
export const NETS = {
  mlp: [
    [0, 256, 1, 0, 0],
    [0, 128, 1, 0, 0],
    [0, 10, 0, 0, 0],
  ],
  lenet: [
    [5, 20, 0, 1, 0],
    [5, 50, 0, 1, 0],
    [0, 500, 1, 0, 0],
    [0, 10, 0, 0, 0],
  ],
  lenet5: [
    [5, 6, 1, 1, 2],
    [5, 16, 1, 1, 0],
    [0, 120, 1, 0, 0],
    [0, 84, 1, 0, 0],
    [0, 10, 0, 0, 0],
  ],
  cifar: [
    [3, 32, 1, 0, 1],
    [3, 32, 1, 1, 1],
    [3, 64, 1, 0, 1],
    [3, 64, 1, 1, 1],
    [0, 128, 1, 0, 0],
    [0, 10, 0, 0, 0],
  ],
};
export const LR = 0.01;
export const MOMENTUM = 0.9;

/** by name, in the order of the file: { shape, data } of f32 */
export function safetensors(path) {
  const raw = readFileSync(path);
  const size = Number(raw.readBigUInt64LE(0));
  const head = JSON.parse(raw.subarray(8, 8 + size).toString());
  delete head.__metadata__;
  const tensors = Object.entries(head).sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0]);
  return new Map(
    tensors.map(([name, t]) => {
      const bytes = raw.subarray(8 + size + t.data_offsets[0], 8 + size + t.data_offsets[1]);
      return [name, { shape: t.shape, data: new Float32Array(new Uint8Array(bytes).buffer) }];
    }),
  );
}
/** of f32 in row-major order */
export function npy(path) {
  const raw = readFileSync(path);
  const length = raw.readUInt16LE(8);
  const head = raw.subarray(10, 10 + length).toString();
  if (!head.includes("'<f4'")) throw new Error(`${path} is not of f32`);
  const shape = head
    .match(/\(([^)]*)\)/)[1]
    .split(",")
    .filter(s => s.trim())
    .map(Number);
  return { shape, data: new Float32Array(new Uint8Array(raw.subarray(10 + length)).buffer) };
}
function idx(path) {
  const raw = gunzipSync(readFileSync(path));
  return raw.subarray(4 + 4 * raw[3]);
}
/** a batch in the order of the file: [n, c, h, w] and labels */
export function batchOf(row, i) {
  const from = i * row.batch;
  const images = idx(join(row.data, "t10k-images-idx3-ubyte.gz")).subarray(784 * from, 784 * (from + row.batch));
  const labels = idx(join(row.data, "t10k-labels-idx1-ubyte.gz")).subarray(from, from + row.batch);
  const x = Float32Array.from(images, v => v / 255);
  if (row.program !== "cifar") return { x, shape: [row.batch, 1, 28, 28], labels: Int32Array.from(labels) };
  const wide = new Float32Array(row.batch * 3 * 1024);
  for (let n = 0; n < row.batch; n++)
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 28; y++)
        wide.set(x.subarray(784 * n + 28 * y, 784 * n + 28 * y + 28), 1024 * (3 * n + c) + 32 * (y + 2) + 2);
  return { x: wide, shape: [row.batch, 3, 32, 32], labels: Int32Array.from(labels) };
}
/** how far weights lie from those that hsc came to, in units of the way from the start */
export function difference(folder, found) {
  const [start, end] = ["start", "end"].map(f => safetensors(join(folder, `${f}.safetensors`)));
  let [gap, way] = [0, 0];
  for (const [name, { data }] of end)
    for (let i = 0; i < data.length; i++) {
      gap += (found.get(name)[i] - data[i]) ** 2;
      way += (start.get(name).data[i] - data[i]) ** 2;
    }
  return Math.sqrt(gap / way);
}
/** largest difference from a tensor that hsc saved, in units of its largest element */
export function apart(found, path) {
  const { data } = npy(path);
  let [gap, top] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    gap = Math.max(gap, Math.abs(found[i] - data[i]));
    top = Math.max(top, Math.abs(data[i]));
  }
  return gap / top;
}
/** seconds per step: the least mean over chunks of at least 3 ms */
async function best(step, seconds) {
  await step();
  let start = performance.now();
  await step();
  const chunk = Math.max(1, Math.round(3 / Math.max(performance.now() - start, 1e-3)));
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + 1000 * seconds;
  do {
    start = performance.now();
    for (let i = 0; i < chunk; i++) await step();
    least = Math.min(least, (performance.now() - start) / chunk);
  } while (performance.now() < end);
  return least / 1000;
}
/** make(row): { step, check } of a row, or a string: why it cannot run it; `begin` and `end` are told where a row does */
export async function serve(make, begin = () => {}, end = () => {}) {
  const known = new Map();
  process.stdout.write("ready\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const row = JSON.parse(line);
    let answer;
    try {
      if (row.ask === "forget") {
        known.delete(row.id);
        end();
        process.stdout.write("{}\n");
        continue;
      }
      if (!known.has(row.id)) {
        begin();
        known.set(row.id, await make(row));
      }
      const made = known.get(row.id);
      if (typeof made === "string") answer = { cannot: made };
      else if (row.ask === "check") answer = { difference: await made.check() };
      else answer = { seconds: await best(made.step, row.seconds) };
    } catch (e) {
      // a peer that fails in one row goes on with the next
      answer = { cannot: String(e).split("\n")[0].slice(0, 300) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}
