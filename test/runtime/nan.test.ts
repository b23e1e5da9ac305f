/** A loss that is not finite: the first bad value is named as a user knows it, whatever happened after it. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { npy } from "../../src/runtime/formats/npy.ts";
import { temporary } from "./temporary.ts";

vi.setConfig({ testTimeout: 120_000 });
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
function failure(program: string, x: (i: number) => number, ...args: readonly string[]): string {
  const folder = temporary();
  const values = Float32Array.from({ length: 96 * 4 }, (_, i) => x(i));
  const value = { store: "f32", shape: [96, 4], bytes: new Uint8Array(values.buffer) } as const;
  writeFileSync(join(folder, "x.npy"), Buffer.concat([...npy.encodeTensor!(value)]));
  writeFileSync(join(folder, "a.hs"), program);
  const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), NO_COLOR: "1" };
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs", ...args], { cwd: folder, encoding: "utf8", env });
  expect([r.status, r.stdout]).toEqual([1, ""]);
  return r.stderr.replace(/^(epoch|net) .*\n/gm, "");
}
const program = (loss: string, optimizer: string): string => `let data = rows(npy("x.npy"))
model M(x: f32[4]) -> f32[3] = x |> dense(5) |> tanh |> dense(3)
let net = train(M, data,
  loss: (m, r) => ${loss},
  optimizer: ${optimizer}, batch: 32, epochs: 200, shuffle: false)
save net to "net.safetensors"
`;
/** fused kernels know the place of their last value, which holds those of the others */
const HERE = "first here\\n {2}--> a\\.hs:4:\\d+\\n(.*\\n)+note: loss is this\\n {2}--> a\\.hs:4:9\\n";
const wave = (i: number): number => Math.sin(i);

test("in the loss: the expression that made it", () => {
  const err = failure(program("sum(m(r)^2) + log(sum(m(r)^2) - 100)", "sgd(0.1)"), wave);
  expect(err).toMatch(new RegExp(`^error: loss is NaN at step 1, ${HERE}`));
});
test("in the gradient, a step before the loss shows it", () => {
  const err = failure(program("sqrt(sum(m(r)^2) * 0)", "sgd(0.1)"), wave);
  expect(err).toMatch(new RegExp(`^error: loss is NaN at step 2: at step 1, ${HERE}`));
});
test("in a value of the schedule, two epochs after the first step: in all updates", () => {
  const err = failure(program("sum(m(r)^2)", "sgd(t => if t.step < 5 then 1e-3 else inf)"), wave);
  expect(err).toMatch(/^error: loss is NaN at step 7: at step 6, first in dense1\.w's update\n/);
  expect(err).toContain("note: so are the updates of 3 more in this step\n");
});
test("in what leads to one weight: the weight", () => {
  const err = failure(program("100 * sum(m(r)^2)", "sgd(3e38)"), wave);
  expect(err).toMatch(
    /^error: loss is NaN at step 2: at step 1, first in dense[12]\.[wb]'s (gradient|update|gradient or update)\n/,
  );
});
test("in the data: the row", () => {
  const err = failure(program("sum(m(r)^2)", "sgd(1e-3)"), i => (i === 4 * 70 + 2 ? Number.NaN : wave(i)));
  expect(err).toMatch(/^error: loss is NaN at step 3, row 70 holds NaN\n {2}--> a\.hs:4:9\n/);
});
test("on any number of threads, the same words", () => {
  const text = program("sum(m(r)^2) - 1e30 * sum(m(r)^4)", "sgd(1e3)");
  const one = failure(text, wave, "--threads", "1");
  expect(one).toMatch(/^error: loss is -?(NaN|inf) at step \d+/);
  expect(failure(text, wave, "--threads", "3")).toBe(one);
});
