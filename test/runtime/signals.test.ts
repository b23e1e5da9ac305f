/** What a process hears of signals while it computes: in processes of their own, which send them to themselves within one long step. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporary } from "./temporary.ts";

const SIGNALS = join(import.meta.dirname, "../../src/runtime/signals.ts");
/** `step`: what happens while nothing is heard; told: what people read, and how it ended */
function told(step: string, before = "signals.enter();"): readonly [text: string, end: string | number | null] {
  const script = `
import { setImmediate } from "node:timers/promises";
import { writeSync } from "node:fs";
import { listen } from ${JSON.stringify(SIGNALS)};
const say = text => writeSync(1, text + "\\n");
const signals = listen(say);
const busy = () => { for (const end = performance.now() + 100; performance.now() < end; ); };
const signal = name => { process.kill(process.pid, name); busy(); };
${before}
${step}
await setImmediate(); await setImmediate();
say("goes on, wanted: " + signals.wanted);
process.exit(0);`;
  const r = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(r.stderr).toBe("");
  return [r.stdout.trim(), r.signal ?? r.status];
}
const SAVES = "saves and stops; once more: stops at once";

test.each(["SIGINT", "SIGTERM"])("%s is wanted, and said", name => {
  expect(told(`signal("${name}");`)).toEqual([`${SAVES}\ngoes on, wanted: stop`, 0]);
});
test.each(["SIGINT", "SIGTERM"])("%s twice within one step ends it when the step does", name => {
  expect(told(`signal("${name}"); signal("${name}"); say("the step is done");`)).toEqual([
    `the step is done\n${SAVES}`,
    name,
  ]);
});
test.each(["SIGINT", "SIGTERM"])("%s in a step after one that was heard ends it in the middle of the step", name => {
  const step = `signal("${name}"); await setImmediate(); await setImmediate(); signal("${name}"); say("the step is done");`;
  expect(told(step)).toEqual([SAVES, name]);
});
test("SIGHUP asks to save, and to stop what was asked to stop", () => {
  expect(told('signal("SIGHUP"); signal("SIGHUP");')).toEqual(["goes on, wanted: save", 0]);
  expect(told('signal("SIGINT"); signal("SIGHUP");')).toEqual([`${SAVES}\ngoes on, wanted: stop`, 0]);
  expect(told('signal("SIGHUP"); signal("SIGINT");')).toEqual([`${SAVES}\ngoes on, wanted: stop`, 0]);
});
test("outside of what can be saved they do what they always do", () => {
  expect(told('signal("SIGINT");', "")).toEqual(["", "SIGINT"]);
  expect(told('signal("SIGTERM");', "signals.enter(); signals.leave();")).toEqual(["", "SIGTERM"]);
});
test("also while an engine is waited for, in which nothing could be heard", { timeout: 60_000 }, () => {
  const engine = join(import.meta.dirname, "../../src/runtime/engine/duckdb.ts");
  const script = join(temporary(), "wait.mjs");
  // a thread that sends the signal while the main one sleeps
  writeFileSync(
    script,
    `import { Worker } from "node:worker_threads";
import { listen } from ${JSON.stringify(SIGNALS)};
import { queryRows } from ${JSON.stringify(engine)};
listen(() => {}).enter();
queryRows("select 1");
if (process.listenerCount("SIGINT") !== 1) throw new Error("nobody listens");
new Worker("setTimeout(() => process.kill(process.pid, 'SIGINT'), 2500)", { eval: true });
queryRows("select sum(sqrt(i * j)) from range(3000000) a(i), range(100000) b(j)");
`,
  );
  const r = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect(r.stderr).toBe("");
  expect(r.signal).toBe("SIGINT");
});
