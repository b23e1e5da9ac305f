/** Columns on their way from a reader to somewhere else: in memory, or in files where they are too large together. Knows no format. */
import { closeSync, openSync, readSync } from "node:fs";
import { Spill } from "../spill.ts";
import type { Allocate } from "./format.ts";
import type { Spilling } from "./places.ts";

/** bytes of columns that pass through memory */
const MOST = 1 << 26;

export class Passing {
  readonly #room = new Map<string, Uint8Array>();
  readonly #files = new Map<string, number>();
  #spill: Spill | undefined;

  get allocate(): Spilling {
    const allocate: Allocate = (column, bytes) => {
      const old = this.#room.get(column);
      if (old?.length === bytes) return old;
      // threads that read write into it
      const fresh = new Uint8Array(new SharedArrayBuffer(bytes));
      this.#room.set(column, fresh);
      return fresh;
    };
    const spill: Spilling["spill"] = columns => {
      this.close();
      if (columns.reduce((n, c) => n + c.bytes, 0) <= MOST) return undefined;
      this.#spill = new Spill(columns);
      return columns.map(c => this.#spill!.path(c.name));
    };
    return Object.assign(allocate, { spill });
  }
  read(column: string, at: number, bytes: number): Uint8Array {
    const own = this.#room.get(column);
    if (own) return own.slice(at, at + bytes);
    if (!this.#spill) throw new Error(`internal: column ${column} was not read`);
    const fd = this.#files.get(column) ?? openSync(this.#spill.path(column), "r");
    this.#files.set(column, fd);
    const into = new Uint8Array(bytes);
    for (let done = 0; done < bytes; ) {
      const got = readSync(fd, into, done, bytes - done, at + done);
      if (got === 0) throw new Error(`internal: column ${column} ends early`);
      done += got;
    }
    return into;
  }
  close(): void {
    for (const fd of this.#files.values()) closeSync(fd);
    this.#files.clear();
    this.#spill?.close();
    this.#spill = undefined;
  }
}
