/**
 * Folders for what lies on disk while a run goes on. They go when the process ends, however it ends: those of a process that was killed, and could
 * not see to it, when the next one makes some. Knows no format.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { hostError } from "./files.ts";

type Kind = "columns" | "table" | "duckdb";
const KINDS: readonly Kind[] = ["columns", "table", "duckdb"];

/** where a number of a process means what it means here: this boot of this machine, this container of it */
const place = (): string => {
  const parts = [hostname()];
  for (const read of [
    () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"),
    () => readlinkSync("/proc/self/ns/pid"),
  ])
    try {
      parts.push(read());
    } catch {
      // only Linux tells
    }
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 12);
};
let here: string | undefined;
const prefix = (kind: Kind): string => `hsc-${kind}-${(here ??= place())}-`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    // another user's
    return (e as NodeJS.ErrnoException).code === "EPERM";
  }
};
let isSwept = false;
/** removes what processes left behind that are no more */
function sweep(): void {
  if (isSwept) return;
  isSwept = true;
  try {
    for (const name of readdirSync(tmpdir())) {
      const kind = KINDS.find(k => name.startsWith(prefix(k)));
      const pid = kind && /^(\d+)-/.exec(name.slice(prefix(kind).length))?.[1];
      if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  } catch {
    // to be tidy is no reason to fail
  }
}
/** by one listener: of more than ten Node warns */
const leaving = new Set<string>();
function atExit(path: string): void {
  if (!leaving.size)
    process.once("exit", () => {
      for (const own of leaving) rmSync(own, { recursive: true, force: true });
    });
  leaving.add(path);
}

/** an empty folder */
export function temporaryFolder(kind: Kind): string {
  sweep();
  try {
    const path = mkdtempSync(join(tmpdir(), `${prefix(kind)}${process.pid}-`));
    atExit(path);
    return path;
  } catch (e) {
    throw hostError("write", tmpdir(), e);
  }
}
/** the name of a folder that another makes if it needs it; `which` tells those of this process apart */
export function temporaryName(kind: Kind, which: string): string {
  sweep();
  const path = join(tmpdir(), `${prefix(kind)}${process.pid}-${which}`);
  atExit(path);
  return path;
}
