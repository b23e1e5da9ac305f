/** Sums, means and extrema over the rows of an rdd, and how they become one loop over batches. Knows no schedule. */
import { inline } from "../inline.ts";
import { fn, type Node } from "../node.ts";
import { NoGradient, type Op, type TensorValue } from "../op.ts";
import { evaluate, type Value } from "../prim.ts";
import { type Elem, isFloat, N, numbers, type TensorType, tensor } from "../type.ts";
import { tabulate, tensorOf } from "../value.ts";
import { elemOf, fnAttr, int, need, refuse, shapeAt, tensorAt, text, typeOf } from "./attrs.ts";
import { broadcast, cast, check, full, get, grad, lane, map, parameter, records, reduce, select } from "./build.ts";
import { batches, noSeed, onePass } from "./loop-build.ts";
import { eachRow } from "./rdd.ts";
import { type AggregateOp, aggregate as build } from "./rdd-build.ts";
import { asRdd, checkRowFn, columnTypes, compose, IDENTITY, overGroup, perRow, rowOf, rowParams } from "./rows.ts";

const OPS: readonly string[] = ["add", "mean", "min", "max"];
const byOf = (node: Node): AggregateOp => node.attrs["op"] as AggregateOp; // by the type rule
const siteOf = (node: Node): number | undefined => node.attrs["site"] as number | undefined; // by the type rule

/** what is added up: exactly, but for floats */
const summed = (e: Elem): Elem => (e === "bool" ? "i32" : e);
const averaged = (e: Elem): Elem => (isFloat(e) ? e : e === "i64" ? "f64" : "f32");
const resultElem = (by: AggregateOp, e: Elem): Elem => (by === "add" ? summed(e) : by === "mean" ? averaged(e) : e);

/** a fold over batches: what is carried, how a batch's values [N, ..] enter, and the result of what was carried at the end */
interface Fold {
  readonly init: readonly Node[];
  readonly next: (values: Node, states: readonly Node[]) => readonly Node[];
  readonly done: (states: readonly Node[]) => Node;
}

/** integers: exact (they wrap) */
const plainSum = (elem: Elem, shape: readonly number[]): Fold => ({
  init: [full(0, elem, shape)],
  next: (v, [s]) => [lane("add", s!, reduce("add", [0], cast(elem, v)))],
  done: ([s]) => s!,
});
/**
 * floats: the sum of the batches' sums with the rounding error of each addition carried beside it
 * (TwoSum: Knuth, TAOCP 4.2.2; Ogita, Rump, Oishi 2005, "Accurate sum and dot product"). An infinite sum has no error to add.
 */
const compensatedSum = (elem: Elem, shape: readonly number[]): Fold => ({
  init: [full(0, elem, shape), full(0, elem, shape)],
  next: (v, [s, c]) => {
    const p = reduce("add", [0], cast(elem, v));
    const t = lane("add", s!, p);
    const part = lane("sub", t, s!);
    const error = lane("add", lane("sub", s!, lane("sub", t, part)), lane("sub", p, part));
    return [t, lane("add", c!, error)];
  },
  done: ([s, c]) => select(lane("eq", c!, c!), lane("add", s!, c!), s!),
});
const count = (): Fold => ({
  init: [full(0, "i32")],
  next: (_, [n]) => [lane("add", n!, records("i32"))],
  done: ([n]) => n!,
});

function meanOf(elem: Elem, shape: readonly number[]): Fold {
  // sums of i32 are exact in f64 up to 2^53, those of bools in i32
  const held =
    elem === "bool" ? "i32" : isFloat(elem) ? (elem === "f16" ? "f32" : elem) : elem === "i64" ? "i64" : "f64";
  const sum = isFloat(elem) ? compensatedSum(held, shape) : plainSum(held, shape);
  const n = count();
  const split = sum.init.length;
  return {
    init: [...sum.init, ...n.init],
    next: (v, states) => [...sum.next(v, states.slice(0, split)), ...n.next(v, states.slice(split))],
    done: states => {
      const divided = isFloat(held) ? held : averaged(elem);
      const total = cast(divided, sum.done(states.slice(0, split)));
      const by = cast(divided, n.done(states.slice(split)));
      return cast(averaged(elem), lane("div", total, broadcast(shape, [], by)));
    },
  };
}

/** the value that changes no other under min or max */
function neutral(by: "min" | "max", elem: Elem): number {
  if (isFloat(elem)) return by === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const low = { bool: 0, i32: -(2 ** 31), u32: 0, i64: -(2 ** 63), f16: 0, f32: 0, f64: 0 }[elem];
  const high = { bool: 1, i32: 2 ** 31 - 1, u32: 2 ** 32 - 1, i64: 2 ** 63 - 1024, f16: 0, f32: 0, f64: 0 }[elem];
  return by === "min" ? high : low;
}
function extremum(by: "min" | "max", elem: Elem, shape: readonly number[], site: number | undefined): Fold {
  const held = summed(elem); // a bool is compared as 0 or 1
  const n = count();
  const none = full(neutral(by, elem), held, shape);
  return {
    init: [none, ...n.init],
    next: (v, [m, c]) => [lane(by, m!, reduce(by, [0], cast(held, v))), ...n.next(v, [c!])],
    done: ([m, c]) => {
      if (site === undefined) return cast(elem, m!);
      // reading the result through the count keeps the check alive
      const some = lane("lt", full(0, "i32"), check(site, 1, 2 ** 31 - 1, c!));
      return cast(elem, select(broadcast(shape, [], some), m!, none));
    },
  };
}
function foldOf(node: Node): Fold {
  const by = byOf(node);
  const item = typeOf(perRow(node).f.results[0]!);
  const [elem, shape] = [item.elem, numbers(item.shape)];
  switch (by) {
    case "add":
      if (elem === "f16") {
        const wide = compensatedSum("f32", shape);
        return { ...wide, done: s => cast("f16", wide.done(s)) };
      }
      return isFloat(elem) ? compensatedSum(elem, shape) : plainSum(summed(elem), shape);
    case "mean":
      return meanOf(elem, shape);
    case "min":
    case "max":
      return extremum(by, elem, shape, siteOf(node));
    default:
      return by satisfies never;
  }
}

/** without what is known of the value of one batch's state */
const plainType = (x: Node): TensorType => tensor(elemOf(x), shapeAt(x));

/**
 * The aggregates, all over one rdd, as one loop:
 * aggregate{f, add}(d, w)  -->  s + c of batches{(x, .., s, c, .., w) => two_sum(s, c, reduce{add, [0]}(map{f}(x, w)))}(d, 0, 0, w)
 */
function inOnePass(nodes: readonly Node[]): readonly Node[] {
  const source = nodes[0]!.args[0]!;
  const folds = nodes.map(foldOf);
  const works = nodes.map(perRow);
  const init = folds.flatMap(f => f.init);
  const captures = [...new Set(works.flatMap(w => w.captures))];
  const columns = columnTypes(rowOf(source), [N]);
  const params = [
    ...columns,
    tensor("u32", [N, 2]),
    ...init.map(plainType),
    tensor("i32"),
    tensor("i32"),
    ...captures.map(c => c.type),
  ];
  const inputs = params.map((p, i) => parameter(i, p));
  const [row, states] = [inputs[columns.length]!, inputs.slice(columns.length + 1, columns.length + 1 + init.length)];
  const epoch = inputs[columns.length + 1 + init.length]!;
  const own = new Map(captures.map((c, i) => [c, inputs[inputs.length - captures.length + i]!]));
  let at = 0;
  const part = <T>(xs: readonly T[], f: Fold): readonly T[] => xs.slice(at, (at += f.init.length));
  const next = folds.flatMap((f, i) => {
    const w = works[i]!;
    const mine = w.captures.map(c => own.get(c)!);
    const [values] = overGroup(w, inputs.slice(0, columns.length), mine, [row, epoch]);
    return f.next(values!, part(states, f));
  });
  const pass = onePass("", fn(params, next), init.length, 0, 0);
  const loop = batches(pass, source, noSeed(), init, captures);
  const finals = init.map((_, i) => get(i, loop));
  at = 0;
  return folds.map(f => f.done(part(finals, f)));
}

/** the same function of one more captured tensor: the gradient of sum(f * cotangent) for capture `of` */
function pullback(node: Node, of: number, cotangent: Node): Node {
  const { source, captures, f, identity } = perRow(node);
  const before = columnTypes(rowOf(source)).length + captures.length;
  const params = rowParams(
    rowOf(source),
    [...captures, cotangent].map(c => c.type),
    identity,
  );
  const inputs = params.map((p, i) => parameter(i, p));
  const own = inputs.filter((_, i) => i !== before);
  const [value] = inline(f, own);
  const product = lane("mul", value!, inputs[before]!);
  const axes = shapeAt(product).map((_, d) => d);
  const loss = fn(params, [reduce("add", axes, product)]);
  const gradient = get(1, grad(loss, [before - captures.length + of], inputs));
  return build(fn(params, [gradient]), byOf(node), identity, source, [...captures, cotangent]);
}

/** in f64 (integers: as they wrap), rounded once at the end */
function total(by: AggregateOp, parts: readonly TensorValue[], item: TensorType): TensorValue {
  const shape = numbers(item.shape);
  const elem = item.elem;
  const to = resultElem(by, elem);
  const exact: Elem = isFloat(elem) ? "f64" : by === "mean" ? "i64" : summed(elem);
  const start: Value = by === "add" || by === "mean" ? 0 : neutral(by, elem);
  return tabulate(to, shape, i => {
    const step = by === "mean" ? "add" : by;
    const sum = parts.reduce<Value>((s, p) => evaluate(step, [s, p.data[i]!], exact, exact), start);
    return by === "mean" ? Number(sum) / parts.length : sum;
  });
}

const aggregateOp: Op = {
  kernel: { k: "none" },
  name: "aggregate",
  doc: "the sum, mean, least or largest of fn over the rows: of nothing 0, NaN, a fault",
  type: (args, attrs) => {
    const [f, by] = [fnAttr(attrs), text(attrs, "op")];
    checkRowFn(f, args, attrs["identity"] === true);
    need(OPS.includes(by), () => `aggregate by ${by}`);
    need(f.results.length === 1, () => `aggregate of ${f.results.length} results`);
    if (attrs["site"] !== undefined) int(attrs, "site");
    const t = tensorAt([f.results[0]!.type], 0);
    return tensor(resultElem(by as AggregateOp, t.elem), numbers(t.shape)); // as: just tested
  },
  eval: ([d, ...captures], node, cx) => {
    const rows = asRdd(d);
    const [by, site] = [byOf(node), siteOf(node)];
    if (rows.rows === 0 && site !== undefined && (by === "min" || by === "max")) cx.fault(site, 0);
    const parts = eachRow(node, rows, captures, 0, cx).map(r => tensorOf(r[0]));
    return total(by, parts, typeOf(perRow(node).f.results[0]!));
  },
  // the gradient of a sum or mean is the sum or mean of the gradients
  grad: (node, [cotangent]) => {
    const by = byOf(node);
    if (by !== "add" && by !== "mean") throw new NoGradient(`the ${by} of an rdd`);
    // the mean of integers is a float that moves in steps
    if (!cotangent || !isFloat(typeOf(perRow(node).f.results[0]!).elem)) return [];
    return [
      undefined,
      ...perRow(node).captures.map((c, i) =>
        c.type.k === "tensor" && isFloat(c.type.elem) ? pullback(node, i, cotangent) : undefined,
      ),
    ];
  },
  // aggregate{f}(d, w[n, ..])  -->  aggregate{map{f} over w}(d, w)
  lift: (node, [source, ...captures], [overRdd, ...mapped]) => {
    if (overRdd) return refuse("an rdd for each record of a map");
    const { f, identity } = perRow(node);
    const columns = columnTypes(rowOf(source!));
    const params = rowParams(
      rowOf(source!),
      captures.map(c => c.type),
      identity,
    );
    const inputs = params.map((p, i) => parameter(i, p));
    const flags = [...columns.map(() => false), ...mapped, ...(identity ? IDENTITY.map(() => false) : [])];
    return build(fn(params, [get(0, map(f, flags, inputs))]), byOf(node), identity, source!, captures, siteOf(node));
  },
  decompose: node => inOnePass([node])[0]!,
  decomposeAll: inOnePass,
  through: (node, rows) => {
    const both = compose(perRow(node), perRow(rows));
    return build(both.f, byOf(node), both.identity, both.source, both.captures, siteOf(node));
  },
};

export const aggregateOps: readonly Op[] = [aggregateOp];
