/** A LOOP kernel with its statements replaced: how tests plant bugs in one. */
import type { Block, LoopKernel, Stmt } from "../../src/ir/loop.ts";

/** each statement, those in it first, replaced by others */
export function rewritten(k: LoopKernel, f: (s: Stmt) => Block): LoopKernel {
  const block = (b: Block): Block => b.flatMap(s => f(inside(s)));
  const inside = (s: Stmt): Stmt => {
    if (s.k === "for" || s.k === "alloc") return { ...s, body: block(s.body) };
    return s.k === "if" ? { ...s, then: block(s.then), else: block(s.else) } : s;
  };
  return { ...k, body: block(k.body) };
}
/** without every second barrier, from the first or the second on: slices are filled between the two of a pair */
export function withoutBarriers(k: LoopKernel, first: 0 | 1): LoopKernel {
  let at = 0;
  return rewritten(k, s => (s.k === "barrier" && at++ % 2 === first ? [] : [s]));
}
/** every store goes to the beginning of its buffer */
export const clashing = (k: LoopKernel): LoopKernel =>
  rewritten(k, s => [s.k === "store" && s.buf.space === "param" ? { ...s, at: { base: 0, terms: [] } } : s]);
