/** Rows that are appended are there in their order, whether they were held or lay in files, and nothing is left of them. */
import { readdirSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { Appended } from "../../src/runtime/appended.ts";
import { temporary } from "./temporary.ts";

afterEach(() => void vi.unstubAllEnvs());

test.each([[[]], [[0]], [[3, 0, 5]], [[30_000, 70_000, 16, 90_000, 1]]])("batches of %j rows", batches => {
  const folder = temporary();
  vi.stubEnv("TMPDIR", folder);
  const own = new Appended(
    new Map([
      [7, { store: "f32", shape: [16, 5] }],
      [9, { store: "i64", shape: [16] }],
    ]),
  );
  const rows = batches.reduce((n, count) => n + count, 0);
  const floats = Float32Array.from({ length: 5 * rows }, (_, i) => i / 2);
  const integers = BigInt64Array.from({ length: rows }, (_, i) => BigInt(i) * 4_294_967_297n);
  // a batch has room for more than its rows
  const from = (x: Float32Array | BigInt64Array, row: number): Uint8Array => {
    const bytes = new Uint8Array(x.buffer, (row * x.byteLength) / Math.max(1, rows));
    return bytes.length ? bytes : new Uint8Array(64);
  };
  let before = 0;
  for (const n of batches) {
    const start = before;
    own.append(n, column => from(column === 7 ? floats : integers, start));
    before += n;
  }
  const [i, f] = own.taken([9, 7]);
  expect([i!.shape, f!.shape]).toEqual([[rows], [rows, 5]]);
  expect(new BigInt64Array(i!.bytes.slice().buffer)).toEqual(integers);
  expect(new Float32Array(f!.bytes.slice().buffer)).toEqual(floats);
  expect(readdirSync(folder)).toEqual([]);
});
