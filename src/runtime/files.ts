/** The file system with errors that name the file and say what was found, and writes that are whole or not there. Knows no format. */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { gunzipSync, constants as zlib } from "node:zlib";
import { HostError } from "../ir/host.ts";

const REASONS: { readonly [code: string]: string } = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOSPC: "no space left on the disk",
  EFBIG: "the file would be too large",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EIO: "the disk failed",
  EMFILE: "too many open files",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
};
const codeOf = (e: unknown): string => (e instanceof Error && "code" in e ? String(e.code) : "");
const reasonOf = (e: unknown): string => REASONS[codeOf(e)] ?? (e instanceof Error ? e.message : String(e));

/** `cannot read a.npy: no such file` */
export function hostError(verb: "read" | "write", path: string, e: unknown): HostError {
  if (e instanceof HostError) return e;
  if (verb === "write" && codeOf(e) === "ENOENT")
    return new HostError(`cannot write ${path}: no folder ${dirname(path)}`);
  return new HostError(`cannot ${verb} ${path}: ${reasonOf(e)}`);
}

/** an open regular file */
export interface Input {
  readonly path: string;
  readonly size: number;
  /** fills `into` from byte `offset` on; throws HostError when the file ends before */
  readonly fill: (offset: number, into: Uint8Array) => void;
}
/** opens, hands over, closes; every error becomes a HostError with the file's name */
export function withInput<T>(path: string, use: (file: Input) => T): T {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (e) {
    throw hostError("read", path, e);
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new HostError(`cannot read ${path}: ${REASONS["EISDIR"]}`);
    if (!stat.isFile()) throw new HostError(`cannot read ${path}: it is not a regular file`);
    return use({ path, size: stat.size, fill: (offset, into) => fill(fd, path, offset, into) });
  } catch (e) {
    if (codeOf(e) !== "") throw hostError("read", path, e);
    throw e;
  } finally {
    closeSync(fd);
  }
}
function fill(fd: number, path: string, offset: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    // one read call moves at most 2 GiB
    const got = readSync(fd, into, done, Math.min(into.length - done, 1 << 30), offset + done);
    if (got === 0)
      throw new HostError(`${path} ends after ${offset + done} bytes, ${offset + into.length} were expected`);
    done += got;
  }
}
/** the beginning of a file of `size` bytes, or all of it */
export const memoryInput = (path: string, bytes: Uint8Array, size: number): Input => ({
  path,
  size,
  fill: (offset, into) => {
    if (offset + into.length > bytes.length)
      throw new HostError(`${path} ends after ${bytes.length} bytes, ${offset + into.length} were expected`);
    into.set(bytes.subarray(offset, offset + into.length));
  },
});
/** the first `bytes` bytes, or all if the file is shorter */
export const head = (file: Input, bytes: number): Uint8Array => {
  const b = new Uint8Array(Math.min(bytes, file.size));
  file.fill(0, b);
  return b;
};
export const readAll = (path: string): Uint8Array => withInput(path, f => head(f, f.size));
/** all that a file holds, unpacked where its name says that it is gzipped */
export function contents(path: string): Uint8Array {
  const bytes = readAll(path);
  if (!/\.gz$/i.test(path)) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (e) {
    throw new HostError(`${path} is damaged: ${reasonOf(e)}`);
  }
}

/** the first bytes, unpacked as far as they go */
export function beginning(path: string, bytes = 4096): Uint8Array {
  const b = withInput(path, f => head(f, bytes));
  if (!/\.gz$/i.test(path)) return b;
  try {
    return gunzipSync(b, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: 1 << 28 });
  } catch (e) {
    throw new HostError(`${path} is damaged: ${reasonOf(e)}`);
  }
}

/** writes all bytes at a place of a file that is open */
export function writeAt(fd: number, path: string, at: number, bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length; )
      done += writeSync(fd, bytes, done, Math.min(bytes.length - done, 1 << 30), at + done);
  } catch (e) {
    throw hostError("write", path, e);
  }
}

/**
 * Writes to a temporary file beside `path`, fsyncs, renames: whoever opens `path` sees the old bytes or all of the new ones.
 * A path that is a device or a pipe (/dev/stdout, /dev/full) is written in place: there is nothing to rename over. A link stays: the file that it
 * names is written.
 */
export function writeWhole(path: string, chunks: Iterable<Uint8Array>): void {
  const kind = kindOf(path);
  if (kind === "folder") throw new HostError(`cannot write ${path}: ${REASONS["EISDIR"]}`);
  const special = kind === "special";
  let fd: number;
  let file: string;
  let target: string;
  try {
    file = behindLinks(path);
    target = special ? path : join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
    fd = openSync(target, special ? "w" : "wx");
  } catch (e) {
    throw hostError("write", path, e);
  }
  try {
    try {
      for (const c of joined(chunks))
        for (let at = 0; at < c.length; ) at += writeSync(fd, c, at, Math.min(c.length - at, 1 << 30));
      if (!special) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (!special) {
      renameSync(target, file);
      syncFolder(dirname(file));
    }
  } catch (e) {
    if (!special) unlinkIfThere(target);
    throw hostError("write", path, e);
  }
}
/** what `writeWhole` would say of the path before it writes a byte */
export function expectWritable(path: string): void {
  const kind = kindOf(path);
  if (kind === "folder") throw new HostError(`cannot write ${path}: ${REASONS["EISDIR"]}`);
  try {
    accessSync(kind === "special" ? path : dirname(behindLinks(path)), constants.W_OK);
  } catch (e) {
    throw hostError("write", path, e);
  }
}
/** what is written where links lead to a file, which may not be there yet */
function behindLinks(path: string): string {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  try {
    return realpathSync(path);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "ENOENT") throw e;
    return behindLinks(resolve(dirname(path), readlinkSync(path)));
  }
}
/** small chunks as one */
function* joined(chunks: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for (const c of chunks) {
    held.push(c);
    bytes += c.length;
    if (bytes < 1 << 20) continue;
    yield held.length === 1 ? c : Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  if (bytes) yield Buffer.concat(held);
}
/** the new name is on the disk, too; some systems cannot */
function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    fsyncSync(fd);
  } catch {
    // the file is whole, and there unless the power fails now
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
function kindOf(path: string): "none" | "file" | "folder" | "special" {
  try {
    const s = statSync(path);
    return s.isDirectory() ? "folder" : s.isFile() ? "file" : "special";
  } catch {
    return "none"; // the open that follows says what is wrong
  }
}
function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // the first error is the one to report
  }
}

/**
 * Fills a temporary folder beside `path`, then swaps it in. `mine` tells whether an existing folder may be replaced:
 * anything else at `path` is left alone and refused.
 */
export function writeFolder(path: string, fillIt: (folder: string) => void, mine: (folder: string) => boolean): void {
  const parent = dirname(path);
  let temporary: string | undefined;
  try {
    if (exists(path)) {
      if (!statSync(path).isDirectory())
        throw new HostError(`cannot write the folder ${path}: a file of this name is there`);
      if (!mine(path)) throw new HostError(`cannot write ${path}: it exists and hsc did not write it`);
    }
    mkdirSync(parent, { recursive: true });
    temporary = join(parent, `.${basename(path)}.${process.pid}.tmp`);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    fillIt(temporary);
    if (exists(path)) {
      const old = `${temporary}.old`;
      renameSync(path, old);
      try {
        renameSync(temporary, path);
      } catch (e) {
        renameSync(old, path);
        throw e;
      }
      rmSync(old, { recursive: true, force: true });
    } else renameSync(temporary, path);
  } catch (e) {
    if (temporary) rmSync(temporary, { recursive: true, force: true });
    throw hostError("write", path, e);
  }
}
/** also true of a dangling link */
export const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
