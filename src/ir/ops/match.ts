/** Questions about a node's op and attributes, for rules: rules ask here and name no op. */
import { type Attrs, make, type Node } from "../node.ts";
import type { Op } from "../op.ts";
import { isPrim, type Prim } from "../prim.ts";
import { atN, type Dim, type Elem, type TensorType } from "../type.ts";
import { dimOf, flags, fnAttr, int, ints, number, shapeOf, text } from "./attrs.ts";
import { contractPoints, contractTerms, contractWords } from "./contract.ts";
import { op } from "./registry.ts";

const is =
  (name: string) =>
  (n: Node): boolean =>
    n.op.name === name;

const isFull = is("full");
export const isIota = is("iota");
export const isCast = is("cast");
export const isBitcast = is("bitcast");
export const isSelect = is("select");
export const isReshape = is("reshape");
export const isTranspose = is("transpose");
export const isBroadcast = is("broadcast");
export const isSlice = is("slice");
export const isPad = is("pad");
export const isReduce = is("reduce");
export const isArgreduce = is("argreduce");
export const isContract = is("contract");
export const isGather = is("gather");
export const isScatter = is("scatter");
export const isConcat = is("concat");
export const isCheck = is("check");
export const isMap = is("map");
export const isCall = is("call");

/** the primitive that a lane op is */
export const primOf = (n: Node): Prim | undefined => (isPrim(n.op.name) ? n.op.name : undefined);
export const isPrimNode = (p: Prim) => is(p);
/** a node of the primitive with these arguments: undefined if it is another */
export const argsOf = (p: Prim, n: Node): readonly Node[] | undefined => (n.op.name === p ? n.args : undefined);

/** the value of a constant */
export const constantOf = (n: Node): number | undefined => (isFull(n) ? number(n.attrs, "value") : undefined);
export const axesOf = (n: Node): readonly number[] => ints(n.attrs, "axes");
export const axisOf = (n: Node): number => int(n.attrs, "axis");
export const reduceOpOf = (n: Node): string => text(n.attrs, "op");
export const specOf = (n: Node): readonly [string, string, string] => contractWords(n);
/** terms in a sum of a contraction, for one record */
export const termsOf = (n: Node): number => contractTerms(n);
export const isSum = (n: Node): boolean => isReduce(n) && reduceOpOf(n) === "add";
/** products of a contraction, terms of a sum, with so many records */
export const pointsOf = (n: Node, records: number): number =>
  isContract(n)
    ? contractPoints(n, records)
    : (n.args[0]!.type as TensorType).shape.reduce<number>((x, d) => x * atN(d, records), 1); // as: of what is reduced
export const scatterOf = (n: Node): { readonly axis: number; readonly batch: number; readonly size: Dim } => ({
  axis: axisOf(n),
  batch: batchOf(n),
  size: dimOf(n.attrs["size"]),
});
export interface SliceAttrs {
  readonly start: readonly number[];
  readonly step: readonly number[];
  readonly size: readonly Dim[];
}
export const sliceOf = (n: Node): SliceAttrs => ({
  start: ints(n.attrs, "start"),
  step: ints(n.attrs, "step"),
  size: shapeOf(n.attrs, "size"),
});
export interface PadAttrs {
  readonly lo: readonly number[];
  readonly hi: readonly number[];
  readonly interior: readonly number[];
  readonly value: number;
}
export const padOf = (n: Node): PadAttrs => ({
  lo: ints(n.attrs, "lo"),
  hi: ints(n.attrs, "hi"),
  interior: ints(n.attrs, "interior"),
  value: number(n.attrs, "value"),
});
export const checkOf = (n: Node): { readonly site: number; readonly low: number; readonly high: Dim } => ({
  site: int(n.attrs, "site"),
  low: int(n.attrs, "low"),
  high: dimOf(n.attrs["high"]),
});
export const batchOf = (n: Node): number => int(n.attrs, "batch");
export const fnOf = (n: Node) => fnAttr(n.attrs);
export const mappedOf = (n: Node): readonly boolean[] => flags(n.attrs, "mapped");
export const isInteger = (e: Elem): boolean => e === "i32" || e === "u32" || e === "i64";

/** random applications of one op, for the laws of rules */
const sampler =
  (name: string): NonNullable<Op["sample"]> =>
  (rng, given) =>
    op(name).sample?.(rng, given);
export const sampleReshape = sampler("reshape");
export const sampleTranspose = sampler("transpose");
export const sampleBroadcast = sampler("broadcast");
export const sampleConcat = sampler("concat");
export const sampleContract = sampler("contract");

/** nodes that change nothing, which the constructors do not build */
const raw =
  (name: string, attrs: (x: Node) => Attrs) =>
  (x: Node): Node =>
    make(op(name), [x], attrs(x));
export const neutralTranspose = raw("transpose", x => ({
  axes: x.type.k === "tensor" ? x.type.shape.map((_, d) => d) : [],
}));
export const neutralReduce = raw("reduce", () => ({ op: "max", axes: [] }));
export const neutralCast = raw("cast", x => ({ elem: x.type.k === "tensor" ? x.type.elem : "f32" }));
