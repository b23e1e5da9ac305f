/**
 * The sources in as few files as start fast: `node bin/pack.ts <folder>`. Who calls it (bin/packed.cjs) knows when, and under which
 * name. What comes with native code, or is as large as binaryen, stays a package. Knows no command of hsc.
 */
import { writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { rolldown } from "rolldown";
import { parsePrelude } from "../src/frontend/prelude.ts";
import { THREADS } from "../src/runtime/code.ts";
import { PRELUDE, type Prelude, preludeTexts } from "../src/runtime/prelude.ts";
import { binaryenApart } from "./binaryen.ts";

const root = join(import.meta.dirname, "..");
const sources = join(root, "src");
const folder = process.argv[2]!; // bin/packed.cjs names it
/** packages of JavaScript alone, in many files, which most starts load */
const WITHIN = ["@noble/hashes", "binaryen", "chevrotain"];
const isPackage = (id: string): boolean => !id.startsWith(".") && !isAbsolute(id);
const isWithin = (id: string): boolean => WITHIN.some(name => id === name || id.startsWith(`${name}/`));

try {
  const packed = await rolldown({
    cwd: root,
    platform: "node",
    input: Object.fromEntries(["cli", ...THREADS].map(p => [p.replaceAll("/", "-"), join(sources, `${p}.ts`)])),
    external: (id, importer) => importer?.startsWith(sources) === true && isPackage(id) && !isWithin(id),
    plugins: [binaryenApart],
    logLevel: "warn",
  });
  await packed.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    comments: { jsdoc: false },
  });
  await packed.close();
  const texts = preludeTexts();
  const prelude: Prelude = { texts, trees: parsePrelude(texts) };
  writeFileSync(join(folder, PRELUDE), JSON.stringify(prelude));
} catch (e) {
  process.stderr.write(`${stripVTControlCharacters(e instanceof Error ? e.message : String(e))}\n`);
  process.exitCode = 1;
}
