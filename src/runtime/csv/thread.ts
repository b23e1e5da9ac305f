/** A further thread that reads csv: joins the job that it is given, pieces and all, and ends. */
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { CONTROL, type Placed, Reader } from "./job.ts";
import { type Setup, type Target, writer } from "./read.ts";

const { job, port } = workerData as Setup; // as: read.ts starts this file with nothing else
const reader = new Reader(job);
reader.scanAll();
Atomics.wait(job.control, CONTROL.placed, 0);
const message = receiveMessageOnPort(port)?.message as
  | { placed: readonly Placed[]; targets: readonly Target[] }
  | undefined; // as: of read.ts
if (message) {
  const { put, close } = writer(message.targets);
  reader.parseAll(message.placed, put);
  close();
}
reader.close();
