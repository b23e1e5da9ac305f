/**
 * Whether a batch whose number of records is known gets steps of its own. Records that lie in panels cost what a full panel costs, on
 * one thread; with their number known they are dims like all others: units lie in lanes, and kernels are dealt to items. Knows no kernel's form.
 */
import { PANEL } from "../../ir/layout.ts";
import { elements } from "../../ir/loop-cost.ts";
import { sizeAt } from "../../ir/plan-walk.ts";
import { STORED_BYTES } from "../../ir/type.ts";
import { cycles } from "../cycles.ts";
import { AVX2, type Profile } from "../profile.ts";
import type { Draft, DraftStep } from "./draft.ts";

/** from more records on panels are dealt to threads, and full but for the last */
export const MOST_EXACT = PANEL;

/** which of two is taken; the fuzzer draws it */
export interface ExactChoice {
  /** general steps that take less are not worth another form, in cycles */
  readonly least: number;
  /** the exact ones are taken below so much of the general ones' cycles */
  readonly share: number;
}
export const EXACT: ExactChoice = { least: 60_000, share: 0.6 };

/** cycles of one trip with n records, on as many threads as nearly every machine has */
export function cyclesOf(steps: readonly DraftStep[], draft: Draft, n: number, profile: Profile = AVX2): number {
  let sum = 0;
  for (const s of steps) {
    if (s.k === "loop") sum += (s.trip ?? 1) * cyclesOf(s.body, draft, n, profile);
    if (s.k !== "phase") continue;
    const items = sizeAt(s.items, n);
    let own = 0;
    for (const c of s.calls) {
      const call = draft.calls[c]!;
      for (let i = 0; i < (call.items?.count ?? items); i++) own += cycles(call.kernel, n, i, profile);
    }
    sum += own / Math.min(items, THREADS) + (items > 1 ? BARRIER : 0);
  }
  return sum;
}
/** exact steps hold what the general ones hold in strips: tensors of so many bytes, or as large as the largest of those, and no larger */
const ROOM = 64 << 20;
export const hasRoom = (some: readonly DraftStep[], general: readonly DraftStep[], draft: Draft, n: number): boolean =>
  largestOf(some, draft, n) <= Math.max(ROOM, largestOf(general, draft, n));
/** bytes of the largest tensor that kernels of these steps read or write, with n records */
function largestOf(steps: readonly DraftStep[], draft: Draft, n: number): number {
  let most = 0;
  for (const s of steps) {
    if (s.k === "loop") most = Math.max(most, largestOf(s.body, draft, n));
    if (s.k !== "phase") continue;
    for (const c of s.calls)
      for (const b of draft.calls[c]!.kernel.params)
        most = Math.max(most, (elements(b, n) ?? 0) * STORED_BYTES[b.store]);
  }
  return most;
}
const THREADS = 2;
const BARRIER = 2_000;
