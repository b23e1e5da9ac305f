/** The calling convention of functions over one row, and rows as values in the interpreter. Knows no op. */
import { inline } from "../inline.ts";
import { type Fn, fn, type Node } from "../node.ts";
import { type RddValue, type TensorValue, TypeMismatch, type Value } from "../op.ts";
import {
  type Column,
  type Dim,
  loaded,
  type RddType,
  sameType,
  showType,
  sizeOf,
  type TensorType,
  type Type,
  tensor,
} from "../type.ts";
import { allocate, type Data } from "../value.ts";
import { need } from "./attrs.ts";
import { get, map, parameter } from "./build.ts";

type Row = RddType["row"];

/** columns a tensor can hold, in order: what a function over a row sees. A time is its microseconds */
export const visible = (row: Row): readonly string[] => Object.keys(row).filter(c => row[c]!.store !== "string");
const columnType = (c: Column, lead: readonly Dim[] = []): TensorType =>
  tensor(c.store === "string" || c.store === "time" ? "i64" : loaded(c.store), [...lead, ...c.shape]);
/** parameters for the columns: of one row, or of `lead` many */
export const columnTypes = (row: Row, lead: readonly Dim[] = []): readonly TensorType[] =>
  visible(row).map(c => columnType(row[c]!, lead));
/** row [hi, lo], epoch */
export const IDENTITY: readonly TensorType[] = [tensor("u32", [2]), tensor("i32")];
export const rowParams = (row: Row, captures: readonly Type[], identity: boolean): readonly Type[] => [
  ...columnTypes(row),
  ...captures,
  ...(identity ? IDENTITY : []),
];

export function rddAt(args: readonly Type[], i: number): RddType {
  const t = args[i];
  if (t?.k !== "rdd") throw new TypeMismatch(`argument ${i} is ${t ? showType(t) : "missing"}, no rdd`);
  return t;
}
export function checkParams(f: Fn, expected: readonly Type[]): void {
  const show = (ts: readonly Type[]): string => ts.map(showType).join(", ");
  need(
    f.params.length === expected.length && f.params.every((p, i) => sameType(p, expected[i]!)),
    () => `fn takes (${show(f.params)}) where (${show(expected)}) is given`,
  );
}
/** a Fn over one row fits the rdd and the captures */
export function checkRowFn(f: Fn, args: readonly Type[], identity: boolean): void {
  checkParams(f, rowParams(rddAt(args, 0).row, args.slice(1), identity));
}

/** a node that computes something per row: its rdd, captures, Fn, and whether that takes the row's identity */
export interface PerRow {
  readonly source: Node;
  readonly captures: readonly Node[];
  readonly f: Fn;
  readonly identity: boolean;
}
export function perRow(node: Node): PerRow {
  const [source, ...captures] = node.args;
  return {
    source: source!,
    captures,
    f: node.attrs["fn"] as Fn, // by the type rules of the ops that have one
    identity: node.attrs["identity"] === true,
  };
}
export const rowOf = (source: Node): Row => (source.type as RddType).row; // argument 0 of those ops is an rdd

/** g after f, as one function over a row of what f reads; captures: g's, then f's */
export function compose(g: PerRow, f: PerRow): PerRow {
  const identity = g.identity || f.identity;
  const captures = [...g.captures, ...f.captures];
  const params = rowParams(
    rowOf(f.source),
    captures.map(c => c.type),
    identity,
  );
  const inputs = params.map((p, i) => parameter(i, p));
  const columns = inputs.length - captures.length - (identity ? IDENTITY.length : 0);
  const own = (from: number, count: number): readonly Node[] => inputs.slice(columns + from, columns + from + count);
  const who = (takes: boolean): readonly Node[] => (takes ? inputs.slice(-IDENTITY.length) : []);
  const inner = inline(f.f, [
    ...inputs.slice(0, columns),
    ...own(g.captures.length, f.captures.length),
    ...who(f.identity),
  ]);
  const results = inline(g.f, [...inner, ...own(0, g.captures.length), ...who(g.identity)]);
  return { source: f.source, captures, f: fn(params, results), identity };
}

/** f over a group of rows: columns have the leading dim, captures are shared; every result has it, too */
export function overGroup(
  { f, identity }: PerRow,
  columns: readonly Node[],
  captures: readonly Node[],
  who: readonly Node[],
): readonly Node[] {
  const args = [...columns, ...captures, ...(identity ? who : [])];
  const mapped = args.map((_, i) => i < columns.length || (identity && i === columns.length + captures.length));
  const t = map(f, mapped, args);
  return f.results.map((_, i) => get(i, t));
}

// ---- rows as values ----

export const asRdd = (v: Value | undefined): RddValue => {
  if (v?.k !== "rdd") throw new Error(`internal: a ${v?.k} where an rdd is read`);
  return v;
};
export const scalar = (x: number): TensorValue => ({ k: "tensor", shape: [], data: Float64Array.of(x) });

/** slices `at` along axis 0, in that order */
export function take(t: TensorValue, at: readonly number[]): TensorValue {
  const size = sizeOf(t.shape.slice(1));
  const data =
    t.data instanceof BigInt64Array ? new BigInt64Array(at.length * size) : new Float64Array(at.length * size);
  at.forEach((from, to) => {
    put(data, t.data.subarray(from * size, (from + 1) * size), to * size);
  });
  return { k: "tensor", shape: [at.length, ...t.shape.slice(1)], data };
}
/** both are of one kind */
export function put(to: Data, from: Data, at: number): void {
  (to as { set: (x: Data, at: number) => void }).set(from, at);
}
export const rowAt = (t: TensorValue, i: number): TensorValue => {
  const size = sizeOf(t.shape.slice(1));
  return { k: "tensor", shape: t.shape.slice(1), data: t.data.subarray(i * size, (i + 1) * size) };
};
/** equal tensors on a new axis 0; `type` tells shape and kind where there are none */
export function stack(parts: readonly TensorValue[], type: TensorType): TensorValue {
  const shape = type.shape as readonly number[]; // a row's shape has no N
  const size = sizeOf(shape);
  const data = allocate(type.elem, parts.length * size);
  parts.forEach((p, i) => {
    put(data, p.data, i * size);
  });
  return { k: "tensor", shape: [parts.length, ...shape], data };
}
/** [hi, lo] of each row */
export function identities(id: readonly number[]): TensorValue {
  return {
    k: "tensor",
    shape: [id.length, 2],
    data: Float64Array.from(id.flatMap(i => [Math.floor(i / 2 ** 32), i >>> 0])),
  };
}
export const atEpoch = (d: RddValue, e: number): RddValue => d.epoch?.(e) ?? d;

/** an rdd made from another row by row, that changes with the epoch if its source or its own chance does */
export function derive(source: RddValue, chance: boolean, make: (d: RddValue, epoch: number) => RddValue): RddValue {
  const first = make(atEpoch(source, 0), 0);
  if (!chance && !source.epoch) return first;
  return { ...first, epoch: e => (e === 0 ? first : make(atEpoch(source, e), e)) };
}
export const choose = (d: RddValue, at: readonly number[]): RddValue => ({
  k: "rdd",
  rows: at.length,
  columns: Object.fromEntries(Object.entries(d.columns).map(([name, t]) => [name, take(t, at)])),
  id: at.map(i => d.id[i]!),
});
