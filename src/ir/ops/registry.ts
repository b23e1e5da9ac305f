/** The table of ops by name, filled by ops/index.ts; it lets the records' rules build each other's nodes without import cycles. */
import type { Op } from "../op.ts";

const table = new Map<string, Op>();

export function register(ops: readonly Op[]): void {
  for (const op of ops) table.set(op.name, op);
}
export function op(name: string): Op {
  const found = table.get(name);
  if (!found) throw new Error(`internal: no op is named ${name}`);
  return found;
}
/** all ops, in the order of registration */
export const allOps = (): readonly Op[] => [...table.values()];
