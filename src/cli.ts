/** hsc's command line: arguments, environment, exit codes. A program in the cache, or a compiled one, runs without the compiler being imported. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { HostError } from "./ir/host.ts";
import { memoryOf, secondsOf, seedOf, setting, threadsOf, usage } from "./options.ts";
import { isBundle, readBundle } from "./runtime/bundle.ts";
import { type Cache, cacheFolder, openCache, ownStamp } from "./runtime/cache.ts";
import { ended } from "./runtime/ending.ts";
import { Broken, Interrupted, Refused, RuntimeDiagnostic } from "./runtime/error.ts";
import { nodeHost } from "./runtime/host.ts";
import { mark, tellMarks } from "./runtime/marks.ts";
import { type Device, type RunOptions, run, runStages } from "./runtime/run.ts";
import { stagesOfProgram } from "./runtime/stages.ts";
import { tuned } from "./runtime/tuned.ts";
import { build } from "./runtime/wasm.ts";
import type { Debug } from "./session.ts";
import { VERSION } from "./version.ts";

/** what `hsc run` was asked, as text was turned into values */
interface RunArguments {
  readonly file: string | undefined;
  readonly seed: number;
  readonly set: ReadonlyMap<string, string>;
  readonly log: string | undefined;
  readonly base: string | undefined;
  readonly threads: number;
  readonly budget: number | undefined;
  readonly resume: boolean;
  /** absent: a CPU, without a word */
  readonly device: string | undefined;
  readonly cluster: string | undefined;
  readonly debug: Debug;
}
/** something else where a program should be: as a wrong program */
const noProgram = (message: string): RuntimeDiagnostic => new RuntimeDiagnostic(message, { exitCode: 2 });

/** the plain forms of `run`, without loading an argument parser; undefined: commander's turn, help and errors are its business */
function plainRun(argv: readonly string[]): RunArguments | undefined {
  if (argv[0] !== "run") return undefined;
  let [file, seed, log, base, threads, memory]: (string | undefined)[] = [];
  let set: ReadonlyMap<string, string> = new Map();
  let resume = false;
  let time: true | undefined;
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith("-")) {
      if (file !== undefined) return undefined;
      file = word;
      continue;
    }
    if (word === "--resume") {
      resume = true;
      continue;
    }
    if (word === "--time") {
      time = true;
      continue;
    }
    const value = argv[++i];
    if (value === undefined || value.startsWith("-")) return undefined;
    if (word === "--seed") seed = value;
    else if (word === "--set") set = setting(value, set);
    else if (word === "--log") log = value;
    else if (word === "--base") base = value;
    else if (word === "--threads") threads = value;
    else if (word === "--memory") memory = value;
    else return undefined;
  }
  return {
    file,
    seed: seedOf(seed ?? "0"),
    set,
    log,
    base,
    threads: threads === undefined ? availableParallelism() : threadsOf(threads),
    budget: memory === undefined ? undefined : memoryOf(memory),
    resume,
    device: undefined,
    cluster: undefined,
    debug: { time },
  };
}

/** `./model.hs`, else `./out` */
function target(file: string | undefined): string {
  if (file !== undefined) return file;
  if (existsSync("model.hs")) return "model.hs";
  if (isBundle("out")) return "out";
  throw usage("no program is named, and there is neither ./model.hs nor ./out/plan.json", "hsc run model.hs");
}
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function runCommand(a: RunArguments): Promise<void> {
  if (a.debug.time) tellMarks(line => process.stderr.write(`${line}\n`));
  mark("hsc loaded");
  if (a.cluster !== undefined) throw limit("--cluster", "run without it, on this machine");
  const file = target(a.file);
  const options = (folder: string, device: Device | undefined): RunOptions => ({
    folder: a.base ?? folder,
    seed: a.seed,
    set: a.set,
    log: a.log,
    threads: a.threads,
    budget: a.budget,
    resume: a.resume,
    device,
    print: text => process.stdout.write(`${text}\n`),
    terminal: process.stderr,
  });
  if (isFolder(file)) {
    if (!isBundle(file))
      throw noProgram(`${file} is a folder without plan.json: a program, or what hsc compile wrote, was expected`);
    const bundle = readBundle(file);
    const own = join(file, bundle.plan.base);
    if (a.base === undefined && !isFolder(own))
      process.stderr.write(
        `warning: the program's folder ${own} is not there; --base names that of data and results\n`,
      );
    const at = options(own, deviceOf(file, bundle.plan.profile, a.device));
    const { later } = bundle.plan;
    await run(bundle, at, async () => {
      const { compiler } = await import("./session.ts");
      const device = bundle.plan.profile === "gpu" ? "gpu" : "cpu";
      const set = new Map(Object.entries(later?.set ?? {}));
      return compiler(join(file, later?.program ?? ""), set, a.debug, device, [build()], at.folder);
    });
    return;
  }
  const device = await chosen(a.device);
  const debugged = a.debug.printAfter !== undefined || a.debug.stopAfter !== undefined;
  const cache = debugged ? undefined : ownCache();
  const kind = device?.kind ?? "cpu";
  const program = await stagesOfProgram({
    key: {
      file,
      set: a.set,
      build: kind === "gpu" ? "wgsl" : build(),
      profile: tuned(cacheFolder(process.env))?.name,
    },
    host: nodeHost(dirname(file)),
    cache,
    compiler: async () => {
      // binaryen loads while the rest of the compiler does
      if (kind === "cpu") (await import("./assembler.ts")).assembler();
      const { compiler } = await import("./session.ts");
      return compiler(file, a.set, a.debug, kind, [build()]);
    },
    warn: text => process.stderr.write(`${text}\n`),
  });
  // what the cache has may have been compiled with other values
  if (program) await runStages(program, { ...options(dirname(file), device), asWritten: true });
}
/** what was compiled before runs where it was compiled for */
function deviceOf(file: string, profile: string, wanted: string | undefined): Device | undefined {
  const kind = profile === "gpu" ? "gpu" : "cpu";
  if (wanted === undefined) return undefined;
  if (wanted === "auto") {
    const why = `${file} was compiled for it`;
    process.stderr.write(`device: ${kind} (${why})\n`);
    return { kind, why };
  }
  if (wanted !== kind)
    throw usage(`${file} was compiled for a ${kind.toUpperCase()}`, `hsc compile --device ${wanted}`);
  return { kind, why: `--device ${wanted}` };
}
/**
 * `auto` computes on the processor as long as kernels for GPUs are cut simply: it says what else there is. undefined: nobody asked
 */
async function chosen(device: string | undefined): Promise<Device | undefined> {
  if (device === undefined) return undefined;
  if (device !== "auto") return { kind: device === "gpu" ? "gpu" : "cpu", why: `--device ${device}` };
  const { openGpu } = await import("./runtime/gpu-device.ts");
  const gpu = await openGpu();
  const found =
    typeof gpu === "string"
      ? `there is no GPU: ${gpu}`
      : gpu.software
        ? `${gpu.name} computes on the processor too`
        : `kernels are not tuned for ${gpu.name} yet; --device gpu takes it`;
  if (typeof gpu !== "string") gpu.close();
  process.stderr.write(`device: cpu (${found})\n`);
  return { kind: "cpu", why: found };
}
const limit = (what: string, instead: string): RuntimeDiagnostic =>
  new RuntimeDiagnostic(`${what} is not built yet`, { limit: true, help: instead });
function ownCache(): Cache | undefined {
  try {
    return openCache(resolve(cacheFolder(process.env)), ownStamp(dirname(fileURLToPath(import.meta.url))));
  } catch {
    return undefined;
  }
}

const collect = (word: string, before: readonly string[] = []): readonly string[] => [...before, word];

/** all verbs and their help */
async function commands(argv: readonly string[]): Promise<void> {
  const { Command, CommanderError, Option } = await import("commander");
  const hsc = new Command("hsc")
    .description("a compiler for machine-learning pipelines")
    .version(VERSION)
    .exitOverride();
  const set = (): InstanceType<typeof Option> =>
    new Option("--set <name=value>", "give a param of the program a value").argParser(setting);
  const debug = (c: InstanceType<typeof Command>): InstanceType<typeof Command> =>
    c
      .addOption(set())
      .option("--print-after <pass>", "print the program after this pass (may be repeated)", collect)
      .option("--stop-after <pass>", "go no further")
      .option("--time", "print what each pass and each part of the start takes");
  debug(
    hsc
      .command("run [program]")
      .description("run a program, or what `hsc compile` wrote (default: ./model.hs, else ./out)"),
  )
    .option("--seed <n>", "of all that is random", seedOf, 0)
    .option("--log <file>", "one JSON line per event")
    .option("--base <folder>", "where data and results lie, instead of the program's folder")
    .option("--resume", "go on from the checkpoints that train(.., checkpoint: ..) wrote")
    .option(
      "--threads <n>",
      "threads that compute (default: one per core); the result does not depend on it",
      threadsOf,
    )
    .option("--memory <size>", "what a run may take, as 2GB: columns that are larger lie on disk", memoryOf)
    .addOption(new Option("--device <device>", "where to compute").choices(["auto", "cpu", "gpu"]))
    .option("--cluster <hosts>", "hosts.txt, or the URL of a Spark master (not built yet: a run is on this machine)")
    .action((file: string | undefined, o: CommandOptions) =>
      runCommand({
        ...o,
        file,
        seed: o.seed ?? 0,
        set: o.set ?? new Map(),
        log: o.log,
        base: o.base,
        threads: o.threads ?? availableParallelism(),
        budget: o.memory,
        resume: o.resume ?? false,
        device: o.device,
        cluster: o.cluster,
        debug: debugOf(o),
      }),
    );
  debug(hsc.command("compile [program]").description("compile a program to a folder"))
    .requiredOption("-o, --out <folder>", "where to write plan.json and the modules")
    .addOption(new Option("--device <device>", "what to compile for").choices(["cpu", "gpu"]).default("cpu"))
    .action(async (file: string | undefined, o: CommandOptions) => {
      const named = program(file);
      const { compileTo } = await import("./session.ts");
      await compileTo(named, o.out!, o.set ?? new Map(), debugOf(o), o.device === "gpu" ? "gpu" : "cpu");
    });
  hsc
    .command("check [program]")
    .description("say what is wrong with a program, without running it")
    .addOption(set())
    .action(async (file: string | undefined, o: CommandOptions) => {
      const named = program(file);
      const { checkProgram } = await import("./session.ts");
      await checkProgram(named, o.set ?? new Map());
    });
  hsc
    .command("explain [program]")
    .description("show what a program is compiled to")
    .addOption(set())
    .addOption(
      new Option("--level <level>", "how far down").choices([
        "core",
        "sql",
        "graph",
        "kernel",
        "loop",
        "plan",
        "wat",
        "wgsl",
      ]),
    )
    .option("--weights", "list the weights with their paths and shapes")
    .action(async (file: string | undefined, o: CommandOptions) => {
      const named = program(file);
      const { explainProgram } = await import("./session.ts");
      process.stdout.write(
        `${await explainProgram(named, o.set ?? new Map(), { level: o.level, weights: o.weights })}\n`,
      );
    });
  hsc
    .command("bench [program]")
    .description("measure what a step of a program takes, kernel by kernel")
    .addOption(set())
    .option("--threads <n>", "threads of the whole step (default: one per core)", threadsOf)
    .option("--seconds <s>", "how long to measure", secondsOf, 2)
    .option("--json", "print JSON")
    .action(async (file: string | undefined, o: CommandOptions) => {
      const named = program(file);
      const { benchProgram } = await import("./bench.ts");
      const threads = o.threads ?? availableParallelism();
      const options = { set: o.set ?? new Map(), threads, seconds: o.seconds!, json: o.json ?? false };
      process.stdout.write(`${await benchProgram(named, options)}\n`);
    });
  hsc
    .command("tune")
    .description("measure this machine: programs are compiled for it from then on")
    .option("--reset", "forget what was measured")
    .action(async (o: CommandOptions) => {
      const { tune } = await import("./tune.ts");
      process.stdout.write(`${tune(o.reset ?? false)}\n`);
    });
  try {
    await hsc.parseAsync([...argv], { from: "user" });
  } catch (e) {
    // commander has printed its message or its help
    if (!(e instanceof CommanderError)) throw e;
    process.exitCode = e.exitCode === 0 ? 0 : 1;
  }
}
interface CommandOptions {
  readonly seed?: number;
  readonly set?: ReadonlyMap<string, string>;
  readonly log?: string;
  readonly base?: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly resume?: boolean;
  readonly device?: string;
  readonly cluster?: string;
  readonly out?: string;
  readonly level?: string;
  readonly weights?: boolean;
  readonly printAfter?: readonly string[];
  readonly stopAfter?: string;
  readonly time?: boolean;
  readonly seconds?: number;
  readonly json?: boolean;
  readonly reset?: boolean;
}
const debugOf = (o: CommandOptions): Debug => ({ printAfter: o.printAfter, stopAfter: o.stopAfter, time: o.time });
function program(file: string | undefined): string {
  const named = target(file);
  if (isFolder(named)) throw noProgram(`${named} is a folder, a program was expected`);
  return named;
}

/** prints what went wrong, in the form of errors.md; gives the exit code */
async function failed(e: unknown): Promise<number> {
  if (e instanceof HostError) return say(`error: ${e.message}`, 1);
  if (e instanceof RuntimeDiagnostic) {
    const { failureText } = await import("./failure.ts");
    return say(failureText(e, sourceOf, coloured(process.stderr)), e.details.exitCode ?? 1);
  }
  if (e instanceof Refused) return 2;
  // as a shell counts a process that SIGINT ended
  if (e instanceof Interrupted) return say(e.message, 130);
  if (e instanceof Broken) return say(e.message, 1);
  return say(`internal error: ${e instanceof Error ? e.stack : String(e)}\nthis is a bug of hsc`, 1);
}
/** NO_COLOR counts */
const coloured = (terminal: NodeJS.WriteStream): boolean => terminal.isTTY && terminal.hasColors();
function sourceOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
function say(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}

async function main(argv: readonly string[]): Promise<void> {
  const plain = plainRun(argv);
  await (plain ? runCommand(plain) : commands(argv));
}
// whoever reads the output may have read enough (`hsc run | head`): not all was done, but nobody wants to hear of it
process.stdout.on("error", (e: NodeJS.ErrnoException) => {
  if (e.code === "EPIPE") process.exit(1);
  process.stderr.write(`error: cannot write the output: ${e.message}\n`);
  process.exit(1);
});
// the status is no reason to end a training
process.stderr.on("error", () => {});
try {
  await main(process.argv.slice(2));
} catch (e) {
  process.exitCode = await failed(e);
}
await ended();
