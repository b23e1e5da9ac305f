/**
 * An instance whose phases are played by several threads: the caller and workers that start when there is enough to do.
 * Items are claimed one by one, by any thread, and nothing is summed per thread, so any number of threads gives the same bits. Knows no plan step.
 */
import { Worker } from "node:worker_threads";
import { lead, makeControl, stop } from "./barrier.ts";
import { codeOf } from "./code.ts";
import { RuntimeDiagnostic } from "./error.ts";
import { type Instance, type Linked, type PhaseFunction, phaseNames } from "./wasm.ts";
import type { Job } from "./worker.ts";

export interface Team extends Instance {
  readonly close: () => void;
}
export interface TeamOptions {
  /** with the caller */
  readonly threads: number;
  /** of one copy of region worker */
  readonly workerBytes: number;
  /** milliseconds of work in phases of several items after which the workers are started: a short run does without */
  readonly after?: number;
  /** milliseconds that a phase may take after the caller has found nothing more to do */
  readonly deadline?: number;
}

export function makeTeam(instance: Linked, options: TeamOptions): Team {
  const { threads, workerBytes, after = 10, deadline = 600_000 } = options;
  const { memory, module } = instance;
  const names = phaseNames(module);
  const control = makeControl(threads);
  let worked = 0;
  let started = false;
  const start = (): void => {
    started = true;
    const bases = memory.allocate(workerBytes * (threads - 1), "the workers' copies");
    for (let i = 0; i < threads - 1; i++) {
      const base = bases + i * workerBytes;
      const job: Job = { module, memory: memory.memory, control, number: i + 1, base };
      const worker = new Worker(codeOf("runtime/worker"), { workerData: job, name: `hsc worker ${i + 1}` });
      // it must not keep the process alive; a thread that cannot be started is not missed: the others do its items
      worker.unref();
      worker.on("error", () => {});
    }
  };
  const phase = (name: string): PhaseFunction => {
    const own = instance.phase(name);
    const number = names.indexOf(name);
    return (from, to, records, base) => {
      if (threads < 2 || from !== 0 || to < 2) return own(from, to, records, base);
      if (!started && worked >= after) start();
      if (!started) {
        const before = performance.now();
        own(from, to, records, base);
        worked += performance.now() - before;
        return;
      }
      const work = { phase: number, items: to, records };
      const wrong = lead(control, work, threads, (_, a, b, n) => own(a, b, n, base), deadline);
      if (wrong !== undefined) throw new RuntimeDiagnostic(`a worker failed in phase ${name}: ${wrong}`);
    };
  };
  const known = new Map<string, PhaseFunction>();
  return {
    memory,
    ...(instance.kernel ? { kernel: instance.kernel } : {}),
    phase: name => {
      let f = known.get(name);
      if (!f) known.set(name, (f = phase(name)));
      return f;
    },
    close: () => stop(control),
  };
}
