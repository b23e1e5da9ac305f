/** A further thread that reads csv: joins the job that it is given, pieces and all. */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { taking } from "../crew-task.ts";
import { type Target, writer } from "../targets.ts";
import { CONTROL, type Job, type Placed, Reader } from "./job.ts";

function take(job: Job, port: MessagePort): void {
  const reader = new Reader(job);
  reader.scanAll();
  Atomics.wait(job.control, CONTROL.placed, 0);
  const message = receiveMessageOnPort(port)?.message as
    | { placed: readonly Placed[]; targets: readonly Target[] }
    | undefined; // as: of read.ts
  // a job may be over before this thread hears of it, and the files that it filled gone
  if (message && Atomics.load(job.control, CONTROL.parse) < message.placed.length) {
    const { put, close } = writer(message.targets);
    reader.parseAll(message.placed, put, met => port.postMessage(met));
    close();
  }
  reader.close();
}
taking(take);
