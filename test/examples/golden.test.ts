/** Every example prints what stands below it. What they are about is seen to beside this file. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cifarFiles, write } from "../data/make.ts";
import { writeTables } from "../data/tables.ts";
import { suite } from "../golden/runner/suite.ts";

const root = join(import.meta.dirname, "../..");
const data = "examples/data";
const all = readdirSync(join(root, "examples"))
  .filter(f => f.endsWith(".hs"))
  .map(f => join("examples", f));
/** a file without an effect is there to be imported */
const isProgram = (file: string): boolean => /^(print|save) /m.test(readFileSync(join(root, file), "utf8"));
suite({
  title: "example",
  files: all.filter(isProgram),
  prepare: copy => {
    for (const f of all.filter(f => !isProgram(f))) cpSync(join(root, f), join(copy, f));
    mkdirSync(join(copy, data));
    for (const f of readdirSync(join(root, data))) symlinkSync(join(root, data, f), join(copy, data, f));
    write(cifarFiles, join(copy, data));
    writeTables(join(copy, data, "tables"));
  },
});
