/**
 * Whole processes: from their start to the first step of a training, and the most memory that they held. hsc beside scripts that do the
 * same with PyTorch and JAX, in turns. Knows no row of bench/rows.ts.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { IMAGES } from "./data.ts";
import { CACHE, python } from "./tools.ts";

const checkout = join(import.meta.dirname, "..");
interface Start {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** before each start */
  readonly before?: () => void;
}
interface Seen {
  /** from the start to the line `first step` */
  readonly milliseconds: number;
  /** the most bytes resident, where the system tells (Linux) */
  readonly bytes: number;
}
/** runs it to its end, unless told to end it at its first step */
function watch(s: Start, toItsEnd: boolean): Promise<Seen> {
  s.before?.();
  return new Promise((done, fail) => {
    const started = performance.now();
    let [milliseconds, bytes] = [Number.NaN, 0];
    let text = "";
    const child = spawn(s.command, s.args, {
      env: { ...process.env, ...s.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const peak = (): void => {
      bytes = Math.max(bytes, residentPeak(child.pid!));
    };
    const timer = toItsEnd ? setInterval(peak, 20) : undefined;
    const heard = (b: Buffer): void => {
      text += b.toString();
      if (Number.isNaN(milliseconds) && text.includes("first step")) {
        milliseconds = performance.now() - started;
        if (!toItsEnd) child.kill("SIGKILL");
      }
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
    child.on("error", fail);
    child.on("exit", () => {
      clearInterval(timer);
      if (Number.isNaN(milliseconds)) fail(new Error(`${s.name}: ${text.trim().split("\n").at(-1)}`));
      else done({ milliseconds, bytes });
    });
  });
}
/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html: VmHWM */
function residentPeak(pid: number): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it has ended
  }
}

const WORK = join(CACHE, "start");
const example = join(checkout, "examples", "mnist.hs");
const hscRun = (entry: readonly string[], kept: string): Pick<Start, "args" | "environment"> => ({
  args: [...entry, "run", example, "--time", "--base", join(checkout, "examples"), "--set", "epochs=1"],
  environment: { HSC_CACHE: join(WORK, kept), NODE_COMPILE_CACHE: join(WORK, `${kept}-modules`) },
});
/** a Node that is not the one that this runs on, for the launcher to leave */
function olderNode(): string | undefined {
  const folders = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter(f => f !== dirname(process.execPath) && !f.includes("node_modules"));
  for (const f of folders) {
    const { stdout } = spawnSync(join(f, "node"), ["--version"], { encoding: "utf8" });
    if (stdout && Number(stdout.slice(1).split(".")[0]) < 24) return join(f, "node");
  }
  return undefined;
}
function starts(): readonly Start[] {
  const launcher = join(checkout, "bin", "hsc.cjs");
  const [older, py] = [olderNode(), python()];
  const empty =
    (...folders: readonly string[]) =>
    () => {
      for (const f of folders) rmSync(join(WORK, f), { recursive: true, force: true });
    };
  const own = { command: process.execPath };
  const script = (name: string): Start[] =>
    py
      ? [
          {
            name: `${name} script`,
            command: py,
            args: [join(import.meta.dirname, "peers", "start.py"), name, IMAGES, "1"],
          },
        ]
      : [];
  return [
    { name: "hsc, compiled before", ...own, ...hscRun([launcher], "warm") },
    { name: "hsc, new program", ...own, ...hscRun([launcher], "new"), before: empty("new") },
    { name: "hsc, first ever", ...own, ...hscRun([launcher], "first"), before: empty("first", "first-modules") },
    ...(older ? [{ name: "the same by the launcher", ...hscRun([launcher], "warm"), command: older }] : []),
    { name: "the same by npx", command: "npx", ...hscRun(["hsc"], "warm") },
    ...script("torch"),
    ...script("jax"),
  ];
}
const least = (all: readonly number[]): number => Math.min(...all);

/** best of the rounds */
export async function startRows(rounds: number, say: (line: string) => void): Promise<Record<string, number>> {
  mkdirSync(WORK, { recursive: true });
  const all = starts();
  const seen = new Map(all.map(s => [s.name, [] as number[]]));
  // the first one fills caches, of hsc, of modules, of the file system: Node keeps compiled modules when a process ends
  for (let round = -1; round < rounds; round++)
    for (const s of all) {
      const { milliseconds } = await watch(s, round < 0);
      if (round >= 0) seen.get(s.name)!.push(milliseconds);
    }
  say("from the start of the process to the first step of examples/mnist.hs:");
  for (const [name, ms] of seen) say(`  ${least(ms).toFixed(0).padStart(8)} ms ${name}`);
  return Object.fromEntries([...seen].map(([name, ms]) => [name, least(ms)]));
}
/** the least of the rounds; LeNet, batch 64, one epoch of 10,000 records */
export async function memoryRows(rounds: number, say: (line: string) => void): Promise<Record<string, number>> {
  const folder = join(WORK, "lenet");
  mkdirSync(folder, { recursive: true });
  const [py] = [python()];
  const program = join(checkout, "bench", "programs", "lenet.hs");
  const args = [join(checkout, "bin", "hsc.cjs"), "run", program, "--time", "--base", folder, "--set", "steps=157"];
  const all: Start[] = [
    { name: "hsc", command: process.execPath, args, environment: { HSC_CACHE: join(WORK, "warm") } },
    ...(py
      ? ["torch", "jax"].map(name => ({
          name,
          command: py,
          args: [join(import.meta.dirname, "peers", "start.py"), name, IMAGES, "157"],
        }))
      : []),
  ];
  const seen = new Map(all.map(s => [s.name, [] as number[]]));
  for (let round = -1; round < rounds; round++)
    for (const s of all) {
      const { bytes } = await watch(s, true);
      if (round >= 0) seen.get(s.name)!.push(bytes);
    }
  const own = least(seen.get("hsc")!);
  say("peak resident memory, LeNet 20-50-500-10, batch 64, 157 steps:");
  for (const [name, bytes] of seen)
    say(
      `  ${(least(bytes) / 1e6).toFixed(0).padStart(8)} MB ${name}${name === "hsc" ? "" : `  (hsc: ${(own / least(bytes)).toFixed(2)} of it)`}`,
    );
  return Object.fromEntries([...seen].map(([name, bytes]) => [name, least(bytes)]));
}
