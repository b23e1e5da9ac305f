/** A further thread that reads csv: joins the job that it is given, pieces and all, and ends. */
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { threadIsLoaded } from "../threads.ts";
import { CONTROL, type Placed, Reader, type Target } from "./job.ts";
import { type Setup, writer } from "./read.ts";

const { job, port } = workerData as Setup; // as: read.ts starts this file with nothing else
threadIsLoaded();
const reader = new Reader(job);
reader.scanAll();
Atomics.wait(job.control, CONTROL.placed, 0);
const message = receiveMessageOnPort(port)?.message as
  | { placed: readonly Placed[]; targets: readonly Target[] }
  | undefined; // as: of read.ts
if (message) {
  const { put, close } = writer(message.targets);
  reader.parseAll(message.placed, put, met => port.postMessage(met));
  close();
}
reader.close();
