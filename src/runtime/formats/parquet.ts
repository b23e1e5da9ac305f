/** parquet: types and numbers of missing values stand in its footer. */
import { type Column, sizeOf } from "../../ir/type.ts";
import { named, queryRows, quoted } from "../engine/duckdb.ts";
import { sqlType } from "../engine/types.ts";
import { flattened, foundOf, type Leaf, leavesOf, type StoreOf } from "./nested.ts";
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
  UBIGINT: "i64",
  FLOAT: "f32",
  DOUBLE: "f64",
  DECIMAL: "f64",
  HUGEINT: "f64",
  DATE: "time",
};
/** of more values than what they are read as */
const WIDE: ReadonlySet<string> = new Set(["UBIGINT"]);
/** what is in a map, or one of several, is nothing that the language has */
const NONE: ReadonlySet<string> = new Set(["MAP", "UNION", "VARIANT"]);
const storeOf: StoreOf = ({ name }) =>
  STORES[name] ?? (name.startsWith("TIMESTAMP") ? "time" : NONE.has(name) ? undefined : "string");
/** where the shapes of tensors stand, by column, in a file that hsc wrote */
const SHAPES = "hsc.shapes";

const scanned = (path: string): string => `read_parquet(${quoted(path)})`;
function leaves(path: string): readonly Leaf[] {
  const types = queryRows(`describe select * from ${scanned(path)}`);
  return types.flatMap(([n, t]) => leavesOf([String(n)], named(String(n)), sqlType(String(t))));
}
function shapesOf(path: string): Readonly<Record<string, readonly number[]>> {
  const [[text] = []] = queryRows(
    `select decode(value) from parquet_kv_metadata(${quoted(path)}) where key = ${quoted(SHAPES)}::blob`,
  );
  // a key that another wrote may mean anything
  try {
    return JSON.parse(String(text ?? "{}")) as Readonly<Record<string, readonly number[]>>; // as: what `encodeTable` writes
  } catch {
    return {};
  }
}
function found(path: string): readonly Found[] {
  const nulls = new Map(
    queryRows(
      `select path_in_schema, sum(coalesce(stats_null_count, 1)) from parquet_metadata(${quoted(path)}) group by 1`,
    ).map(([name, count]) => [String(name), Number(count)]),
  );
  const shapes = shapesOf(path);
  return leaves(path).flatMap((leaf): readonly Found[] => {
    const nullable = (nulls.get(leaf.path.join(", ")) ?? 0) > 0;
    const one = foundOf(leaf, storeOf, nullable, scanned(path));
    const shape = shapes[one.name];
    const isIt = shape && !one.column.list && one.depth === 1 && sizeOf(shape) === sizeOf(one.column.shape);
    const isWide = leaf.type.k === "plain" && WIDE.has(leaf.type.name);
    return [{ ...one, leaf, ...(isWide ? { wide: true } : {}), column: isIt ? { ...one.column, shape } : one.column }];
  });
}
const leavesIn = (all: readonly Found[]): readonly Leaf[] => all.flatMap(f => (f.leaf ? [f.leaf] : []));
/** vectors are fixed-size lists */
export const parquet = tabular(
  {
    name: "parquet",
    doc: "a table by columns",
    extensions: [".parquet"],
    // PARE: its footer is encrypted, which the engine says
    isIt: begin => /^PAR[1E]/.test(Buffer.from(begin).toString("latin1")),
    found,
    relation: (path, _, all) => flattened(scanned(path), leavesIn(all)),
    numbered: (paths, all) =>
      flattened(`read_parquet([${paths.map(quoted).join(", ")}], file_row_number = true)`, leavesIn(all), [
        "file_row_number",
        "file_index",
      ]),
    count: path => Number(queryRows(`select num_rows from parquet_file_metadata(${quoted(path)})`)[0]![0]),
  },
  {
    encodeTable: pieces =>
      copied(pieces, "parquet", columns => {
        const shapes = columns.flatMap(([n, c]) => (c.shape.length > 2 ? [[n, c.shape.slice(1)] as const] : []));
        return shapes.length ? { [SHAPES]: JSON.stringify(Object.fromEntries(shapes)) } : {};
      }),
  },
);
