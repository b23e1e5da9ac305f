/**
 * What REL means: an interpreter over rows that the caller hands in. Slow and plain; every engine's SQL is tested against it.
 * Opens no file and knows no engine.
 */
import { exactSum } from "./exact-sum.ts";
import { mix32 } from "./mix32.ts";
import type { Aggregate, Cell, CellElem, Columns, Literal, Rel, RelExpr, Seed } from "./rel.ts";
import { extreme, meanOf, sumOf } from "./rel-ops/list.ts";
import { compare } from "./rel-ops/number.ts";
import { type Elements, type Scalar, toF32, type Value, zeroOf } from "./rel-ops/record.ts";
import { textWords } from "./rel-ops/text.ts";
import { maker, relOp } from "./rel-ops.ts";
import { cellOf, columnsOf, elemOf, foldFields, listOf, partner, type Scope } from "./rel-verify.ts";
import { foldTrips, threefry2x32 } from "./threefry.ts";

export type { Value } from "./rel-ops/record.ts";
export interface Row {
  readonly id: number;
  /** in the order of the columns */
  readonly cells: readonly Value[];
}
export interface Hands {
  /** all rows of the files, in order */
  readonly scan: (r: Extract<Rel, { k: "scan" }>) => readonly (readonly Value[])[];
  /** given value `index`: a scalar, or per row a cell */
  readonly given: (index: number) => Value | readonly Value[];
  /** the words of the run's seed */
  readonly seed: readonly [hi: number, lo: number];
  /** absent: 0 */
  readonly epoch?: number;
}
/** what a check of a query found */
class Fault extends Error {
  readonly at: Extract<RelExpr, { k: "check" }>;
  constructor(at: Extract<RelExpr, { k: "check" }>) {
    super(at.message);
    this.at = at;
  }
}
interface World extends Scope {
  readonly hands: Hands;
  readonly row: readonly Value[];
  /** per `each` around, the innermost first */
  readonly items: readonly (readonly Value[])[];
}

export function literalValue(elem: CellElem, value: Literal): Scalar {
  if (elem === "i64" || elem === "time") return BigInt(value);
  return elem === "f32" ? Math.fround(Number(value)) : elem === "f64" ? Number(value) : value;
}
function evaluate(e: RelExpr, w: World): Value {
  switch (e.k) {
    case "column":
      return w.row[w.columns.findIndex(([n]) => n === e.name)]!;
    case "const":
      return literalValue(e.elem, e.value);
    case "given":
      // as: the tree says what it is
      return e.list ? (w.hands.given(e.index) as readonly Scalar[]).map(x => [x]) : (w.hands.given(e.index) as Scalar);
    case "check":
      if (!evaluate(e.holds, w)) throw new Fault(e);
      return evaluate(e.of, w);
    case "element":
      return w.items[e.depth]![w.elements[e.depth]!.findIndex(([n]) => n === e.name)]!;
    case "op": {
      const record = relOp(e.op)!;
      const args = e.args.map(a => evaluate(a, w) as Value); // a table is as a list of scalars
      const first = e.args[0] && e.args[0].k !== "given" ? cellOf(e.args[0], w) : undefined;
      const [own] = first?.k === "list" ? first.of : [];
      const inner = own && typeof own[1] === "string" ? own[1] : "i32"; // of other lists an op asks for the length
      const of = first === undefined ? (e.args[0] as { elem: CellElem }).elem : first.k === "list" ? inner : first.elem;
      const result = record.eval(args, { of, to: e.elem, attrs: e.attrs ?? {} });
      if (e.elem !== "f32") return result;
      return Array.isArray(result) ? result.map(x => toF32(x)) : toF32(result as number | bigint); // as: f32
    }
    case "each": {
      const list = evaluate(e.list, w) as Elements; // as: verified
      const elements = [listOf(e.list, w, "each"), ...w.elements];
      const inner = list.map((item): World => ({ ...w, elements, items: [item, ...w.items] }));
      return inner.filter(i => !e.where || evaluate(e.where, i)).map(i => fields(e.of, i));
    }
    case "fold": {
      const of = cellOf(e, w) as Extract<Cell, { k: "list" }>; // as: verified
      const elements = [foldFields(of.of, listOf(e.list, w, "fold")), ...w.elements];
      let state = fields(e.init, w);
      for (const item of evaluate(e.list, w) as Elements)
        state = fields(e.step, { ...w, elements, items: [[...state, ...item], ...w.items] });
      return [state];
    }
    case "list":
      return e.items.map(item => fields(item, w));
    case "listOp":
      return maker(e.op)!.eval(
        e.args.map(a => evaluate(a, w)),
        e.attrs ?? {},
      );
    default:
      return e satisfies never;
  }
}
const fields = (of: readonly (readonly [name: string, value: RelExpr])[], w: World): readonly Value[] =>
  of.map(([, v]) => evaluate(v, w));

/** equal keys have equal texts: NaN is NaN, and zeros are one */
const keyText = (v: Value): string =>
  typeof v === "bigint"
    ? `${v}n`
    : typeof v === "number"
      ? String(v)
      : Array.isArray(v)
        ? `[${(v as readonly Value[]).map(keyText)}]`
        : JSON.stringify(v);
/** NaN above all numbers, zeros equal */
const ordered = (a: Scalar, b: Scalar): number =>
  Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : compare(a, b);
/** a key of a group has one zero */
const plain = (v: Value): Value => (v === 0 ? 0 : v);
const zeroCell = (c: Cell): Value =>
  c.k === "list"
    ? []
    : c.k === "tensor"
      ? Array.from({ length: c.shape.reduce((a, b) => a * b, 1) }, () => zeroOf(c.elem))
      : zeroOf(c.elem);

/** the rows of a result, in its order */
export function evaluateRel(r: Rel, hands: Hands): readonly Row[] {
  const rows = (of: Rel): readonly Row[] => evaluateRel(of, hands);
  const world = (of: Rel): ((row: Row) => World) => {
    const columns = columnsOf(of);
    return row => ({ hands, columns, elements: [], items: [], row: row.cells });
  };
  const positions = (cells: readonly (readonly Value[])[]): readonly Row[] => cells.map((c, id) => ({ id, cells: c }));
  switch (r.k) {
    case "scan":
      return positions(hands.scan(r));
    case "given": {
      const columns = r.columns.map((_, i) => hands.given(r.index + i) as readonly Value[]); // as: the tree says so
      return positions((columns[0] ?? []).map((_, row) => columns.map(c => c[row]!)));
    }
    case "map": {
      const at = world(r.of);
      return rows(r.of).map(row => ({ id: row.id, cells: r.columns.map(([, v]) => evaluate(v, at(row))) }));
    }
    case "filter": {
      const at = world(r.of);
      return rows(r.of).filter(row => evaluate(r.where, at(row)));
    }
    case "flat": {
      const at = world(r.of);
      return positions(rows(r.of).flatMap(row => evaluate(r.list, at(row)) as Elements)); // as: verified
    }
    case "join":
      return join(r, rows(r.left), rows(r.right));
    case "group":
      return positions(group(r, rows(r.of), world(r.of)));
    case "distinct": {
      const at = world(r.of);
      const seen = new Set<string>();
      const first = rows(r.of).filter(row => {
        const key = keyText(
          r.by.length ? r.by.map(e => evaluate(e, at(row)) as Scalar) : (row.cells as readonly Scalar[]),
        ); // as: or lists
        return !seen.has(key) && seen.add(key);
      });
      return positions(first.map(row => row.cells));
    }
    case "sort": {
      const at = world(r.of);
      const keyed = rows(r.of).map(row => ({ row, keys: r.by.map(b => evaluate(b.key, at(row)) as Scalar) })); // as: verified
      const order = (a: (typeof keyed)[0], b: (typeof keyed)[0]): number => {
        for (const [i, { descending }] of r.by.entries()) {
          const c = ordered(a.keys[i]!, b.keys[i]!);
          if (c !== 0) return descending ? -c : c;
        }
        return a.row.id - b.row.id;
      };
      return keyed.sort(order).map(k => k.row);
    }
    case "union":
      return positions([...rows(r.a), ...rows(r.b)].map(row => row.cells));
    case "take":
      return rows(r.of).slice(0, r.count);
    case "number":
      return rows(r.of).map((row, i) => ({ id: row.id, cells: [...row.cells, BigInt(i)] }));
    case "window":
      return positions(windows(r, rows(r.of)));
    case "split": {
      const word = wordOf(r, hands, world(r.of));
      return rows(r.of).filter(row => word(row) >= r.low && word(row) < r.high);
    }
    case "word": {
      const word = wordOf(r, hands, world(r.of));
      return rows(r.of).map(row => ({ id: row.id, cells: [...row.cells, BigInt(word(row))] }));
    }
    case "shuffle": {
      const keyed = rows(r.of).map(row => ({
        row,
        word: rowWord(r, hands, Math.floor(row.id / 2 ** 32), row.id >>> 0),
      }));
      return keyed.sort((a, b) => a.word - b.word || a.row.id - b.row.id).map(k => k.row);
    }
    default:
      return r satisfies never;
  }
}
/** of its identity, or of a key */
const wordOf =
  (r: Extract<Rel, { k: "split" | "word" }>, hands: Hands, at: (row: Row) => World): ((row: Row) => number) =>
  row => {
    const [hi, lo] = r.by ? keyWords(evaluate(r.by, at(row)) as Scalar) : [Math.floor(row.id / 2 ** 32), row.id >>> 0]; // as: verified
    return rowWord(r, hands, hi, lo);
  };
function keyWords(v: Scalar): readonly [hi: number, lo: number] {
  if (typeof v === "string") return textWords(v);
  const n = BigInt.asUintN(64, BigInt(v));
  return [Number(n >> 32n), Number(n & 0xffffffffn)];
}
function seedWords(seed: Seed, hands: Hands): readonly [number, number] {
  if (typeof seed === "object" && "of" in seed) return foldTrips(seedWords(seed.of, hands), seed.trips);
  if (seed === "run") return hands.seed;
  if ("words" in seed) {
    const [hi, lo] = hands.given(seed.words) as readonly Value[]; // as: two numbers
    return [Number(hi) >>> 0, Number(lo) >>> 0];
  }
  return "given" in seed ? [0, Number(hands.given(seed.given)) >>> 0] : seed;
}
interface Words {
  readonly place: number;
  readonly seed: Seed;
  readonly renewed?: true;
}
function rowWord(r: Words, hands: Hands, hi: number, lo: number): number {
  const epoch = r.renewed ? (hands.epoch ?? 0) : 0;
  const [a, b] = threefry2x32(...seedWords(r.seed, hands), r.place, epoch);
  return mix32(mix32(lo ^ a) ^ hi ^ b);
}
function join(r: Extract<Rel, { k: "join" }>, left: readonly Row[], right: readonly Row[]): readonly Row[] {
  const [a, b] = [columnsOf(r.left), columnsOf(r.right)];
  const places = (side: Columns): readonly number[] => r.on.map(name => side.findIndex(([n]) => n === name));
  // NaN equals nothing, nor does what is missing
  const missing = r.on.map(n => /(^|\.)present$/.test(n) && partner(n, a) !== undefined);
  const key = (row: Row, at: readonly number[]): string | undefined => {
    const cells = at.map(i => row.cells[i]!);
    return cells.some((c, i) => Number.isNaN(c) || (missing[i] && c === false))
      ? undefined
      : keyText(cells as readonly Scalar[]); // as: keys are scalars
  };
  const [onLeft, onRight] = [places(a), places(b)];
  const partners = new Map<string, number[]>();
  right.forEach((row, i) => {
    const k = key(row, onRight);
    if (k !== undefined) partners.set(k, [...(partners.get(k) ?? []), i]);
  });
  const of = (row: Row): readonly number[] => partners.get(key(row, onLeft) ?? "") ?? [];
  if (r.how === "semi") return left.filter(row => of(row).length);
  if (r.how === "anti") return left.filter(row => !of(row).length);
  const outer = r.how !== "inner" && r.how !== "one";
  /** cells of one side, `there` or not; keys of the other side stand for those that are not */
  const side = (
    columns: Columns,
    row: Row | undefined,
    skip: boolean,
    pairs: boolean,
    keys: readonly Value[],
  ): readonly Value[] =>
    columns.flatMap(([n, c], i): readonly Value[] => {
      const k = r.on.indexOf(n);
      if (k >= 0) return skip ? [] : [row ? row.cells[i]! : keys[k]!];
      const value = row ? row.cells[i]! : zeroCell(c);
      return !pairs || partner(n, skip ? columns.filter(([m]) => !r.on.includes(m)) : columns)
        ? [value]
        : [value, row !== undefined];
    });
  if (r.how === "one")
    return left.map(l => ({ id: l.id, cells: [...l.cells, ...side(b, right[of(l)[0] ?? -1], true, false, [])] }));
  const used = new Set<number>();
  const both = left.flatMap((l): readonly (readonly Value[])[] => {
    const found = of(l);
    for (const i of found) used.add(i);
    const own = side(a, l, false, r.how === "full", []);
    if (!found.length) return outer ? [[...own, ...side(b, undefined, true, true, [])]] : [];
    return found.map(i => [...own, ...side(b, right[i], true, outer, [])]);
  });
  const alone = r.how === "full" ? right.filter((_, i) => !used.has(i)) : [];
  const rest = alone.map(row => [
    ...side(
      a,
      undefined,
      false,
      true,
      onRight.map(i => row.cells[i]!),
    ),
    ...side(b, row, true, true, []),
  ]);
  return [...both, ...rest].map((cells, id) => ({ id, cells }));
}
function group(
  r: Extract<Rel, { k: "group" }>,
  rows: readonly Row[],
  at: (row: Row) => World,
): readonly (readonly Value[])[] {
  const groups = new Map<string, { readonly keys: readonly Value[]; readonly rows: Row[] }>();
  if (!r.keys.length) groups.set("", { keys: [], rows: [] });
  for (const row of rows) {
    const keys = r.keys.map(([, v]) => plain(evaluate(v, at(row))));
    const text = keys.map(keyText).join();
    const own = groups.get(text) ?? { keys, rows: [] };
    groups.set(text, own);
    own.rows.push(row);
  }
  const columns = columnsOf(r);
  const order = keyOrder(r);
  const sorted = [...groups.values()].sort((a, b) => {
    for (const { key, missing } of order) {
      const [x, y] = [a.keys[key] as Scalar, b.keys[key] as Scalar]; // as: keys are scalars
      const c = missing ? Number(!x) - Number(!y) : ordered(x, y);
      if (c !== 0) return c;
    }
    return 0;
  });
  return sorted.map(g => [
    ...g.keys,
    ...r.aggregates.map(([n, a]) => aggregate(a, g.rows, at, columns.find(([m]) => m === n)![1])),
  ]);
}
/** by which keys a group's rows stand, in turn; missing: false comes last */
export function keyOrder(
  r: Extract<Rel, { k: "group" }>,
): readonly { readonly key: number; readonly missing: boolean }[] {
  const keys = columnsOf(r).slice(0, r.keys.length);
  const isPresent = (i: number): boolean =>
    /(^|\.)present$/.test(keys[i]![0]) && partner(keys[i]![0], keys) !== undefined;
  return keys.flatMap(([name], i) => {
    if (isPresent(i)) return [];
    const other = partner(name, keys);
    const own = { key: i, missing: false };
    return other === undefined ? [own] : [{ key: keys.findIndex(([n]) => n === other), missing: true }, own];
  });
}
function aggregate(a: Aggregate, rows: readonly Row[], at: (row: Row) => World, cell: Cell): Value {
  const worlds = rows.map(at).filter(w => !a.where || evaluate(a.where, w));
  if (!a.value) return worlds.length;
  if (a.op === "concat") return worlds.flatMap(w => evaluate(a.value!, w) as Elements); // as: verified
  const values = worlds.map(w => evaluate(a.value!, w) as Scalar); // as: verified
  if (cell.k !== "scalar") throw new Error("internal: an aggregate that is no scalar");
  const of = worlds[0] ? elemOf(a.value, worlds[0], "group") : cell.elem;
  const value = aggregated(a.op, values, of, cell.elem);
  return cell.elem === "f32" ? Math.fround(Number(value)) : value;
}
function aggregated(
  op: Exclude<Aggregate["op"], "concat">,
  values: readonly Scalar[],
  of: CellElem,
  to: CellElem,
): Scalar {
  switch (op) {
    case "count":
      return values.length;
    case "count_distinct":
      return new Set(values.map(v => keyText(plain(v)))).size;
    case "sum":
      return of === "f32" ? exactSum(values as readonly number[]) : sumOf(values, to); // as: of f32
    case "mean":
      if (!values.length) return Number.NaN;
      return of === "f32" ? exactSum(values as readonly number[]) / values.length : meanOf(values, of); // as: of f32
    case "min":
      return extreme(values, of, 1);
    case "max":
      return extreme(values, of, -1);
    case "any":
      return values.some(Boolean);
    case "all":
      return values.every(Boolean);
    case "first":
      return values[0] ?? zeroOf(to);
    default:
      return op satisfies never;
  }
}
function windows(r: Extract<Rel, { k: "window" }>, rows: readonly Row[]): readonly (readonly Value[])[] {
  const columns = columnsOf(r.of);
  const by = r.by === undefined ? -1 : columns.findIndex(([n]) => n === r.by);
  const parts = new Map<string, number[]>();
  rows.forEach((row, i) => {
    const key = by < 0 ? "" : keyText(row.cells[by]!);
    parts.set(key, [...(parts.get(key) ?? []), i]);
  });
  const starts = [...parts.values()].flatMap(part =>
    part.flatMap((first, k) =>
      k % r.stride === 0 && k + r.size <= part.length ? [{ first, all: part.slice(k, k + r.size) }] : [],
    ),
  );
  return starts
    .sort((a, b) => a.first - b.first)
    .map(
      ({ all }) =>
        columns.map((_, c) => (c === by ? rows[all[0]!]!.cells[c]! : all.flatMap(i => rows[i]!.cells[c] as Scalar))), // as: no lists
    );
}
