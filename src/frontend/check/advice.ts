/** Warnings about what is right and hardly meant (language 8): which function of the prelude made what a loss is given. */
import { warn } from "./context.ts";
import type { Closure, Frame, Given, Value } from "./value.ts";

/** functions of the prelude whose results are worth a word where a classifier's loss takes them */
const SUSPECT: Readonly<Record<string, readonly [message: string, help: string]>> = {
  softmax: ["`softmax` before `cross_entropy`", "cross_entropy takes what is before softmax: leave it out"],
  log_softmax: [
    "`log_softmax` before `cross_entropy`",
    "cross_entropy takes what is before it, nll(..) what is behind it",
  ],
  relu: ["`relu` as the last layer of a classifier", "no class can have less than 0: leave it out"],
};
const LOSSES: Readonly<Record<string, string>> = { cross_entropy: "logits" };
const ofPrelude = (f: Frame, c: Closure): boolean => f.cx.preludeFiles.has(c.span.file);

/** a result remembers the function that made it */
export const marked = (f: Frame, c: Closure, v: Value): Value =>
  v.k === "tensor" && c.name !== undefined && c.name in SUSPECT && ofPrelude(f, c) ? { ...v, made: c.name } : v;
export function advise(f: Frame, c: Closure, given: ReadonlyMap<string, Given>): void {
  const formal = c.name === undefined ? undefined : LOSSES[c.name];
  const g = formal === undefined || !ofPrelude(f, c) ? undefined : given.get(formal);
  const word = g?.value.k === "tensor" && g.value.made !== undefined ? SUSPECT[g.value.made] : undefined;
  if (g && word) warn(f, word[0], g.span, word[1]);
}
