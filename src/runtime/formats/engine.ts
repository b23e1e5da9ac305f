/** Format "engine": rows that an engine makes of files and of what the run computed before. Its options are a `Query`, made when compiling. */
import type { Query } from "../../ir/plan.ts";
import { runQuery, storedColumns } from "../engine/query.ts";
import type { Format, Options } from "./format.ts";

const queryOf = (options: Options): Query => options["query"] as Query; // as: compile.ts puts it there

/** `formatOf`: the other formats */
export const engine = (formatOf: (name: string) => Format): Format => ({
  name: "engine",
  doc: "rows that an engine makes of other files",
  extensions: [],
  schema: (_, options) => ({ columns: storedColumns(queryOf(options).columns) }),
  rows: (_, options, allocate, strings, around) => {
    if (!around) throw new Error("internal: a query is run outside of a run");
    const only = options["only"] as readonly string[] | undefined; // as: whoever reads names columns
    const [again, keep] = [options["again"] === true, options["keep"] === true];
    return runQuery(queryOf(options), { around, strings, formatOf, only, again, keep }, allocate);
  },
});
