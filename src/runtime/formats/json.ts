/** json: an array of records, or a record per line. Written a record per line. Fields of records within are columns by their path. */
import { HostError } from "../../ir/host.ts";
import type { Column } from "../../ir/type.ts";
import { countRecords, leafColumn, named, queryRows, quoted } from "../engine/duckdb.ts";
import type { SqlType } from "../engine/types.ts";
import { beginning, type Input, withInput } from "../files.ts";
import type { Options } from "./format.ts";
import { foundOf, type Leaf, leavesOf, nameOf, SAMPLE, type StoreOf, unread } from "./nested.ts";
import { readsOf } from "./table-rows.ts";
import { jsonLines } from "./table-sink.ts";
import { type Found, inferred, tabular } from "./tabular.ts";

/** cells as text, lists as JSON; a string is no number. To the engine capitals are no other letters */
const cell = leafColumn;
/** what a JSON function says of the values of a sample: an object of its fields, an array of its elements, or the name of a type */
type Structure = string | readonly Structure[] | { readonly [name: string]: Structure };
/** an object of more fields is a dictionary, whose keys are data */
const MOST_FIELDS = 200;
const plain = (name: string): SqlType => ({ k: "plain", name });
function typeOf(s: Structure): SqlType {
  if (typeof s === "string") return plain(s);
  if (Array.isArray(s)) return { k: "list", of: s.length ? typeOf((s as readonly Structure[])[0]!) : plain("NULL") }; // as: isArray does not narrow readonly lists
  const fields = Object.entries(s).filter(([n]) => !n.includes('"'));
  if (!fields.length || fields.length > MOST_FIELDS) return plain("MAP");
  return { k: "struct", fields: fields.map(([n, t]) => [n, typeOf(t)] as const) };
}
const STORES: { readonly [type: string]: Column["store"] } = {
  BOOLEAN: "bool",
  UBIGINT: "i64",
  BIGINT: "i64",
  HUGEINT: "f64",
  DOUBLE: "f64",
  TIMESTAMP: "time",
  VARCHAR: "string",
  NULL: "string",
};
const storeOf: StoreOf = t => STORES[t.name];
/** numbers of both signs are DOUBLE, and what is written as text may be an instant: what the elements of lists are is looked at, as cells are */
function refined(t: SqlType, sql: string, from: string): SqlType {
  if (t.k === "list") return { ...t, of: refined(t.of, t.of.k === "list" ? `flatten(${sql})` : sql, from) };
  if (t.k === "struct")
    return {
      ...t,
      fields: t.fields.map(([n, f]) => {
        const all = `list_transform(${sql}, lambda e: struct_extract(e, ${quoted(n)}))`;
        return [n, refined(f, f.k === "list" ? `flatten(${all})` : all, from)] as const;
      }),
    };
  const is = { DOUBLE: "bigint", HUGEINT: "bigint", VARCHAR: "timestamptz" }[t.name];
  if (!is) return t;
  const own = `e is null or (${is === "bigint" ? "regexp_full_match(e, '[+-]?[0-9]+') and " : ""}try_cast(e as ${is}) is not null)`;
  const all = `bool_and(coalesce(list_bool_and(list_transform(l, lambda e: ${own})), true)) and sum(list_count(l)) > 0`;
  const [[answer] = []] = queryRows(`select ${all} from (select ${sql} as l from ${from} limit ${SAMPLE})`);
  return answer === true ? plain(is === "bigint" ? "BIGINT" : "TIMESTAMP") : t;
}
/** the values of the keys of a row's object: each read once, where names differ not only in capitals */
function rowsOf(
  path: string,
  keys: readonly string[],
): { readonly from: string; readonly ofKey: (key: string) => string } {
  if (new Set(keys.map(k => k.toLowerCase())).size < keys.length)
    return { from: `read_json_objects(${quoted(path)})`, ofKey: key => `json->${quoted(`$."${key}"`)}` };
  const columns = keys.map(k => `${quoted(k)}: 'JSON'`).join(", ");
  return { from: `read_json(${quoted(path)}, columns = {${columns}})`, ofKey: named };
}
/** with each leaf as a column by its path */
function relation(path: string, leaves: readonly Leaf[]): string {
  const { from, ofKey } = rowsOf(path, [...new Set(leaves.map(l => l.path[0]!))]);
  const items = leaves.map(l => {
    const at = `$${l.path
      .slice(1)
      .map(n => `."${n}"`)
      .join("")}`;
    const value = `(${ofKey(l.path[0]!)})`;
    const sql =
      l.type.k === "plain"
        ? `${value}->>${quoted(at)}`
        : `case when json_type(${value}, ${quoted(at)}) <> 'NULL' then ${value}->${quoted(at)} end`;
    return `${sql} as ${cell(nameOf(l))}`;
  });
  return `(select ${items.join(", ")} from ${from})`;
}
/** as JSON is cast: what is in lists as text, like cells */
function textType(t: SqlType): string {
  if (t.k === "plain") return "VARCHAR";
  if (t.k === "list") return `${textType(t.of)}[]`;
  return `STRUCT(${t.fields.map(([n, x]) => `${named(n)} ${textType(x)}`).join(", ")})`;
}
/** undefined: there are no rows */
function leaves(path: string): readonly Leaf[] | undefined {
  const sample = `select json from read_json_objects(${quoted(path)}) limit ${SAMPLE}`;
  const [[text] = []] = queryRows(`select json_group_structure(json)::varchar from (${sample})`);
  if (text === null || text === undefined) return undefined;
  const structure = typeOf(JSON.parse(String(text)) as Structure); // as: the function gives nothing else
  if (structure.k !== "struct") {
    const none = `select row, json::varchar from (select row_number() over () as row, json from (${sample})) where json_type(json) <> 'OBJECT' limit 1`;
    const [[row, found] = []] = queryRows(none);
    throw new HostError(`${path}, row ${row}: ${String(found).slice(0, 60)} is no record`);
  }
  return structure.fields.flatMap(([name, t]) => leavesOf([name], name, t));
}
/** of a file without rows nothing says what its columns are: those that a program asks for */
function wanted(path: string, options: Options): readonly Found[] {
  const reads = readsOf(options);
  if (!reads) throw new HostError(`${path} has no rows: what its columns are, a written type must say`);
  return reads.map(({ name, column }) => ({
    name,
    column,
    empty: true,
    leaf: { path: [name], sql: name, type: plain("NULL") },
  }));
}
const [OPEN, CLOSE] = [0x5b, 0x5d];
const SPACE = 0x20;
/** of the end of a file that is looked at */
const TAIL = 4096;
/** to the engine a file that is cut off behind a record is one of fewer rows: a gzip file is unpacked to its end, and an array has one */
function expectWhole(path: string): void {
  const isGzip = /\.gz$/i.test(path);
  const last = isGzip ? countRecords(path, true, 0, 0).last : withInput(path, lastOf);
  const isArray = firstOf(beginning(path)) === OPEN;
  if (isArray && last !== CLOSE) throw new HostError(`${path} is cut off: its array has no end`);
}
const isSolid = (b: number): boolean => b > SPACE;
function firstOf(b: Uint8Array): number | undefined {
  const mark = b[0] === 0xef && b[1] === 0xbb && b[2] === 0xbf ? 3 : 0;
  return b.subarray(mark).find(isSolid);
}
/** spaces may fill more than is looked at */
function lastOf(file: Input): number | undefined {
  for (let end = file.size; end > 0; end -= TAIL) {
    const b = new Uint8Array(Math.min(end, TAIL));
    file.fill(end - b.length, b);
    const last = b.findLast(isSolid);
    if (last !== undefined) return last;
  }
  return undefined;
}
export const json = tabular(
  {
    name: "json",
    doc: "a table: an array of records, or a record per line",
    extensions: [".json", ".jsonl", ".ndjson", ".json.gz"],
    found: (path, options) => {
      const all = leaves(path);
      if (!all) return wanted(path, options);
      const from = relation(path, all);
      const isMap = (l: Leaf): boolean => l.type.k === "plain" && l.type.name === "MAP";
      const scalars = all.filter(l => l.type.k === "plain" && !isMap(l));
      const known = new Map(inferred(from, scalars.map(nameOf), cell).map(f => [f.name, f]));
      return all.flatMap((l): readonly Found[] => {
        const name = nameOf(l);
        if (isMap(l)) return [unread(name, "MAP")];
        const list = `try_cast(${cell(name)} as ${textType(l.type)})`;
        const one =
          known.get(name) ?? foundOf({ ...l, sql: list, type: refined(l.type, list, from) }, storeOf, false, from);
        const at = l.path.length > 1 ? { path: l.path } : {};
        const isText = l.type.k === "plain" && l.type.name === "VARCHAR" && one.column.store !== "time";
        const column = { ...one.column, ...at, ...(isText ? { store: "string" as const } : {}) };
        return [{ ...one, leaf: l, column }];
      });
    },
    relation: (path, _, all) =>
      relation(
        path,
        all.flatMap(f => (f.leaf ? [f.leaf] : [])),
      ),
    text: cell,
    expectWhole,
  },
  { encodeTable: jsonLines },
);
