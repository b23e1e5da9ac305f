/** A thread that decodes pictures: claims one after the other, and says of each that is none what is wrong. */
import { workerData } from "node:worker_threads";
import { decode } from "./decode.ts";
import type { Setup } from "./read.ts";
import { planes } from "./resize.ts";

const { files, height, width, out, control, port } = workerData as Setup; // as: read.ts starts this file with nothing else
const bytes = 3 * height * width;
for (;;) {
  const i = Atomics.add(control, 0, 1);
  if (i >= files.length) break;
  try {
    planes(await decode(files[i]!), height, width, out.subarray(i * bytes, (i + 1) * bytes));
  } catch (e) {
    port.postMessage({ file: i, message: e instanceof Error ? e.message : String(e) });
  }
  Atomics.add(control, 1, 1);
  Atomics.notify(control, 1);
}
