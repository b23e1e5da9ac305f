/**
 * REL to one text of DuckDB's SQL. Every table in it has columns c0, c1 .. and i0, i1 .., by which its rows stand, and after a sort k0, k1 ..,
 * by which they stand before. The identity of a row is the place that i0, i1 .. give it, and is made a number only where somebody asks for it.
 * Knows no file: what must stand ready is told by `Query`.
 */
import type { Aggregate, CellElem, Columns, Rel, RelExpr } from "../../ir/rel.ts";
import { keyOrder } from "../../ir/rel-eval.ts";
import { zeroOf } from "../../ir/rel-ops/record.ts";
import type { Query } from "../../ir/rel-query.ts";
import { columnsOf, elemOf, optional, partner, verifyRel } from "../../ir/rel-verify.ts";
import { type Expressions, expressions, type Needs } from "./duckdb-expr.ts";
import { narrowed, nearest, wrap } from "./duckdb-ops.ts";
import { literal, TYPES, typeOf } from "./text.ts";

interface Table {
  readonly from: string;
  readonly columns: Columns;
  /** how many i0, i1 .. */
  readonly ids: number;
  /** they are BIGINT */
  readonly numeric: boolean;
  /** i0 is the identity itself */
  readonly identity: boolean;
  /** k0, k1 ..: descending */
  readonly keys: readonly boolean[];
  /** an engine that keeps order hands the rows out in theirs */
  readonly inOrder: boolean;
}
interface Asked {
  /** somebody above asks for the identity as a number */
  readonly identity: boolean;
  /** a join stands above */
  readonly joined: boolean;
}
interface World extends Needs {
  readonly scan: (r: Extract<Rel, { k: "scan" }>) => number;
  readonly table: (r: Extract<Rel, { k: "given" }>) => number;
  /** by one thread */
  readonly serial: () => void;
  readonly seed: (r: { readonly place: number; readonly seed: readonly [number, number] | "run" }) => number;
}

export function duckdbQuery(rel: Rel): Query {
  verifyRel(rel);
  const scans: Query["scans"][number][] = [];
  const tables = new Map<number, Columns>();
  const scalars = new Map<number, CellElem>();
  const lookups = new Set<number>();
  const seeds: Query["seeds"][number][] = [];
  let serial = false;
  const place = <T>(all: T[], one: T): number => {
    const text = JSON.stringify(one);
    const at = all.findIndex(x => JSON.stringify(x) === text);
    return at >= 0 ? at : all.push(one) - 1;
  };
  const world: World = {
    scan: ({ format, paths, options, columns }) => place(scans, { format, paths, options, columns }),
    table: r => {
      tables.set(r.index, r.columns);
      return r.index;
    },
    seed: r => place(seeds, { place: r.place, seed: r.seed }),
    serial: () => {
      serial = true;
    },
    scalar: (index, elem) => void scalars.set(index, elem),
    lookup: index => void lookups.add(index),
  };
  const identity = !isWhole(rel);
  const t = table(rel, { identity, joined: false }, world);
  return {
    from: t.from,
    order: t.inOrder && !t.keys.length ? "" : `ORDER BY ${order(t)}`,
    scans,
    tables: [...tables].map(([index, columns]) => ({ index, columns })),
    scalars: [...scalars].map(([index, elem]) => ({ index, elem })),
    lookups: [...lookups],
    seeds,
    columns: t.columns,
    identity,
    serial,
  };
}

/** the identity of its rows is their position */
const isWhole = (r: Rel): boolean =>
  r.k === "map" || r.k === "number"
    ? isWhole(r.of)
    : !["filter", "sort", "take", "split", "shuffle"].includes(r.k) && !(r.k === "join" && /semi|anti/.test(r.how));

const names = (letter: string, n: number): readonly string[] => Array.from({ length: n }, (_, i) => `${letter}${i}`);
/** a table may have no column */
const list = (items: readonly string[]): string => (items.length ? items.join(", ") : "1");
const indented = (sql: string): string => sql.replaceAll("\n", "\n  ");
const sub = (sql: string): string => `(\n  ${indented(sql)}\n)`;
const carried = (t: Table): readonly string[] => [...names("i", t.ids), ...names("k", t.keys.length)];
const all = (t: Table): readonly string[] => [...names("c", t.columns.length), ...carried(t)];
const order = (t: Table): string =>
  [...t.keys.map((d, i) => `k${i}${d ? " DESC" : ""}`), ...names("i", t.ids)].join(", ");
const select = (items: readonly string[], from: string, rest = ""): string =>
  sub(`SELECT ${list(items)}\nFROM ${from}${rest && `\n${rest}`}`);
const over = (t: Table, world: World): Expressions => expressions({ columns: t.columns, elements: [] }, world);
/** the table with the pieces that expressions want twice */
const under = (t: Table, e: Expressions): string =>
  e.layers().reduce((from, layer) => select(["*", ...layer], from), t.from);

/** numbered from 0 by the order of its rows (`keys`) or of their identities */
function numbered(t: Table, by: "rows" | "identities"): Table {
  const identities = names("i", t.ids).join(", ");
  const window =
    t.inOrder && (by === "identities" || !t.keys.length) ? "" : `ORDER BY ${by === "rows" ? order(t) : identities}`;
  const keys = by === "rows" ? [] : t.keys;
  const items = [
    ...names("c", t.columns.length),
    `row_number() OVER (${window}) - 1 AS i0`,
    ...names("k", keys.length),
  ];
  return { ...t, from: select(items, t.from), ids: 1, numeric: true, identity: by === "identities", keys };
}
/** i0, i1 .. say the order of the rows */
const positioned = (t: Table): Table => (t.keys.length ? numbered(t, "rows") : t);
const identified = (t: Table, { identity }: Asked): Table => (identity && !t.identity ? numbered(t, "identities") : t);
/** no identity is asked for */
const rowsOnly = (asked: Asked): Asked => ({ ...asked, identity: false });

function table(r: Rel, asked: Asked, w: World): Table {
  const columns = columnsOf(r);
  switch (r.k) {
    case "scan":
    case "given": {
      const from = r.k === "scan" ? `hsc_scan${w.scan(r)}` : `hsc_given${w.table(r)}`;
      return { from, columns, ids: 1, numeric: true, identity: true, keys: [], inOrder: true };
    }
    case "map": {
      const of = table(r.of, asked, w);
      const e = over(of, w);
      const items = r.columns.map(([, v], i) => `${e.sql(v)} AS c${i}`);
      return { ...of, columns, from: select([...items, ...carried(of)], under(of, e)) };
    }
    case "filter": {
      const of = table(r.of, asked, w);
      const e = over(of, w);
      const where = `WHERE ${e.sql(r.where)}`;
      return { ...of, from: select(all(of), under(of, e), where) };
    }
    case "flat":
      return identified(flat(r, columns, asked, w), asked);
    case "join":
      return join(r, columns, asked, w);
    case "group":
      return identified(group(r, columns, asked, w), asked);
    case "distinct": {
      const of = positioned(table(r.of, rowsOnly(asked), w));
      const e = over(of, w);
      const by = r.by.length
        ? r.by.map(b => plain(elemOf(b, { columns, elements: [] }, "distinct"), e.sql(b)))
        : // what is partitioned by comes back from the keys of a sort, in which zeros lose their sign
          columns.map(([, c], i) => (c.k === "scalar" ? plain(c.elem, `c${i}`) : `[c${i}]`));
      const place = `row_number() OVER (${by.length ? `PARTITION BY ${by.join(", ")} ` : ""}ORDER BY ${order(of)})`;
      // where it sees that one row is wanted, DuckDB aggregates by such keys instead
      const first = `QUALIFY greatest(${place}, 1) = 1`;
      const from = select(all(of), under(of, e), first);
      return identified({ ...of, from, identity: false, inOrder: false }, asked);
    }
    case "sort": {
      const of = table(r.of, asked, w);
      const e = over(of, w);
      const keys = r.by.map(({ key }, i) => `${e.sql(key)} AS k${i}`);
      const kept = [...names("c", columns.length), ...names("i", of.ids)];
      return { ...of, from: select([...kept, ...keys], under(of, e)), keys: r.by.map(b => b.descending) };
    }
    case "union": {
      const sides = [r.a, r.b].map(side => {
        const t = positioned(table(side, rowsOnly(asked), w));
        return t.numeric && t.ids === 1 ? t : numbered(t, "rows");
      });
      const parts = sides.map(
        (t, i) => `SELECT ${list([...names("c", columns.length), `${i} AS i0`, "i0 AS i1"])}\nFROM ${t.from}`,
      );
      const both = { columns, ids: 2, numeric: true, identity: false, keys: [], inOrder: false };
      return identified({ ...both, from: sub(parts.join("\nUNION ALL\n")) }, asked);
    }
    case "take": {
      const of = table(r.of, asked, w);
      // below a join, DuckDB (1.5) pushes what it has seen of the other side's keys through a LIMIT that has no order
      const isPlain = of.inOrder && !of.keys.length && !asked.joined;
      const ordered = isPlain ? "" : `ORDER BY ${order(of)}\n`;
      return { ...of, from: select(all(of), of.from, `${ordered}LIMIT ${r.count}`) };
    }
    case "number": {
      const of = table(r.of, asked, w);
      const window = of.inOrder && !of.keys.length ? "" : `ORDER BY ${order(of)}`;
      const column = `row_number() OVER (${window}) - 1 AS c${of.columns.length}`;
      return { ...of, columns, from: select([...names("c", of.columns.length), column, ...carried(of)], of.from) };
    }
    case "window":
      return identified(windows(r, columns, asked, w), asked);
    case "split": {
      const of = table(r.of, r.by ? asked : { ...asked, identity: true }, w);
      const e = over(of, w);
      const [hi, lo] = r.by
        ? keyWords(elemOf(r.by, { columns, elements: [] }, "split"), e.bind(e.sql(r.by)))
        : ["0", "i0"];
      const word = rowWord(w.seed(r), hi, lo, e.bind);
      const where = `WHERE ${word} >= ${Math.ceil(r.low)} AND ${word} < ${Math.ceil(r.high)}`;
      return { ...of, from: select(all(of), under(of, e), where) };
    }
    case "shuffle": {
      const of = table(r.of, { ...asked, identity: true }, w);
      const e = over(of, w);
      const word = rowWord(w.seed(r), "(i0 >> 32)", "(i0 & 4294967295)", e.bind);
      const kept = [...names("c", columns.length), "i0"];
      return { ...of, from: select([...kept, `${word} AS k0`], under(of, e)), keys: [false] };
    }
    default:
      return r satisfies never;
  }
}

/** ir/mix32.ts on BIGINT: every product lies below 2^63 */
function mix32(x: string, bind: Expressions["bind"]): string {
  const round = (y: string): string => bind(`(xor(${y}, ${y} >> 16) * 73244475) & 4294967295`);
  const z = round(round(bind(x)));
  return bind(`xor(${z}, ${z} >> 16)`);
}
const rowWord = (seed: number, hi: string, lo: string, bind: Expressions["bind"]): string =>
  mix32(
    `xor(xor(${mix32(`xor(${lo}, getvariable('hsc_a${seed}'))`, bind)}, ${hi}), getvariable('hsc_b${seed}'))`,
    bind,
  );
/** the two words of a key */
function keyWords(elem: CellElem, x: string): readonly [hi: string, lo: string] {
  if (elem === "string") return [`('0x' || md5(${x})[1:8])::BIGINT`, `('0x' || md5(${x})[9:16])::BIGINT`];
  const n = `${x}::BIGINT`;
  return [`((${n} >> 32) & 4294967295)`, `(${n} & 4294967295)`];
}
/** -0 is 0 */
const plain = (elem: CellElem, x: string): string =>
  elem === "f32" || elem === "f64" ? `${x} + 0::${TYPES[elem]}` : x;

function flat(r: Extract<Rel, { k: "flat" }>, columns: Columns, asked: Asked, w: World): Table {
  const { of, list: made } = lists(r);
  const t = positioned(table(of, rowsOnly(asked), w));
  if (made.k === "listOp" && made.op === "skip_grams") return skipGrams(made, t, columns, w);
  const parted = inPieces(made, t, w);
  return parted ? unnested(parted.list, parted.t, columns, w) : unnested(made, t, columns, w);
}
function unnested(l: RelExpr, t: Table, columns: Columns, w: World): Table {
  const e = over(t, w);
  const name = e.bind(e.sql(l));
  const from = select(
    [`unnest(${name}) AS e`, ...names("i", t.ids), `unnest(range(len(${name}))) AS i${t.ids}`],
    under(t, e),
  );
  const items = columns.map((_, i) => (columns.length === 1 ? "e AS c0" : `e.f${i} AS c${i}`));
  const own = { ...t, columns, ids: t.ids + 1, identity: false };
  return { ...own, from: select([...items, ...names("i", own.ids)], from) };
}
/** words of a text that a map below makes are made here, where they are wanted one by one */
function lists({ of, list }: Extract<Rel, { k: "flat" }>): { readonly of: Rel; readonly list: RelExpr } {
  if (of.k !== "map") return { of, list };
  const inside = substituted(list, new Map(of.columns));
  const inner = inside.k === "listOp" && inside.op === "skip_grams" ? inside.args[0]! : inside;
  return piecewise(inner) ? { of: of.of, list: inside } : { of, list };
}
function substituted(e: RelExpr, columns: ReadonlyMap<string, RelExpr>): RelExpr {
  const all = (of: readonly (readonly [string, RelExpr])[]) =>
    of.map(([n, v]) => [n, substituted(v, columns)] as const);
  switch (e.k) {
    case "column":
      return columns.get(e.name) ?? e;
    case "const":
    case "given":
    case "element":
      return e;
    case "op":
    case "listOp":
      return { ...e, args: e.args.map(a => substituted(a, columns)) };
    case "each":
      return {
        ...e,
        list: substituted(e.list, columns),
        of: all(e.of),
        ...(e.where ? { where: substituted(e.where, columns) } : {}),
      };
    case "list":
      return { ...e, items: e.items.map(all) };
    default:
      return e satisfies never;
  }
}
/** words of a piece of a text; to take the elements of one list of millions apart takes time by its square */
const PIECE = 64;
const PIECES = `(?:[^ \\t\\n\\v\\f\\r]+[ \\t\\n\\v\\f\\r]+){0,${PIECE - 1}}[^ \\t\\n\\v\\f\\r]+`;
const PART = "\0piece";
/** the text of whose words a list is made one for one, and the list of those of a piece of it */
function piecewise(
  l: RelExpr,
): { readonly text: RelExpr; readonly list: RelExpr; readonly whole: boolean } | undefined {
  if (l.k === "listOp" && l.op === "words")
    return { text: l.args[0]!, list: { ...l, args: [{ k: "column", name: PART }] }, whole: true };
  const inner = l.k === "each" ? piecewise(l.list) : undefined;
  return inner && l.k === "each"
    ? { ...inner, list: { ...l, list: inner.list }, whole: inner.whole && !l.where }
    : undefined;
}
/** a row per piece of the text; `whole`: each but the last of a row gives PIECE elements */
function inPieces(
  l: RelExpr,
  t: Table,
  w: World,
): { readonly t: Table; readonly list: RelExpr; readonly whole: boolean } | undefined {
  const found = piecewise(l);
  if (!found) return undefined;
  const e = over(t, w);
  const pieces = e.bind(`regexp_extract_all(${e.sql(found.text)}, '${PIECES}')`);
  const n = t.columns.length;
  const items = [...names("c", n), `unnest(${pieces}) AS c${n}`, ...names("i", t.ids)];
  const from = select([...items, `unnest(range(len(${pieces}))) AS i${t.ids}`], under(t, e));
  const columns: Columns = [...t.columns, [PART, { k: "scalar", elem: "string" }]];
  return { ...found, t: { ...t, columns, from, ids: t.ids + 1 } };
}
/** a window over the elements instead of a list of pairs: neighbours of one list are those whose positions are as far apart as they themselves */
function skipGrams(l: Extract<RelExpr, { k: "listOp" }>, t: Table, columns: Columns, w: World): Table {
  const [, cell] = columns[0]!;
  const parted = inPieces(l.args[0]!, t, w);
  const flat = parted?.whole
    ? unnested(parted.list, parted.t, [["", cell]], w)
    : unnested(l.args[0]!, t, [["", cell]], w);
  const ids = names("i", flat.ids);
  const place = parted?.whole ? `(${ids.at(-2)} * ${PIECE} + ${ids.at(-1)})` : ids.at(-1)!;
  const order = flat.inOrder ? "" : `ORDER BY ${ids.join(", ")}`;
  const window = Number(l.attrs?.["window"]);
  const steps = Array.from({ length: 2 * window }, (_, k) => (k < window ? k - window : k - window + 1));
  const at = (x: string, step: number): string =>
    `${step < 0 ? "lag" : "lead"}(${x}, ${Math.abs(step)}) OVER (${order})`;
  const near = steps.flatMap((s, k) => [`${at("c0", s)} AS a${k}`, `${at("p", s)} - p = ${s} AS b${k}`]);
  const placed = select(["c0", ...ids, `${place} AS p`], flat.from);
  const pairs = steps.map((_, k) => `struct_pack(x := a${k}, s := ${k}, b := b${k})`).join(", ");
  const listed = select(
    ["c0", ...ids, `unnest(list_filter([${pairs}], lambda q: q.b)) AS e`],
    select(["c0", ...ids, ...near], placed),
  );
  const from = select(["c0", "e.x AS c1", ...ids, `e.s AS i${flat.ids}`], listed);
  return { ...flat, columns, from, ids: flat.ids + 1 };
}

function join(r: Extract<Rel, { k: "join" }>, columns: Columns, asked: Asked, w: World): Table {
  const keepsLeft = r.how === "semi" || r.how === "anti";
  const below = { identity: keepsLeft && asked.identity, joined: true };
  const left = keepsLeft ? table(r.left, below, w) : positioned(table(r.left, below, w));
  const right = positioned(table(r.right, rowsOnly(below), w));
  const at = (t: Table, name: string): number => t.columns.findIndex(([n]) => n === name);
  const on = r.on.map(name => {
    const [a, b] = [`l.c${at(left, name)}`, `r.c${at(right, name)}`];
    const cell = left.columns[at(left, name)]![1];
    const isFloat = cell.k === "scalar" && (cell.elem === "f32" || cell.elem === "f64");
    if (isFloat) return `CASE WHEN NOT isnan(${a}) THEN ${a} END = ${b}`;
    const isPresent = /(^|\.)present$/.test(name) && partner(name, left.columns) !== undefined;
    return isPresent ? `CASE WHEN ${a} THEN ${a} END = ${b}` : `${a} = ${b}`;
  });
  const sides = (word: string): string =>
    `${left.from} AS l\n${word} JOIN ${right.from} AS r ON ${on.join(" AND ") || "true"}`;
  if (keepsLeft) {
    const kept = all(left).map(n => `l.${n}`);
    return { ...left, from: select(kept, sides(r.how.toUpperCase())), inOrder: false };
  }
  const zero = (t: Table, i: number): string => {
    const [, c] = t.columns[i]!;
    if (c.k === "scalar") return literal(c.elem, zeroOf(c.elem));
    if (c.k === "list") return `[]::${typeOf(c)}`;
    const size = c.shape.reduce((a, b) => a * b, 1);
    return `list_resize([]::${TYPES[c.elem]}[], ${size}, ${literal(c.elem, zeroOf(c.elem))})`;
  };
  /** columns of a side; those that it may lack with what tells so */
  const side = (
    t: Table,
    letter: string,
    lacks: boolean,
    skip: readonly string[],
    common: readonly string[],
  ): readonly string[] => {
    const own = t.columns.filter(([n]) => !skip.includes(n));
    const there = `${letter}.i0 IS NOT NULL`;
    return own.flatMap(([n, c]): readonly string[] => {
      const x = `${letter}.c${at(t, n)}`;
      if (common.includes(n)) return [`coalesce(${x}, r.c${at(right, n)})`];
      if (!lacks) return [x];
      // no CASE and no coalesce of arrays
      const array = c.k === "tensor" ? `${x}::${TYPES[c.elem]}[]` : x;
      const value = `coalesce(${array}, ${zero(t, at(t, n))})${c.k === "tensor" ? `::${typeOf(c)}` : ""}`;
      return optional([[n, c]], partner(n, own) === undefined ? [] : [n]).length === 1 ? [value] : [value, there];
    });
  };
  const full = r.how === "full";
  const cells = [...side(left, "l", full, [], full ? r.on : []), ...side(right, "r", r.how !== "inner", r.on, [])].map(
    (x, i) => `${x} AS c${i}`,
  );
  const ids = [...names("l.i", left.ids), ...names("r.i", right.ids)].map((x, i) => `${x} AS i${i}`);
  const word = { inner: "INNER", left: "LEFT", full: "FULL" }[r.how as "inner" | "left" | "full"]; // as: the others are done
  return identified(
    {
      columns,
      from: select([...cells, ...ids], sides(word)),
      ids: ids.length,
      numeric: left.numeric && right.numeric,
      identity: false,
      keys: [],
      inOrder: false,
    },
    asked,
  );
}

function group(r: Extract<Rel, { k: "group" }>, columns: Columns, asked: Asked, w: World): Table {
  const of = table(r.of, rowsOnly(asked), w);
  const scope = { columns: of.columns, elements: [] };
  const e = over(of, w);
  const keys = r.keys.map(([, v], i) => `${plain(elemOf(v, scope, "group"), e.sql(v))} AS c${i}`);
  // one thread adds in the order in which it meets the rows; a sort of each group takes some 30 times as long
  const inTurn = of.inOrder && !of.keys.length && r.keys.length > 0;
  const inner: string[] = [];
  const input = (v: RelExpr): string => {
    const sql = e.sql(v);
    const at = inner.indexOf(sql);
    return `v${at >= 0 ? at : inner.push(sql) - 1}`;
  };
  const values = r.aggregates.map(([, a], i) => {
    const value = a.value && input(a.value);
    const where = a.where && input(a.where);
    const cell = columns[r.keys.length + i]![1];
    const to = cell.k === "scalar" ? cell.elem : "i32";
    const elem = a.value ? elemOf(a.value, scope, "group") : to;
    if (inTurn && (a.op === "sum" || a.op === "mean") && (elem === "f32" || elem === "f64")) w.serial();
    return aggregate(a, value ?? "", elem, to, where, of, inTurn);
  });
  const from = select([...keys, ...inner.map((sql, i) => `${sql} AS v${i}`), ...carried(of)], under(of, e));
  const grouped = names("c", r.keys.length);
  const items = [...grouped, ...values.map((v, i) => `${v} AS c${r.keys.length + i}`)];
  const ids = r.keys.length
    ? keyOrder(r).map(({ key, missing }) => (missing ? `NOT c${key}` : `c${key}`))
    : ["0::BIGINT"];
  const made = select(items, from, grouped.length ? `GROUP BY ${grouped.join(", ")}` : "");
  return {
    columns,
    from: select([...names("c", columns.length), ...ids.map((x, i) => `${x} AS i${i}`)], made),
    ids: ids.length,
    numeric: false,
    identity: !r.keys.length,
    keys: [],
    inOrder: !r.keys.length,
  };
}
/** of column `v` of element `of`; sums of floats in the order of the rows, in which one thread takes them (`inTurn`) or which is asked for */
function aggregate(
  a: Aggregate,
  v: string,
  of: CellElem,
  to: CellElem,
  where: string | undefined,
  t: Table,
  inTurn: boolean,
): string {
  const filter = where === undefined ? "" : ` FILTER (WHERE ${where})`;
  const isFloat = of === "f32" || of === "f64";
  const count = `count(*)${filter}`;
  const whole = `coalesce(sum(${of === "bool" ? `${v}::INTEGER` : v})${filter}, 0)`;
  const sum = `coalesce(sum(${v}::DOUBLE${inTurn ? "" : ` ORDER BY ${order(t)}`})${filter}, 0)`;
  const same = (x: string): string => x;
  switch (a.op) {
    case "count":
      return `${count}::INTEGER`;
    case "count_distinct":
      return `count(DISTINCT ${plain(of, v)})${filter}::INTEGER`;
    case "sum":
      return isFloat ? narrowed(to, sum, same) : wrap(to, whole);
    case "mean":
      return narrowed(to, `(${isFloat ? sum : nearest(`${whole}::HUGEINT`)} / ${count}::DOUBLE)`, same);
    case "min":
    case "max": {
      const zero = literal(to, zeroOf(to));
      const found = `${a.op}(${v})${filter}`;
      if (!isFloat) return `coalesce(${found}, ${zero})`;
      const isWanted = a.op === "min" ? `signbit(${v})` : `NOT signbit(${v})`;
      const zeros = `CASE WHEN bool_or(${v} = 0 AND ${isWanted})${filter} THEN ${a.op === "min" ? literal(to, -0) : zero} ELSE ${found} END`;
      return `coalesce(CASE WHEN bool_or(isnan(${v}))${filter} THEN 'NaN'::${TYPES[to]} WHEN ${found} = 0 THEN ${zeros} ELSE ${found} END, ${zero})`;
    }
    case "any":
      return `coalesce(bool_or(${v})${filter}, false)`;
    case "all":
      return `coalesce(bool_and(${v})${filter}, true)`;
    case "first": {
      const first = (x: string): string =>
        (t.ids === 1 && !t.keys.length ? `arg_min(${x}, i0)` : `first(${x} ORDER BY ${order(t)})`) + filter;
      const found = `coalesce(${first(v)}, ${literal(to, zeroOf(to))})`;
      // on its way through keys of a sort a zero loses its sign
      return isFloat ? `CASE WHEN ${first(`signbit(${v})`)} THEN -abs(${found}) ELSE ${found} END` : found;
    }
    default:
      return a.op satisfies never;
  }
}

function windows(r: Extract<Rel, { k: "window" }>, columns: Columns, asked: Asked, w: World): Table {
  const of = positioned(table(r.of, rowsOnly(asked), w));
  const by = of.columns.findIndex(([n]) => n === r.by);
  const key = of.columns[by]?.[1];
  const part = key?.k === "scalar" ? `PARTITION BY ${plain(key.elem, `c${by}`)} ` : "";
  const sorted = `${part}ORDER BY ${order(of)}`;
  const frame = `${sorted} ROWS BETWEEN CURRENT ROW AND ${r.size - 1} FOLLOWING`;
  const lists = of.columns.map(([, c], i) => {
    if (i === by) return `c${i}`;
    return c.k === "tensor"
      ? `list(c${i}::${TYPES[c.elem]}[]) OVER (${frame}) AS c${i}`
      : `list(c${i}) OVER (${frame}) AS c${i}`;
  });
  const count = `row_number() OVER (${sorted}) - 1 AS p, count(*) OVER (${part}) AS n`;
  const listed = select([...lists, ...names("i", of.ids), count], of.from);
  const items = columns.map(([, c], i) => {
    if (i === by || c.k !== "tensor") return `c${i}`;
    return `${c.shape.length > 1 ? `flatten(c${i})` : `c${i}`}::${typeOf(c)} AS c${i}`;
  });
  const from = select([...items, ...names("i", of.ids)], listed, `WHERE p % ${r.stride} = 0 AND p + ${r.size} <= n`);
  return { ...of, columns, from, identity: false, inOrder: false };
}
