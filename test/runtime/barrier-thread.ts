/** A thread of barrier.test.ts: counts the items that it does, and dawdles, fails or comes late as it is told. */
import { parentPort, workerData } from "node:worker_threads";
import { mix32 } from "../../src/ir/mix32.ts";
import { type Control, serve } from "../../src/runtime/barrier.ts";

/** words: a gate that opens with 1, how often an item was done */
export const GATE = 0;
export const COUNTS = 16;
export interface Orders {
  readonly control: Control;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly number: number;
  /** of 1000 items so many are slept over, up to 3 ms */
  readonly dawdles: number;
}
export const sleep = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};
/** phase 1 fails, phase 2 sleeps for a second, other phases count */
export const act =
  ({ words, number, dawdles }: Orders) =>
  (phase: number, from: number, to: number): void => {
    if (phase === 1 && number > 0) throw new Error(`thread ${number} met a trap`);
    if (phase === 2 && number > 0) sleep(1000);
    for (let i = from; i < to; i++) {
      const luck = mix32(i * 977 + number * 7919 + phase);
      if (luck % 1000 < dawdles) sleep(luck % 4);
      Atomics.add(words, COUNTS + i, 1);
    }
  };
if (parentPort) {
  const orders = workerData as Orders;
  parentPort.postMessage("here");
  Atomics.wait(orders.words, GATE, 0);
  serve(orders.control, orders.number, act(orders));
}
