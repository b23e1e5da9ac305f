/**
 * One command for every suite: `check` (types, lint, format, and the tests that see most per second), `all`, `bless`.
 * Closes with `N passed, N failed, N skipped`.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Result {
  readonly fullName: string;
  readonly status: "passed" | "failed" | "pending" | "skipped" | "todo";
}
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly Result[];
  }[];
}
const bin = (name: string): string => join(import.meta.dirname, "..", "node_modules", ".bin", name);
const run = (name: string, ...args: readonly string[]): boolean =>
  spawnSync(bin(name), args, { stdio: "inherit" }).status === 0;

/** what reads all files and runs none: each counts as a test */
const readings = (): readonly (readonly [name: string, right: boolean])[] => [
  ["types", run("tsc", "--noEmit")],
  ["lint and format", run("biome", "check", "--error-on-warnings")],
];

function tests(read: ReturnType<typeof readings>, ...args: readonly string[]): boolean {
  const file = join(tmpdir(), `hsc-tests-${process.pid}.json`);
  const ok = run(
    "vitest",
    "run",
    "--testTimeout=120000",
    "--reporter=default",
    "--reporter=json",
    `--outputFile=${file}`,
    ...args,
  );
  const report: Report = JSON.parse(readFileSync(file, "utf8"));
  rmSync(file);
  const results = report.testResults.flatMap(f => f.assertionResults);
  const count = (...of: readonly Result["status"][]): number => results.filter(r => of.includes(r.status)).length;
  const broken = report.testResults.filter(f => f.status === "failed" && !f.assertionResults.length);
  for (const f of broken) console.log(`failed to load: ${f.name}: ${f.message ?? ""}`);
  for (const r of results)
    if (r.status === "skipped" || r.status === "pending" || r.status === "todo") console.log(`skipped: ${r.fullName}`);
  const wrong = read.filter(([, right]) => !right);
  for (const [name] of wrong) console.log(`failed: ${name}`);
  const failed = count("failed") + broken.length + wrong.length;
  console.log(
    `${count("passed") + read.length - wrong.length} passed, ${failed} failed, ${count("pending", "skipped", "todo")} skipped`,
  );
  return ok && failed === 0;
}
/** writes the goldens anew: whoever does it looks at the difference before it is committed, which nobody does in CI */
function bless(): boolean {
  if (process.env["CI"]) {
    console.error("bless: refused, since CI is set: goldens are rewritten by hand, and their difference is read");
    return false;
  }
  process.env["HSC_BLESS"] = "1";
  return tests([], "golden.test.ts", "--exclude=test/wgsl/**");
}
/** parts of the paths of test files: under a minute in all, on an idle machine of two cores */
const QUICK = ["test/arch", "laws", "test/golden", "test/fuzz"];
const command = process.argv[2] ?? "all";
const commands: Readonly<Record<string, () => boolean>> = {
  check: () => tests(readings(), ...QUICK),
  all: () => tests(readings()),
  bless,
};
process.exit(commands[command]?.() ? 0 : 1);
