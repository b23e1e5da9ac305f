/**
 * The programs of test/frontend/programs, as they stand there but for their length, against JAX, scikit-learn and networkx. Trainings have the
 * same start, the same rows, the same draws, and near is what train.test.ts says: at most 4 times as far from f64 as JAX's own f32, relative to how far a weight moved.
 */
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { TensorValue } from "../../src/ir/op.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { cifarFiles, petFiles, write } from "../data/make.ts";
import { writeTables } from "../data/tables.ts";
import { apart, DATA, Project } from "./project.ts";
import { type Json, tensorIn, tensorsIn, withPython } from "./python.ts";

vi.setConfig({ testTimeout: 300_000 });
const PROGRAMS = join(import.meta.dirname, "../frontend/programs");
const TEXT = join(DATA, "tinyshakespeare.txt");

/** a program, with some of its words replaced: each stands in it */
function program(name: string, edits: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(PROGRAMS, `${name}.hs`), "utf8");
  for (const [old, now] of Object.entries(edits)) {
    expect(text, name).toContain(old);
    text = text.replaceAll(old, now);
  }
  return text;
}
/** the same, which starts from a file instead of its initialisers, and saves its net and its mean loss */
const traced = (name: string, model: string, edits: Readonly<Record<string, string>>): string =>
  `${program(name, { [`train(${model},`]: `train(load(${model}, "start.safetensors"),`, ...edits })}
save net to "after.safetensors"
save collect(history(net) |> map(e => e.loss)) to "loss.npy"
`;
interface Near {
  readonly distance?: typeof apart;
  readonly least?: number;
  readonly times?: number;
  /** of what the largest element is, that any may be off */
  readonly unit?: number;
}
/** as near to f64 as JAX's f32; to the bit what JAX does not move */
function near(hsc: ReadonlyMap<string, TensorValue>, jax: Json, how: Near = {}): void {
  const { distance = apart, least = 1e-5, times = 4, unit = 0 } = how;
  const of = jax as { readonly start: Json; readonly f64: Json; readonly rounded: readonly Json[] }; // as: what programs.py gives
  const [start, f64, rounded] = [tensorsIn(of.start), tensorsIn(of.f64), of.rounded.map(tensorsIn)];
  const paths = [...hsc.keys()];
  expect([...f64.keys()]).toEqual(expect.arrayContaining(paths));
  expect([...f64.keys()].filter(k => k !== "loss").sort()).toEqual(paths.filter(k => k !== "loss").sort());
  for (const path of paths) {
    const [exact, before] = [f64.get(path)!, start.get(path)!];
    const moved = distance(exact, before);
    if (moved === 0) {
      expect(hsc.get(path), path).toEqual(before);
      continue;
    }
    const theirs = Math.max(...rounded.map(w => distance(w.get(path)!, exact))) / moved;
    const most = numbers(exact).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    const allowed = Math.max(least, times * theirs, (unit * most) / moved);
    expect.soft(distance(hsc.get(path)!, exact) / moved, path).toBeLessThanOrEqual(allowed);
  }
}
/** how far elements are apart in the mean: where a sign decides a step, single elements say nothing */
const meanApart = (a: TensorValue, b: TensorValue): number => {
  const of = numbers(b);
  return numbers(a).reduce((sum, v, i) => sum + Math.abs(v - of[i]!), 0) / of.length;
};
const after = (p: Project): ReadonlyMap<string, TensorValue> =>
  new Map([...p.tensors("after.safetensors"), ["loss", p.npy("loss.npy")]]);
const numbers = (t: TensorValue): readonly number[] => Array.from(t.data, Number);
/** the files of examples/data, and those in CIFAR's format */
function withFiles(): Project {
  const p = new Project();
  symlinkSync(DATA, p.path("data"));
  write(cifarFiles, p.folder);
  return p;
}
/** a training of `steps` steps from weights that the program itself makes */
function trained(
  p: Project,
  name: string,
  model: string,
  edits: Readonly<Record<string, string>>,
  more = "",
  ...args: readonly string[]
): string {
  p.run(`${program(name, edits).split("let net =")[0]}save init(${model}) to "start.safetensors"\n`, ...args);
  return p.run(traced(name, model, edits) + more, ...args);
}

withPython("programs, by JAX, scikit-learn and networkx", "programs.py", ask => {
  test("01_lenet and 18_batch_inference: right as often as the weights that were saved, with their scores", async () => {
    const p = withFiles();
    const out = p.run(program("01_lenet", { "epochs: 4": "steps: 60" }));
    p.run(
      'save idx("data/t10k-images-idx3-ubyte.gz") |> zip_index |> map(r => { id: r.index, r.image }) to "rows.parquet"\n',
    );
    p.write("lenet_model.hs", program("lenet_model", {}));
    mkdirSync(p.path("scored"));
    p.run(program("18_batch_inference", {}), "--set", "input=rows.parquet");
    const jax = (await ask("lenet_scores", { folder: p.folder })) as {
      readonly right: number;
      readonly test: number;
      readonly digit: Json;
      readonly confidence: Json;
    }; // as: what programs.py gives
    expect(Math.round(Number(out.replace("accuracy = ", "")) * jax.test)).toBe(jax.right);
    const scored = queryRows(`select id, digit, confidence from '${p.path("scored/digits.parquet")}' order by id`);
    expect(scored.map(r => Number(r[0]))).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(scored.map(r => Number(r[1]))).toEqual(numbers(tensorIn(jax.digit)));
    const confidence = numbers(tensorIn(jax.confidence));
    // a logit is some sums of products in f32; the slope of softmax is at most 1 / 4 for each of two logits
    const most = scored.reduce((m, r, i) => Math.max(m, Math.abs(Number(r[2]) - confidence[i]!)), 0);
    expect(most).toBeLessThanOrEqual((25 + 500 + 800 + 500) * 2 ** -24);
  });
  test("03_tabular: missing values, numbers for words, statistics of the training part", async () => {
    const p = new Project();
    writeTables(p.folder);
    trained(p, "03_tabular", "Churn", { "epochs: 20": "steps: 5" });
    near(after(p), await ask("churn", { folder: p.folder, steps: 5 }));
  });
  test("04_logistic: right where scikit-learn's optimum is", async () => {
    const p = new Project();
    p.write("iris.txt", readFileSync(join(DATA, "iris.libsvm")));
    const [right, count] = (await ask("logistic", { folder: p.folder })) as readonly number[]; // as: what programs.py gives
    const out = p.run(program("04_logistic", {}));
    expect(Math.round(Number(out.replace("accuracy = ", "")) * count!)).toBe(right);
  });
  test("12_pagerank: networkx's ranks", async () => {
    const p = new Project();
    writeTables(p.folder);
    const all = 'save rows(range(n)) |> map(i => { page: pages.value(i), rank: rank[i] }) to "ranks.parquet"\n';
    const out = p.run(program("12_pagerank", {}) + all);
    const found = queryRows(`select page, rank from '${p.path("ranks.parquet")}'`).map(
      r => [String(r[0]), Number(r[1])] as const,
    );
    const sum = found.reduce((a, [, rank]) => a + rank, 0);
    const ranks = new Map(
      Object.entries((await ask("pagerank", { folder: p.folder })) as Readonly<Record<string, number>>),
    ); // as: what programs.py gives
    expect(new Set(found.map(([page]) => page))).toEqual(new Set(ranks.keys()));
    const distance = found.reduce((d, [page, rank]) => d + Math.abs(rank / sum - ranks.get(page)!), 0);
    // a step shrinks distances by 0.85: where steps are below 1e-6, and each sum of 900 links is off by its rounding, the fixed point is near
    expect(distance * sum).toBeLessThanOrEqual((2 * (1e-6 + 900 * 2 ** -24 * sum)) / 0.15);
    const best = [...ranks].sort((a, b) => b[1] - a[1]).slice(0, 10);
    for (const [page] of best) expect(out).toContain(page);
  });
  test("02_cifar10: rows that are flipped and shifted anew, pools that round up", async () => {
    const p = withFiles();
    trained(p, "02_cifar10", "Quick", { "batch: 100, epochs: 8": "batch: 16, steps: 4" });
    near(after(p), await ask("cifar10", { folder: p.folder, steps: 4, batch: 16 }));
  });
  test("07_char_lstm: state that is carried, and what the net says", async () => {
    const p = new Project();
    p.write("tiny.txt", readFileSync(TEXT));
    trained(p, "07_char_lstm", "Char", { "epochs: 10": "steps: 3" }, 'save sample.id to "sample.npy"\n');
    near(after(p), await ask("char_lstm", { folder: p.folder, steps: 3 }));
    expect(numbers(p.npy("sample.npy"))).toEqual(await ask("char_sample", { folder: p.folder, count: 500 }));
  });
  test("08_transformer: attention, dropout, decay, clipping", async () => {
    const p = new Project();
    p.write("tiny.txt", readFileSync(TEXT).subarray(0, 6000));
    const given = { steps: 4, depth: 2, context: 16, lr: 3e-3, warmup: 1, clip: 0.5 };
    const sizes = ["--set", "width=32", "--set", `depth=${given.depth}`, "--set", `context=${given.context}`];
    const edits = {
      "cosine(3e-4, steps: 5000, warmup: 200)": `cosine(${given.lr}, steps: ${given.steps}, warmup: ${given.warmup})`,
      "batch: 32, steps: 5000, clip: 1.0": `batch: 32, steps: ${given.steps}, clip: ${given.clip}`,
    };
    trained(p, "08_transformer", "Gpt", edits, "", ...sizes);
    near(after(p), await ask("transformer", { folder: p.folder, ...given }));
  });
  test("09_autoencoder: two models as one, and codes of the first", async () => {
    const p = withFiles();
    trained(p, "09_autoencoder", "{ encode: Encoder, decode: Decoder }", { "epochs: 10": "steps: 10" });
    const jax = (await ask("autoencoder", { folder: p.folder, steps: 10 })) as { readonly codes: Json }; // as: what programs.py gives
    near(after(p), jax as Json);
    const codes = tensorIn(jax.codes);
    // two sums of products, each in f32
    const most = numbers(codes).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(apart(p.npy("codes.npy"), codes)).toBeLessThanOrEqual((784 + 128) * 2 ** -24 * most);
  });
  // in f64: a relu that meets a near tie decides it by rounding, and f32 has a few among the millions of these nets
  const RESIDUAL = {
    "f32[3, 32, 32]) -> f32[10]": "f64[3, 32, 32]) -> f64[10]",
    "r.image / 255": "f64(r.image) / 255",
  };
  // what they are compared with is rounded as they are, so a result may be twice as far from it
  const EXACT: Near = { least: 2e-5 * 2 ** -29, times: 8, unit: 2 ** -52 };
  test("16_transfer: pictures, a head on frozen layers, then all of them", async () => {
    const p = withFiles();
    const pets = await petFiles();
    write(pets, p.folder);
    p.write("resnet.hs", program("resnet", {}));
    p.run(program("21_resnet", { ...RESIDUAL, "batch: 128, epochs: 20": "batch: 16, steps: 1" }));
    const edits = {
      "[64, 64]": "[16, 16]",
      "f32[3, 64, 64]) -> f32": "f64[3, 16, 16]) -> f64",
      "epochs: 3": "epochs: 2",
      "epochs: 5": "epochs: 2",
      "r.image / 255": "f64(r.image) / 255",
      'save net to "pets.onnx"\n': "",
    };
    const out = p.run(`${program("16_transfer", edits)}save start to "start.safetensors"
save head to "head.safetensors"
save net to "after.safetensors"
save collect(pets |> map(r => r.image)) to "images.npy"
`);
    const labels = Object.keys(pets)
      .sort()
      .map(path => path.split("/")[1]!);
    const jax = (await ask("transfer", { folder: p.folder, labels, epochs: [2, 2] })) as {
      readonly head: Json;
      readonly all: Json;
      readonly right: readonly number[];
      readonly test: number;
    }; // as: what programs.py gives
    // adam makes its rate in f32: the corrections for its start hang on the step, an i32, and on decimal numbers
    near(p.tensors("head.safetensors"), jax.head, { ...EXACT, least: 2 ** -22 });
    near(p.tensors("after.safetensors"), jax.all, EXACT);
    const shares = ["head", "all"].map(name => Number(new RegExp(`^${name} = (.*)$`, "m").exec(out)?.[1]));
    expect(shares.map(s => Math.round(s * jax.test))).toEqual(jax.right);
  });
  test("17_sweep: the best of the trials is as often right as its weights are", async () => {
    const p = withFiles();
    const out = p.run(program("17_sweep", { "epochs: 3": "epochs: 1" }));
    const [, check, test] = (await ask("sweep", { folder: p.folder })) as readonly (readonly [number, number])[]; // as: what programs.py gives
    const shown = [...out.matchAll(/\S+$/gm)].map(m => Number(m[0])).filter(v => !Number.isNaN(v));
    const near = (of: number | undefined, [right, count]: readonly [number, number]): void =>
      expect(Math.round(of! * count) - right).toBe(0);
    expect(shown.length).toBe(9);
    near(Math.max(...shown.slice(0, 8)), check!);
    near(shown[8], test!);
  });
  test("21_resnet: batch norm, and decay for some weights", async () => {
    const p = withFiles();
    p.write("resnet.hs", program("resnet", {}));
    trained(p, "21_resnet", "ResNet", { ...RESIDUAL, "batch: 128, epochs: 20": "batch: 8, steps: 2" });
    near(p.tensors("after.safetensors"), await ask("residual", { folder: p.folder, steps: 2, batch: 8 }), EXACT);
  });
  test("22_custom: a loss, an optimizer and a schedule of one's own", async () => {
    const p = withFiles();
    trained(p, "22_custom", "Mlp", { "epochs: 2": "steps: 6" });
    near(after(p), await ask("custom", { folder: p.folder, steps: 6 }), { distance: meanApart });
  });
  test("23_monitoring: dropout, smoothing, validation, a confusion", async () => {
    const p = withFiles();
    const out = trained(p, "23_monitoring", "Mlp", { "epochs: 100": "steps: 20" });
    const jax = (await ask("monitoring", { folder: p.folder, steps: 20 })) as {
      readonly confusion: Json;
      readonly val: Readonly<Record<string, number>>;
    }; // as: what programs.py gives
    near(after(p), jax as Json);
    expect(out.match(/\d+/g)!.map(Number)).toEqual(numbers(tensorIn(jax.confusion)));
    const [head, row] = p
      .text("curve.csv")
      .trim()
      .split("\n")
      .map(line => line.split(","));
    for (const [name, value] of Object.entries(jax.val)) {
      // a mean over 1000 records in f32, of what two layers gave
      const got = Number(row![head!.indexOf(`val.${name}`)]);
      expect(Math.abs(got - value), name).toBeLessThanOrEqual((1000 + 784 + 256) * 2 ** -24 * value);
    }
  });
});
