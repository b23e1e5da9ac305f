/** The time as a value, for histories and for ends that depend on it. Knows no loop. */

import { make } from "../node.ts";
import type { Op } from "../op.ts";
import { tensor } from "../type.ts";
import { spread } from "./accumulate.ts";
import { arity, tensorAt } from "./attrs.ts";
import { scalar } from "./rows.ts";

const clock: Op = {
  name: "clock",
  doc: "f32[]: seconds since the run began, when the argument has been computed; 0 where nobody measures",
  control: "clock",
  type: args => {
    arity(args, 1);
    tensorAt(args, 0);
    return tensor("f32");
  },
  eval: () => scalar(0),
  grad: "zero",
  lift: (node, [x], _mapped, n) => spread(n, make(node.op, [x!])),
  kernel: { k: "none" },
};

export const clockOps: readonly Op[] = [clock];
