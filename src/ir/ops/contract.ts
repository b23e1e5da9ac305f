/** The one contraction: an einsum of two operands. */
import { rowMajor } from "../map.ts";
import type { Node } from "../node.ts";
import type { Bounded, Op, TensorValue } from "../op.ts";
import { atN, type Dim, isFloat, sameDim, showShape, showType, tensor } from "../type.ts";
import { numbersOf, rounding, tensorOf } from "../value.ts";
import { arity, elemOf, need, refuse, shapeAt, tensorAt, text } from "./attrs.ts";
import { addTerm, noTerms, openResult, putSum } from "./bounds.ts";
import * as build from "./build.ts";
import { indices, named, parallel, prim, reduced } from "./kernel-build.ts";
import { offsets } from "./reduce.ts";
import { floating, pickTensor, points, tensorsIn } from "./sampling.ts";

type Words = readonly [a: string, b: string, out: string];
/** the three words of "ik,kj->ij" */
function parseSpec(spec: string): Words {
  const m = /^([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)$/.exec(spec);
  return m ? [m[1]!, m[2]!, m[3]!] : refuse(`${spec} is no contraction`);
}
const showSpec = ([a, b, out]: Words): string => `${a},${b}->${out}`;
export const contractWords = (node: Node): Words => parseSpec(text(node.attrs, "spec"));
/** the extent of each letter, operands first to last */
function letters(words: Words, shapes: readonly (readonly Dim[])[]): ReadonlyMap<string, Dim> {
  const extents = new Map<string, Dim>();
  for (const i of [0, 1] as const) {
    need(words[i].length === shapes[i]!.length, () => `${showSpec(words)}: operand ${i} is ${showShape(shapes[i]!)}`);
    [...words[i]].forEach((c, d) => {
      const [old, now] = [extents.get(c), shapes[i]![d]!];
      need(
        old === undefined || sameDim(old, now),
        () => `${showSpec(words)} of ${shapes.map(showShape).join(" and ")}: letter ${c}`,
      );
      extents.set(c, now);
    });
  }
  return extents;
}
const summed = ([a, b, out]: Words): readonly string[] => [...new Set(a + b)].filter(c => !out.includes(c));
/** terms of each sum, those of one record */
export function contractTerms(node: Node): number {
  const words = contractWords(node);
  const extents = letters(words, node.args.map(shapeAt));
  return summed(words).reduce((n, c) => n * recordsAside(extents.get(c)!), 1);
}
/** products of all sums, with so many records */
export function contractPoints(node: Node, records: number): number {
  const words = contractWords(node);
  return [...letters(words, node.args.map(shapeAt)).values()].reduce<number>((n, d) => n * atN(d, records), 1);
}
const recordsAside = (d: Dim): number => (typeof d === "number" ? d : 1);

/** where the result's elements, and the terms of their sums, lie in both operands */
function sweep(words: Words, shapes: readonly (readonly number[])[]) {
  const extents = letters(words, shapes) as ReadonlyMap<string, number>; // as: of values, so without N
  const strides = shapes.map((shape, i) => {
    const row = rowMajor(shape);
    return new Map([...words[i as 0 | 1]].map((c, d) => [c, row[d]!])); // as: there are two
  });
  const over = (cs: readonly string[]) => {
    const box = cs.map(c => extents.get(c)!);
    const at = (i: 0 | 1) =>
      offsets(
        box,
        cs.map(c => strides[i]!.get(c) ?? 0),
      );
    return { a: at(0), b: at(1) };
  };
  return { shape: [...words[2]].map(c => extents.get(c)!), base: over([...words[2]]), swept: over(summed(words)) };
}
function evaluate(words: Words, a: TensorValue, b: TensorValue, node: Node): TensorValue {
  const { shape, base, swept } = sweep(words, [a.shape, b.shape]);
  const [x, y, round] = [numbersOf(a), numbersOf(b), rounding(elemOf(node))];
  const data = new Float64Array(base.a.length);
  const product = elemOf(node) === "i32" ? Math.imul : (p: number, q: number): number => p * q;
  for (let i = 0; i < data.length; i++) {
    const [p, q] = [base.a[i]!, base.b[i]!];
    let sum = 0;
    for (let s = 0; s < swept.a.length; s++) sum += product(x[p + swept.a[s]!]!, y[q + swept.b[s]!]!);
    data[i] = round(sum);
  }
  return { k: "tensor", shape, data };
}
/** 0 times what is no number: a sweep that a border cuts never reads what meets the zeros of a pad, so the term may be missing */
const zeroOfNothing = (v: number, w: number): boolean =>
  (v === 0 && !Number.isFinite(w)) || (w === 0 && !Number.isFinite(v));
function boundOf([a, b]: readonly Bounded[], node: Node): Bounded {
  const { shape, base, swept } = sweep(contractWords(node), [a!.value.shape, b!.value.shape]);
  const elem = elemOf(node);
  const out = openResult(elem, shape);
  const [x, y] = [numbersOf(a!.value), numbersOf(b!.value)];
  const product = elem === "i32" ? Math.imul : (p: number, q: number): number => p * q;
  for (let i = 0; i < out.error.length; i++) {
    const sum = noTerms();
    for (let s = 0; s < swept.a.length; s++) {
      const [p, q] = [base.a[i]! + swept.a[s]!, base.b[i]! + swept.b[s]!];
      const [v, w, e, d] = [x[p]!, y[q]!, a!.error[p]!, b!.error[q]!];
      const wrong = e === 0 && d === 0 ? 0 : Math.abs(v) * d + Math.abs(w) * e + e * d;
      const doubtful = (a!.undecided[p]! | b!.undecided[q]!) !== 0 || zeroOfNothing(v, w);
      addTerm(sum, product(v, w), wrong, doubtful);
    }
    // each product is rounded, too
    sum.terms++;
    putSum(out, i, elem, sum);
  }
  return out;
}

/** the cotangent of operand i: the other operand contracted with g; a letter that stands in i alone was summed: it repeats */
function gradOf(node: Node, g: Node, i: 0 | 1): Node {
  const words = contractWords(node);
  const [own, other, out] = [words[i], words[i === 0 ? 1 : 0], words[2]];
  const rest = [...own].filter(c => other.includes(c) || out.includes(c));
  const partner = node.args[i === 0 ? 1 : 0]!;
  const y =
    i === 0
      ? build.contract(showSpec([out, other, rest.join("")]), g, partner)
      : build.contract(showSpec([other, out, rest.join("")]), partner, g);
  return build.broadcast(
    shapeAt(node.args[i]!),
    rest.map(c => own.indexOf(c)),
    y,
  );
}
const fresh = (words: Words): string =>
  [..."nbuvwxyzacdefghijklmopqrstNBUVWXYZACDEFGHIJKLMOPQRST"].find(c => !words.join("").includes(c)) ??
  refuse("a contraction of more than 52 letters");

const contract: Op = {
  name: "contract",
  doc: "the sum of products over the letters that the result lacks",
  type: (args, attrs) => {
    arity(args, 2);
    const [a, b, words] = [tensorAt(args, 0), tensorAt(args, 1), parseSpec(text(attrs, "spec"))];
    need(
      a.elem === b.elem && (isFloat(a.elem) || a.elem === "i32"),
      () => `contract of ${showType(a)} and ${showType(b)}`,
    );
    for (const w of words)
      need(new Set(w).size === w.length, () => `${showSpec(words)}: a letter twice in one operand`);
    const extents = letters(words, [a.shape, b.shape]);
    return tensor(
      a.elem,
      [...words[2]].map(c => extents.get(c) ?? refuse(`${showSpec(words)}: letter ${c} stands in no operand`)),
    );
  },
  eval: (args, node) => evaluate(contractWords(node), tensorOf(args[0]), tensorOf(args[1]), node),
  bound: boundOf,
  grad: (node, [g]) => (g ? [gradOf(node, g, 0), gradOf(node, g, 1)] : []),
  lift: (node, [a, b], mapped) => {
    const words = contractWords(node);
    const n = fresh(words);
    return build.contract(
      showSpec([(mapped[0] ? n : "") + words[0], (mapped[1] ? n : "") + words[1], n + words[2]]),
      a!,
      b!,
    );
  },
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const words = contractWords(node);
      const extents = letters(words, node.args.map(shapeAt));
      const over = summed(words);
      const stay = parallel([...words[2]].map(c => extents.get(c)!));
      const swept = reduced(over.map(c => extents.get(c)!));
      const [at, inner] = [indices(stay), indices(swept)];
      const where = (c: string) => (words[2].includes(c) ? at[words[2].indexOf(c)]! : inner[over.indexOf(c)]!);
      const value = prim("mul", cx.read(0, [...words[0]].map(where)), cx.read(1, [...words[1]].map(where)));
      return [{ axes: [...stay, ...swept], reduce: [{ name: "s", op: "add", value }], then: [cx.out(at, named("s"))] }];
    },
  },
  sample: (rng, given) => {
    const a = pickTensor(rng, given, t => floating(t) && t.shape.length > 0 && t.shape.length <= 5);
    if (!a) return undefined;
    const word = [..."abcde"].slice(0, shapeAt(a).length);
    const partners = tensorsIn(given, t => t.elem === elemOf(a) && t.shape.length > 0 && t.shape.length <= 5);
    // letters of b: one of a with that extent where there is one, else a new one; records go with records
    const b = rng.pick(partners);
    const used = new Set<string>();
    const own = shapeAt(b).map((d, i) => {
      const fits = word.filter((c, k) => !used.has(c) && sameDim(shapeAt(a)[k]!, d));
      const c = fits.length && (typeof d !== "number" || rng.int(3) > 0) ? rng.pick(fits) : "vwxyz"[i]!;
      used.add(c);
      return c;
    });
    const extents = letters([word.join(""), own.join(""), ""], [shapeAt(a), shapeAt(b)]);
    const out = [...extents].flatMap(([c, d]) =>
      typeof d !== "number" || !(word.includes(c) && own.includes(c)) || rng.int(3) === 0 ? [c] : [],
    );
    const result = tensor(
      "f32",
      out.map(c => extents.get(c)!),
    );
    const records = out.filter(c => typeof extents.get(c) !== "number");
    if (result.shape.length > 5 || points(result) > 4096 || records.length > 1) return undefined;
    const ordered = [...records, ...out.filter(c => !records.includes(c))];
    return build.contract(showSpec([word.join(""), own.join(""), ordered.join("")]), a, b);
  },
};

export const contractOps: readonly Op[] = [contract];
