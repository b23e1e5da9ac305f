/**
 * Every name of the prelude that the language has is called by a program whose results are compared: a golden or an example with a section
 * `run`, a program of the documentation with what it prints, a case of an oracle. Names that a
 * program defines itself do not count. All that is missing is what ends in a limit.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { specials } from "../../src/frontend/check/index.ts";
import { parse } from "../../src/frontend/parser.ts";
import { readGolden } from "../golden/runner/file.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const files = (pattern: string): readonly string[] => globSync(pattern, { cwd: root }).sort();

/** the names of language.md 9, as they stand there: families in front, signatures between semicolons */
function languageNames(): readonly string[] {
  const text = read("test/frontend/prelude-names.txt").replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const out: string[] = [];
  let depth = 0;
  let entry = "";
  for (const c of text) {
    if (c === "(" || c === "[" || c === "{") depth++;
    if (c === ")" || c === "]" || c === "}") depth--;
    if (depth > 0) continue;
    if (c === ")") out.push(/(\w+)$/.exec(entry)![1]!);
    entry += c;
  }
  const constants = /constants +([\w, ]+)/.exec(text)![1]!;
  return [...out, ...constants.split(/,\s*/).map(c => c.trim())];
}

/** programs whose results are compared, each with where it stands */
function* programs(): Generator<readonly [at: string, text: string]> {
  for (const f of [...files("test/golden/**/*.hs"), ...files("examples/*.hs")]) {
    const text = read(f);
    if (!text.includes("\n//= ")) continue;
    const { program, sections } = readGolden(text);
    if (sections.some(s => s.head.split(" ")[0] === "run" && s.body.trim() !== "")) yield [f, program];
  }
  for (const f of files("docs/*.md"))
    for (const [, program] of read(f).matchAll(/^```hs\n([\s\S]*?)^```$\n+```text\n/gm)) yield [f, program!];
  for (const f of files("test/frontend/*-oracle.json"))
    for (const c of JSON.parse(read(f)) as readonly { readonly program: string }[]) yield [f, c.program]; // as: its form
}

/** names that are called, or handed on as functions; but none that the program defines */
function used(text: string, at: string): ReadonlySet<string> {
  const { program, diagnostics } = parse(text, at);
  expect(
    diagnostics.filter(d => d.severity === "error").map(d => d.message),
    at,
  ).toEqual([]);
  const refs = new Set<string>();
  const own = new Set<string>();
  const stack: unknown[] = [program];
  while (stack.length) {
    const x = stack.pop();
    if (Array.isArray(x)) stack.push(...x);
    else if (typeof x === "object" && x !== null) {
      const node = x as { readonly k?: unknown; readonly name?: unknown };
      if (node.k === "ref") refs.add(String(node.name));
      else if (
        typeof node.name === "object" &&
        node.name !== null &&
        "text" in node.name &&
        node.k !== undefined &&
        node.k !== "arg" &&
        node.k !== "field"
      )
        own.add(String(node.name.text));
      stack.push(...Object.values(x));
    }
  }
  return new Set([...refs].filter(n => !own.has(n)));
}

const names = languageNames();
test("the names of the language are read", () => {
  expect(names.length).toBeGreaterThan(250);
  for (const n of ["csv", "map", "adam", "top_k", "parse_time", "bool", "nan", "inverse_matrix"])
    expect(names).toContain(n);
});
test("each is called by a program whose results are compared", () => {
  const where = new Map<string, string>();
  for (const [at, text] of programs()) for (const n of used(text, at)) if (!where.has(n)) where.set(n, at);
  const refused = names.filter(n => specials.get(n)?.notBuilt);
  expect(names.filter(n => !where.has(n))).toEqual(refused);
});
