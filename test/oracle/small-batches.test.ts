/** A convolutional net by a batch below, at and above a panel of 16 records, full and not: within the bound of the interpreter in f64. */
import { expect, test } from "vitest";
import { compare } from "../../src/ir/bound.ts";
import { seeded } from "../emit/harness.ts";
import { savedBounds } from "./bounds.ts";
import { Project, undecided } from "./project.ts";

const SIDE = 12;
const program = (rows: number, batch: number): string => `let records: f32[${rows}, ${SIDE * SIDE}] = npy("records.npy")
model Net(x: f32[${SIDE * SIDE}]) -> f32[3] =
  x |> reshape([1, ${SIDE}, ${SIDE}]) |> conv(7, kernel: 3) |> tanh |> flatten |> dense(3)
let start = init(Net)
let net = train(start, rows(records), loss: (m, r) => mse(m(r), r[0:3]), optimizer: sgd(0.1, momentum: 0.5), batch: ${batch}, steps: 1)
save start to "start.safetensors"
save net to "end.safetensors"
save records |> rows |> map(r => net(r)) |> collect to "scores.npy"
`;
test.each([
  [1, 1],
  [2, 2],
  [3, 16],
  [7, 7],
  [15, 16],
  [16, 16],
  [17, 17],
  [19, 32],
])("%i records in a batch of %i", (rows, batch) => {
  const p = new Project();
  const random = seeded(rows);
  const pixels = Array.from({ length: rows * SIDE * SIDE }, random);
  p.save("records.npy", "f32", [rows, SIDE * SIDE], pixels);
  p.run(program(rows, batch));
  const bounds = savedBounds(p.path("program.hs"));
  const [start, end] = [p.tensors("start.safetensors"), p.tensors("end.safetensors")];
  const share = { elements: 0, vague: 0 };
  for (const [path, w] of end) {
    const bounded = bounds.get(`end.safetensors ${path}`)!;
    expect.soft(compare(w, bounded).wrong, path).toBeUndefined();
    undecided(bounded, share, start.get(path));
  }
  expect.soft(compare(p.npy("scores.npy"), bounds.get("scores.npy")!).wrong, "scores").toBeUndefined();
  expect(share.elements).toBe(2173);
  expect(share.vague / share.elements).toBeLessThanOrEqual(0.05);
});
