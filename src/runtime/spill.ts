/**
 * Columns that are larger than the memory they may take: files of their elements, row after row, and a window of rows in the memory of kernels, in
 * the order in which a loop visits them. Knows no format, and no loop.
 */
import { closeSync, ftruncateSync, openSync, readSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { HostError } from "../ir/host.ts";
import { hostError } from "./files.ts";
import type { ModuleMemory } from "./memory.ts";
import { argsort, pick } from "./sort.ts";
import { temporaryFolder } from "./temporary.ts";

/** bytes of a file that are looked at at once */
const BLOCK = 1 << 20;

/** files have no blocks before they are written: the disk may be too small for them, and it is better to say so at once */
function expectRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const size = (n: number): string => `${Math.ceil(n / 1e6)} MB`;
  if (bytes > bavail * bsize)
    throw new HostError(
      `no space left on the disk: columns take ${size(bytes)}, ${size(bavail * bsize)} are free in ${dirname(folder)}; TMPDIR names another place`,
    );
}
/** an empty file for each column, to be filled in */
export class Spill {
  readonly #folder: string;
  readonly #paths = new Map<string, string>();

  constructor(columns: readonly { readonly name: string; readonly bytes: number }[]) {
    this.#folder = temporaryFolder("columns");
    expectRoom(
      this.#folder,
      columns.reduce((n, c) => n + c.bytes, 0),
    );
    columns.forEach(({ name, bytes }, i) => {
      const path = join(this.#folder, String(i));
      const fd = openSync(path, "wx");
      try {
        ftruncateSync(fd, bytes);
      } catch (e) {
        throw hostError("write", path, e);
      } finally {
        closeSync(fd);
      }
      this.#paths.set(name, path);
    });
  }
  path(column: string): string {
    const path = this.#paths.get(column);
    if (path === undefined) throw new Error(`internal: column ${column} lies in no file`);
    return path;
  }
  get columns(): readonly string[] {
    return [...this.#paths.keys()];
  }
  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** of a row */
export interface WindowColumn {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** where in memory the window's rows of it lie */
  readonly address: number;
}
/** some rows of the files, visited one after the other: `take` says where a batch of them lies */
export class Window {
  readonly #memory: ModuleMemory;
  readonly #columns: Map<string, WindowColumn & { readonly fd: number }>;
  /** rows that it holds at most */
  readonly capacity: number;
  /** of the file that is read */
  #block: Uint8Array;
  #rows: Uint32Array | undefined;
  #from = 0;
  #to = 0;

  constructor(memory: ModuleMemory, columns: readonly WindowColumn[], capacity: number) {
    this.#memory = memory;
    this.#columns = new Map(columns.map(c => [c.name, { ...c, fd: openSync(c.path, "r") }]));
    this.capacity = capacity;
    this.#block = new Uint8Array(Math.max(BLOCK, ...columns.map(c => c.bytes)));
  }
  /** a further column of the same rows, or another in the place of one of that name */
  add(column: WindowColumn): void {
    const old = this.#columns.get(column.name);
    if (old) closeSync(old.fd);
    this.#columns.set(column.name, { ...column, fd: openSync(column.path, "r") });
    if (column.bytes > this.#block.length) this.#block = new Uint8Array(column.bytes);
    this.#rows = undefined;
  }
  close(): void {
    for (const { fd } of this.#columns.values()) closeSync(fd);
    this.#columns.clear();
  }
  /** the place in the window of row `rows[start]`; the `count` - 1 behind it follow */
  take(rows: Uint32Array, start: number, count: number): number {
    const held = rows === this.#rows && start >= this.#from && start + count <= this.#to;
    if (!held) this.#fill(rows, start, count);
    return start - this.#from;
  }
  #fill(rows: Uint32Array, start: number, count: number): void {
    if (count > this.capacity) throw new Error(`internal: a batch of ${count} rows, and a window of ${this.capacity}`);
    const to = Math.min(rows.length, start + this.capacity);
    const wanted = rows.subarray(start, to);
    const order = argsort(wanted);
    const sorted = pick(wanted, order);
    for (const c of this.#columns.values()) this.#gather(c, sorted, order);
    [this.#rows, this.#from, this.#to] = [rows, start, to];
  }
  /** row sorted[i] of the file becomes row order[i] of the window: the file is read once, in order */
  #gather(
    { fd, bytes, address, path }: WindowColumn & { readonly fd: number },
    sorted: Uint32Array,
    order: Uint32Array,
  ): void {
    const target = this.#memory.bytes(address, sorted.length * bytes);
    const block = this.#block;
    const perBlock = Math.floor(block.length / bytes);
    const put = copier(bytes, block, target);
    for (let i = 0; i < sorted.length; ) {
      const first = sorted[i]!;
      let end = i;
      while (end < sorted.length && sorted[end]! < first + perBlock) end++;
      const length = (sorted[end - 1]! - first + 1) * bytes;
      readWhole(fd, path, first * bytes, block.subarray(0, length));
      for (; i < end; i++) put(order[i]!, sorted[i]! - first);
    }
  }
}
/** copies a row from a place in one to a place in the other */
function copier(bytes: number, from: Uint8Array, to: Uint8Array): (at: number, row: number) => void {
  if (bytes === 4) {
    const [a, b] = [
      new Uint32Array(from.buffer, 0, from.length >> 2),
      new Uint32Array(to.buffer, to.byteOffset, to.length / 4),
    ];
    return (at, row) => {
      b[at] = a[row]!;
    };
  }
  if (bytes === 8) {
    const [a, b] = [
      new BigUint64Array(from.buffer, 0, from.length >> 3),
      new BigUint64Array(to.buffer, to.byteOffset, to.length / 8),
    ];
    return (at, row) => {
      b[at] = a[row]!;
    };
  }
  return (at, row) => to.set(from.subarray(row * bytes, (row + 1) * bytes), at * bytes);
}
function readWhole(fd: number, path: string, at: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    const got = readSync(fd, into, done, into.length - done, at + done);
    if (got === 0) throw hostError("read", path, new Error("it ends early"));
    done += got;
  }
}
