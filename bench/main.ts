/**
 * `npm run bench -- [--smoke] [--rounds 5] [--seconds 1] [--only lenet:64]`: training steps of hsc beside its peers, interleaved, as a table
 * of the best of all rounds. Peers: JAX, where JAX_PYTHON names a python that has it; the hand-written kernels of the sketch, where
 * LANES names their folder. One of the two cores is never idle while another measures: read ratios of one run, not numbers of two.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const CASES = ["mlp:32", "mlp:128", "mlp:512", "lenet:64", "lenet5:32", "lenet5:128", "cifar:32"];
const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    only: { type: "string", multiple: true },
    json: { type: "string" },
  },
});
interface Answer {
  readonly rate: number;
  readonly gflops?: number;
  readonly peak?: number;
}
interface Peer {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ask: (question: string) => Promise<Answer>;
}
async function start(name: string, command: string, args: readonly string[], cwd?: string): Promise<Peer> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], ...(cwd ? { cwd } : {}) });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  await lines.next();
  const ask = async (question: string): Promise<Answer> => {
    child.stdin!.write(`${question}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended`);
    if (!value.startsWith("{")) return { rate: Number(value) };
    const { rate, ex, gflops, gf, peak } = JSON.parse(value);
    return { rate: rate ?? ex, gflops: gflops ?? gf, peak };
  };
  return { name, child, ask };
}

const here = import.meta.dirname;
const { smoke, threads } = values;
const [rounds, seconds] = smoke ? [1, 0.3] : [Number(values.rounds), Number(values.seconds)];
const peers = [await start("hsc", process.execPath, [join(here, "serve.ts"), threads])];
const { JAX_PYTHON, LANES } = process.env;
if (!smoke && LANES) peers.push(await start("lanes", process.execPath, ["hsc.mjs", "1", threads], LANES));
if (!smoke && JAX_PYTHON) peers.push(await start("jax", JAX_PYTHON, [join(here, "jax_peer.py"), threads]));

const print = (cells: readonly string[]): void =>
  void process.stdout.write(`${cells.map((c, i) => (i ? c.padStart(14) : c.padEnd(12))).join("")}\n`);
print(["net:batch", ...peers.map(p => `${p.name} rec/s`), "of peak", ...peers.slice(1).map(p => `hsc / ${p.name}`)]);
const table: unknown[] = [];
for (const name of values.only ?? CASES) {
  const [net, batch] = name.split(":") as [string, string];
  const best = new Map<string, Answer>();
  for (let round = 0; round < rounds; round++)
    for (const p of peers) {
      const a = await p.ask(`${net} ${batch} ${seconds}`);
      if (!(best.get(p.name)! && best.get(p.name)!.rate >= a.rate)) best.set(p.name, a);
    }
  const own = best.get("hsc")!;
  const share = own.gflops! / (own.peak! * Number(threads));
  const rates = peers.map(p => best.get(p.name)!.rate);
  print([
    name,
    ...rates.map(r => r.toFixed(0)),
    `${(100 * share).toFixed(0)} %`,
    ...rates.slice(1).map(r => (own.rate / r).toFixed(2)),
  ]);
  table.push({ net, batch: Number(batch), share, rates: Object.fromEntries(peers.map((p, i) => [p.name, rates[i]])) });
}
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ threads: Number(threads), rounds, table }, undefined, 1)}\n`);
for (const p of peers) p.child.stdin!.end();
