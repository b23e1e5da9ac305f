/** What WebAssembly has no instructions for, found before code is made of it: in the program's terms and with its place. */
import { Limit } from "../../ir/limit.ts";
import { type Fn, fnsOf, type Node, type Span, spansOf, topological } from "../../ir/node.ts";
import type { Stage } from "../../ir/stage.ts";
import type { Column, Elem } from "../../ir/type.ts";

const REGISTERS: ReadonlySet<Elem> = new Set(["f16"]);
const MEMORY: ReadonlySet<Column["store"]> = new Set(["f16", "bf16"]);

/** throws a Limit at the first value or column whose element no instruction computes */
export function assertBuilt(stage: Stage): void {
  for (const input of stage.inputs) {
    if (input.k !== "rows" && input.k !== "file") continue;
    for (const c of Object.values(input.source.columns))
      if (MEMORY.has(c.store)) throw new Limit(`reading ${c.store} on a CPU`, "a file of f32", [input.source.span]);
  }
  const seen = new Set<Fn>();
  const stack = [stage.main];
  for (let f = stack.pop(); f; f = stack.pop()) {
    if (seen.has(f)) continue;
    seen.add(f);
    for (const n of topological(f.results)) {
      stack.push(...fnsOf(n));
      if (n.type.k === "tensor" && REGISTERS.has(n.type.elem))
        throw new Limit(`${n.type.elem} on a CPU`, "f32(..)", placeOf(n, f, stage));
    }
  }
}
/** leaves have no place: that of a reader, else of the effect that shows it */
function placeOf(n: Node, f: Fn, stage: Stage): readonly Span[] {
  const own = spansOf(n);
  if (own.length) return own;
  const reader = topological(f.results).find(r => r.args.includes(n) && spansOf(r).length > 0);
  if (reader) return spansOf(reader);
  return stage.effects.flatMap(e => (e.k === "keep" ? [] : [e.span])).slice(0, 1);
}
