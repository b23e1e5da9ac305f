/**
 * LOOP to WebAssembly in a thread of its own: binaryen takes as long to load as a program to check, so both are done at once, and a kernel
 * is assembled while the next one is emitted. Who asks for the module waits, and no event loop turns meanwhile. Knows no kernel.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Assembler, Assembly, Ending, Form } from "./codegen/wasm/module.ts";
import type { LoopKernel } from "./ir/loop.ts";
import { codeOf } from "./runtime/code.ts";
import { endsWith } from "./runtime/ending.ts";
import { launch } from "./runtime/launch.ts";

/** what the thread is told; modules have numbers. `finish` and `text` are answered */
export type Request =
  | { readonly k: "open"; readonly module: number; readonly form: Form }
  | { readonly k: "kernel"; readonly module: number; readonly kernel: LoopKernel; readonly narrow: boolean }
  | { readonly k: "finish"; readonly module: number; readonly ending: Ending }
  | { readonly k: "text"; readonly assembly: Assembly }
  /** the process ends, and the thread before it */
  | { readonly k: "end" };
export type Reply = { readonly made: Uint8Array | string } | { readonly error: unknown };
export interface Job {
  readonly port: MessagePort;
  /** word 0: replies that were sent */
  readonly sent: Int32Array<SharedArrayBuffer>;
}
/** milliseconds: a thread that never answers is a bug, and no reason to wait forever */
const DEADLINE = 600_000;

interface Thread extends Assembler {
  readonly end: () => void;
}
let known: Thread | undefined;
/** the one of this process; the first call starts the thread, which runs `from` */
export const assembler = (from = codeOf("assembler-thread")): Assembler => (known ??= start(from));
/** gives back the memory that binaryen holds, when all modules are made */
export function endAssembler(): void {
  known?.end();
  known = undefined;
}

function start(from: URL): Thread {
  const { port1, port2 } = new MessageChannel();
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const job: Job = { port: port2, sent };
  const { worker, failed } = launch(from, job, "hsc assembler", [port2]);
  port1.unref();
  const tell = (r: Request): void => port1.postMessage(r);
  endsWith(worker, () => tell({ k: "end" }));
  let replies = 0;
  const reply = (): Uint8Array | string => {
    const end = performance.now() + DEADLINE;
    let why: string | undefined;
    while (Atomics.load(sent, 0) === replies && !why && performance.now() < end) {
      // no notice wakes who waits for a thread that has failed
      Atomics.wait(sent, 0, replies, 200);
      why = failed();
    }
    const found = receiveMessageOnPort(port1)?.message as Reply | undefined; // the thread sends nothing else
    if (!found)
      throw new Error(`internal: wasm: the thread that assembles ${why ? `failed: ${why}` : "does not answer"}`);
    replies++;
    if ("error" in found) throw found.error;
    return found.made;
  };
  let modules = 0;
  return {
    open: form => {
      const module = modules++;
      tell({ k: "open", module, form });
      return {
        kernel: (kernel, narrow = false) => tell({ k: "kernel", module, kernel, narrow }),
        finish: ending => {
          tell({ k: "finish", module, ending });
          return reply() as Uint8Array; // as was asked for
        },
      };
    },
    text: assembly => {
      tell({ k: "text", assembly });
      return reply() as string;
    },
    end: () => void worker.terminate(),
  };
}
