/**
 * A thread whose failure can be asked for without an event loop: whoever sleeps until it answers hears no "error" event. Knows nothing of what
 * it does.
 */
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { MessageChannel, receiveMessageOnPort, type Transferable, Worker } from "node:worker_threads";

export interface Launched {
  readonly worker: Worker;
  /** why the thread has ended, if it did so by an error: also where its file or one that it imports is not there */
  readonly failed: () => string | undefined;
}
/** no file of its own: it could be missing, too. The thread's file is imported as a module, and finds its `workerData` as given */
const BEGIN = `
const { workerData } = require("node:worker_threads");
const { file, port } = workerData.launch;
const fail = error => {
  port.postMessage(String(error?.message ?? error));
  process.exit(1);
};
process.on("uncaughtException", fail);
import(file).catch(fail);
`;

/** a thread keeps compiled modules where its environment says so, whatever the process was told in code: to parse binaryen takes 0.2 s */
function modulesKept(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
/** `file` is run as a thread that does not keep the process alive */
export function launch(file: URL, data: object, name: string, ports: readonly Transferable[] = []): Launched {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(BEGIN, {
    name,
    env: { ...process.env, ...modulesKept() },
    eval: true,
    workerData: { ...data, launch: { file: file.href, port: port2 } },
    transferList: [port2, ...ports],
  });
  worker.unref();
  // who waits asks
  worker.on("error", () => {});
  port1.unref();
  let why: string | undefined;
  const failed = (): string | undefined => {
    why ??= receiveMessageOnPort(port1)?.message as string | undefined; // as: BEGIN sends nothing else
    return why;
  };
  return { worker, failed };
}
