/** A thread of the crew: takes one task after the other, and ends with the process. */
import { workerData } from "node:worker_threads";
import type { Setup, Take, Task } from "./crew.ts";
import { threadIsLoaded } from "./threads.ts";

const { port } = workerData as Setup; // as: crew.ts starts this file with nothing else
threadIsLoaded();
let last: Promise<void> = Promise.resolve();
port.on("message", (task: Task) => {
  last = last.then(async () => {
    const { take } = (await import(task.file)) as { readonly take: Take }; // as: `share` asks for such a file
    take(task.data as never, task.port);
    task.port.close();
  });
});
