/** What lies on disk while a run goes on: it goes with the process, however it ends, and a disk that is too small is told of. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { temporary } from "./temporary.ts";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
const MODULE = join(import.meta.dirname, "../../src/runtime/temporary.ts");
/** a process that makes a folder, says its name, and waits */
async function maker(tmp: string) {
  const text = `import { temporaryFolder } from ${JSON.stringify(MODULE)}; console.log(temporaryFolder("columns")); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], {
    env: { ...process.env, TMPDIR: tmp },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer]; // as: a stream of bytes
  return { child, folder: said.toString().trim() };
}
test("folders of processes that were killed go when another makes some; those of others stay", {
  timeout: 60_000,
}, async () => {
  const tmp = temporary();
  const [dead, alive] = [await maker(tmp), await maker(tmp)];
  writeFileSync(join(dead.folder, "0"), "some rows");
  mkdirSync(join(tmp, "hsc-columns-of-another"));
  dead.child.kill("SIGKILL");
  await once(dead.child, "exit");
  expect(existsSync(dead.folder)).toBe(true);
  const next = await maker(tmp);
  expect(existsSync(dead.folder)).toBe(false);
  expect(existsSync(alive.folder)).toBe(true);
  expect(existsSync(join(tmp, "hsc-columns-of-another"))).toBe(true);
  for (const { child } of [alive, next]) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

test("many folders of one process go with it, and nothing is said of it", { timeout: 60_000 }, () => {
  const tmp = temporary();
  const text = `import { temporaryFolder } from ${JSON.stringify(MODULE)}; for (let i = 0; i < 20; i++) console.log(temporaryFolder("columns"));`;
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", text], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: tmp },
  });
  expect(ran.stderr).toBe("");
  expect(new Set(ran.stdout.trim().split("\n")).size).toBe(20);
  expect(readdirSync(tmp)).toEqual([]);
});

function hsc(folder: string, more: readonly string[], ...args: readonly string[]) {
  return spawnSync(process.execPath, [...more, BIN, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), TMPDIR: join(folder, "tmp"), NO_COLOR: "1" },
  });
}
test("a disk without room for columns, a run without room for a table", { timeout: 240_000 }, () => {
  const folder = temporary();
  mkdirSync(join(folder, "tmp"));
  queryRows(
    `copy (select (i * 7919) % 1000003 as a, i / 3 as b, md5(i::varchar) as s from range(1500000) t(i)) to '${join(folder, "d.csv")}' (header)`,
  );
  writeFileSync(
    join(folder, "a.hs"),
    'let d: rdd { a: f32, b: f64 } = csv("d.csv")\nprint d |> mean(r => r.a + r.b)\n',
  );
  const hook = join(folder, "small.mjs");
  writeFileSync(
    hook,
    'import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module"; fs.statfsSync = () => ({ bavail: 5000, bsize: 1000 }); syncBuiltinESMExports();',
  );
  const small = hsc(folder, ["--import", hook], "run", "a.hs", "--memory", "200MB");
  expect(small.status).toBe(1);
  expect(small.stderr).toContain(
    `error: no space left on the disk: columns take 18 MB, 5 MB are free in ${join(folder, "tmp")}; TMPDIR names another place`,
  );
  expect(small.stderr).toContain("--> a.hs:1:33");
  writeFileSync(
    join(folder, "b.hs"),
    'let d: rdd { a: f32, b: f64, s: string } = csv("d.csv")\nprint d |> sort_by(.s) |> take(20) |> map(r => { r.s, r.a })\nprint d |> distinct(by: .s) |> count\n',
  );
  // in a sixth of the table's size
  const tight = hsc(folder, [], "run", "b.hs", "--memory", "200MB");
  expect(tight.status, tight.stderr).toBe(0);
  expect(tight.stdout).toBe(hsc(folder, [], "run", "b.hs").stdout);
  expect(tight.stdout.trim().split("\n").at(-1)).toBe("1500000");
  expect(hsc(folder, [], "run", "a.hs", "--memory", "50MB").stderr).toBe(
    "error: --memory 50MB is too little: a run takes 200MB at least\nhelp: --memory 200MB\n",
  );
  expect(readdirSync(join(folder, "tmp")).filter(f => f.startsWith("hsc-"))).toEqual([]);
});
