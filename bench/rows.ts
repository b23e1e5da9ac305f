/** What is measured: programs, their sizes, what a step of each counts, how near peers must come, and what was aimed at. Knows no process. */

export interface Row {
  readonly id: string;
  readonly title: string;
  /** bench/programs/<program>.hs */
  readonly program: string;
  readonly kind: "train" | "evaluate" | "score";
  /** what a peer needs to know beside the program */
  readonly batch?: number;
  readonly net?: string;
  /** shapes of the .npy files that it reads, by name */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  readonly elem?: "f32" | "f64";
  /** what a step counts, and the unit of that per second */
  readonly amount: number;
  readonly unit: string;
  /** peers may be so far from what hsc computed: f32 in other orders, and, in nets with pools and relus, a kink taken on its other side */
  readonly within: number;
  readonly goals?: Readonly<Record<string, number>>;
  /** of the peak of all threads */
  readonly share?: number;
}
const JAX_JS = { "tfjs-wasm": 5, "jax-js": 5, "onnxruntime-web": 5 };
const net = (
  program: string,
  title: string,
  batch: number,
  torch: number,
  jax: number,
  share = 0.8,
  within = 1e-3,
): Row => ({
  id: `${program}:${batch}`,
  title: `${title}, batch ${batch}`,
  program,
  kind: "train",
  batch,
  amount: batch,
  unit: "records/s",
  within,
  goals: { lanes: 0.95, "torch best": torch, jax, ...JAX_JS },
  share,
});
const sequence = (program: string, title: string, shape: readonly number[]): Row => ({
  id: `${program}:32`,
  title,
  program,
  kind: "train",
  batch: 32,
  inputs: { x: [256, ...shape] },
  amount: 32,
  unit: "records/s",
  within: 1e-3,
  goals: { "torch eager": 1 },
});
const product = (n: number, elem: "f32" | "f64" = "f32"): Row => ({
  id: `${elem === "f32" ? "product" : "product64"}:${n}`,
  title: `product ${elem} ${n}`,
  program: elem === "f32" ? "product" : "product64",
  kind: "evaluate",
  inputs: { x: [n, n], y: [n, n] },
  elem,
  amount: (2 * n ** 3) / 1e9,
  unit: "GFLOP/s",
  within: 1e-5,
  ...(elem === "f32" ? { share: 0.8 } : {}),
});
const elements = (program: string, title: string, inputs: Row["inputs"], goals: Required<Row>["goals"]): Row => ({
  id: program,
  title,
  program,
  kind: "evaluate",
  inputs: inputs!,
  amount: Object.values(inputs!)[0]!.reduce((a, b) => a * b, 1) / 1e9,
  unit: "Gelem/s",
  within: 1e-5,
  goals,
});
const scoring = (net: string, title: string): Row => ({
  id: `score:${net}`,
  title: `one record through ${title}`,
  program: `score_${net}`,
  net,
  kind: "score",
  inputs: { x: [28, 28] },
  amount: 1,
  unit: "records/s",
  within: 1e-5,
  goals: { "torch eager": 5, ...JAX_JS },
});
export function rowsOf(small = false): readonly Row[] {
  // data of another size are other data
  const many = small ? 1 << 16 : 1 << 24;
  const rows = small ? 64 : 4096;
  const name = (text: string): string => (small ? `${text}, small` : `${text}, 16 M`);
  return [
    net("lenet", "LeNet 20-50-500-10", 64, 1.8, 6),
    net("lenet5", "LeNet-5 6-16-120-84", 32, 4.8, 8),
    net("lenet5", "LeNet-5 6-16-120-84", 128, 3.7, 8),
    net("mlp", "MLP 784-256-128-10", 32, 2.9, 1.8, 0.6),
    net("mlp", "MLP 784-256-128-10", 128, 1.7, 1.4),
    net("mlp", "MLP 784-256-128-10", 512, 1.25, 1.15),
    net("cifar", "CIFAR CNN 32,32,p,64,64,p,128,10", 32, 1.1, 2.9, 0.8, 5e-2),
    sequence("lstm", "LSTM(256, t 64), batch 32", [64, 256]),
    sequence("transformer", "transformer block (d 128, 4 heads, t 64), batch 32", [64, 128]),
    sequence("resnet_unit", "ResNet unit with batch norm (64 x 16 x 16), batch 32", [64, 16, 16]),
    product(512),
    ...(small ? [] : [product(1024), product(2048)]),
    product(small ? 256 : 1024, "f64"),
    elements("elementwise", name("relu(2x + y) * x - y"), { x: [many], y: [many] }, { jax: 2.5, "torch compile": 2.5 }),
    elements("chain", name("ten operations"), { x: [many], y: [many] }, { jax: 2, "torch compile": 2 }),
    elements(
      "softmax",
      `softmax ${rows} x 1024, forward and backward`,
      { x: [rows, 1024], t: [rows, 1024] },
      { "torch best": 1 },
    ),
    elements("exp", name("exp"), { x: [many] }, { numpy: 1.5 }),
    scoring("lenet", "LeNet"),
    scoring("mlp", "MLP"),
  ];
}
