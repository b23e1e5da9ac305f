/** Message 5: text where a tensor is made. It becomes numbers by its place in a vocabulary, an instant by its seconds. */
import type { Span } from "../../ir/node.ts";
import { report } from "../diagnostics/catalogue.ts";
import { fail } from "./context.ts";
import { cellElem } from "./infix.ts";
import { describe } from "./types.ts";
import type { Frame, Value } from "./value.ts";

/** `v` is a string, an instant, or one that may be missing; `what`: its text */
export function textInTensor(f: Frame, span: Span, v: Value, what = f.cx.text(span), field = fieldOf(what)): never {
  return fail(f, report.textInTensor({ what, type: describe(v), span, help: asNumbers(f, v, what, field) }));
}
const fieldOf = (what: string): string | undefined => /\.(\w+)$/.exec(what)?.[1];
/** how text becomes numbers */
export function asNumbers(f: Frame, v: Value, what: string, field = fieldOf(what)): string | undefined {
  const time = cellElem(v.k === "maybe" ? v.value : v) === "time";
  const numbers = field ? `${field}s` : undefined;
  return time
    ? `seconds(${what})`
    : numbers && f.over
      ? `let ${numbers} = ${f.over} |> vocab(.${field})   then ${numbers}.index(${what}), or one_hot(${numbers}.index(${what}), ${numbers}.size)`
      : undefined;
}
