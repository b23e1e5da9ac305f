/** How lower refuses: with a diagnostic, thrown to whoever called `lower`. Knows nothing of how it is shown. */
import type { Span } from "../../ir/node.ts";
import { type Diagnostic, report } from "../diagnostics/catalogue.ts";

export class Refusal extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(d => d.message).join("\n"));
    this.diagnostics = diagnostics;
  }
}
/** hsc cannot do it yet: `what` "sort", `instead` what to write now */
export function limit(what: string, instead: string, span: Span): never {
  throw new Refusal([report.limit({ what, instead, span })]);
}
export function refuse(diagnostic: Diagnostic): never {
  throw new Refusal([diagnostic]);
}
