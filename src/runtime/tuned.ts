/** The profile of this machine that `hsc tune` wrote: where it lies, and its text. Knows nothing of what it says but its name. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./files.ts";

const FILE = "profile.json";
/** undefined: this machine was not tuned for */
export function tuned(
  folder: string,
): { readonly path: string; readonly json: unknown; readonly name: string } | undefined {
  const path = join(folder, FILE);
  try {
    const json: unknown = JSON.parse(readFileSync(path, "utf8"));
    const name = typeof json === "object" && json !== null && "name" in json ? String(json.name) : "";
    return { path, json, name };
  } catch {
    return undefined; // as with the rest of the cache: what cannot be read is not there
  }
}
export function keepTuned(folder: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, FILE);
  writeWhole(path, [Buffer.from(text)]);
  return path;
}
export const forgetTuned = (folder: string): void => rmSync(join(folder, FILE), { force: true });
