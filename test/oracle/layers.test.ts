/** Every layer, activation and loss of the prelude in f32 through the command line: values and gradients against JAX within the bound. */
import { describe, expect, test, vi } from "vitest";
import { compare } from "../../src/ir/bound.ts";
import type { Bounded, TensorValue } from "../../src/ir/op.ts";
import { savedBounds } from "./bounds.ts";
import { Project, type Share, undecided } from "./project.ts";
import { type Ask, type Json, tensorIn, tensorsIn, withPython } from "./python.ts";

vi.setConfig({ testTimeout: 300_000 });

interface Layer {
  /** in the program, `x |> call`, and by its name and arguments in layers.py */
  readonly call: string;
  readonly name: string;
  readonly args?: { readonly [k: string]: Json };
  readonly shape: readonly number[];
  readonly weights?: { readonly [path: string]: readonly number[] };
  /** inputs are whole numbers below this */
  readonly whole?: number;
}
const both = (layer: string, w: readonly number[], b: readonly number[]) => ({
  [`${layer}1.w`]: w,
  [`${layer}1.b`]: b,
});
const scaled = (layer: string, n: number) => ({ [`${layer}1.scale`]: [n], [`${layer}1.shift`]: [n] });
const attention = (d: number) =>
  Object.fromEntries(
    [1, 2, 3, 4].flatMap(i => [[`attention1.dense${i}.w`, [d, d]] as const, [`attention1.dense${i}.b`, [d]] as const]),
  );
const plain = (name: string, shape: readonly number[] = [5, 7]): Layer => ({ call: name, name, shape });
const IMAGE = [4, 9, 8];

const LAYERS: readonly Layer[] = [
  { call: "dense(6)", name: "dense", shape: [11], weights: both("dense", [11, 6], [6]) },
  { call: "dense(3, bias: false)", name: "dense", shape: [4, 5], weights: { "dense1.w": [5, 3] } },
  { call: "dense(500)", name: "dense", shape: [800], weights: both("dense", [800, 500], [500]) },
  { call: "conv(5, kernel: 3)", name: "conv", shape: IMAGE, weights: both("conv", [5, 4, 3, 3], [5]) },
  { call: "conv(20, kernel: 5)", name: "conv", shape: [1, 28, 28], weights: both("conv", [20, 1, 5, 5], [20]) },
  { call: "conv(50, kernel: 5)", name: "conv", shape: [20, 12, 12], weights: both("conv", [50, 20, 5, 5], [50]) },
  {
    call: "conv(5, kernel: 3, stride: 2, pad: 1)",
    name: "conv",
    args: { stride: 2, pad: 1 },
    shape: IMAGE,
    weights: both("conv", [5, 4, 3, 3], [5]),
  },
  {
    call: "conv(6, kernel: [3, 2], stride: [2, 1], pad: [2, 1], dilation: [1, 2], groups: 2)",
    name: "conv",
    args: { stride: [2, 1], pad: [2, 1], dilation: [1, 2], groups: 2 },
    shape: IMAGE,
    weights: both("conv", [6, 2, 3, 2], [6]),
  },
  {
    call: "conv(4, kernel: 3, groups: 4)",
    name: "conv",
    args: { groups: 4 },
    shape: IMAGE,
    weights: both("conv", [4, 1, 3, 3], [4]),
  },
  { call: "conv(7, kernel: 1)", name: "conv", shape: IMAGE, weights: both("conv", [7, 4, 1, 1], [7]) },
  {
    call: "conv1d(6, 3, stride: 2, pad: 1, dilation: 2, groups: 2)",
    name: "conv1d",
    args: { stride: 2, pad: 1, dilation: 2, groups: 2 },
    shape: [4, 11],
    weights: both("conv1d", [6, 2, 3], [6]),
  },
  {
    call: "conv_transpose(3, kernel: 3, stride: 2, pad: 1)",
    name: "conv_transpose",
    args: { stride: 2, pad: 1 },
    shape: [2, 5, 4],
    weights: both("conv_transpose", [2, 3, 3, 3], [3]),
  },
  { call: "embedding(9, 4)", name: "embedding", shape: [6], whole: 9, weights: { "embedding1.w": [9, 4] } },
  { call: "layer_norm", name: "layer_norm", shape: [3, 8], weights: scaled("layer_norm", 8) },
  { call: "rms_norm", name: "rms_norm", shape: [3, 8], weights: { "rms_norm1.scale": [8] } },
  { call: "group_norm(2)", name: "group_norm", args: { groups: 2 }, shape: IMAGE, weights: scaled("group_norm", 4) },
  { call: "prelu", name: "prelu", shape: [3, 5, 4], weights: { "prelu1.slope": [3] } },
  { call: "attention(2)", name: "attention", args: { heads: 2 }, shape: [5, 8], weights: attention(8) },
  {
    call: "attention(2, causal: true)",
    name: "attention",
    args: { heads: 2, causal: true },
    shape: [5, 8],
    weights: attention(8),
  },
  // large enough to run in strips of rows, which divide 24 places and not 23
  { call: "attention(2)", name: "attention", args: { heads: 2 }, shape: [24, 8], weights: attention(8) },
  {
    call: "attention(2, causal: true)",
    name: "attention",
    args: { heads: 2, causal: true },
    shape: [23, 8],
    weights: attention(8),
  },
  { call: "layer_norm", name: "layer_norm", shape: [14, 41], weights: scaled("layer_norm", 41) },
  { call: "softmax", name: "softmax", shape: [14, 41] },
  ...(["max", "avg"] as const).flatMap((kind): readonly Layer[] => [
    { call: `${kind}_pool(2)`, name: `${kind}_pool`, args: { size: 2 }, shape: IMAGE },
    { call: `${kind}_pool(3, stride: 2)`, name: `${kind}_pool`, args: { size: 3, stride: 2 }, shape: IMAGE },
    {
      call: `${kind}_pool(3, stride: 2, ceil: true)`,
      name: `${kind}_pool`,
      args: { size: 3, stride: 2, ceil: true },
      shape: IMAGE,
    },
    {
      call: `${kind}_pool(3, stride: 1, pad: 1)`,
      name: `${kind}_pool`,
      args: { size: 3, stride: 1, pad: 1 },
      shape: IMAGE,
    },
    {
      call: `${kind}_pool([3, 2], stride: [2, 3], pad: [1, 0], ceil: true)`,
      name: `${kind}_pool`,
      args: { size: [3, 2], stride: [2, 3], pad: [1, 0], ceil: true },
      shape: IMAGE,
    },
  ]),
  // whole numbers tie: the first of the largest takes the gradient
  { call: "max_pool(3, stride: 2)", name: "max_pool", args: { size: 3, stride: 2 }, shape: IMAGE, whole: 3 },
  { call: "global_avg_pool", name: "global_avg_pool", shape: IMAGE },
  { call: "lrn", name: "lrn", shape: [7, 3, 4] },
  ...[
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "softplus",
    "softmax",
    "log_softmax",
    "logsumexp",
  ].map(n => plain(n)),
  { call: "softmax", name: "softmax", shape: [129] },
  { ...plain("square"), call: "map(v => v^2)" },
  { ...plain("norms"), call: "apply(v => norm(v, axis: -1) + std(v, axis: -1) + var(v, axis: -1))" },
  plain("cumsum"),
  { ...plain("sorted_max", [6, 6]), call: "apply(v => max(v, axis: -1) - min(v, axis: 0))" },
  { ...plain("rolled"), call: "apply(v => roll(v, 2, axis: 1) * flip(v, 1))" },
  { ...plain("joined"), call: "apply(v => transpose(concat([v, v * v], axis: -1)))" },
  { ...plain("einsum"), call: 'apply(v => einsum("ij,kj,il->kl", v, v, v))' },
  { ...plain("product"), call: "apply(v => transpose(v) @ (v @ transpose(v)))" },
];

type Loss = readonly [call: string, name: string, args: { readonly [k: string]: Json }, classes: number];
const LOSSES: readonly Loss[] = [
  ["cross_entropy(x, y)", "cross_entropy", {}, 7],
  ["cross_entropy(x, y, smooth: 0.125)", "cross_entropy", { smooth: 0.125 }, 7],
  ["nll(log_softmax(x), y)", "nll", {}, 7],
  ["binary_cross_entropy(x, y > 0)", "binary_cross_entropy", {}, 0],
  ["mse(x, y)", "mse", {}, 0],
  ["mae(x, y)", "mae", {}, 0],
  ["huber(x, y)", "huber", {}, 0],
  ["huber(x, y, delta: 0.5)", "huber", { delta: 0.5 }, 0],
  ["hinge(x, sign(y))", "hinge", {}, 0],
  ["kl_divergence(softmax(y), softmax(x))", "kl_divergence", {}, 0],
  ["l2(x)", "l2", {}, 0],
  ["triplet(x, y, -y)", "triplet", {}, 0],
];

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const type = (shape: readonly number[]): string => (shape.length ? `f32[${shape.join(", ")}]` : "f32");
/** applies a lambda where a pipe wants a name */
const APPLY = "fn apply(x, f) = f(x)\n";
function program(l: Layer, out: readonly number[], n: number): string {
  const [a, b] = [size(l.shape), size(l.shape) + size(out)];
  const shift =
    l.name !== "embedding"
      ? `{\n  weight shift: ${type(l.shape)} = 0\n  (x + shift) |> ${l.call}\n}`
      : `x |> ${l.call}`;
  const given = l.name === "embedding" ? "i32" : "f32";
  const of = (text: string): string => (given === "i32" ? `i32(${text})` : text);
  return `${APPLY}let records: f32[${n}, ${b}] = npy("records.npy")
model Net(x: ${type(l.shape).replace("f32", given)}) -> ${type(out)} = ${shift}
fn input(r) = ${of(`reshape(r[0:${a}], [${l.shape.join(", ")}])`)}
let start = load(Net, "start.safetensors")
save collect(rows(records) |> map(r => start(input(r))) |> take(${n})) to "y.npy"
let net = train(start, rows(records), loss: (m, r) => sum(m(input(r)) * reshape(r[${a}:${b}], [${out.join(", ")}])),
  optimizer: sgd(1.0), batch: ${n}, steps: 1, shuffle: false)
save net to "after.safetensors"
`;
}
const lossProgram = (
  call: string,
  k: number,
  classes: number,
  n: number,
): string => `let records: f32[${n}, ${k + (classes ? 1 : k)}] = npy("records.npy")
model Net(x: f32[${k}]) -> f32[${k}] = {
  weight shift: f32[${k}] = 0
  x + shift
}
fn of(x, y) = ${call}
fn target(r) = ${classes ? `i32(r[${k}])` : `r[${k}:${2 * k}]`}
let start = load(Net, "start.safetensors")
save collect(rows(records) |> map(r => of(start(r[0:${k}]), target(r))) |> take(${n})) to "y.npy"
let net = train(start, rows(records), loss: (m, r) => of(m(r[0:${k}]), target(r)), optimizer: sgd(1.0), batch: ${n}, steps: 1, shuffle: false)
save net to "after.safetensors"
`;

function hold(
  what: string,
  hsc: TensorValue,
  jax: TensorValue,
  bounded: Bounded,
  share: Share,
  from?: TensorValue,
): void {
  expect.soft(compare(hsc, bounded).wrong, `${what} by hsc`).toBeUndefined();
  expect.soft(compare(jax, bounded).wrong, `${what} by JAX`).toBeUndefined();
  undecided(bounded, share, from);
}
async function check(
  ask: Ask,
  question: string,
  given: { readonly [k: string]: Json },
  text: (out: readonly number[]) => string,
) {
  const p = new Project();
  const answer = await ask(question, { ...given, folder: p.folder });
  const jax = answer as { out: readonly number[]; start: Json; after: Json; y: Json }; // as: what layers.py gives
  p.run(text(jax.out));
  const [start, after, hsc] = [tensorsIn(jax.start), tensorsIn(jax.after), p.tensors("after.safetensors")];
  const bounds = savedBounds(p.path("program.hs"));
  expect([...hsc.keys()].sort()).toEqual([...after.keys()].sort());
  const share: Share = { elements: 0, vague: 0 };
  hold("values", p.npy("y.npy"), tensorIn(jax.y), bounds.get("y.npy")!, share);
  for (const [path, w] of hsc)
    hold(path, w, after.get(path)!, bounds.get(`after.safetensors ${path}`)!, share, start.get(path)!);
  if (share.vague) console.log(`${share.vague} of ${share.elements} values and weights are undecided`);
  expect(share.vague / share.elements).toBeLessThanOrEqual(0.05);
}

withPython("the prelude by JAX", "layers.py", ask => {
  describe("values and gradients of layers", () => {
    test.each(LAYERS.map((l, i) => [`${l.call} of ${type(l.shape)}`, l, i] as const))("%s", async (_, l, i) => {
      // a part of a panel of 16, one, and one record of another
      const n = [17, 5, 33, 16][i % 4]!;
      const { name, args = {}, shape, weights = {}, whole = 0 } = l;
      await check(ask, "layer", { name, args, shape, weights, n, whole, seed: i }, out => program(l, out, n));
    });
  });
  describe("values and gradients of losses", () => {
    test.each(LOSSES)("%s", async (call, name, args, classes) => {
      const [n, k] = [21, 7];
      await check(ask, "loss", { name, args, size: k, n, classes, seed: 1 }, () => lossProgram(call, k, classes, n));
    });
  });
});
