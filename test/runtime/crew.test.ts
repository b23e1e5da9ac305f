/** Threads that are kept: whoever shares a task gets those that are there, and one that has failed is replaced. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { expect, test } from "vitest";
import { share } from "../../src/runtime/crew.ts";
import { temporary } from "./temporary.ts";

/** as those do who wait: no event loop turns */
function heard(port: MessagePort): unknown {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 300; i++) {
    const m = receiveMessageOnPort(port);
    if (m) return m.message;
    Atomics.wait(never, 0, 0, 100);
  }
  return undefined;
}
const crew = new URL("../../src/runtime/crew-task.ts", import.meta.url);
const tasks = (text: string): URL => {
  const file = join(temporary(), "task.mjs");
  writeFileSync(
    file,
    `import { threadId } from "node:worker_threads";\nimport { taking } from ${JSON.stringify(crew.href)};\n${text}`,
  );
  return pathToFileURL(file);
};

test("threads are kept for the next task, in which they have what the last left", () => {
  const file = tasks("let n = 0; taking((data, port) => port.postMessage([threadId, n++, data.of]));");
  const asked = (count: number, of: string) => share(count, file, { of }).map(heard) as unknown[][]; // as: what `take` sends
  const first = asked(2, "a");
  const second = asked(3, "b");
  expect(first.map(([, n, of]) => [n, of])).toEqual([
    [0, "a"],
    [0, "a"],
  ]);
  expect(second.map(([, n, of]) => [n, of])).toEqual([
    [1, "b"],
    [1, "b"],
    [0, "b"],
  ]);
  expect(second.slice(0, 2).map(([id]) => id)).toEqual(first.map(([id]) => id));
  expect(new Set(second.map(([id]) => id)).size).toBe(3);
  expect(share(0, file, {})).toEqual([]);
  expect(share(-1, file, {})).toEqual([]);
});
test("one that has failed is replaced", () => {
  const file = tasks(
    `taking((data, port) => { port.postMessage(threadId); if (data.fails) throw new Error("of its own"); });`,
  );
  const before = heard(share(1, file, { fails: true })[0]!);
  // it ends when it has told
  let after = heard(share(1, file, { fails: false })[0]!);
  for (let i = 0; after === undefined && i < 10; i++) after = heard(share(1, file, { fails: false })[0]!);
  expect(before).toBeTypeOf("number");
  expect(after).toBeTypeOf("number");
  expect(after).not.toBe(before);
});
