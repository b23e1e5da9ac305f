/** TensorFlow.js on its WebAssembly backend as a peer of bench/main.ts: `tfjs_peer.mjs node_modules threads`. It has no threads in Node. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { apart, batchOf, difference, LR, MOMENTUM, NETS, npy, safetensors, serve } from "./common.mjs";

const require = createRequire(`${process.argv[2]}/`);
// it greets on stdout, where answers go
console.log = console.info = console.warn = () => {};
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(join(process.argv[2], "@tensorflow", "tfjs-backend-wasm", "dist", "/"));
await tf.setBackend("wasm");
await tf.ready();

/** x: [n, h, w, c]; hsc flattens c, h, w */
function forward(net, weights, x) {
  let [a, flat, conv, dense] = [x, false, 0, 0];
  for (const [kernel, , relu, pool, pad] of NETS[net]) {
    if (kernel) {
      const name = `conv${++conv}`;
      a = tf.add(tf.conv2d(a, weights.get(`${name}.w`), 1, pad ? "same" : "valid"), weights.get(`${name}.b`));
    } else {
      const name = `dense${++dense}`;
      if (!flat) a = tf.reshape(tf.transpose(a, [0, 3, 1, 2]), [a.shape[0], -1]);
      flat = true;
      a = tf.add(tf.matMul(a, weights.get(`${name}.w`)), weights.get(`${name}.b`));
    }
    if (relu) a = tf.relu(a);
    if (pool) a = tf.maxPool(a, 2, 2, "valid");
  }
  return a;
}
const tensors = (path, make) =>
  new Map(
    [...safetensors(path)].map(([name, { shape, data }]) => {
      const t = tf.tensor(data, shape);
      return [name, make(shape.length === 4 ? tf.transpose(t, [2, 3, 1, 0]) : t, name)];
    }),
  );
let runs = 0;
function train(row) {
  if (!NETS[row.program]) return "compared with PyTorch only";
  const part = i => {
    const { x, shape, labels } = batchOf(row, i);
    return [tf.transpose(tf.tensor(x, shape), [0, 2, 3, 1]), tf.oneHot(tf.tensor1d(labels, "int32"), 10)];
  };
  const setup = () => {
    const run = runs++;
    const weights = tensors(join(row.folder, "start.safetensors"), (t, name) => tf.variable(t, true, `${run}/${name}`));
    const optimizer = tf.train.momentum(LR, MOMENTUM);
    const loss = (x, y) => tf.losses.softmaxCrossEntropy(y, forward(row.program, weights, x));
    return { weights, step: (x, y) => tf.tidy(() => void optimizer.minimize(() => loss(x, y), false, [...weights.values()])) };
  };
  const check = async () => {
    const { weights, step } = setup();
    for (let i = 0; i < row.steps; i++) step(...part(i));
    const found = new Map();
    for (const [name, w] of weights) found.set(name, await (w.rank === 4 ? tf.transpose(w, [3, 2, 0, 1]) : w).data());
    return difference(row.folder, found);
  };
  const [{ step }, first] = [setup(), part(0)];
  return { step: () => step(...first), check };
}
function score(row) {
  const weights = tensors(join(row.folder, "net.safetensors"), t => t);
  const { data } = npy(join(row.folder, "x.npy"));
  const x = tf.tensor(data, [1, 28, 28, 1]);
  const step = () => tf.tidy(() => forward(row.net, weights, x).dataSync());
  return { step, check: () => apart(step(), join(row.folder, "y.npy")) };
}
const PROGRAMS = {
  product: (x, y) => tf.matMul(x, y),
  elementwise: (x, y) => tf.sub(tf.mul(tf.relu(tf.add(tf.mul(2, x), y)), x), y),
  chain: (x, y) => {
    const a = tf.abs(tf.sub(tf.mul(x, 1.5), y));
    const b = tf.add(tf.maximum(tf.mul(a, y), x), 0.5);
    return tf.sub(tf.mul(tf.minimum(tf.mul(b, b), 4), x), y);
  },
  exp: x => tf.exp(x),
};
function evaluate(row) {
  const f = PROGRAMS[row.program];
  if (!f) return "it has no f64, and no gradient of softmax against a direction";
  const args = Object.keys(row.inputs).map(n => {
    const { shape, data } = npy(join(row.folder, `${n}.npy`));
    return tf.tensor(data, shape);
  });
  return {
    step: () => f(...args).dispose(),
    check: async () => apart(await f(...args).data(), join(row.folder, "z.npy")),
  };
}
await serve(
  row => ({ train, score, evaluate })[row.kind](row),
  () => tf.engine().startScope(),
  () => {
    tf.engine().endScope();
    tf.disposeVariables();
  },
);
