/**
 * Columns that a device cannot bind whole, or that lie partly in a file: of each batch, its rows are copied side by side, and the kernels
 * find row i of the batch at i. Knows no plan step.
 */
import type { PlacedColumn, Rows } from "./feed.ts";
import type { ModuleMemory } from "./memory.ts";
import type { Remote } from "./remote.ts";

/** room for the rows of one batch, by entry of the pointer table */
export type Gathered = Map<number, { readonly column: PlacedColumn; readonly at: number }>;

/** bytes up to the last row that is visited */
export const bytesVisited = ({ rows }: Rows, column: PlacedColumn): number =>
  rows.reduce((most, row) => Math.max(most, row + 1), 0) * column.bytes;
export const isGathered = (remote: Remote | undefined, rows: Rows): boolean =>
  remote !== undefined &&
  (rows.window !== undefined || [...rows.columns.values()].some(c => bytesVisited(rows, c) > remote.binds));

/** row `places[i]` of each column becomes row i of its room */
export function gather(memory: ModuleMemory, rooms: Gathered, places: Uint32Array): void {
  for (const { column, at } of rooms.values()) {
    const { address, bytes } = column;
    const room = memory.bytes(at, places.length * bytes);
    for (const [i, place] of places.entries()) room.set(memory.bytes(address + place * bytes, bytes), i * bytes);
  }
}
export const firstNumbers = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);
