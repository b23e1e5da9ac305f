/** The programs that the tests of the frontend read: those of the design, and the prelude. */
import { readdirSync, readFileSync } from "node:fs";

const folders = ["./programs/", "../../src/frontend/prelude/"].map(f => new URL(f, import.meta.url));

export const programs: readonly { readonly name: string; readonly text: string }[] = folders.flatMap(f =>
  readdirSync(f)
    .filter(n => n.endsWith(".hs"))
    .map(n => ({ name: n, text: readFileSync(new URL(n, f), "utf8") })),
);
