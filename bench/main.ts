/**
 * `npm run bench`: hsc beside its peers, one process tree, asked in turns, as ratios of the best of all rounds. What a peer computes is
 * compared with what hsc computed before a ratio is printed. A machine is never quiet: read ratios of one run, not numbers of two.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { folderOf, IMAGES } from "./data.ts";
import { type Answer, type Peer, type Question, start } from "./peer.ts";
import { memoryRows, startRows } from "./processes.ts";
import { type Row, rowsOf } from "./rows.ts";
import { best, type Measured, printRow, toJson } from "./table.ts";
import { commands, install, python, SIZE } from "./tools.ts";

const USAGE = `npm run bench -- [options]
  --smoke            one short round, hsc alone, on small data
  --only id          rows whose id begins so (may be repeated): ${rowsOf()
    .map(r => r.id)
    .join(" ")} start memory
  --peers a,b        only these beside hsc: lanes, torch, jax, numpy, onnxruntime-web, tfjs-wasm, jax-js
  --rounds n         5
  --seconds s        1, per peer and round
  --threads n        2
  --json file        also as JSON
  --install          first make the peers' environment in ~/.cache/hsc-bench (${SIZE})`;
const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    only: { type: "string", multiple: true },
    peers: { type: "string" },
    json: { type: "string" },
    install: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** steps of a training that all peers repeat */
const STEPS = 4;
/** between two that are timed: whoever worked last has put its threads to sleep */
const REST = 50;

const { smoke, threads } = values;
const ROWS = rowsOf(smoke);
const [rounds, seconds] = smoke ? [1, 0.05] : [Number(values.rounds), Number(values.seconds)];
const question = (row: Row, folder: string, ask: Question["ask"]): Question => ({
  ...row,
  ask,
  folder,
  data: IMAGES,
  seconds,
  steps: STEPS,
});
/** what hsc computes, for the others to compare with */
async function prepared(row: Row, folder: string, hsc: Peer): Promise<Answer> {
  if (row.kind === "score") {
    const net = ROWS.find(r => r.program === row.net)!;
    const own = folderOf(net);
    const trained = await hsc.ask(question(net, own, "prepare"));
    if (trained.cannot) return trained;
    copyFileSync(join(own, "end.safetensors"), join(folder, "net.safetensors"));
  }
  return hsc.ask(question(row, folder, "prepare"));
}
async function measured(row: Row, peers: readonly Peer[]): Promise<Measured> {
  const folder = folderOf(row);
  const [hsc] = peers as readonly [Peer];
  // alone there is nobody to compare with, but a net to score with must be there
  const first = peers.length > 1 || row.kind === "score" ? await prepared(row, folder, hsc) : {};
  if (first.cannot) throw new Error(`${row.id}: hsc: ${first.cannot}`);
  const out = new Map<string, Answer>();
  for (const p of peers.slice(1)) {
    const a = await p.ask(question(row, folder, "check"));
    const wrong = a.difference !== undefined && !(a.difference <= row.within);
    out.set(p.name, wrong ? { cannot: `differs by ${a.difference!.toPrecision(2)}` } : a);
  }
  for (let round = 0; round < rounds; round++)
    for (const p of peers) {
      const old = out.get(p.name);
      if (old?.cannot) continue;
      await setTimeout(REST);
      const a = await p.ask(question(row, folder, "time"));
      if (p === hsc && a.cannot) throw new Error(`${row.id}: hsc: ${a.cannot}`);
      out.set(p.name, best(old, a));
    }
  for (const p of peers) await p.ask(question(row, folder, "forget"));
  return { row, answers: out };
}

if (values.help) say(USAGE);
else {
  if (values.install) install();
  const wanted = values.peers?.split(",");
  const chosen = commands(threads).filter(
    c => c.name === "hsc" || (!smoke && (wanted?.some(w => c.name.startsWith(w)) ?? true)),
  );
  if (!smoke && !python()) say("without PyTorch, JAX and NumPy: --install fetches them");
  const started = await Promise.all(chosen.map(c => start(c, say)));
  const peers = started.flatMap(p => p ?? []);
  const asked = (id: string): boolean => values.only?.some(o => id.startsWith(o)) ?? !smoke;
  const rows = ROWS.filter(r => values.only?.some(o => r.id.startsWith(o)) ?? true);
  if (!rows.length && !asked("start") && !asked("memory")) throw new Error(`no such row\n${USAGE}`);
  const load = loadavg()[0]!.toFixed(2);
  say(
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${load} before; ${threads} threads, best of ${rounds} x ${seconds} s`,
  );
  const table: Measured[] = [];
  for (const row of rows) {
    const m = await measured(row, peers);
    table.push(m);
    for (const line of printRow(m, Number(threads))) say(line);
  }
  const processes = {
    ...(asked("start") ? { start: await startRows(rounds, say) } : {}),
    ...(asked("memory") ? { memory: await memoryRows(rounds, say) } : {}),
  };
  say(`load ${loadavg()[0]!.toFixed(2)} after`);
  if (values.json) {
    mkdirSync(join(values.json, ".."), { recursive: true });
    writeFileSync(values.json, toJson(table, processes, { threads: Number(threads), rounds, seconds }));
  }
  for (const p of peers) p.end();
}
