/** The symbols of a program as numbers: those that files' headers tell, and the checks that wait for them. */
import { type Host, HostError, type Schema } from "../../ir/host.ts";
import { substitute } from "../check/dims.ts";
import { type CoreProgram, countedOf, type Expr, type Source } from "../core.ts";
import { diagnostic } from "../diagnostics/catalogue.ts";
import { refuse } from "./limit.ts";

/** numbers of the symbols that headers of files tell, by symbol: sides of a file's tensor, rows of a file */
export function fileDims(program: CoreProgram, host: Host): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  for (const s of program.symbols) {
    if (s.from.k === "rows") {
      const rows = rowsOf(s.from.rdd, id => known.get(id), host);
      if (rows !== undefined) known.set(s.id, rows);
    }
    if (s.from.k !== "file") continue;
    const { source, axis } = s.from;
    const { columns } = schemaOf(source, host);
    const side = (columns[source.tensor ?? ""] ?? Object.values(columns)[0])?.shape[axis];
    if (side !== undefined) known.set(s.id, side);
  }
  return known;
}

/** the number of rows of an rdd that drops none, by the header of its file; undefined: only the data tell */
function rowsOf(rdd: Expr, known: (id: string) => number | undefined, host: Host): number | undefined {
  if (rdd.type.k === "rdd" && rdd.type.rows !== undefined) {
    const rows = substitute(rdd.type.rows, known);
    return typeof rows === "number" ? rows : undefined;
  }
  // a row per epoch, unless something may end the training before
  if (rdd.k === "history") {
    const { stop, whole, epochs } = rdd.net;
    const n = stop || whole || epochs === undefined ? undefined : substitute(epochs, known);
    return typeof n === "number" ? n : undefined;
  }
  // of what an engine makes only its run tells
  if (rdd.k === "source") return rdd.query ? undefined : schemaOf(rdd, host).rows;
  const before = countedOf(rdd);
  return before === rdd ? undefined : rowsOf(before, known, host);
}
function schemaOf(source: Source, host: Host): Schema {
  try {
    // a table's rows are counted only where their number is a dim, or room for them is made
    return host.schema(source.format, source.paths, { ...source.options, rows: true });
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    return refuse(diagnostic("file", e.message, source.span));
  }
}

/** the dims that check could not compare, now that their symbols are numbers */
export function checkDims(program: CoreProgram, dims: ReadonlyMap<string, number>): void {
  for (const c of program.checks) {
    const [a, b] = [c.a, c.b].map(d => substitute(d, id => dims.get(id)));
    if (typeof a !== "number" || typeof b !== "number") continue;
    if (c.least) {
      if (a < b) refuse(diagnostic("dims", `${c.message}, this is ${a}`, c.span));
    } else if (a !== b) refuse(diagnostic("dims", `${c.message}: ${a} and ${b}`, c.span));
  }
}
