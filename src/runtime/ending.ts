/**
 * Threads that are asked to end before the process does: to end one in the middle of native code, or while it starts, may abort the process.
 * Knows no thread.
 */
import type { Worker } from "node:worker_threads";

const ends = new Set<() => Promise<void>>();
/**
 * Milliseconds that the process waits for a thread: on a busy machine binaryen takes seconds to load, and V8 aborts if it is told to end while
 * a module with an await of its own, as binaryen's, begins (AsyncModuleExecutionFulfilled: `location_ != nullptr`).
 */
const PATIENCE = 30_000;

/** `ask` tells the thread; one that has ended is not asked */
export function endsWith(worker: Worker, ask: () => void): void {
  const end = async (): Promise<void> => {
    const gone = new Promise<void>(resolve => worker.once("exit", () => resolve()));
    worker.ref();
    ask();
    await Promise.race([gone, new Promise<void>(resolve => void setTimeout(resolve, PATIENCE).unref())]);
    worker.unref();
  };
  ends.add(end);
  worker.once("exit", () => ends.delete(end));
}
/** all threads have ended, or had time to */
export const ended = async (): Promise<void> => void (await Promise.all([...ends].map(end => end())));
