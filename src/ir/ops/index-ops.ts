/** Ops that read or write at computed places: gather, scatter, concat. */

import type { Index, Val } from "../kernel.ts";
import { addIndex, indexVal } from "../kernel-walk.ts";
import { rowMajor, step } from "../map.ts";
import { make, type Node } from "../node.ts";
import type { GradRule, Op, TensorValue } from "../op.ts";
import { addDim, atN, type Dim, dim, sameDim, sameShape, showShape, showType, sizeOf, tensor } from "../type.ts";
import { allocate, type Data, numbersOf, rounding, shapeAtN, tensorOf } from "../value.ts";
import { spread } from "./accumulate.ts";
import { arity, dimOf, elemOf, int, need, refuse, shapeAt, tensorAt, text } from "./attrs.ts";
import { addTerm, copyElement, exactBound, movedTo, noTerms, openResult, putSum } from "./bounds.ts";
import * as build from "./build.ts";
import { constant, dimVal, indices, named, parallel, prim, reduced, int as word } from "./kernel-build.ts";
import { pickTensor, small, tensorsIn } from "./sampling.ts";

const axisOf = (node: Node): number => int(node.attrs, "axis");
const batchOf = (node: Node): number => int(node.attrs, "batch");
const sizeAttr = (node: Node): Dim => dimOf(node.attrs["size"]);
const sameHead = (a: readonly Dim[], b: readonly Dim[], count: number): boolean =>
  a.length >= count && b.length >= count && sameShape(a.slice(0, count), b.slice(0, count));
const put = (to: Data, i: number, from: Data, j: number): void => {
  (to as { [i: number]: number | bigint })[i] = from[j]!; // as: both are of one kind
};

/** for each element of [B.., pre.., I.., post..]: where it lies with the ids' dims replaced by the one dim that they index */
function places(
  ids: TensorValue,
  shape: readonly number[],
  axis: number,
  batch: number,
  extent: number,
): { readonly flat: Int32Array; readonly idAt: Int32Array; readonly shape: readonly number[] } {
  const inner = ids.shape.length - batch;
  const whole = shape.toSpliced(axis, inner, extent);
  const [strides, idStrides, at] = [rowMajor(whole), rowMajor(ids.shape), shape.map(() => 0)];
  const flat = new Int32Array(sizeOf(shape));
  const idAt = new Int32Array(flat.length);
  for (let i = 0; i < flat.length; i++) {
    let id = 0;
    for (let d = 0; d < batch; d++) id += at[d]! * idStrides[d]!;
    for (let d = 0; d < inner; d++) id += at[axis + d]! * idStrides[batch + d]!;
    // undefined outside: clamped, as a check would
    let p = Math.min(Math.max(Number(ids.data[id]), 0), extent - 1) * strides[axis]!;
    for (let d = 0; d < axis; d++) p += at[d]! * strides[d]!;
    for (let d = axis + inner; d < at.length; d++) p += at[d]! * strides[d - inner + 1]!;
    flat[i] = p;
    idAt[i] = id;
    step(at, shape);
  }
  return { flat, idAt, shape: whole };
}

const gather: Op = {
  name: "gather",
  doc: "x [B.., pre.., A, post..] at ids [B.., I..]: [B.., pre.., I.., post..]; ids outside are undefined",
  type: (args, attrs) => {
    arity(args, 2);
    const [x, ids, axis, batch] = [tensorAt(args, 0), tensorAt(args, 1), int(attrs, "axis"), int(attrs, "batch")];
    need(ids.elem === "i32", () => `gather at ${showType(ids)}`);
    need(
      batch >= 0 && sameHead(x.shape, ids.shape, batch) && axis >= batch && axis < x.shape.length,
      () => `gather along ${axis}, batch ${batch}, of ${showShape(x.shape)} at ${showShape(ids.shape)}`,
    );
    return tensor(x.elem, x.shape.toSpliced(axis, 1, ...ids.shape.slice(batch)), x.below);
  },
  eval: (args, node, cx) => {
    const [x, ids] = [tensorOf(args[0]), tensorOf(args[1])];
    const shape = shapeAtN(shapeAt(node), cx.n);
    const { flat } = places(ids, shape, axisOf(node), batchOf(node), x.shape[axisOf(node)]!);
    const data = allocate(elemOf(node), flat.length);
    for (let i = 0; i < flat.length; i++) put(data, i, x.data, flat[i]!);
    return { k: "tensor", shape, data };
  },
  bound: ([x, ids], node, cx) => {
    const shape = shapeAtN(shapeAt(node), cx.n);
    const extent = x!.value.shape[axisOf(node)]!;
    const { flat, idAt } = places(ids!.value, shape, axisOf(node), batchOf(node), extent);
    const out = movedTo(elemOf(node), shape, flat, x!, 0);
    idAt.forEach((id, i) => {
      if (ids!.undecided[id]) out.undecided[i] = 1;
    });
    return out;
  },
  grad: (node, [g]) => {
    if (!g) return [];
    const [x, ids] = node.args;
    return [build.scatter("add", axisOf(node), batchOf(node), shapeAt(x!)[axisOf(node)]!, ids!, g)];
  },
  lift: (node, [x, ids], mapped, n) => {
    const [axis, batch] = [axisOf(node), batchOf(node)];
    if (!mapped[1] && batch === 0) return build.gather(axis + 1, 0, x!, ids!);
    if (!mapped[0] && batch === 0) {
      // x is shared: the records stand among the ids' dims, behind `pre`; they move to the front
      const y = build.gather(axis, 0, x!, ids!);
      const rest = shapeAt(y).flatMap((_, d) => (d === axis ? [] : [d]));
      return build.transpose([axis, ...rest], y);
    }
    return build.gather(axis + 1, batch + 1, mapped[0] ? x! : spread(n, x!), mapped[1] ? ids! : spread(n, ids!));
  },
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const [axis, batch, inner] = [axisOf(node), batchOf(node), shapeAt(node.args[1]!).length - batchOf(node)];
      const axes = parallel(shapeAt(node));
      const at = indices(axes);
      const id: Index = {
        base: 0,
        terms: [],
        gather: cx.read(1, [...at.slice(0, batch), ...at.slice(axis, axis + inner)]),
      };
      return [{ axes, reduce: [], then: [cx.out(at, cx.read(0, at.toSpliced(axis, inner, id)))] }];
    },
  },
  sample: (rng, given) => {
    const ids = pickTensor(rng, given, t => t.elem === "i32" && t.shape.length <= 2 && typeof t.below === "number");
    const below = ids?.type.k === "tensor" ? ids.type.below : undefined;
    if (!ids || typeof below !== "number") return undefined;
    const fits = (d: Dim): boolean => typeof d === "number" && d >= below;
    const x = pickTensor(rng, given, t => small(t) && t.shape.length <= 3 && t.shape.some(fits));
    if (!x) return undefined;
    const records = (y: Node): boolean => shapeAt(y).length > 0 && typeof shapeAt(y)[0] !== "number";
    const batch = records(x) && records(ids) && sameDim(shapeAt(x)[0]!, shapeAt(ids)[0]!) ? 1 : 0;
    const axis = shapeAt(x).findIndex((d, i) => i >= batch && fits(d));
    if (axis < 0 || (batch === 0 && records(ids) && axis > 0)) return undefined;
    return build.gather(axis, batch, x, ids);
  },
};

const scatterGrad: GradRule = (node, [g]) =>
  g ? [undefined, build.gather(axisOf(node), batchOf(node), g, node.args[0]!)] : [];
const scatter: Op = {
  name: "scatter",
  doc: "adjoint of gather: zeros with extent `size` at `axis`, plus the values at the ids",
  type: (args, attrs) => {
    arity(args, 2);
    const [ids, values, axis, batch] = [tensorAt(args, 0), tensorAt(args, 1), int(attrs, "axis"), int(attrs, "batch")];
    const size = attrs["size"] === undefined ? refuse("scatter has no size") : dimOf(attrs["size"]);
    const inner = ids.shape.slice(batch);
    need(text(attrs, "op") === "add", () => `scatter by ${text(attrs, "op")}`);
    need(ids.elem === "i32" && values.elem !== "bool", () => `scatter of ${showType(values)} at ${showType(ids)}`);
    need(
      batch >= 0 &&
        sameHead(values.shape, ids.shape, batch) &&
        axis >= batch &&
        sameShape(values.shape.slice(axis, axis + inner.length), inner),
      () => `scatter along ${axis}, batch ${batch}, of ${showShape(values.shape)} at ${showShape(ids.shape)}`,
    );
    return tensor(values.elem, values.shape.toSpliced(axis, inner.length, size));
  },
  eval: (args, node, cx) => {
    const [ids, values] = [tensorOf(args[0]), tensorOf(args[1])];
    const extent = atN(sizeAttr(node), cx.n);
    const { flat, shape } = places(ids, values.shape, axisOf(node), batchOf(node), extent);
    const data = allocate(elemOf(node), sizeOf(shape));
    if (data instanceof BigInt64Array) {
      for (let i = 0; i < flat.length; i++) data[flat[i]!] = data[flat[i]!]! + (values.data as BigInt64Array)[i]!; // as: of one element
      return { k: "tensor", shape, data };
    }
    const from = numbersOf(values);
    for (let i = 0; i < flat.length; i++) data[flat[i]!] = data[flat[i]!]! + from[i]!;
    return { k: "tensor", shape, data: data.map(rounding(elemOf(node))) };
  },
  bound: ([ids, values], node, cx) => {
    const elem = elemOf(node);
    const extent = atN(sizeAttr(node), cx.n);
    const { flat, idAt, shape } = places(ids!.value, values!.value.shape, axisOf(node), batchOf(node), extent);
    const out = openResult(elem, shape);
    if (elem === "i64") return exactBound([ids!, values!], node, cx);
    const sums = Array.from(out.error, noTerms);
    const from = numbersOf(values!.value);
    flat.forEach((to, i) => {
      addTerm(sums[to]!, from[i]!, values!.error[i]!, values!.undecided[i] !== 0);
    });
    // a value whose place is not known may belong to any sum
    const lost = idAt.some(id => ids!.undecided[id] !== 0);
    sums.forEach((s, i) => {
      putSum(out, i, elem, { ...s, undecided: s.undecided || lost });
    });
    return out;
  },
  grad: scatterGrad,
  lift: (node, [ids, values], mapped, n) => {
    const [axis, batch, size] = [axisOf(node), batchOf(node), sizeAttr(node)];
    const all = mapped[1] ? values! : spread(n, values!);
    if (!mapped[0] && batch === 0) return build.scatter("add", axis + 1, 0, size, ids!, all);
    return build.scatter("add", axis + 1, batch + 1, size, mapped[0] ? ids! : spread(n, ids!), all);
  },
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const [axis, batch, ids] = [axisOf(node), batchOf(node), shapeAt(node.args[0]!)];
      const stay = parallel(shapeAt(node));
      const swept = reduced(ids.slice(batch));
      const [at, inner] = [indices(stay), indices(swept)];
      const id = cx.read(0, [...at.slice(0, batch), ...inner]);
      const value = cx.read(1, at.toSpliced(axis, 1, ...inner));
      const here = prim("select", prim("eq", id, indexVal(at[axis]!)), value, constant(0, elemOf(node)));
      return [
        { axes: [...stay, ...swept], reduce: [{ name: "s", op: "add", value: here }], then: [cx.out(at, named("s"))] },
      ];
    },
  },
  sample: (rng, given) => {
    const ids = pickTensor(rng, given, t => t.elem === "i32" && t.shape.length === 1 && typeof t.below === "number");
    const below = ids?.type.k === "tensor" ? ids.type.below : undefined;
    if (!ids || typeof below !== "number" || below > 16) return undefined;
    const head = shapeAt(ids)[0]!;
    const values = pickTensor(
      rng,
      given,
      t => small(t) && t.elem === "f32" && t.shape.length <= 3 && t.shape.some(d => sameDim(d, head)),
    );
    if (!values) return undefined;
    const axis = shapeAt(values).findIndex(d => sameDim(d, head));
    return build.scatter("add", axis, 0, below, ids, values);
  },
};

/** where each argument begins along the axis, and the end */
function starts(node: Node): readonly Dim[] {
  const out: Dim[] = [0];
  for (const a of node.args) out.push(addDim(out.at(-1)!, shapeAt(a)[axisOf(node)]!));
  return out;
}
const negative = (d: Dim): Dim => (typeof d === "number" ? -d : dim(-d.n, -d.plus));
/** x at a coordinate that lies `start` behind; only one before which N records stand needs a computed, clamped index */
function shiftedBy(at: Index, start: Dim, extent: Dim): Index {
  if (typeof start === "number") return addIndex(at, { base: -start, terms: [] });
  const from = prim("add", indexVal(at), dimVal(negative(start)));
  const last = dimVal(addDim(extent, -1));
  return { base: 0, terms: [], gather: prim("max", word(0), prim("min", from, last)) };
}
/** for each element of a concat: which argument it comes from, and where it lies there */
function joined(node: Node, xs: readonly TensorValue[], n: number) {
  const [axis, shape] = [axisOf(node), shapeAtN(shapeAt(node), n)];
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const from = new Int32Array(sizeOf(shape));
  const at = new Int32Array(from.length);
  let i = 0;
  for (let o = 0; o < outer; o++)
    for (const [k, x] of xs.entries()) {
      const run = x.shape[axis]! * inner;
      for (let j = 0; j < run; j++, i++) {
        from[i] = k;
        at[i] = o * run + j;
      }
    }
  return { shape, from, at };
}
const concat: Op = {
  name: "concat",
  doc: "tensors one after the other along an axis",
  type: (args, attrs) => {
    const axis = int(attrs, "axis");
    const all = args.map((_, i) => tensorAt(args, i));
    const first = all[0] ?? refuse("concat of nothing");
    need(axis >= 0 && axis < first.shape.length, () => `concat along ${axis} of ${showShape(first.shape)}`);
    for (const t of all)
      need(
        t.elem === first.elem &&
          t.shape.length === first.shape.length &&
          t.shape.every((d, i) => i === axis || sameDim(d, first.shape[i]!)),
        () => `concat of ${all.map(showType).join(" and ")}`,
      );
    const extent = all.map(t => t.shape[axis]!).reduce(addDim);
    const belows = all.map(t => t.below);
    const below = belows.every(b => typeof b === "number") ? Math.max(...belows) : undefined;
    return tensor(first.elem, first.shape.with(axis, extent), below);
  },
  eval: (args, node, cx) => {
    const xs = args.map(tensorOf);
    const { shape, from, at } = joined(node, xs, cx.n);
    const data = allocate(elemOf(node), from.length);
    for (let i = 0; i < data.length; i++) put(data, i, xs[from[i]!]!.data, at[i]!);
    return { k: "tensor", shape, data };
  },
  bound: (args, node, cx) => {
    const { shape, from, at } = joined(
      node,
      args.map(a => a.value),
      cx.n,
    );
    const out = openResult(elemOf(node), shape);
    for (let i = 0; i < from.length; i++) copyElement(out, i, args[from[i]!]!, at[i]!);
    return out;
  },
  grad: (node, [g]) => {
    if (!g) return [];
    const [axis, at] = [axisOf(node), starts(node)];
    return node.args.map((a, i) => behind(g, axis, at[i]!, shapeAt(a)[axis]!));
  },
  lift: (node, args, mapped, n) =>
    make(
      node.op,
      args.map((a, i) => (mapped[i] ? a : spread(n, a))),
      { ...node.attrs, axis: axisOf(node) + 1 },
    ),
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const [axis, axes, begin] = [axisOf(node), parallel(shapeAt(node)), starts(node)];
      const at = indices(axes);
      const here = indexVal(at[axis]!);
      const parts = node.args.map(
        (a, i): Val => cx.read(i, at.with(axis, shiftedBy(at[axis]!, begin[i]!, shapeAt(a)[axis]!))),
      );
      const value = parts.reduceRight((later, x, i) =>
        prim("select", prim("lt", here, dimVal(begin[i + 1]!)), x, later),
      );
      return [{ axes, reduce: [], then: [cx.out(at, value)] }];
    },
  },
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => small(t) && t.shape.some((d, i) => i > 0 || typeof d === "number"));
    if (!x) return undefined;
    const axis = rng.pick(shapeAt(x).flatMap((d, i) => (i > 0 || typeof d === "number" ? [i] : [])));
    const fits = tensorsIn(
      given,
      t =>
        t.elem === elemOf(x) &&
        t.shape.length === shapeAt(x).length &&
        t.shape.every((d, i) => (i === axis ? typeof d === "number" : sameDim(d, shapeAt(x)[i]!))),
    );
    if (typeof shapeAt(x)[axis] !== "number") return undefined;
    return build.concat(axis, [x, ...Array.from({ length: 1 + rng.int(2) }, () => rng.pick(fits))]);
  },
};
/** the part of a cotangent that belongs to the argument that begins at `start`; behind N records no slice can start: a gather reads it */
function behind(g: Node, axis: number, start: Dim, size: Dim): Node {
  if (typeof start === "number") return build.sliceAxis(axis, start, 1, size, g);
  const from = build.lane(
    "add",
    build.lane("mul", build.full(start.n, "i32"), build.records("i32")),
    build.full(start.plus, "i32"),
  );
  const ids = build.lane("add", build.iota("i32", [size], 0), build.broadcast([size], [], from));
  return build.gather(axis, 0, g, ids);
}

export const indexOps: readonly Op[] = [gather, scatter, concat];
