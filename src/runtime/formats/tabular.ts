/**
 * What csv, json, parquet, arrow and text have in common: columns by name, whose types a file tells or a sample of its rows, and rows of the columns that a
 * program reads, a column that may be missing stored as two. Knows no format.
 */
import { statSync } from "node:fs";
import { HostError } from "../../ir/host.ts";
import { type Column, type Item, type Items, type Stored, sizeOf } from "../../ir/type.ts";
import { queryRows } from "../engine/duckdb.ts";
import { head, withInput } from "../files.ts";
import type { Strings } from "../strings.ts";
import { type Allocate, type Format, kernelStore, type Options } from "./format.ts";
import { BEGIN, kindOf } from "./kind.ts";
import { type Leaf, SAMPLE } from "./nested.ts";
import { counted, firstWrong, load, readsOf, relation } from "./table-rows.ts";
import { show, speaking } from "./table-words.ts";

/** a column as the file has it */
export interface Found {
  readonly name: string;
  readonly column: Column;
  /** nothing is known of it: all cells of the sample are empty */
  readonly empty?: true;
  /** a cell may hold what the column's type does not */
  readonly wide?: true;
  /** of numbers: the least and the greatest, or what lies beyond, where the file tells; NaN may be there, too */
  readonly range?: readonly [least: number, greatest: number];
  /** of lists: how deep they lie in lists */
  readonly depth?: number;
  /** where the file's own columns may hold records and lists */
  readonly leaf?: Leaf;
}
/** a column that a program reads */
export interface Read {
  readonly name: string;
  readonly column: Column;
}
export interface Tabular {
  readonly name: string;
  readonly doc: string;
  readonly extensions: readonly string[];
  /** whether a file may be one, by its first bytes; absent: it may begin with anything */
  readonly isIt?: (begin: Uint8Array) => boolean;
  /** columns of a file, from its head or a sample of its rows */
  readonly found: (path: string, options: Options) => readonly Found[];
  /** names of a file's columns, by its first line; with it, what cells are is not looked at twice: it is seen when they are read */
  readonly names?: (path: string, options: Options) => readonly string[];
  /** SQL of the rows of a file; absent: the engine cannot read it */
  readonly relation?: (path: string, options: Options, all: readonly Found[]) => string;
  /** SQL of the rows of all files, with the columns file_index and file_row_number; with it, `found` is true of every row */
  readonly numbered?: (paths: readonly string[], all: readonly Found[]) => string;
  /** SQL of a cell as text, of a list as JSON; absent: cells have types */
  readonly text?: (name: string) => string;
  /** rows, counted without reading them as `relation` does */
  readonly count?: (path: string, options: Options, all: readonly Found[]) => number;
  /** throws where a file is damaged in a way that the engine would not see */
  readonly expectWhole?: (path: string) => void;
  /** the rows of all files, read without the engine, and their number; undefined: they are not so plain that it can */
  readonly direct?: (
    files: readonly string[],
    options: Options,
    reads: readonly Read[],
    allocate: Allocate,
    strings: Strings,
  ) => number | undefined;
}

/** a column that may be missing is stored as two: its values, 0 where there is none, and whether there is one; lists are the engine's */
const stored = (reads: readonly Read[]): Record<string, Column> =>
  Object.fromEntries(
    reads.flatMap(({ name, column }): [string, Column][] => {
      const { store, shape, nullable, list } = column;
      if (list) return [];
      const own: Column = { store: kernelStore(store), shape, nullable: false };
      if (!nullable) return [[name, own]];
      return [
        [`${name}.value`, own],
        [`${name}.present`, { store: "bool", shape: [], nullable: false }],
      ];
    }),
  );

/** looks at each file once while it stays as it is */
function remembering(t: Tabular): Tabular {
  const known = new Map<string, readonly Found[]>();
  const found: Tabular["found"] = (path, options) => {
    const { size, mtimeMs } = statSync(path);
    const key = JSON.stringify([path, size, mtimeMs, { ...options, columns: 0, only: 0, rows: 0 }]);
    const old = known.get(key);
    if (old) return old;
    const all = t.found(path, options);
    // of a file without rows they are those that are asked for
    if (!all.every(f => f.empty)) known.set(key, all);
    return all;
  };
  return { ...t, found };
}

export function tabular(format: Tabular, more: Partial<Format> = {}): Format {
  const t = remembering(format);
  const found = (files: readonly string[], options: Options): readonly Found[] => {
    files.forEach((path, i) => {
      const begin = withInput(path, f => head(f, BEGIN));
      const expected = `${/^[aeiou]/.test(t.name) ? "an" : "a"} ${t.name} file was expected`;
      if (!begin.length) throw new HostError(`${path} is empty, ${expected}`, i);
      if (t.isIt && !t.isIt(begin))
        throw new HostError(`${path} is ${kindOf(begin) ?? "something else"}, ${expected}`, i);
    });
    const all = t.found(files[0]!, options);
    const names = new Set<string>();
    for (const { name } of all) {
      if (names.has(name)) throw new HostError(`${files[0]} has two columns \`${name}\``);
      names.add(name);
    }
    return all;
  };
  return {
    name: t.name,
    doc: t.doc,
    extensions: t.extensions,
    schema: (files, options) => {
      const asked = readsOf(options);
      if (asked && t.names && options["reading"] === true) {
        files.forEach((path, i) => {
          const names = t.names!(path, options);
          const missing = asked.find(r => !names.includes(r.name));
          if (missing) throw new HostError(`no column \`${missing.name}\` in ${path}`, i);
        });
        return { columns: stored(asked) };
      }
      const all = speaking(files[0]!, () => found(files, options));
      const reads = readsOf(options);
      if (!reads) return { columns: Object.fromEntries(all.map(({ name, column }) => [name, column])) };
      for (const r of reads)
        try {
          expectColumn(files[0]!, r, all);
        } catch (e) {
          // of cells that are text, the first that is wrong says more than what most of them are
          throw speaking(files[0]!, () => firstWrong(t, files[0]!, options, r, all)) ?? e;
        }
      const columns = stored(reads);
      return options["rows"] === true ? { columns, rows: counted(t, files, options) } : { columns };
    },
    rows: (files, options, allocate, strings) => {
      const reads = readsOf(options) ?? t.found(files[0]!, options).filter(f => f.column.unread === undefined);
      const only = options["only"] as readonly string[] | undefined;
      const names = new Set(only ?? Object.keys(stored(reads)));
      const isWanted = ({ name, column }: Read): boolean =>
        names.has(name)
          ? !column.list || only !== undefined
          : names.has(`${name}.value`) || names.has(`${name}.present`);
      const wanted = reads.filter(isWanted);
      const rows =
        t.direct?.(files, options, wanted, allocate, strings) ??
        speaking(files[0]!, () => load(t, files, options, wanted, allocate, strings));
      return { rows, columns: stored(reads) };
    },
    ...(t.relation ? { relation: (files, options, name) => relation(t, files, options, name) } : {}),
    ...more,
  };
}
const isNumber = (s: Column["store"]): s is Stored => s !== "string" && s !== "time";
/** `i`: the place of the file among those of the source */
export function expectColumn(path: string, { name, column }: Read, all: readonly Found[], i?: number): void {
  const known = all.find(f => f.name === name);
  if (known?.empty) return;
  const f = known?.column;
  if (!f) throw new HostError(`no column \`${name}\` in ${path}`, i);
  const fits = f.list || column.list ? isListOf(f, column, known.depth ?? 1) : isCellOf(f, column);
  if (!fits || column.store === "f16" || column.store === "bf16")
    throw new HostError(`column \`${name}\` of ${path} is ${f.unread ?? show(f)}, not ${show(column)}`, i);
}
function isElementOf(f: Column["store"], store: Column["store"]): boolean {
  const real = f === "f32" || f === "f64" || f === "f16";
  return (
    f === store ||
    store === "string" ||
    (isNumber(store) && isNumber(f) && (f === "bool") === (store === "bool") && !(real && !/^f/.test(store)))
  );
}
const haveItems = (all: Items, items: Items): boolean =>
  items.every(([name, item]) => all.some(([n, x]) => n === name && isItemOf(x, item)));
function isItemOf(x: Item, item: Item): boolean {
  if (typeof x === "string" || typeof item === "string")
    return typeof x === "string" && typeof item === "string" && isElementOf(x, item);
  return x[0] === item[0] && haveItems(x[1], item[1]);
}
const isCellOf = (f: Column, column: Column): boolean =>
  isElementOf(f.store, column.store) &&
  f.shape.length > 0 === column.shape.length > 0 &&
  sizeOf(f.shape) === sizeOf(column.shape);
/** a list reads as a tensor, whose length is seen row by row; lists of one length, which look like tensors, as lists */
function isListOf(f: Column, column: Column, depth: number): boolean {
  const fields = f.list ?? (f.shape.length ? [["", f.store] as const] : []);
  if (column.list && depth > 1) return false;
  if (column.list) return haveItems(fields, column.list);
  const [own, ...more] = fields;
  return column.shape.length > 0 && own?.[0] === "" && !more.length && isItemOf(own[1], column.store);
}

/** columns of text cells, by a sample: whole numbers are i64, others f64, true and false bool, dates time; what is empty there may be missing */
export function inferred(relation: string, names: readonly string[], text: (name: string) => string): readonly Found[] {
  if (!names.length) return [];
  const asks = names.flatMap((_, i) => {
    const x = `trim(c${i})`;
    return [
      `count(c${i})`,
      `coalesce(bool_and(regexp_full_match(${x}, '[+-]?[0-9]+') and (c${i} is null or try_cast(${x} as bigint) is not null)), false)`,
      `coalesce(bool_and(c${i} is null or (try_cast(${x} as double) is not null and not contains(${x}, '_'))), false)`,
      `coalesce(bool_and(lower(${x}) in ('true', 'false')), false)`,
      `coalesce(bool_and(c${i} is null or try_cast(${x} as timestamptz) is not null), false)`,
    ];
  });
  const cells = names.map((n, i) => `${text(n)} as c${i}`);
  const sample = `select ${cells.join(", ")} from ${relation} limit ${SAMPLE}`;
  const [answer] = queryRows(`select count(*), ${asks.join(", ")} from (${sample})`);
  const rows = Number(answer![0]);
  return names.map((name, i): Found => {
    const [count, integer, float, truth, time] = answer!.slice(1 + 5 * i, 6 + 5 * i);
    const store =
      Number(count) === 0 ? "string" : integer ? "i64" : float ? "f64" : truth ? "bool" : time ? "time" : "string";
    const column: Column = { store, shape: [], nullable: Number(count) < rows };
    return Number(count) === 0 ? { name, column, empty: true } : { name, column };
  });
}
