/**
 * Training against JAX, from the same weights, through the command line: LeNet on MNIST's files and an MLP.
 *
 * Note [Which numbers are asked]
 * The bound of design 4 carries |W| |W| |W| e from layer to layer. Of a whole step of LeNet in f32 it is wider than the step itself, so
 * it could not fail: one step is held to it in f64, where it is 2^29 times narrower and the graph is the same, and in f32 layer by layer
 * (layers.test.ts). Steps in f32 are held to JAX's own distance from f64. A pool or a relu that meets a near tie decides it by rounding,
 * and each decision moves a gradient by much more than rounding does: so JAX's distance is the largest of several runs that add in
 * different orders, which meet the same near ties.
 */
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { compare } from "../../src/ir/bound.ts";
import { savedBounds } from "./bounds.ts";
import { apart, DATA, Project, undecided } from "./project.ts";
import { type Ask, type Json, tensorsIn, wire, withPython } from "./python.ts";

// JAX compiles, and programs train, on a busy machine
vi.setConfig({ testTimeout: 300_000 });
const IMAGES = join(DATA, "t10k-images-idx3-ubyte.gz");
const LABELS = join(DATA, "t10k-labels-idx1-ubyte.gz");

const MODELS = {
  lenet: `model Net(x: f32[28, 28]) -> f32[10] =
  x |> reshape([1, 28, 28]) |> conv(20, kernel: 5) |> max_pool(2) |> conv(50, kernel: 5) |> max_pool(2)
    |> flatten |> dense(500) |> relu |> dense(10)
`,
  mlp: `model Net(x: f32[28, 28]) -> f32[10] =
  x |> flatten |> dense(256) |> relu |> dense(128) |> relu |> dense(10)
`,
} as const;
type Model = keyof typeof MODELS;
interface Optimizer {
  /** in the program, by its name and its numbers in JAX */
  readonly text: string;
  readonly name: "sgd" | "adam";
  readonly numbers: readonly number[];
}
const SGD: Optimizer = { text: "sgd(0.01, momentum: 0.9, decay: 5e-4)", name: "sgd", numbers: [0.01, 0.9, 5e-4] };
const ADAM: Optimizer = { text: "adam(0.001)", name: "adam", numbers: [0.001, 0.9, 0.999, 1e-8] };

interface Training {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly batch: number;
  readonly steps: number;
  /** rows given to train: the first of the held-in part */
  readonly take: number;
  readonly shuffle: boolean;
  readonly seed: number;
}
const program = (t: Training): string => `let digits = idx(${JSON.stringify(IMAGES)}, ${JSON.stringify(LABELS)})
  |> map(r => { x: r.image / 255, y: r.label })
  |> split({ train: 0.8, test: 0.2 })
${MODELS[t.model]}
let net = train(load(Net, "start.safetensors"), digits.train |> take(${t.take}),
  loss: (m, r) => cross_entropy(m(r.x), r.y),
  optimizer: ${t.optimizer.text}, batch: ${t.batch}, steps: ${t.steps}, shuffle: ${t.shuffle})
save net to "after.safetensors"
`;
/** the net before and after, by hsc and by JAX; the rows of each step are computed by NumPy */
async function both(ask: Ask, t: Training) {
  const project = new Project();
  const { model, optimizer, take, batch, steps, shuffle, seed } = t;
  project.run(`${MODELS[model]}save init(Net) to "start.safetensors"\n`, "--seed", String(seed));
  project.run(program(t), "--seed", String(seed));
  const parts = { path: "digits.split1", shares: [0.8, 0.2] };
  const batches = await ask("order", {
    count: 10_000,
    parts,
    part: 0,
    take,
    train: "net.train1",
    batch,
    steps,
    shuffle,
    seed,
  });
  const weights = project.path("start.safetensors");
  const numbers = optimizer.numbers.map(Math.fround);
  const given = {
    images: IMAGES,
    labels: LABELS,
    weights,
    model,
    optimizer: optimizer.name,
    numbers,
    batches,
    orders: 5,
  };
  const jax = (await ask("train", given)) as { start: Json; f64: Json; f32: readonly Json[] }; // as: what train.py gives
  const [start, f64, f32] = [tensorsIn(jax.start), tensorsIn(jax.f64), jax.f32.map(tensorsIn)];
  return { hsc: project.tensors("after.safetensors"), start, f64, f32 };
}
withPython("training by JAX", "train.py", ask => {
  const at = (
    model: Model,
    optimizer: Optimizer,
    seed: number,
    take: number,
    batch: number,
    more: Partial<Training> = {},
  ) => {
    const t = { model, optimizer, batch, steps: 20, take, shuffle: true, seed, ...more };
    const name = `${model}, ${optimizer.text}, ${t.steps} steps over ${take} records by ${batch}${t.shuffle ? ", shuffled" : ""}, seed ${seed}`;
    return [name, t] as const;
  };
  describe("f32 is at most 4 times as far from f64 as JAX's f32, relative to how far the weights moved", () => {
    test.each([
      // few shapes: JAX compiles for each
      at("lenet", SGD, 0, 73, 20),
      at("lenet", SGD, 1, 73, 20, { shuffle: false }),
      at("lenet", SGD, 2, 13, 20, { steps: 1 }),
      at("lenet", ADAM, 3, 53, 20),
      at("mlp", SGD, 0, 600, 64),
      at("mlp", SGD, 1, 88, 64, { shuffle: false }),
      at("mlp", SGD, 2, 24, 64, { steps: 1 }),
      at("mlp", ADAM, 3, 600, 64),
      at("mlp", ADAM, 2 ** 40 + 3, 88, 64),
    ])("%s", async (_, t) => {
      const { hsc, start, f64, f32 } = await both(ask, t);
      expect([...hsc.keys()].sort()).toEqual([...f64.keys()].sort());
      for (const [path, exact] of f64) {
        const moved = apart(exact, start.get(path)!);
        const theirs = Math.max(...f32.map(w => apart(w.get(path)!, exact))) / moved;
        expect.soft(apart(hsc.get(path)!, exact) / moved, path).toBeLessThanOrEqual(Math.max(1e-5, 4 * theirs));
      }
    });
  });

  describe("one step in f64 lies within the bound", () => {
    const RECORDS = 17; // a panel, and one record of another
    test.each(["lenet", "mlp"] as const)("%s", async model => {
      const project = new Project();
      // no two places of an image are alike: pools and relus are decided
      const random = new Float64Array(RECORDS * 785).map((_, i) => (((i * 7919 + 13) % 65521) / 65521) ** 2);
      for (let n = 0; n < RECORDS; n++) random[n * 785 + 784] = n % 10;
      project.save("records.npy", "f64", [RECORDS, 785], random);
      const net = MODELS[model].replaceAll("f32", "f64");
      project.run(`${net}save init(Net) to "start.safetensors"\n`);
      const text = `${net}let records: f64[${RECORDS}, 785] = npy("records.npy")
let net = train(load(Net, "start.safetensors"), rows(records),
  loss: (m, r) => cross_entropy(m(reshape(r[0:784], [28, 28])), i32(r[784])),
  optimizer: ${SGD.text}, batch: ${RECORDS}, steps: 1)
save net to "after.safetensors"
`;
      project.run(text);
      const hsc = project.tensors("after.safetensors");
      const x = wire(
        [RECORDS, 28, 28],
        random.filter((_, i) => i % 785 < 784),
      );
      const y = wire(
        [RECORDS],
        random.filter((_, i) => i % 785 === 784),
      );
      const batches = [Array.from({ length: RECORDS }, (_, i) => i)];
      const given = {
        x,
        y,
        weights: project.path("start.safetensors"),
        model,
        optimizer: "sgd",
        numbers: SGD.numbers,
        batches,
      };
      const jax = (await ask("train", given)) as { start: Json; f64: Json }; // as: what train.py gives
      const [start, f64] = [tensorsIn(jax.start), tensorsIn(jax.f64)];
      const bounds = savedBounds(project.path("program.hs"));
      const share = { elements: 0, vague: 0 };
      for (const [path, weight] of hsc) {
        const bounded = bounds.get(`after.safetensors ${path}`)!;
        expect.soft(compare(weight, bounded).wrong, `hsc's ${path}`).toBeUndefined();
        expect.soft(compare(f64.get(path)!, bounded).wrong, `JAX's ${path}`).toBeUndefined();
        undecided(bounded, share, start.get(path)!);
      }
      console.log(`${model}: ${share.vague} of ${share.elements} weights are undecided`);
      expect(share.vague / share.elements).toBeLessThanOrEqual(0.05);
    });
  });
});
