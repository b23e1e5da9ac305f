/** Sizes that depend on the number of records at hand. Knows no plan step. */
import type { Size } from "../ir/plan.ts";
import { atN } from "../ir/type.ts";

export const sizeAt = (s: Size, n: number): number =>
  typeof s === "number" ? s : s.unit * Math.ceil(atN(s.of, n) / s.by);
