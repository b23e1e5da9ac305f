/** The command line of the mutants: some hundred damaged programs, none of which may end in an internal error. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("mutants", { timeout: 120_000 }, async () => {
  const file = join(import.meta.dirname, "mutants.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [file, "--seed", "1", "--count", "400"]);
  expect(stdout).toMatch(
    /^seeds 1 to 400: [1-9][0-9]* ran, [1-9][0-9]* refused with a message, 0 took .*, 0 internal errors\n$/,
  );
});
