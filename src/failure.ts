/** A failed run as text, in the form of errors.md. Knows nothing of how a run fails. */
import { diagnostic, didYouMean } from "./frontend/diagnostics/diagnostic.ts";
import { render, type SourceOf } from "./frontend/diagnostics/render.ts";
import type { RuntimeDiagnostic } from "./runtime/error.ts";

/** a frame where the place is known, else its lines */
export function failureText(e: RuntimeDiagnostic, sourceOf: SourceOf, colour: boolean): string {
  const { span, unknown, limit, notes = [] } = e.details;
  const severity = limit ? "limit" : "error";
  const help = e.details.help ?? (unknown && didYouMean(unknown.name, unknown.among));
  if (span) return render([diagnostic("run", e.message, span, { severity, notes, help })], sourceOf, { colour });
  return [
    `${severity}: ${e.message}`,
    ...notes.map(n => `note: ${n.message}`),
    ...(help ? [`help: ${help}`] : []),
  ].join("\n");
}
