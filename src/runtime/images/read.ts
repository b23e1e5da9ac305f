/** Pictures from files to bytes of one size, in several threads. Knows no rows. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { HostError } from "../../ir/host.ts";
import { codeOf } from "../code.ts";
import { launch } from "../launch.ts";

export interface Setup {
  readonly files: readonly string[];
  readonly height: number;
  readonly width: number;
  /** [files, 3, height, width] */
  readonly out: Uint8Array<SharedArrayBuffer>;
  /** [next file, finished files] */
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly port: MessagePort;
}
/** milliseconds without a finished file after which the threads are given up */
const DEADLINE = 60_000;

/** throws a HostError that names the first file that is no picture */
export function readImages(
  files: readonly string[],
  height: number,
  width: number,
  out: Uint8Array<SharedArrayBuffer>,
  threads: number,
): void {
  const control = new Int32Array(new SharedArrayBuffer(8));
  const workers = Array.from({ length: Math.min(threads, files.length) }, () => {
    const { port1, port2 } = new MessageChannel();
    const setup: Setup = { files, height, width, out, control, port: port2 };
    const { failed } = launch(codeOf("runtime/images/thread"), setup, "hsc images", [port2]);
    port1.unref();
    return { port: port1, failed };
  });
  let since = performance.now();
  for (let now = 0; now < files.length; now = Atomics.load(control, 1)) {
    if (Atomics.wait(control, 1, now, 1000) !== "timed-out" || Atomics.load(control, 1) !== now) {
      since = performance.now();
      continue;
    }
    // what it had claimed is missed
    const why = workers.map(w => w.failed()).find(w => w !== undefined);
    if (why !== undefined) throw new Error(`internal: a thread that decodes pictures failed: ${why}`);
    if (performance.now() - since > DEADLINE)
      throw new Error(`internal: threads that decode pictures gave no sign of life for ${DEADLINE / 1000} s`);
  }
  const said = workers.flatMap(({ port }) => {
    const all: { readonly file: number; readonly message: string }[] = [];
    for (let m = receiveMessageOnPort(port); m; m = receiveMessageOnPort(port)) all.push(m.message);
    port.close();
    return all;
  });
  const first = said.toSorted((a, b) => a.file - b.file)[0];
  if (first) throw new HostError(`${files[first.file]} is no picture: ${first.message}`);
}
