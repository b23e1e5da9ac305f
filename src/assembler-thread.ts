/** The thread behind assembler.ts: binaryen, and nothing else of the compiler. */
import { workerData } from "node:worker_threads";
import type { Job, Reply, Request } from "./assembler.ts";
import { here, type Making } from "./codegen/wasm/module.ts";
import { PEAK } from "./ir/loop-peak.ts";

const { port, sent } = workerData as Job; // assembler.ts is the only one who starts this file
const modules = new Map<number, Making>();
/** of a kernel: told when its module is asked for */
const errors = new Map<number, unknown>();

function answer(r: Request): Uint8Array | string | undefined {
  switch (r.k) {
    case "open":
      modules.set(r.module, here.open(r.form));
      return undefined;
    case "kernel":
      if (errors.has(r.module)) return undefined;
      try {
        modules.get(r.module)!.kernel(r.kernel, r.narrow);
      } catch (e) {
        errors.set(r.module, e);
      }
      return undefined;
    case "finish":
      if (errors.has(r.module)) throw errors.get(r.module);
      return take(r.module).finish(r.ending);
    case "text":
      return here.text(r.assembly);
    case "end":
      port.close();
      return undefined;
    default:
      return r satisfies never;
  }
}
function take(module: number): Making {
  const found = modules.get(module)!; // it was opened before
  modules.delete(module);
  return found;
}
function send(reply: Reply): void {
  port.postMessage(reply);
  Atomics.add(sent, 0, 1);
  Atomics.notify(sent, 0);
}
/** engines compile what is first called: better now than while somebody waits */
function warm(): void {
  const region = { base: 1 << 16 };
  const module = here.open({ build: "relaxed", shared: true, exportKernels: true });
  for (const { kernel } of PEAK) module.kernel(kernel);
  module.finish({ phases: [], regions: { state: region, step: region, staging: region } });
}
port.on("message", (r: Request) => {
  clearImmediate(warming);
  try {
    const made = answer(r);
    if (made !== undefined) send({ made });
  } catch (error) {
    send({ error });
  }
});
// not where work waits already, or the process has ended
const warming = setImmediate(warm);
