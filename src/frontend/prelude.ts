/** The prelude's texts to trees, which are the same for every program. Knows no names, types or values. */
import type * as Ast from "./ast.ts";
import { parse } from "./parser.ts";

/** definitions by the name of their file */
export type Trees = Readonly<Record<string, readonly Ast.Item[]>>;

/** `files`: texts by the names that messages show */
export const parsePrelude = (files: Readonly<Record<string, string>>): Trees =>
  Object.fromEntries(Object.entries(files).map(([file, source]) => [file, items(file, source)]));
function items(file: string, source: string): readonly Ast.Item[] {
  const { program, diagnostics } = parse(source, file);
  if (diagnostics.length) throw new Error(`internal: ${file}:${diagnostics[0]!.span.line}: ${diagnostics[0]!.message}`);
  return program.items;
}
