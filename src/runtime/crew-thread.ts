/** A thread of the crew: takes one task after the other, and ends with the process. */
import { workerData } from "node:worker_threads";
import type { Setup, Task } from "./crew.ts";
import { type Take, taken } from "./crew-task.ts";
import { threadIsLoaded } from "./threads.ts";

const { port } = workerData as Setup; // as: crew.ts starts this file with nothing else
threadIsLoaded();
const takes = new Map<string, Take>();
let last: Promise<void> = Promise.resolve();
port.on("message", (task: Task) => {
  last = last.then(async () => {
    let take = takes.get(task.file);
    if (!take) {
      await import(task.file);
      takes.set(task.file, (take = taken()));
    }
    take(task.data as never, task.port);
    task.port.close();
  });
});
