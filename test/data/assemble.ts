/** The csv reader's kernel from its text: `node test/data/assemble.ts` writes src/runtime/csv/kernel.ts. A test asks whether it is that. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";

const folder = join(import.meta.dirname, "../../src/runtime/csv");
/** the module in kernel.ts is this text, assembled */
export function assembled(): string {
  const m = binaryen.parseText(readFileSync(join(folder, "kernel.wat"), "utf8"));
  m.setFeatures(binaryen.Features.SIMD128);
  if (!m.validate()) throw new Error("kernel.wat is not valid");
  const bytes = m.emitBinary();
  m.dispose();
  return Buffer.from(bytes).toString("base64");
}
export const source = (base64: string): string =>
  `/** kernel.wat, assembled by test/data/assemble.ts. */\nexport const KERNEL =\n  "${base64}";\n`;

if (process.argv[1] === import.meta.filename) writeFileSync(join(folder, "kernel.ts"), source(assembled()));
