/** Small nets of all kinds of layers, every optimizer and schedule, states and chance, trained through the command line and by JAX. */
import { expect, test, vi } from "vitest";
import { compare } from "../../src/ir/bound.ts";
import { savedBounds } from "./bounds.ts";
import { apart, Project, undecided } from "./project.ts";
import { type Json, tensorsIn, withPython } from "./python.ts";

vi.setConfig({ testTimeout: 300_000 });
interface Net {
  /** `x |> text`; its name in nets.py */
  readonly text: string;
  readonly shape: readonly number[];
  readonly weights: { readonly [path: string]: readonly number[] };
  /** inputs are whole numbers below this */
  readonly whole?: number;
  /** bounds through so many sums of sums say nothing */
  readonly deep?: boolean;
}
const CLASSES = 4;
const dense = (i: number, a: number, b: number) => ({ [`dense${i}.w`]: [a, b], [`dense${i}.b`]: [b] });
const norm = (n: number) =>
  Object.fromEntries(["scale", "shift", "running_mean", "running_var"].map(k => [`batch_norm1.${k}`, [n]] as const));
const gates = (kind: string, n: number, inputs = 6, units = 7) => ({
  [`${kind}1.wx`]: [inputs, units * n],
  [`${kind}1.wh`]: [units, units * n],
  [`${kind}1.b`]: [units * n],
});
const NETS = {
  tanh: { text: "dense(11) |> tanh |> dense(4)", shape: [30], weights: { ...dense(1, 30, 11), ...dense(2, 11, 4) } },
  relu: { text: "dense(11) |> relu |> dense(4)", shape: [30], weights: { ...dense(1, 30, 11), ...dense(2, 11, 4) } },
  norm: {
    text: "dense(11) |> batch_norm |> gelu |> dense(4)",
    shape: [30],
    weights: { ...dense(1, 30, 11), ...norm(11), ...dense(2, 11, 4) },
  },
  image_norm: {
    text: "reshape([1, 6, 5]) |> conv(3, kernel: 3, pad: 1) |> batch_norm(momentum: 0.25) |> tanh |> flatten |> dense(4)",
    shape: [30],
    weights: { "conv1.w": [3, 1, 3, 3], "conv1.b": [3], ...norm(3), ...dense(1, 90, 4) },
  },
  dropout: {
    text: "dropout(0.25) |> dense(11) |> tanh |> dropout |> dense(4)",
    shape: [30],
    weights: { ...dense(1, 30, 11), ...dense(2, 11, 4) },
  },
  layer_norm: {
    text: "dense(11) |> layer_norm |> silu |> dense(4)",
    shape: [30],
    weights: { ...dense(1, 30, 11), "layer_norm1.scale": [11], "layer_norm1.shift": [11], ...dense(2, 11, 4) },
  },
  words: {
    text: "embedding(9, 6) |> attention(2, causal: true) |> mean(axis: 0) |> dense(4)",
    shape: [7],
    whole: 9,
    weights: {
      "embedding1.w": [9, 6],
      ...Object.fromEntries(
        [1, 2, 3, 4].flatMap(i => Object.entries(dense(i, 6, 6)).map(([k, v]) => [`attention1.${k}`, v])),
      ),
      ...dense(1, 6, 4),
    },
  },
  rnn: {
    text: "reshape([5, 6]) |> rnn(7) |> last |> dense(4)",
    shape: [30],
    weights: { ...gates("rnn", 1), ...dense(1, 7, 4) },
  },
  gru: {
    text: "reshape([5, 6]) |> gru(7) |> last |> dense(4)",
    shape: [30],
    weights: { ...gates("gru", 3), ...dense(1, 7, 4) },
  },
  lstm: {
    text: "reshape([5, 6]) |> lstm(7) |> hidden |> last |> dense(4)",
    shape: [30],
    weights: { ...gates("lstm", 4), ...dense(1, 7, 4) },
  },
  // products of 32 terms are kept for the way back; weights of 64 units lie beside a loop of ten trips
  gru_wide: {
    text: "reshape([10, 3]) |> gru(33) |> last |> dense(4)",
    shape: [30],
    weights: { ...gates("gru", 3, 3, 33), ...dense(1, 33, 4) },
    deep: true,
  },
  lstm_wide: {
    text: "reshape([10, 3]) |> lstm(64) |> hidden |> last |> dense(4)",
    shape: [30],
    weights: { ...gates("lstm", 4, 3, 64), ...dense(1, 64, 4) },
    deep: true,
  },
} as const satisfies Readonly<Record<string, Net>>;

interface Case {
  readonly net: keyof typeof NETS;
  /** in the program, and its name, its schedule and their numbers in nets.py */
  readonly optimizer: string;
  readonly rule: readonly [
    optimizer: string,
    schedule: string,
    numbers: { readonly schedule: readonly Json[]; readonly optimizer?: Json },
  ];
  /** further arguments of train, here and there */
  readonly more?: string;
  readonly given?: { readonly [k: string]: Json };
  readonly n?: number;
  readonly batch?: number;
}
const f = Math.fround;
const at = (net: Case["net"], optimizer: string, rule: Case["rule"], more: Partial<Case> = {}): Case => ({
  net,
  optimizer,
  rule,
  ...more,
});
const SGD: Case["rule"] = ["sgd", "constant", { schedule: [f(0.1)], optimizer: { momentum: f(0.9) } }];
const momentum = (net: Case["net"], more: Partial<Case> = {}): Case => at(net, "sgd(0.1, momentum: 0.9)", SGD, more);
const scheduled = (call: string, name: string, ...schedule: readonly Json[]): Case =>
  at("tanh", `sgd(${call}, momentum: 0.9)`, ["sgd", name, { schedule, optimizer: { momentum: f(0.9) } }]);

const CASES: readonly Case[] = [
  ...(["tanh", "relu", "norm", "image_norm", "dropout", "layer_norm", "words", "rnn", "gru", "lstm"] as const).map(n =>
    momentum(n, { n: 21, batch: 16 }),
  ),
  momentum("gru_wide", { n: 21, batch: 16 }),
  momentum("lstm_wide", { n: 40, batch: 32 }),
  momentum("norm", { n: 40, batch: 8 }),
  momentum("dropout", { n: 17, batch: 64 }),
  momentum("image_norm", { n: 3, batch: 2 }),
  at("tanh", "sgd(0.5)", ["sgd", "constant", { schedule: [0.5] }]),
  at("tanh", "sgd(0.1, momentum: 0.9, decay: 0.01)", [
    "sgd",
    "constant",
    { schedule: [f(0.1)], optimizer: { momentum: f(0.9), decay: f(0.01) } },
  ]),
  at("tanh", "sgd(0.1, momentum: 0.9, decay: 0.01, nesterov: true)", [
    "sgd",
    "constant",
    { schedule: [f(0.1)], optimizer: { momentum: f(0.9), decay: f(0.01), nesterov: true } },
  ]),
  at("tanh", "adam(0.01)", ["adam", "constant", { schedule: [f(0.01)] }]),
  at("tanh", "adam(0.01, beta1: 0.5, beta2: 0.75, eps: 0.125)", [
    "adam",
    "constant",
    { schedule: [f(0.01)], optimizer: { b1: 0.5, b2: 0.75, eps: 0.125 } },
  ]),
  at("tanh", "adamw(0.01, decay: 0.5)", ["adam", "constant", { schedule: [f(0.01)], optimizer: { decay: 0.5 } }]),
  at("tanh", "adagrad(0.05)", ["adagrad", "constant", { schedule: [f(0.05)] }]),
  at("tanh", "rmsprop(0.01)", ["rmsprop", "constant", { schedule: [f(0.01)] }]),
  at("tanh", "adadelta()", ["adadelta", "constant", { schedule: [1] }]),
  scheduled("step_decay(0.1, 7, factor: 0.5)", "step_decay", f(0.1), 7, 0.5),
  scheduled("exponential(0.1, 0.875)", "exponential", f(0.1), 0.875),
  scheduled("inverse(0.1, 0.25, 0.75)", "inverse", f(0.1), 0.25, 0.75),
  scheduled("cosine(0.1, steps: 15, warmup: 4)", "cosine", f(0.1), 15, 4),
  scheduled("polynomial(0.1, 15, power: 2)", "polynomial", f(0.1), 15, 2),
  scheduled("piecewise([4, 12], [0.1, 0.05, 0.01])", "piecewise", [4, 12], [f(0.1), f(0.05), f(0.01)]),
  scheduled("t => 0.1 / (1 + t.epoch)", "by_epoch", f(0.1)),
  // one rank: the mean of its gradients is its own
  momentum("tanh", { more: ", strategy: all_reduce()" }),
  momentum("tanh", { more: ", clip: 0.25", given: { clip: 0.25 } }),
  momentum("tanh", { more: ', freeze: ["dense1.*"]', given: { freeze: ["dense1.w", "dense1.b"] } }),
  at("tanh", 'for_weights("*.b", sgd(0.5), otherwise: sgd(0.1, momentum: 0.9))', SGD, {
    given: { other: [".b", "sgd", "constant", { schedule: [0.5] }] },
  }),
];
const nameOf = (c: Case): string => `${c.net}, ${c.optimizer}${c.more ?? ""}, ${c.n ?? 17} records by ${c.batch ?? 17}`;
function program(c: Case, steps: number): string {
  const net: Net = NETS[c.net];
  const [n, size] = [c.n ?? 17, net.shape[0]!];
  const [elem, whole] = net.whole === undefined ? ["f32", "r[0:"] : ["i32", "i32(r)[0:"];
  return `fn last(x) = x[-1]
fn hidden(s) = s.h
let records: f32[${n}, ${size + 1}] = npy("records.npy")
model Net(x: ${elem}[${size}]) -> f32[${CLASSES}] = x |> ${net.text}
let net = train(load(Net, "start.safetensors"), rows(records),
  loss: (m, r) => cross_entropy(m(${whole}${size}]), i32(r[${size}])),
  optimizer: ${c.optimizer}, batch: ${c.batch ?? 17}, steps: ${steps}${c.more ?? ""})
save net to "after.safetensors"
`;
}

withPython(
  "small nets by JAX: one step within the bound, 20 steps at most 4 times as far from f64 as JAX's f32",
  "nets.py",
  ask => {
    test.each(CASES.map((c, i) => [nameOf(c), c, i] as const))("%s", async (_, c, seed) => {
      const p = new Project();
      const net: Net = NETS[c.net];
      const [optimizer, schedule, numbers] = c.rule;
      const data = {
        net: c.net,
        weights: net.weights,
        n: c.n ?? 17,
        classes: CLASSES,
        size: net.shape[0]!,
        whole: net.whole ?? 0,
        seed,
      };
      const given = {
        ...data,
        folder: p.folder,
        batch: c.batch ?? 17,
        steps: 20,
        optimizer,
        schedule,
        numbers,
        ...c.given,
      };
      const jax = (await ask("train", given)) as { start: Json; first: Json; f64: Json; f32: readonly Json[] }; // as: what nets.py gives
      const [start, first, f64, f32] = [
        tensorsIn(jax.start),
        tensorsIn(jax.first),
        tensorsIn(jax.f64),
        jax.f32.map(tensorsIn),
      ];

      p.run(program(c, 1));
      const one = p.tensors("after.safetensors");
      expect([...one.keys()].sort()).toEqual([...start.keys()].sort());
      if (!net.deep) {
        const bounds = savedBounds(p.path("program.hs"));
        const share = { elements: 0, vague: 0 };
        for (const [path, w] of one) {
          const bounded = bounds.get(`after.safetensors ${path}`)!;
          expect.soft(compare(w, bounded).wrong, `${path} after a step by hsc`).toBeUndefined();
          expect.soft(compare(first.get(path)!, bounded).wrong, `${path} after a step by JAX`).toBeUndefined();
          undecided(bounded, share, start.get(path));
        }
        if (share.vague) console.log(`${share.vague} of ${share.elements} weights are undecided`);
        expect(share.vague / share.elements).toBeLessThanOrEqual(0.05);
      }

      p.run(program(c, 20));
      const hsc = p.tensors("after.safetensors");
      for (const [path, exact] of f64) {
        const moved = apart(exact, start.get(path)!);
        const theirs = Math.max(...f32.map(w => apart(w.get(path)!, exact)));
        // what does not move, or, as a bias before a norm, by nothing but rounding: no further than JAX
        const least = moved === 0 ? 0 : 1e-5 * moved;
        expect.soft(apart(hsc.get(path)!, exact), path).toBeLessThanOrEqual(Math.max(least, 4 * theirs));
      }
    });
  },
);
