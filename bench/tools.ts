/** Where the peers come from: a Python environment and npm packages in the user's cache, made when asked for. Knows no row. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Command } from "./peer.ts";

export const CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "hsc-bench");
const PYTHON = ["torch==2.15.0", "jax==0.10.2", "numpy==2.4.6", "onnx==1.23.2"];
const PACKAGES = {
  "onnxruntime-web": "1.30.0",
  "@tensorflow/tfjs": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "@jax-js/jax": "0.1.25",
};
/** PyTorch from PyPI brings CUDA along */
export const SIZE = "6 GB";

export const python = (): string | undefined => {
  const own = join(CACHE, "venv", "bin", "python");
  return process.env["HSC_BENCH_PYTHON"] || (existsSync(own) ? own : undefined);
};
const modules = (): string | undefined => {
  const folder = join(CACHE, "node_modules");
  return existsSync(folder) ? folder : undefined;
};
export function install(): void {
  const run = (command: string, ...args: readonly string[]): void =>
    void execFileSync(command, args, { stdio: "inherit", cwd: CACHE });
  mkdirSync(CACHE, { recursive: true });
  if (!python()) {
    run("python3", "-m", "venv", "venv");
    run(join(CACHE, "venv", "bin", "pip"), "install", ...PYTHON);
  }
  writeFileSync(join(CACHE, "package.json"), JSON.stringify({ private: true, type: "module", dependencies: PACKAGES }));
  run("npm", "install", "--ignore-scripts");
}

const here = import.meta.dirname;
/** all that may be compared with, hsc first */
export function commands(threads: string): readonly Command[] {
  const [py, js, { LANES }] = [python(), modules(), process.env];
  const script = (name: string): string => join(here, "peers", name);
  const pythons = [
    ["torch eager", "torch_peer.py", "eager"],
    ["torch channels_last", "torch_peer.py", "channels_last"],
    ["torch compile", "torch_peer.py", "compile"],
    ["jax", "jax_peer.py"],
    ["numpy", "numpy_peer.py"],
  ] as const;
  // memory that was freed is used again, as hsc does: a fresh page costs more than what is computed in it
  const environment = { MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: `${2 ** 34}`, MALLOC_TOP_PAD_: `${2 ** 26}` };
  const scripts = [
    ["onnxruntime-web", "ort_peer.mjs"],
    ["tfjs-wasm", "tfjs_peer.mjs"],
    ["jax-js", "jaxjs_peer.mjs"],
  ] as const;
  return [
    { name: "hsc", command: process.execPath, args: [join(here, "serve.ts"), threads] },
    ...(LANES ? [lanes(LANES, threads)] : []),
    ...(py
      ? pythons.map(([name, file, ...kind]) => ({
          name,
          command: py,
          args: [script(file), ...kind, threads],
          environment,
        }))
      : []),
    ...(js
      ? scripts.map(([name, file]) => ({
          name,
          command: process.execPath,
          args: [script(file), js, threads, py ?? "python3"],
        }))
      : []),
  ];
}
/** the hand-written kernels: they make their own data, and were compared with PyTorch where they were written */
const lanes = (folder: string, threads: string): Command => ({
  name: "lanes",
  command: process.execPath,
  args: ["hsc.mjs", "1", threads],
  cwd: folder,
  environment: { BINARYEN: join(here, "..", "node_modules", "binaryen", "index.js") },
  form: {
    ask: q =>
      ["lenet", "lenet5", "mlp", "cifar"].includes(q.program)
        ? `${q.program} ${q.batch} ${q.ask === "check" ? 0.05 : q.seconds}`
        : undefined,
    answer: (text, q) =>
      q.ask === "check" ? { difference: 0 } : { seconds: q.batch! / (JSON.parse(text) as { ex: number }).ex },
  },
});
