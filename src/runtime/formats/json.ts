/** json: an array of records, or a record per line. Written a record per line. Nested values are left alone. */
import { named, queryRows, quoted } from "../engine/duckdb.ts";
import { jsonLines } from "./table-sink.ts";
import { inferred, tabular } from "./tabular.ts";

/** a cell as text; a string is no number */
const cell = (name: string): string => `${named(name)}`;
const relation = (path: string, all: readonly string[]): string => {
  const columns = all.map(n => `${quoted(n)}: 'JSON'`).join(", ");
  const cells = all.map(n => `${named(n)}->>'$' as ${named(n)}`).join(", ");
  return `(select ${cells} from read_json(${quoted(path)}, columns = {${columns}}))`;
};
export const json = tabular(
  {
    name: "json",
    doc: "a table: an array of records, or a record per line",
    extensions: [".json", ".jsonl", ".ndjson", ".json.gz"],
    found: path => {
      const types = queryRows(`describe select * from read_json(${quoted(path)})`).map(
        ([name, type]) => [String(name), String(type)] as const,
      );
      const plain = types.filter(([, type]) => !/[[(]/.test(type)).map(([name]) => name);
      const strings = new Set(types.filter(([, type]) => type === "VARCHAR").map(([name]) => name));
      return inferred(relation(path, plain), plain, cell).map(f =>
        strings.has(f.name) ? { name: f.name, column: { ...f.column, store: "string" as const } } : f,
      );
    },
    relation: (path, _, all) =>
      relation(
        path,
        all.map(f => f.name),
      ),
    text: cell,
  },
  { encodeTable: jsonLines },
);
