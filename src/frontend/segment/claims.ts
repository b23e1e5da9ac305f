/** What an engine claims of the rdds of a program; the others are of kernels. Knows no REL. */
import type { Expr, Fn, Op, RddType } from "../core.ts";
import { translated } from "./expr.ts";
import { engineParts, hasLists, isRdd, isTransform } from "./kinds.ts";
import { Untranslatable } from "./scope.ts";
import { namesOf } from "./table.ts";

export function isEngines(e: Op & { readonly type: RddType }, texts: readonly string[]): boolean {
  if (isTransform(e)) return true;
  // of what an engine puts in order it finds the first rows sooner than all
  const [of] = e.args;
  if (e.op === "rdd.take")
    return typeof e.attrs["count"] === "number" && of?.k === "op" && isRdd(of) && isEngines(of, texts);
  const f = e.fns["f"];
  if (!f || (e.op !== "rdd.map" && e.op !== "rdd.filter")) return false;
  const makesLists = e.op === "rdd.map" && hasLists(e.type.row);
  return (makesLists || engineParts(f).length > 0) && isTranslatable(f, e.args[0]!, texts);
}
function isTranslatable(f: Fn, d: Expr, texts: readonly string[]): boolean {
  try {
    translated(f, namesOf(d), { index: () => 0, texts });
    return true;
  } catch (e) {
    if (e instanceof Untranslatable) return false;
    throw e;
  }
}
