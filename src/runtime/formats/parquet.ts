/** parquet: types and numbers of missing values stand in its footer. */
import type { Column } from "../../ir/type.ts";
import { named, queryRows, quoted } from "../engine/duckdb.ts";
import { copied } from "./table-sink.ts";
import { type Found, tabular } from "./tabular.ts";

const STORES: { readonly [type: string]: Column["store"] } = {
  BOOLEAN: "bool",
  UTINYINT: "u8",
  TINYINT: "i32",
  SMALLINT: "i32",
  USMALLINT: "i32",
  INTEGER: "i32",
  UINTEGER: "i64",
  BIGINT: "i64",
  FLOAT: "f32",
  DOUBLE: "f64",
  DATE: "time",
};
const storeOf = (type: string): Column["store"] =>
  STORES[type] ?? (type.startsWith("DECIMAL") ? "f64" : type.startsWith("TIMESTAMP") ? "time" : "string");

function found(path: string): readonly Found[] {
  const from = `read_parquet(${quoted(path)})`;
  const types = queryRows(`describe select * from ${from}`).map(([n, t]) => [String(n), String(t)] as const);
  const nulls = new Map(
    queryRows(
      `select path_in_schema, sum(coalesce(stats_null_count, 1)) from parquet_metadata(${quoted(path)}) group by 1`,
    ).map(([name, count]) => [String(name), Number(count)]),
  );
  // structs, maps, unions, lists of lists: nested values are left alone
  const plain = types.filter(([, type]) => !/\(|\]\[/.test(type.replace(/^DECIMAL\(\d+,\d+\)/, "")));
  return plain.flatMap(([name, type]): readonly Found[] => {
    const list = /^([A-Z]+)\[(\d*)\]$/.exec(type);
    if (!list) return [{ name, column: { store: storeOf(type), shape: [], nullable: (nulls.get(name) ?? 0) > 0 } }];
    // the first row tells how long all lists are; one that differs is an error when it is read
    const length = list[2] || queryRows(`select len(${named(name)}) from ${from} limit 1`)[0]?.[0] || 0;
    const store = storeOf(list[1]!);
    return store === "string" || store === "time"
      ? []
      : [{ name, column: { store, shape: [Number(length)], nullable: false } }];
  });
}
/** vectors are fixed-size lists */
export const parquet = tabular(
  {
    name: "parquet",
    doc: "a table by columns",
    extensions: [".parquet"],
    found,
    relation: path => `read_parquet(${quoted(path)})`,
    numbered: paths => `read_parquet([${paths.map(quoted).join(", ")}], file_row_number = true)`,
    count: path => Number(queryRows(`select num_rows from parquet_file_metadata(${quoted(path)})`)[0]![0]),
  },
  { encodeTable: (columns, rows) => copied(columns, rows, "parquet") },
);
