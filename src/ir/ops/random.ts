/** Counter-based chance: the bits of jax.random with partitionable Threefry. */
import type { Op } from "../op.ts";
import { sameShape, showType, type Type, tensor } from "../type.ts";
import { arity, need, shapeOf, tensorAt } from "./attrs.ts";
import { pending } from "./pending.ts";

/** the leading dims of a key u32[B.., 2] */
function keyLead(args: readonly Type[]) {
  const key = tensorAt(args, 0);
  need(key.elem === "u32" && key.shape.at(-1) === 2, () => `a key is u32[2], not ${showType(key)}`);
  return key.shape.slice(0, -1);
}
const randomBits: Op = {
  ...pending,
  name: "random_bits",
  doc: "u32 words as jax.random.bits gives for this key and shape; a key with leading dims gives words per key",
  type: (args, attrs) => {
    arity(args, 1);
    return tensor("u32", [...keyLead(args), ...shapeOf(attrs)]);
  },
};
const foldIn: Op = {
  ...pending,
  name: "fold_in",
  doc: "a new key from a key and a number, as jax.random.fold_in",
  type: args => {
    arity(args, 2);
    const [lead, i] = [keyLead(args), tensorAt(args, 1)];
    need(i.elem === "u32" && sameShape(i.shape, lead), () => `fold_in of ${showType(args[0]!)} and ${showType(i)}`);
    return tensor("u32", [...lead, 2]);
  },
};

export const randomOps: readonly Op[] = [randomBits, foldIn];
