/**
 * How much memory the values of all trips of a loop may take where sums and products move out of it: more than a machine is likely to
 * have is no gain. What a loop is given it may double. Knows no op and no machine.
 */
import type { Node } from "../../ir/node.ts";
import { atN, STORED_BYTES, type TensorType } from "../../ir/type.ts";
import type { Loop } from "./trips.ts";

/** bytes that are there wherever programs are run */
const LEAST = 2 ** 30;

export interface Room {
  /** is there room for what these nodes are in all trips? Then it is taken */
  readonly take: (nodes: readonly Node[]) => boolean;
}
/** `records`: of a batch */
export function roomOf({ trip, starts, captures }: Loop, records: number): Room {
  const bytes = ({ type }: Node): number => {
    if (type.k !== "tensor") return 0;
    const { elem, shape }: TensorType = type;
    return shape.reduce<number>((x, d) => x * atN(d, records), STORED_BYTES[elem]);
  };
  const sum = (nodes: readonly Node[]): number => nodes.reduce((x, n) => x + bytes(n), 0);
  let left = Math.max(LEAST, sum([...starts, ...captures]));
  return {
    take: nodes => {
      const wanted = trip * sum(nodes);
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
  };
}
