/** KERNEL and its schedule as text. */
import { expect, it } from "vitest";
import { printKernel } from "../../src/ir/kernel-text.ts";
import { convPool, denseForward, N } from "./kernels.ts";

it("prints a dense layer with its schedule", () => {
  expect(printKernel(...denseForward({ n: N, ci: 13, co: 20 }, true))).toBe(
    `kernel fwd
  x: f32[N, 13] as 0/16 1 0%16
  w: f32[13, 20] as 1/16 0 1%16
  b: f32[20]
  y: f32[N, 20] as 0/16 1 0%16
  phase n<N> co<20> | ci<13>
    s = add x[n, ci] * w[ci, co], from b[co]
    y[n, co] = max(0, s)
    by n:16@grid co:16 co:6~ | ci:1, n in 16 lanes`,
  );
});
it("prints windows, locals, halos and companions of maxima", () => {
  const [k, s] = convPool({ n: N, h: 8, w: 8, ci: 2, co: 5, k: 3, p: 1, BO: 5 }, true);
  const text = printKernel(k, s).split("\n");
  expect(text).toContain("  x: f32[N, 8, 16] as 0/16 1 2 0%16 halo 1:1..1 halo 2:2..2");
  expect(text).toContain("  rows: f32[N, 2, 8, 5] local as 1 2 3 0%16");
  expect(text).toContain("  shared n:16@grid py:1");
  expect(text).toContain("    m = max rows[n, qy, 2*px+qx, co]");
  expect(text).toContain("    i = first of m (qy * 2:i32) + qx");
});
