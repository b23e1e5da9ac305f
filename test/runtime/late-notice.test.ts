/** Who waits for an answer is woken by it alone: a thread that the system stops between an answer and its notice gives that while the next is waited for. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { queryRows, startEngine } from "../../src/runtime/engine/duckdb.ts";
import { temporary } from "./temporary.ts";

/** answers with what it is asked, some time after a notice of nothing */
const THREAD = `
import { workerData } from "node:worker_threads";
const { port, control, loaded } = workerData;
Atomics.store(loaded, 0, 1);
port.on("message", q => {
  if (q.k === "end") return port.close();
  if (q.quiet) return;
  const notices = setInterval(() => Atomics.notify(control, 0), 5);
  setTimeout(() => {
    clearInterval(notices);
    port.postMessage({ k: "rows", rows: [[q.sql]] });
    Atomics.store(control, 0, 1);
    Atomics.notify(control, 0);
  }, 100);
});
`;

test("a late notice is no answer", () => {
  const file = join(temporary(), "thread.mjs");
  writeFileSync(file, THREAD);
  startEngine(pathToFileURL(file));
  for (const sql of ["select 1", "select 2"]) expect(queryRows(sql)).toEqual([[sql]]);
});
