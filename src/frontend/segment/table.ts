/** An rdd of Core as REL: each transform, its functions translated; what an engine cannot make is a given table. Knows no SQL. */

import type { Span } from "../../ir/node.ts";
import type { Aggregate, Cell, Columns, Inner, PlainSeed, Rel, RelExpr, Seed } from "../../ir/rel.ts";
import * as build from "../check/build.ts";
import {
  type Expr,
  type Fn,
  type LeafType,
  leaves,
  type Op,
  type Source,
  type Static,
  type TensorType,
  type Tree,
} from "../core.ts";
import { placeWord, tripsIn } from "../lower/chance.ts";
import { translated } from "./expr.ts";
import { isRdd } from "./kinds.ts";
import { fieldTypes } from "./pieces.ts";
import { type Given, jsonOf, numberAt, Untranslatable } from "./scope.ts";

/** a query that is made */
export interface Query extends Given {
  /** a table that a stage before computes */
  readonly table: (rdd: Expr) => Rel;
  /** of one that is made in each epoch of a training, with what chance gives there: the same for what a cache keeps as it is */
  readonly once?: (() => Query) | undefined;
  /** the given values so far; back to them where an attempt fails */
  readonly mark: () => number;
  readonly reset: (mark: number) => void;
  /** an rdd with what an engine cannot compute of its rows as columns more, `parts` by name */
  readonly with: (rdd: Expr, parts: readonly (readonly [name: string, f: Fn, part: Expr])[]) => Expr;
}
/** formats whose rows an engine is given as a table, lists in them too */
const SCANNED: ReadonlySet<string> = new Set(["csv", "json", "parquet", "arrow", "text", "libsvm"]);

const rowOf = (e: Expr): Tree<LeafType> => {
  if (!isRdd(e)) throw new Error("internal: a query of no rdd");
  return e.type.row;
};
export const namesOf = (e: Expr): readonly string[] => leaves(rowOf(e)).map(([path]) => path);
export const column = (name: string): RelExpr => ({ k: "column", name });
function cellOf(t: LeafType, span: Span): Cell {
  const [[, of]] = fieldTypes({ k: "leaf", of: t }, span) as [readonly [string, Inner]]; // as: one leaf
  return typeof of === "string" ? { k: "scalar", elem: of } : of;
}
export const columnsOf = (e: Expr): Columns => leaves(rowOf(e)).map(([name, t]) => [name, cellOf(t, e.span)] as const);

/** throws Untranslatable where the rdd itself, not what it is made from, is none of an engine's */
export function relOf(e: Expr, q: Query): Rel {
  if (e.k === "source") return scan(e);
  const make = e.k === "op" ? RELS[e.op] : undefined;
  if (!make) throw new Untranslatable(`\`${e.k === "op" ? e.op : e.k}\``, e.span);
  return make(e as Op, q); // as: it has a name in RELS
}
/** what a transform is made from: as a query where it can be one */
function from(e: Expr, q: Query): Rel {
  const mark = q.mark();
  try {
    return relOf(e, q);
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    q.reset(mark);
    return q.table(e);
  }
}
function scan(e: Source): Rel {
  if (!SCANNED.has(e.format)) throw new Untranslatable(`a ${e.format} file`, e.span);
  const options = Object.fromEntries(Object.entries(e.options).map(([k, v]) => [k, jsonOf(v, e.span)]));
  return { k: "scan", format: e.format, paths: e.paths, options, columns: columnsOf(e) };
}
/** the words of an i32, as of jax.random.key */
function seedOf(e: Op, q: Query): Seed {
  if (e.depth > 0) return tripSeed(e, q);
  const of = plainSeed(e, q);
  const trips = tripsIn(e.place ?? "");
  return trips.length ? { of, trips } : of;
}
/** of a trip of what is around */
function tripSeed(e: Op, q: Query): Seed {
  // by the identities of rows kernels choose
  if (!e.fns["by"] && e.op !== "rdd.word") throw new Untranslatable("chance in a function around it", e.span);
  const place = e.place === undefined ? {} : { place: e.place };
  const type: TensorType = { k: "tensor", elem: "i32", shape: [2] };
  return { words: q.index(build.op("seed", e.args.slice(1), type, e.span, { depth: e.depth, ...place })) };
}
function plainSeed(e: Op, q: Query): PlainSeed {
  const seed = e.args[1];
  if (!seed) return "run";
  if (seed.k === "const" && typeof seed.value === "number") return [0, seed.value >>> 0];
  return { given: q.index(seed) };
}

type Translated = readonly (readonly [path: string, RelExpr])[];
interface Functions {
  readonly of: Rel;
  /** the results of each function by leaf; there are the columns of `extra` in the rows, too */
  readonly fns: ReadonlyMap<string, Translated>;
  readonly extra: boolean;
}
/** the functions of a transform, and its input: with the leaves that only a kernel can compute as columns */
function functions(e: Op, q: Query): Functions {
  const d = e.args[0]!;
  const names = namesOf(d);
  const parts: (readonly [string, Fn, Expr])[] = [];
  const fns = new Map<string, Translated>();
  for (const [key, f] of Object.entries(e.fns)) {
    const own = leaves(f.body).map(([path, part]): readonly [string, RelExpr] => {
      const mark = q.mark();
      try {
        return [path, translated({ ...f, body: { k: "leaf", of: part } }, names, q)[0]![1]];
      } catch (error) {
        if (!(error instanceof Untranslatable)) throw error;
        q.reset(mark);
        const computed = (e: Expr): string => {
          const known = parts.find(([, , x]) => x === e);
          const name = known ? known[0] : `${key}#${parts.length}`;
          if (!known) parts.push([name, f, e]);
          return name;
        };
        if (part.type.k !== "list") return [path, column(computed(part))];
        // a list is the engine's, and in it are columns what only kernels compute
        const own: Fn = { ...f, random: false, body: { k: "leaf", of: part } };
        return [path, translated(own, names, { ...q, part: computed })[0]![1]];
      }
    });
    fns.set(key, own);
  }
  return { of: parts.length ? q.table(q.with(d, parts)) : from(d, q), fns, extra: parts.length > 0 };
}
/** the rows without the columns that were computed for a function only */
const plain = (rel: Rel, e: Op, f: Functions): Rel =>
  f.extra ? { k: "map", of: rel, columns: namesOf(e).map(n => [n, column(n)] as const) } : rel;
const list = (s: Static | undefined): readonly string[] => (Array.isArray(s) ? s.map(String) : [String(s)]);
const under = (name: string, path: string): string => (path === "" ? name : `${name}.${path}`);

const RELS: Readonly<Record<string, (e: Op, q: Query) => Rel>> = {
  "rdd.map": (e, q) => {
    const columns = translated(e.fns["f"]!, namesOf(e.args[0]!), q);
    return { k: "map", of: from(e.args[0]!, q), columns };
  },
  "rdd.filter": (e, q) => {
    const [[, where]] = translated(e.fns["f"]!, namesOf(e.args[0]!), q) as [readonly [string, RelExpr]]; // as: one leaf
    return { k: "filter", of: from(e.args[0]!, q), where };
  },
  "rdd.flat": (e, q) => {
    const f = functions(e, q);
    return { k: "flat", of: f.of, list: f.fns.get("f")![0]![1] };
  },
  "rdd.join": (e, q) => {
    const how = String(e.attrs["how"]) as Extract<Rel, { k: "join" }>["how"]; // as: check has looked
    return { k: "join", left: from(e.args[0]!, q), right: from(e.args[1]!, q), on: list(e.attrs["on"]), how };
  },
  "rdd.group": (e, q) => {
    const { of, fns } = functions(e, q);
    const keys = fns.get("key")!.map(([path, x]) => [under("key", path), x] as const);
    const aggregates = list(e.attrs["ops"]).map((op, i) => {
      const [value, where] = [fns.get(`a${i}`)?.[0]?.[1], fns.get(`w${i}`)?.[0]?.[1]];
      const aggregate = { op: op as Aggregate["op"], ...(value ? { value } : {}), ...(where ? { where } : {}) }; // as: check gives no other
      return [`a${i}`, aggregate] as const;
    });
    return { k: "group", of, keys, aggregates };
  },
  "rdd.distinct": (e, q) => {
    const f = functions(e, q);
    const by = [...f.fns.values()].flatMap(leaf => leaf.map(([, x]) => x));
    return plain({ k: "distinct", of: f.of, by }, e, f);
  },
  "rdd.sort": (e, q) => {
    const f = functions(e, q);
    const descending = e.attrs["descending"] as readonly boolean[]; // as: one per leaf of the key
    const by = f.fns.get("key")!.map(([, key], i) => ({ key, descending: descending[i]! }));
    return plain({ k: "sort", of: f.of, by }, e, f);
  },
  "rdd.union": (e, q) => {
    const [a, b] = [from(e.args[0]!, q), from(e.args[1]!, q)];
    const names = namesOf(e.args[0]!);
    const inOrder = namesOf(e.args[1]!).every((n, i) => n === names[i]);
    const other: Rel = inOrder ? b : { k: "map", of: b, columns: names.map(n => [n, column(n)] as const) };
    return { k: "union", a, b: other };
  },
  "rdd.window": (e, q) => {
    const by = e.attrs["by"];
    const rel = {
      k: "window" as const,
      of: from(e.args[0]!, q),
      size: numberAt(e, "size"),
      stride: numberAt(e, "stride"),
    };
    return typeof by === "string" ? { ...rel, by } : rel;
  },
  "rdd.batch": (e, q) => {
    const count = numberAt(e, "count");
    return { k: "window", of: from(e.args[0]!, q), size: count, stride: count };
  },
  "rdd.split": (e, q) => {
    const f = functions(e, q);
    const [low, high] = ["low", "high"].map(n => Math.round(numberAt(e, n) * 2 ** 32)) as [number, number]; // as: two
    const by = f.fns.get("by")?.[0]?.[1];
    const rel: Rel = { k: "split", of: f.of, place: word(e), seed: seedOf(e, q), low, high, ...(by ? { by } : {}) };
    return plain(rel, e, f);
  },
  "rdd.word": (e, q) => {
    const f = functions(e, q);
    const by = f.fns.get("by")?.[0]?.[1];
    const column = String(e.attrs["column"]);
    const renewed = e.attrs["renewed"] === true ? renewedIn(q) : {};
    const own = { k: "word", of: f.of, column, place: word(e), seed: seedOf(e, q), ...(by ? { by } : {}) } as const;
    return plain({ ...own, ...renewed }, e, f);
  },
  // the rows of a split, but that a training may have others in each epoch
  "rdd.sample": (e, q) => {
    const high = numberAt(e, "fraction") * 2 ** 32;
    return { k: "split", of: from(e.args[0]!, q), place: word(e), seed: seedOf(e, q), low: 0, high, ...renewedIn(q) };
  },
  "rdd.shuffle": (e, q) => {
    return { k: "shuffle", of: from(e.args[0]!, q), place: word(e), seed: seedOf(e, q), ...renewedIn(q) };
  },
  "rdd.take": (e, q) => ({ k: "take", of: from(e.args[0]!, q), count: numberAt(e, "count") }),
  "rdd.number": (e, q) => ({ k: "number", of: from(e.args[0]!, q), column: String(e.attrs["column"]) }),
  "rdd.cache": (e, q) => from(e.args[0]!, q.once?.() ?? q),
};
const renewedIn = ({ once }: Query): { readonly renewed?: true } => (once ? { renewed: true } : {});
const word = (e: Op): number => placeWord(e.place ?? "");
