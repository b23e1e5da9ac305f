/** The sources of a stage that an engine makes, with the text that it is asked. Knows no op. */
import type { Input, Json, Stage } from "../../ir/stage.ts";
import { duckdbQuery } from "./duckdb.ts";

/** before: source { query: Rel } --> source { options: { query: Query } } */
export function withQueries(stage: Stage): Stage {
  const inputs = stage.inputs.map((i): Input => {
    if (i.k !== "rows" || !i.source.query) return i;
    const { query, ...source } = i.source;
    const text = duckdbQuery(query) as unknown as Json; // as: a Query is JSON
    return { ...i, source: { ...source, options: { ...source.options, query: text } } };
  });
  return inputs.every((input, k) => input === stage.inputs[k]) ? stage : { ...stage, inputs };
}
