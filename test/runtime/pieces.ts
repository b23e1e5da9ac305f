/** Tables for sinks, in pieces. */
import type { Cells } from "../../src/runtime/cells.ts";
import { portions, type TablePiece } from "../../src/runtime/table-pieces.ts";

/** `each` rows a piece */
export const piecesOf = (
  columns: readonly (readonly [name: string, Cells])[],
  rows: number,
  each = Math.max(1, rows),
): readonly TablePiece[] => Array.from(portions([{ columns, rows }], each), p => [...p]).flat();
