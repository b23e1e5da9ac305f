/**
 * Threads beside the main one: each finds compiled modules where the process keeps its own, and none is ended while it loads, which V8 may answer by
 * ending the process. Knows nothing of what they do.
 */
import { flushCompileCache } from "node:module";
import { isMainThread, type MessagePort, workerData } from "node:worker_threads";
import { type Launched, launch } from "./launch.ts";

interface Started {
  /** 1 when its modules are there */
  readonly loaded: Int32Array<SharedArrayBuffer>;
}
/** of this process's threads: one that has failed will not load any more */
interface Waited extends Started {
  readonly failed: Launched["failed"];
}
/** milliseconds at the end of the process that a thread gets to load */
const LAST = 5_000;
const all: Waited[] = [];

/** `file` is run as a thread that does not keep the process alive; it calls `threadIsLoaded` first. Who waits for it asks whether it has failed */
export function startThread(file: URL, data: object, name: string, port?: MessagePort): Launched {
  const loaded = new Int32Array(new SharedArrayBuffer(4));
  const launched = launch(file, { ...data, loaded }, name, port ? [port] : []);
  if (!all.length) process.once("exit", awaitLoaded);
  all.push({ loaded, failed: launched.failed });
  return launched;
}
function awaitLoaded(): void {
  const end = performance.now() + LAST;
  for (const { loaded, failed } of all)
    while (Atomics.load(loaded, 0) === 0 && !failed() && performance.now() < end) Atomics.wait(loaded, 0, 0, 100);
}
/** in a thread: all modules that it will use are there */
export function threadIsLoaded(): void {
  if (isMainThread) throw new Error("internal: no thread");
  flushCompileCache();
  const { loaded } = workerData as Started; // as: startThread gives it
  Atomics.store(loaded, 0, 1);
  Atomics.notify(loaded, 0);
}
