/** Kernels of one phase, dealt to items; and those that a plan adds by itself. Knows no node but for errors. */
import type { Item, Kernel, Tensor } from "../../ir/kernel.ts";
import { along } from "../../ir/kernel-walk.ts";
import { Limit } from "../../ir/limit.ts";
import { spansOf } from "../../ir/node.ts";
import type { Size } from "../../ir/plan.ts";
import type { Draft } from "./draft.ts";

/** calls that one item does, together; each that is dealt to many alone */
export function byGrid(
  calls: readonly number[],
  draft: Draft,
): readonly { readonly calls: number[]; readonly items: Size }[] {
  const out: { readonly calls: number[]; readonly items: Size; readonly many: boolean }[] = [];
  for (const c of calls) {
    const to = draft.calls[c]!.kernel.grid[0]?.to ?? 1;
    const last = out.at(-1);
    if (to === 1 && last && !last.many) last.calls.push(c);
    else if (typeof to === "object" && "of" in to) out.push({ calls: [c], items: { ...to, unit: 1 }, many: true });
    else out.push({ calls: [c], items: typeof to === "number" ? to : { of: to, by: 1, unit: 1 }, many: to !== 1 });
  }
  return out;
}
/** the same elements elsewhere */
export function copy(from: Tensor, to: Tensor): Kernel {
  const axes = to.shape.map((e, d) => ({ name: `i${d}`, extent: e, role: "parallel" as const }));
  const at = axes.map(a => along(a.name));
  const then: readonly Item[] = [{ to: { of: to, index: at }, value: { k: "read", from: { of: from, index: at } } }];
  return { name: "copy", phases: [{ axes, reduce: [], then }], covers: [] };
}
export const sameLayout = ({ layout: a }: Tensor, { layout: b }: Tensor): boolean =>
  a.parts.length === b.parts.length &&
  a.parts.every((p, i) => p.dim === b.parts[i]!.dim && p.div === b.parts[i]!.div && p.mod === b.parts[i]!.mod);
/** bytes of a batch grow with its records, not with their square */
export const pairsOf = (k: Kernel): Limit =>
  new Limit(
    "keeping a number for each pair of records of a batch",
    "sum, mean or max over one of the two where they meet",
    k.covers.flatMap(n => spansOf(n)),
  );
