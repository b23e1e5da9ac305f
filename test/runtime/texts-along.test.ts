/** Texts made along a tensor: what is drawn for them is what is drawn where no text is made, at the same place, on any number of threads. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporary } from "./temporary.ts";

// processes on a busy machine
vi.setConfig({ testTimeout: 120_000 });
const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
function printed(program: string, ...more: readonly string[]): string {
  const folder = temporary();
  writeFileSync(join(folder, "a.hs"), program);
  const env = { ...process.env, HSC_CACHE: join(folder, ".cache"), NODE_OPTIONS: "" };
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs", ...more], { cwd: folder, encoding: "utf8", env });
  expect([r.status, r.stderr]).toEqual([0, ""]);
  return r.stdout;
}
const numbers = (out: string): readonly string[] => out.match(/\d+/g) ?? [];
const DRAW = "round(1000 * uniform())";
// rows that an engine makes, of which kernels draw
const DRAWN = "sum(rows(range(20)) |> map(x => { x, t: string(x) }) |> map(r => i32(100 * uniform())))";
const PAIRS: readonly (readonly [name: string, plain: string, texts: string])[] = [
  ["map", `map(f32(range(9)), i => i + ${DRAW})`, `map(f32(range(9)), i => string(i + ${DRAW}))`],
  ["map over rows", `map(range(9), i => ${DRAWN})`, `map(range(9), i => string(${DRAWN}))`],
  [
    "scan",
    `scan(f32(range(9)), 0.0, (s, i) => i + ${DRAW})`,
    `scan(f32(range(9)), { t: "", n: 0.0 }, (s, i) => { t: s.t + string(i + ${DRAW}) + " ", n: 0.0 }).t[8]`,
  ],
];
test.each(PAIRS)("%s", (_, plain, texts) => {
  const wanted = numbers(printed(`print ${plain}\n`, "--seed", "7"));
  expect(new Set(wanted).size).toBeGreaterThan(5);
  expect(numbers(printed(`print ${texts}\n`, "--seed", "7"))).toEqual(wanted);
  expect(numbers(printed(`print ${texts}\n`, "--seed", "7", "--threads", "1"))).toEqual(wanted);
});
