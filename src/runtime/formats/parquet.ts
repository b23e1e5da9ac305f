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
interface Told {
  /** how many values are, at most */
  readonly missing: number;
  readonly range?: Found["range"];
}
/** of each column, where all pieces of the file say so: a piece without values says nothing of their range */
function footer(path: string): ReadonlyMap<string, Told> {
  const [least, most] = ["min", "max"].map(x => `try_cast(stats_${x}_value as double)`);
  const isTold = `coalesce(stats_null_count = num_values, false) or (${least} is not null and ${most} is not null)`;
  const all = queryRows(
    `select path_in_schema, sum(coalesce(stats_null_count, 1)), bool_and(${isTold}), min(${least}), max(${most}) from parquet_metadata(${quoted(path)}) group by 1`,
  );
  return new Map(
    all.map(([name, missing, told, low, high]): [string, Told] => {
      const range = told && low !== null ? { range: [Number(low), Number(high)] as const } : {};
      return [String(name), { missing: Number(missing), ...range }];
    }),
  );
}
function found(path: string): readonly Found[] {
  const told = footer(path);
  const shapes = shapesOf(path);
  return leaves(path).flatMap((leaf): readonly Found[] => {
    const { missing = 0, range } = told.get(leaf.path.join(", ")) ?? {};
    const one = foundOf(leaf, storeOf, missing > 0, scanned(path));
    const shape = shapes[one.name];
    const isIt = shape && !one.column.list && one.depth === 1 && sizeOf(shape) === sizeOf(one.column.shape);
    const isWide = leaf.type.k === "plain" && WIDE.has(leaf.type.name);
    const more = { ...(isWide ? { wide: true as const } : {}), ...(range ? { range } : {}) };
    return [{ ...one, leaf, ...more, column: isIt ? { ...one.column, shape } : one.column }];
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
