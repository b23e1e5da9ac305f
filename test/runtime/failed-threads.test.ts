/** A thread whose modules cannot be imported ends the wait for it: nobody who sleeps until it answers hears its "error" event. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { assembler, endAssembler } from "../../src/assembler.ts";
import { queryRows, startEngine } from "../../src/runtime/engine/duckdb.ts";
import { launch } from "../../src/runtime/launch.ts";
import { temporary } from "./temporary.ts";

const missing = new URL("./no-such-thread.ts", import.meta.url);
/** as those do who wait: no event loop turns */
function failure(file: URL): string | undefined {
  const { failed } = launch(file, {}, "test");
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 300; i++) {
    const why = failed();
    if (why !== undefined) return why;
    Atomics.wait(never, 0, 0, 100);
  }
  return undefined;
}

test("the assembler's", () => {
  const { open, text } = assembler(missing);
  const region = { base: 1 << 16 };
  const module = open({ build: "relaxed", shared: true, exportKernels: true });
  const ending = { phases: [], regions: { state: region, step: region, staging: region } };
  expect(() => module.finish(ending)).toThrow(/^internal: wasm: the thread that assembles failed: .*no-such-thread/);
  expect(() => text({ kernels: [], build: "relaxed", shared: true, exportKernels: true, ...ending })).toThrow(/failed/);
  endAssembler();
});
test("DuckDB's", () => {
  startEngine(missing);
  expect(() => queryRows("select 1")).toThrow(/^internal: DuckDB's thread failed: .*no-such-thread/);
});
test.each([
  ["throws while it is imported", 'throw new Error("of its own")', "of its own"],
  ["imports what is not there", 'import "./gone.mjs"', "gone.mjs"],
  ["throws later", 'setTimeout(() => { throw new Error("too late"); }, 10)', "too late"],
  ["throws what is no error", "throw undefined", "undefined"],
])("one that %s", (_, text, why) => {
  const file = join(temporary(), "thread.mjs");
  writeFileSync(file, text);
  expect(failure(pathToFileURL(file))).toContain(why);
});
