/** The symbols of a program as numbers: those that files' headers tell, and the checks that wait for them. */
import { type Host, HostError } from "../../ir/host.ts";
import { substitute } from "../check/dims.ts";
import type { CoreProgram } from "../core.ts";
import { diagnostic } from "../diagnostics/catalogue.ts";
import { refuse } from "./limit.ts";

/** numbers of the symbols that stand for a side of a file's tensor, by the file's header; by symbol */
export function fileDims(program: CoreProgram, host: Host): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  for (const s of program.symbols) {
    if (s.from.k !== "file") continue;
    const { source, axis } = s.from;
    try {
      const schema = host.schema(source.format, source.paths, source.options);
      const column = schema.columns[source.tensor ?? ""] ?? Object.values(schema.columns)[0];
      const side = column?.shape[axis];
      if (side !== undefined) known.set(s.id, side);
    } catch (e) {
      if (!(e instanceof HostError)) throw e;
      refuse(diagnostic("file", e.message, source.span));
    }
  }
  return known;
}

/** the dims that check could not compare, now that their symbols are numbers */
export function checkDims(program: CoreProgram, dims: ReadonlyMap<string, number>): void {
  for (const c of program.checks) {
    const [a, b] = [c.a, c.b].map(d => substitute(d, id => dims.get(id)));
    if (typeof a === "number" && typeof b === "number" && a !== b)
      refuse(diagnostic("dims", `${c.message}: ${a} and ${b}`, c.span));
  }
}
