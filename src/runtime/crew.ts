/**
 * Threads that read files beside the main one, kept for the process: to start one takes longer than to read a file of some megabytes. Each takes
 * the tasks that it is given one after the other. Knows no format.
 */
import { availableParallelism } from "node:os";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { codeOf } from "./code.ts";
import type { Launched } from "./launch.ts";
import { startThread } from "./threads.ts";

/** the module `file` says what it does with `data` and its end of a channel (crew-task.ts) */
export interface Task {
  readonly file: string;
  readonly data: object;
  readonly port: MessagePort;
}
export interface Setup {
  readonly port: MessagePort;
}
interface Member {
  readonly port: MessagePort;
  readonly failed: Launched["failed"];
}
let members: readonly Member[] = [];

function start(name: string): Member {
  const { port1, port2 } = new MessageChannel();
  const setup: Setup = { port: port2 };
  const { failed } = startThread(codeOf("runtime/crew-thread"), setup, name, port2);
  port1.unref();
  return { port: port1, failed };
}
/** as many that have not failed: what one had claimed is missed by whoever shared a task with it */
function crew(count: number): readonly Member[] {
  const well = members.filter(m => !m.failed());
  const more = Array.from({ length: Math.max(0, count - well.length) }, (_, i) =>
    start(`hsc reader ${members.length + i}`),
  );
  members = [...well, ...more];
  return members.slice(0, Math.max(0, count));
}
/** the first loads while the caller does something else; for most files it is enough */
export const startCrew = (): void => void crew(Math.min(1, availableParallelism() - 1));

/** milliseconds without progress after which the other threads are given up */
const DEADLINE = 60_000;
/** until what is counted at `at` has reached `all`; who counts notifies then */
export function awaitCount(control: Int32Array<SharedArrayBuffer>, at: number, all: number, what: string): void {
  for (let now = Atomics.load(control, at); now < all; now = Atomics.load(control, at))
    if (Atomics.wait(control, at, now, DEADLINE) === "timed-out" && Atomics.load(control, at) === now)
      throw new Error(`internal: threads that read ${what} gave no sign of life for ${DEADLINE / 1000} s`);
}

/** `count` threads do what `file` says with `data`; gives this end of each one's channel */
export const share = (count: number, file: URL, data: object): readonly MessagePort[] =>
  crew(count).map(({ port }) => {
    const channel = new MessageChannel();
    channel.port1.unref();
    const task: Task = { file: file.href, data, port: channel.port2 };
    port.postMessage(task, [channel.port2]);
    return channel.port1;
  });
