/** Which kernels of a phase may be one that runs strip by strip. Knows no layout, and not what is gained. */

import type { KernelSet, Parting } from "./parting.ts";
import { between, type Member, type Row, rowsOf } from "./rows.ts";

/** `records`: one item of the phase is 16 records */
export function isOneKernel(all: KernelSet, parting: Parting, records: boolean): boolean {
  const members = parting.members(all);
  if (!members.every(m => m.single && fits(m, records))) return false;
  if ([...between(members)].some(t => parting.writers(t).length > 1)) return false;
  const rows = rowsOf(members);
  // items are points of a row that nothing is summed along
  if (!rows.some(r => !r.sums && (records ? isRecords(r) : (r.extent as number) > 1))) return false; // as: no records, see fits
  if (!rows.some(r => typeof r.extent === "number" && r.extent > 1)) return false;
  return !parting.leadsBack(all);
}
const isRecords = (r: Row): boolean => typeof r.extent !== "number";
/** of a product of records both operands differ from record to record: weights would be read for each strip */
export function fits({ phase, factors }: Member, records: boolean): boolean {
  const axis = phase.axes.find(a => typeof a.extent !== "number");
  if (!records) return !axis;
  return axis !== undefined && (factors ?? []).every(a => a.index.some(i => i.terms.some(t => t.axis === axis.name)));
}
