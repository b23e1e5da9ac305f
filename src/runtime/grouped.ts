/** Rows that are made of rows: several as one, and rows with their number; of columns on disk, on disk. Knows no format and no step of the plan. */
import { closeSync, openSync } from "node:fs";
import { type ColumnsContext, windowOn } from "./columns.ts";
import type { PlacedColumn, Room, Rows } from "./feed.ts";
import { writeAt } from "./files.ts";
import { argsort } from "./sort.ts";
import { Spill, type Window } from "./spill.ts";

/** `count` consecutive rows become one, gathered into columns of their own; an incomplete last group is dropped. `who`: a column of their identities */
export function grouped(from: Rows, { count: n, who }: Grouping, cx: ColumnsContext, room: Room): Rows {
  const groups = Math.floor(from.rows.length / n);
  const rows = Uint32Array.from({ length: groups }, (_, g) => g);
  const ids = Uint32Array.from({ length: groups }, (_, g) => from.ids[g * n]!);
  if (from.window) return { rows, ids, ...groupedOnDisk(from, from.window, n, who, groups, cx, room) };
  const { memory } = cx;
  const columns = new Map<string, PlacedColumn>();
  for (const [name, { address, bytes }] of from.columns) {
    const to = room(name, groups * n * bytes);
    const all = new Uint8Array(memory.memory.buffer);
    for (let i = 0; i < groups * n; i++) {
      const row = address + from.rows[i]! * bytes;
      all.copyWithin(to + i * bytes, row, row + bytes);
    }
    columns.set(name, { address: to, bytes: n * bytes });
  }
  if (who !== undefined) {
    const to = room(who, groups * n * 8);
    memory.u32(to, 2 * groups * n).set(identities(from, 0, groups * n));
    columns.set(who, { address: to, bytes: n * 8 });
  }
  return { rows, ids, columns };
}
export interface Grouping {
  readonly count: number;
  readonly who?: string;
}
/** [hi, lo] of rows, one behind the other: hi is 0, as there are fewer than 2^32 */
function identities({ ids }: Rows, start: number, count: number): Uint32Array {
  const out = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) out[2 * i + 1] = ids[start + i]!;
  return out;
}
function groupedOnDisk(
  from: Rows,
  window: Window,
  n: number,
  who: string | undefined,
  groups: number,
  cx: ColumnsContext,
  room: Room,
): Pick<Rows, "columns" | "window"> {
  const all = groups * n;
  const own = [...from.columns].map(([name, c]) => ({ name, ...c }));
  const made = [...own, ...(who === undefined ? [] : [{ name: who, bytes: 8 }])];
  const spill = new Spill(made.map(c => ({ name: c.name, bytes: all * c.bytes })));
  const fds = made.map(c => openSync(spill.path(c.name), "r+"));
  try {
    for (let start = 0; start < all; start += window.capacity) {
      const count = Math.min(window.capacity, all - start);
      const first = window.take(from.rows, start, count);
      own.forEach(({ name, address, bytes }, i) => {
        writeAt(fds[i]!, spill.path(name), start * bytes, cx.memory.bytes(address + first * bytes, count * bytes));
      });
      if (who === undefined) continue;
      const words = identities(from, start, count);
      writeAt(fds[own.length]!, spill.path(who), start * 8, new Uint8Array(words.buffer));
    }
  } finally {
    for (const fd of fds) closeSync(fd);
  }
  const columns = made.map(c => ({ name: c.name, bytes: n * c.bytes }));
  return windowOn(spill, columns, groups, cx, room);
}

/** a further column, i64: the position of each row in the order of the feed */
export function numbered(from: Rows, column: string, cx: ColumnsContext, room: Room): Rows {
  const places = from.rows.reduce((most, row) => Math.max(most, row + 1), 0);
  const address = room(column, 8 * (from.window?.capacity ?? places));
  if (from.window) numberedOnDisk(from, from.window, column, places, address);
  else {
    const positions = new BigInt64Array(cx.memory.memory.buffer, address, places);
    for (let i = 0; i < from.rows.length; i++) positions[from.rows[i]!] = BigInt(i);
  }
  return { ...from, columns: new Map(from.columns).set(column, { address, bytes: 8 }) };
}
/** rows that are written at once */
const PIECE = 1 << 17;
function numberedOnDisk({ rows }: Rows, window: Window, name: string, places: number, address: number): void {
  const spill = new Spill([{ name, bytes: 8 * places }]);
  const path = spill.path(name);
  const order = argsort(rows);
  const fd = openSync(path, "r+");
  const piece = new BigInt64Array(PIECE);
  try {
    for (let at = 0, i = 0; at < places; at += PIECE) {
      const count = Math.min(PIECE, places - at);
      for (; i < order.length && rows[order[i]!]! < at + count; i++) piece[rows[order[i]!]! - at] = BigInt(order[i]!);
      writeAt(fd, path, 8 * at, new Uint8Array(piece.buffer, 0, 8 * count));
    }
  } finally {
    closeSync(fd);
  }
  // feeds of one source may number its rows by one name in several orders
  window.add({ name: `${name} at ${address}`, path, bytes: 8, address });
  spill.close();
}
