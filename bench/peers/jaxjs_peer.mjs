/** jax-js on WebAssembly as a peer of bench/main.ts: `jaxjs_peer.mjs node_modules threads`. Everything is one jit. It has no threads in Node. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { apart, batchOf, difference, LR, MOMENTUM, NETS, npy, safetensors, serve } from "./common.mjs";

const jax = await import(pathToFileURL(join(process.argv[2], "@jax-js", "jax", "dist", "index.js")).href);
const { numpy: np, lax, nn } = jax;
await jax.init("wasm");
jax.defaultDevice("wasm");

/** x: [n, c, h, w]. An argument is used up by whoever takes it; `.ref` keeps it */
function forward(net, weights, x) {
  let [a, flat, conv, dense] = [x, false, 0, 0];
  for (const [kernel, , relu, pool, pad] of NETS[net]) {
    if (kernel) {
      const name = `conv${++conv}`;
      const y = lax.convGeneralDilated(
        a,
        weights[`${name}.w`],
        [1, 1],
        [
          [pad, pad],
          [pad, pad],
        ],
      );
      a = y.add(weights[`${name}.b`].reshape([1, -1, 1, 1]));
    } else {
      const name = `dense${++dense}`;
      if (!flat) a = a.reshape([a.shape[0], -1]);
      flat = true;
      a = np.matmul(a, weights[`${name}.w`]).add(weights[`${name}.b`]);
    }
    if (relu) a = nn.relu(a);
    if (pool) {
      const [n, c, h, w] = a.shape;
      a = np.max(a.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
    }
  }
  return a;
}
const tensor = ({ shape, data }) => np.array(data, { shape });
const tensors = path => Object.fromEntries([...safetensors(path)].map(([name, t]) => [name, tensor(t)]));
const kept = tree => jax.tree.ref(tree);

function train(row) {
  if (!NETS[row.program]) return "compared with PyTorch only";
  const part = i => {
    const { x, shape, labels } = batchOf(row, i);
    const hot = new Float32Array(10 * labels.length);
    labels.forEach((l, n) => {
      hot[10 * n + l] = 1;
    });
    return [tensor({ data: x, shape }), tensor({ data: hot, shape: [labels.length, 10] })];
  };
  const loss = (w, x, y) => np.sum(nn.logSoftmax(forward(row.program, w, x), -1).mul(y)).mul(-1 / row.batch);
  const step = jax.jit((weights, slots, x, y) => {
    const g = jax.grad(loss)(kept(weights), x, y);
    const next = jax.tree.map((m, d) => m.mul(MOMENTUM).add(d), slots, g);
    return [jax.tree.map((w, m) => w.sub(m.mul(LR)), weights, kept(next)), next];
  });
  const start = () => {
    const weights = tensors(join(row.folder, "start.safetensors"));
    return [weights, jax.tree.map(w => np.zeros(w.shape), weights)];
  };
  const check = async () => {
    let state = start();
    for (let i = 0; i < row.steps; i++) state = step(...state, ...part(i));
    const found = new Map();
    for (const [name, w] of Object.entries(state[0])) found.set(name, await w.data());
    return difference(row.folder, found);
  };
  let state = start();
  const first = part(0);
  return {
    step: async () => {
      state = step(...state, first[0].ref, first[1].ref);
      await jax.blockUntilReady(state);
    },
    check,
  };
}
function score(row) {
  const weights = tensors(join(row.folder, "net.safetensors"));
  const x = tensor({ data: npy(join(row.folder, "x.npy")).data, shape: [1, 1, 28, 28] });
  const f = jax.jit((w, v) => forward(row.net, w, v));
  const step = () => f(kept(weights), x.ref).data();
  return { step, check: async () => apart(await step(), join(row.folder, "y.npy")) };
}
const PROGRAMS = {
  product: (x, y) => np.matmul(x, y),
  elementwise: (x, y) => nn.relu(x.ref.mul(2).add(y.ref)).mul(x).sub(y),
  chain: (x, y) => {
    const a = np.abs(x.ref.mul(1.5).sub(y.ref));
    const b = np.maximum(a.mul(y.ref), x.ref).add(0.5);
    return np.minimum(b.ref.mul(b), 4).mul(x).sub(y);
  },
  exp: x => np.exp(x),
};
function evaluate(row) {
  if (!PROGRAMS[row.program]) return "not written for it";
  const f = jax.jit(PROGRAMS[row.program]);
  const args = Object.keys(row.inputs).map(n => tensor(npy(join(row.folder, `${n}.npy`))));
  const run = () => f(...args.map(a => a.ref));
  return {
    step: async () => (await run().blockUntilReady()).dispose(),
    check: async () => apart(await run().data(), join(row.folder, "z.npy")),
  };
}
await serve(row => ({ train, score, evaluate })[row.kind](row));
