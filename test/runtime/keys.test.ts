/** A step in the shape of a GAN's, two models and a loss for each: an update moves all weights and states of its own key, and no bit of the other's. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withInput } from "../../src/runtime/files.ts";
import { readSafetensors } from "../../src/runtime/formats/safetensors.ts";
import { temporary } from "./temporary.ts";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
const LOSSES = {
  d: "binary_cross_entropy(m.d(x), 1) + binary_cross_entropy(m.d(m.g(normal([4]))), 0)",
  g: "binary_cross_entropy(m.d(m.g(normal([4]))), 1)",
} as const;
type Key = keyof typeof LOSSES;
const training = (keys: readonly Key[]): string => `let ${keys.join("")} = train(start, rows(normal([40, 8])),
  loss: { ${keys.map(k => `${k}: (m, x) => ${LOSSES[k]}`).join(", ")} }, optimizer: adam(1e-2), batch: 8, epochs: 1)
save ${keys.join("")} to "${keys.join("")}.safetensors"
`;
test("each key of a record of losses moves what is its own", { timeout: 120_000 }, () => {
  const folder = temporary();
  writeFileSync(
    join(folder, "a.hs"),
    `model Gen(z: f32[4]) -> f32[8] = z |> dense(6) |> batch_norm |> relu |> dense(8)
model Disc(x: f32[8]) -> f32 = x |> dense(5) |> batch_norm |> leaky_relu(0.2) |> dense(1) |> squeeze(0)
let start = init({ g: Gen, d: Disc })
save start to "start.safetensors"
${training(["d"])}${training(["g"])}${training(["d", "g"])}`,
  );
  const env = { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" };
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs"], { cwd: folder, encoding: "utf8", env });
  expect([r.status, r.stderr.match(/^error.*/m)?.[0]]).toEqual([0, undefined]);
  const tensors = (name: string) => withInput(join(folder, `${name}.safetensors`), readSafetensors).tensors;
  const start = tensors("start");
  const paths = [...start.keys()];
  expect(paths.length).toBe(16);
  const moved = (name: string): readonly string[] => {
    const after = tensors(name);
    return paths.filter(p => Buffer.compare(after.get(p)!.bytes, start.get(p)!.bytes) !== 0);
  };
  expect(moved("d")).toEqual(paths.filter(p => p.startsWith("d.")));
  expect(moved("g")).toEqual(paths.filter(p => p.startsWith("g.")));
  expect(moved("dg")).toEqual(paths);
});
