/** Placeholders of rules that a record does not have; each throws with the rule's name. */
import type { Op } from "../op.ts";

const absent = (rule: string) => (): never => {
  throw new Error(`internal: an op has no rule ${rule}`);
};
export const pending: Pick<Op, "eval" | "grad" | "lift" | "kernel"> = {
  eval: absent("eval"),
  grad: absent("grad"),
  lift: absent("lift"),
  kernel: { k: "none" },
};
