/**
 * REL to one text of DuckDB's SQL. Every table in it has columns c0, c1 .. and i0, i1 .., by which its rows stand, and after a sort k0, k1 ..,
 * by which they stand before. The identity of a row is the place that i0, i1 .. give it, and is made a number only where somebody asks for it.
 * Knows no file: what must stand ready is told by `Query`.
 */
import type { CellElem, Columns, Rel, RelExpr } from "../../ir/rel.ts";
import { zeroOf } from "../../ir/rel-ops/record.ts";
import type { Query, Quick } from "../../ir/rel-query.ts";
import { columnsOf, elemOf, optional, partner, verifyRel } from "../../ir/rel-verify.ts";
import type { Expressions } from "./duckdb-expr.ts";
import { group } from "./duckdb-group.ts";
import { flat, lists } from "./duckdb-lists.ts";
import type { Quickness } from "./duckdb-sums.ts";
import {
  type Asked,
  all,
  carried,
  identified,
  list,
  names,
  numbered,
  order,
  over,
  plain,
  positioned,
  rowsOnly,
  select,
  sub,
  type Table,
  under,
  type World,
} from "./duckdb-table.ts";
import { literal, TYPES, typeOf } from "./text.ts";

export function duckdbQuery(rel: Rel): Query {
  verifyRel(rel);
  const scans: Query["scans"][number][] = [];
  const tables = new Map<number, Columns>();
  const scalars = new Map<number, { readonly elem: CellElem; readonly list: boolean }>();
  const lookups = new Set<number>();
  const seeds: Query["seeds"][number][] = [];
  let [serial, used] = [false, false];
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
    seed: r => {
      const seed = typeof r.seed === "object" && "of" in r.seed ? r.seed.of : r.seed;
      if (typeof seed === "object" && "words" in seed) scalars.set(seed.words, { elem: "i32", list: true });
      if (typeof seed === "object" && "given" in seed) scalars.set(seed.given, { elem: "i32", list: false });
      return place(seeds, { place: r.place, seed: r.seed, ...(r.renewed ? { renewed: true } : {}) });
    },
    serial: () => {
      serial = true;
    },
    scalar: (index, elem, list) => void scalars.set(index, { elem, list }),
    lookup: index => void lookups.add(index),
  };
  const identity = !isWhole(rel);
  const t = table(rel, { identity, joined: false }, world);
  const slow = serial;
  const quickly = (asked: Quickness): readonly string[] => {
    [serial, used] = [false, false];
    const q = table(rel, { identity, joined: false }, { ...world, quick: { asked, used: () => void (used = true) } });
    // with a sum that only one thread can take nothing is gained
    return used && !serial ? [q.from] : [];
  };
  const [footers, near, fine] = [quickly("footers"), quickly("near"), quickly("fine")];
  const isTold = footers[0] !== near[0];
  const quick: readonly Quick[] = [
    ...(isTold ? footers.map(from => ({ from, footers: true })) : []),
    ...near.map(from => (isTold ? { from, footers: false } : { from })),
    ...(fine[0] === near[0] ? [] : fine.map(from => ({ from }))),
  ];
  return {
    from: t.from,
    order: t.inOrder && !t.keys.length ? "" : `ORDER BY ${order(t)}`,
    scans,
    tables: [...tables].map(([index, columns]) => ({ index, columns })),
    scalars: [...scalars].map(([index, { elem, list }]) => ({ index, elem, ...(list ? { list } : {}) })),
    lookups: [...lookups],
    seeds,
    columns: t.columns,
    identity,
    serial: slow,
    ...(quick.length ? { quick } : {}),
    ...(isOne(rel) ? { one: true } : {}),
  };
}

/** the identity of its rows is their position */
const isWhole = (r: Rel): boolean =>
  r.k === "map" || r.k === "number" || r.k === "word"
    ? isWhole(r.of)
    : !["filter", "sort", "take", "split", "shuffle"].includes(r.k) && !(r.k === "join" && /semi|anti|one/.test(r.how));

const isOne = (r: Rel): boolean => (r.k === "map" ? isOne(r.of) : r.k === "group" && !r.keys.length);

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
    case "flat": {
      const { of, list } = lists(r);
      return identified(flat(list, positioned(table(of, rowsOnly(asked), w)), columns, w), asked);
    }
    case "join":
      return join(r, columns, asked, w);
    case "group":
      return identified(group(r, table(r.of, rowsOnly(asked), w), columns, w), asked);
    case "distinct": {
      const of = positioned(table(r.of, rowsOnly(asked), w));
      if (isWholeKey(r.by, columns) && of.ids === 1) {
        const own = names("c", columns.length);
        const from = select([...own, "min(i0) AS i0"], of.from, `GROUP BY ${own.join(", ")}`);
        return identified({ ...of, from, identity: false, inOrder: false }, asked);
      }
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
    case "word": {
      const of = table(r.of, r.by ? asked : { ...asked, identity: true }, w);
      const e = over(of, w);
      const word = `${wordOf(r, of, e, w)} AS c${of.columns.length}`;
      return { ...of, columns, from: select([...names("c", of.columns.length), word, ...carried(of)], under(of, e)) };
    }
    case "split": {
      const of = table(r.of, r.by ? asked : { ...asked, identity: true }, w);
      const e = over(of, w);
      const word = wordOf(r, of, e, w);
      const where = `WHERE ${word} >= ${Math.ceil(r.low)} AND ${word} < ${Math.ceil(r.high)}`;
      return { ...of, from: select(all(of), under(of, e), where) };
    }
    case "shuffle": {
      const of = table(r.of, { ...asked, identity: true }, w);
      const e = over(of, w);
      const word = rowWord(w.seed(r), ...IDENTITY, e.bind);
      const kept = [...names("c", columns.length), "i0"];
      return { ...of, from: select([...kept, `${word} AS k0`], under(of, e)), keys: [false] };
    }
    default:
      return r satisfies never;
  }
}

/** rows with the same key are the same: which of them is the first tells nothing but its place */
const isWholeKey = (by: readonly RelExpr[], columns: Columns): boolean =>
  columns.length > 0 &&
  columns.every(
    ([n, c]) =>
      c.k === "scalar" &&
      // zeros have two signs
      c.elem !== "f32" &&
      c.elem !== "f64" &&
      (by.length === 0 || by.some(b => b.k === "column" && b.name === n)),
  );

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
/** of its identity, or of a key */
function wordOf(r: Extract<Rel, { k: "split" | "word" }>, of: Table, e: Expressions, w: World): string {
  const elem = r.by && elemOf(r.by, { columns: of.columns, elements: [] }, r.k);
  const [hi, lo] = r.by && elem ? keyWords(elem, e.bind(e.sql(r.by))) : IDENTITY;
  return rowWord(w.seed(r), hi, lo, e.bind);
}
const IDENTITY = ["(i0 >> 32)", "(i0 & 4294967295)"] as const;
/** the two words of a key */
function keyWords(elem: CellElem, x: string): readonly [hi: string, lo: string] {
  if (elem === "string") return [`('0x' || md5(${x})[1:8])::BIGINT`, `('0x' || md5(${x})[9:16])::BIGINT`];
  const n = `${x}::BIGINT`;
  return [`((${n} >> 32) & 4294967295)`, `(${n} & 4294967295)`];
}

function join(r: Extract<Rel, { k: "join" }>, columns: Columns, asked: Asked, w: World): Table {
  const keepsLeft = r.how === "semi" || r.how === "anti" || r.how === "one";
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
  if (r.how === "semi" || r.how === "anti") {
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
  const orZero = (t: Table, name: string, x: string): string => {
    const [, c] = t.columns[at(t, name)]!;
    // no CASE and no coalesce of arrays
    const array = c.k === "tensor" ? `${x}::${TYPES[c.elem]}[]` : x;
    return `coalesce(${array}, ${zero(t, at(t, name))})${c.k === "tensor" ? `::${typeOf(c)}` : ""}`;
  };
  if (r.how === "one") {
    const own = [...all(left).map(n => `l.${n} AS ${n}`)];
    const more = columns
      .slice(left.columns.length)
      .map(([n], i) => `${orZero(right, n, `r.c${at(right, n)}`)} AS c${left.columns.length + i}`);
    return { ...left, columns, from: select([...own, ...more], sides("LEFT")), inOrder: false };
  }
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
      const value = orZero(t, n, x);
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
