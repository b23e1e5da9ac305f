/**
 * Room for the columns of a source as its reader asks for it: in the memory of kernels, or in files where they are too large together.
 * Knows no format, and no loop but the size of its batches.
 */
import { totalmem } from "node:os";
import type { PlanStage, PlanStep, Source } from "../ir/plan.ts";
import { type Column, STORED_BYTES, sizeOf } from "../ir/type.ts";
import type { PlacedColumn } from "./feed.ts";
import { type Allocate, kernelStore, type Table } from "./formats/format.ts";
import type { Spilling } from "./formats/places.ts";
import type { ModuleMemory } from "./memory.ts";
import { Spill, Window } from "./spill.ts";
import type { Status } from "./status.ts";

export interface ColumnsContext {
  readonly stage: PlanStage;
  readonly memory: ModuleMemory;
  /** bytes that the run may take; absent: a part of what the machine has */
  readonly budget?: number | undefined;
  readonly status?: Pick<Status, "note"> | undefined;
}
export interface ColumnRoom {
  readonly allocate: Spilling;
  /** when the reader is done */
  readonly placed: (table: Table) => {
    readonly columns: ReadonlyMap<string, PlacedColumn>;
    readonly window?: Window;
  };
}
/** bytes of one row of a column */
const rowBytes = (c: Column): number => STORED_BYTES[kernelStore(c.store)] * sizeOf(c.shape);
/** a module has 4 GiB at most, and kernels have others to lay there, too */
const limitOf = ({ budget }: ColumnsContext): number =>
  budget === undefined ? Math.min(totalmem() / 4, 3 * 2 ** 30) : Math.max(LEAST, (budget - PROGRAM) / 5);
/** bytes of Node and the program's code */
const PROGRAM = 160e6;
const LEAST = 16e6;
/** bytes of a run's that the engine may take */
export const engineShare = (budget: number): number => Math.max(4 * LEAST, (budget - PROGRAM) / 5);

/** `room`: where so many bytes are to lie */
export function columnRoom(
  source: Source,
  cx: ColumnsContext,
  room: (what: string, bytes: number) => number = (what, bytes) => cx.memory.allocate(bytes, what),
): ColumnRoom {
  const name = source.paths.join(", ");
  const columns = new Map<string, PlacedColumn>();
  const sizes = new Map<string, number>();
  const allocate: Allocate = (column, bytes) => {
    const old = columns.get(column);
    if (old && sizes.get(column)! >= bytes) return cx.memory.bytes(old.address, bytes);
    const address = room(`column ${column} of ${name}`, bytes);
    sizes.set(column, bytes);
    columns.set(column, { address, bytes: rowBytes(source.columns[column]!) });
    return cx.memory.bytes(address, bytes);
  };
  let spilled: Spill | undefined;
  const spill: Spilling["spill"] = all => {
    spilled?.close();
    spilled = undefined;
    if (all.reduce((n, c) => n + c.bytes, 0) <= limitOf(cx)) return undefined;
    spilled = new Spill(all);
    return all.map(c => spilled!.path(c.name));
  };
  return {
    allocate: Object.assign(allocate, { spill }),
    placed: table => {
      // a reader that began with files may have gone over to memory
      if (!spilled || columns.size) return { columns };
      return windowed(spilled, table, source, cx, room);
    },
  };
}
function windowed(
  spill: Spill,
  { rows }: Table,
  source: Source,
  cx: ColumnsContext,
  room: (what: string, bytes: number) => number,
): ReturnType<ColumnRoom["placed"]> {
  const own = spill.columns.map(name => ({ name, bytes: rowBytes(source.columns[name]!) }));
  const bytes = own.reduce((n, c) => n + c.bytes, 0);
  const name = source.paths.join(", ") || "a table";
  const made = windowOn(spill, own, rows, cx, (column, size) => room(`a part of ${column} of ${name}`, size));
  const size = (n: number): string => `${Math.ceil(n / 1e6)} MB`;
  const { capacity } = made.window;
  cx.status?.note(
    `${name}: ${size(rows * bytes)} of columns lie on disk, ${size(capacity * bytes)} of them in memory at a time: a pass in another order than theirs reads them ${Math.ceil(rows / capacity)} times`,
  );
  return made;
}
/** over files that are whole: as many of their rows in memory as there is room for, and those of a batch at least. `room`: where a column's are to lie */
export function windowOn(
  spill: Spill,
  columns: readonly { readonly name: string; readonly bytes: number }[],
  rows: number,
  cx: ColumnsContext,
  room: (column: string, bytes: number) => number,
): { readonly columns: ReadonlyMap<string, PlacedColumn>; readonly window: Window } {
  const bytes = columns.reduce((n, c) => n + c.bytes, 0);
  const batch = Math.max(1, ...cx.stage.steps.flatMap(batches));
  const capacity = Math.max(batch, Math.min(rows, Math.floor(limitOf(cx) / bytes)));
  const placed = columns.map(c => ({ ...c, path: spill.path(c.name), address: room(c.name, capacity * c.bytes) }));
  const window = new Window(cx.memory, placed, capacity);
  // open files stay readable: however the run ends, nothing is left behind
  spill.close();
  return { columns: new Map(placed.map(c => [c.name, c])), window };
}
const batches = (s: PlanStep): readonly number[] =>
  s.k === "loop" ? [...(s.over ? [s.over.batch] : []), ...s.body.flatMap(batches)] : [];
