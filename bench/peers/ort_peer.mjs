/** onnxruntime-web as a peer of bench/main.ts: `ort_peer.mjs node_modules threads python`. It scores; it does not train. */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { apart, npy, serve } from "./common.mjs";

const [modules, threads, python] = process.argv.slice(2);
const ort = createRequire(`${modules}/`)("onnxruntime-web");
ort.env.wasm.numThreads = Number(threads);

async function make(row) {
  if (row.kind === "train") return "it does not train";
  if (row.elem === "f64" || row.program === "softmax") return "not written for it";
  const model = execFileSync(python, [join(import.meta.dirname, "onnx_models.py"), JSON.stringify(row)], { maxBuffer: 1 << 28 });
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  const inputs = row.kind === "score" ? { x: [1, 1, 28, 28] } : row.inputs;
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([n, shape]) => [n, new ort.Tensor("float32", npy(join(row.folder, `${n}.npy`)).data, shape)]),
  );
  const run = async () => (await session.run(feeds)).z;
  const path = join(row.folder, row.kind === "score" ? "y.npy" : "z.npy");
  return { step: run, check: async () => apart((await run()).data, path) };
}
await serve(make);
