/**
 * A value that follows from files alone, kept in the user's cache folder under the hash of what it follows from: read, where making it takes
 * longer. Nothing that goes wrong here may stop a run. Knows nothing of the value.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { sha256 } from "./bundle.ts";

export interface KeptValue {
  /** undefined: it is not there, or damaged */
  readonly find: () => unknown;
  readonly keep: (value: unknown) => void;
}
const HASH = 64;
/** one value per name is kept, the last one */
export function keptValue(folder: string, name: string, from: string): KeptValue {
  const file = `${name}-${sha256(from).slice(0, 16)}`;
  return {
    find: () => {
      try {
        const bytes = readFileSync(join(folder, file));
        const value = bytes.subarray(HASH);
        return sha256(value) === bytes.toString("latin1", 0, HASH) ? deserialize(value) : undefined;
      } catch {
        return undefined;
      }
    },
    keep: value => {
      try {
        mkdirSync(folder, { recursive: true });
        for (const old of readdirSync(folder))
          if (old.startsWith(`${name}-`)) rmSync(join(folder, old), { force: true });
        const bytes = serialize(value);
        const unnamed = join(folder, `${file}.${process.pid}`);
        writeFileSync(unnamed, Buffer.concat([Buffer.from(sha256(bytes), "latin1"), bytes]));
        renameSync(unnamed, join(folder, file));
      } catch {
        // a full disk or a read-only home: it is made again the next time
      }
    },
  };
}
