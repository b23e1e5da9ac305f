/** Every golden. */
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "./golden/runner/suite.ts";

const folder = "test/golden";
const root = join(import.meta.dirname, "..");
/** imported by goldens, and what they read: no goldens */
const SHARED = ["data", "lib"];
const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
  .filter(f => f.endsWith(".hs") && !SHARED.includes(f.split("/")[0]!))
  .map(f => join(folder, f));
suite({
  title: "golden",
  files,
  prepare: copy => {
    for (const d of SHARED) symlinkSync(join(root, folder, d), join(copy, folder, d));
    symlinkSync(join(root, "examples"), join(copy, "examples"));
  },
});
