/**
 * binaryen ships its WebAssembly as a text within JavaScript: 15 MB to read as UTF-8, to scan and to turn into bytes take longer than to compile
 * them. The packed form has the bytes in a file. Knows nothing else of binaryen.
 */
import { runInThisContext } from "node:vm";
import type { Plugin } from "rolldown";

const FILE = "binaryen.wasm";
/** the text is a template of a call's only argument */
const BEGIN = "(`\\0asm";

export const binaryenApart: Plugin = {
  name: "binaryen apart",
  transform: {
    filter: { id: /[\\/]node_modules[\\/]binaryen[\\/]index\.js$/ },
    handler(code) {
      const call = code.indexOf(BEGIN);
      const callee = /[\w$]+$/.exec(code.slice(Math.max(0, call - 99), call))?.[0];
      if (call < 0 || !callee)
        throw new Error("binaryen does not hold its WebAssembly as it used to: see bin/binaryen.ts");
      const end = endOfTemplate(code, call + 1);
      const text: string = runInThisContext(code.slice(call + 1, end));
      // 256 stands for 0: the low bytes are meant
      const source = Buffer.from(text, "latin1");
      if (code[end] !== ")" || !WebAssembly.validate(source))
        throw new Error("binaryen's WebAssembly is written in another way than it used to be: see bin/binaryen.ts");
      this.emitFile({ type: "asset", fileName: FILE, source });
      return [
        'import { readFileSync as readOwnBytes } from "node:fs";',
        code.slice(0, call - callee.length),
        `readOwnBytes(new URL("./${FILE}", import.meta.url))`,
        code.slice(end + 1),
      ].join("");
    },
  },
};
/** of the template that begins at `from`, the place behind it */
function endOfTemplate(code: string, from: number): number {
  let at = from + 1;
  while (at < code.length && code[at] !== "`") at += code[at] === "\\" ? 2 : 1;
  return at + 1;
}
