/** The starred names of the prelude that are operations on tensors, by name. Knows nothing of rdds, models and functions. */
import type { Builtin } from "../builtin.ts";
import { casts } from "./casts.ts";
import { math } from "./math.ts";
import { random } from "./random.ts";
import { reduce } from "./reduce.ts";
import { shape } from "./shape.ts";
import { tensors } from "./tensors.ts";

export const builtins: Readonly<Record<string, Builtin>> = {
  ...casts,
  ...math,
  ...shape,
  ...reduce,
  ...tensors,
  ...random,
};
