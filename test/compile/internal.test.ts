/** A bug of hsc, here planted in a pass: the pass is named, what it was given is saved, the command to see it again is printed. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporary } from "../runtime/temporary.ts";

// a process on a busy machine
vi.setConfig({ testTimeout: 120_000 });
// the sources as they are: of the packed form no file is a pass
const BIN = join(import.meta.dirname, "../../src/cli.ts");
const PASS =
  'export const segment = { name: "segment", doc: "", from: "source", to: "segmented", run: () => { throw new Error("internal: oops"); } };';

test("a pass that breaks", () => {
  const folder = temporary();
  const hook = join(folder, "hook.mjs");
  writeFileSync(
    hook,
    `import { registerHooks } from "node:module";
     const source = ${JSON.stringify(PASS)};
     registerHooks({ load: (url, cx, next) =>
       url.endsWith("/passes/segment.ts") ? { format: "module", source, shortCircuit: true } : next(url, cx) });`,
  );
  writeFileSync(join(folder, "a b.hs"), "param n = 2\nprint n + 1\n");
  const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), NODE_OPTIONS: `--import=${hook}` };
  const args = [BIN, "run", "a b.hs", "--set", "n=4"];
  const r = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", env });
  expect([r.status, r.stdout]).toEqual([1, ""]);
  const lines = r.stderr.split("\n");
  expect(lines.slice(0, 2)).toEqual([
    "internal error: segment: oops",
    "note: this is a bug of hsc, not of the program",
  ]);
  const saved = /^note: what `segment` was given: (.*)$/.exec(lines[2]!)![1]!;
  expect(readFileSync(saved, "utf8")).toMatch(/^\(graph\n/);
  rmSync(saved);
  expect(lines[3]).toBe("help: to see it again: hsc run 'a b.hs' --set n=4 --stop-after segment");
});
