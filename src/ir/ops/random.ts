/** Counter-based chance: the bits of jax.random with partitionable Threefry. */
import type { Index, Item, Val } from "../kernel.ts";
import type { Op } from "../op.ts";
import { foldKey, NUMBERS, type Words, wordAt } from "../threefry.ts";
import { type Dim, sameShape, showType, sizeOf, type Type, tensor } from "../type.ts";
import { numbersOf, shapeAtN, tabulate, tensorOf } from "../value.ts";
import { spread } from "./accumulate.ts";
import { arity, need, shapeAt, shapeOf, tensorAt } from "./attrs.ts";
import * as build from "./build.ts";
import { castTo, constant, flatVal, indices, named, parallel, prim } from "./kernel-build.ts";
import { pickTensor, points } from "./sampling.ts";

/** the leading dims of a key u32[B.., 2] */
function keyLead(args: readonly Type[]): readonly Dim[] {
  const key = tensorAt(args, 0);
  need(key.elem === "u32" && key.shape.at(-1) === 2, () => `a key is u32[2], not ${showType(key)}`);
  return key.shape.slice(0, -1);
}
/** words as lane values; each step is a named item, so that no value is written out twice */
function laneWords(): { readonly words: Words<Val>; readonly items: Item[] } {
  const items: Item[] = [];
  const keep = (value: Val): Val => {
    items.push({ name: `w${items.length}`, value });
    return named(`w${items.length - 1}`);
  };
  const u32 = (value: number): Val => constant(value >>> 0, "u32");
  return {
    items,
    words: {
      constant: u32,
      add: (a, b) => keep(prim("add", a, b)),
      xor: (a, b) => keep(prim("xor", a, b)),
      rotateLeft: (a, r) => keep(prim("or", prim("shl", a, u32(r)), prim("shr", a, u32(32 - r)))),
    },
  };
}
const word = (i: 0 | 1): Index => ({ base: i, terms: [] });

const randomBits: Op = {
  name: "random_bits",
  doc: "u32 words as jax.random.bits gives for this key and shape; a key with leading dims gives words per key",
  type: (args, attrs) => {
    arity(args, 1);
    return tensor("u32", [...keyLead(args), ...shapeOf(attrs)]);
  },
  eval: (args, node, cx) => {
    const key = numbersOf(tensorOf(args[0]));
    const shape = shapeAtN(shapeAt(node), cx.n);
    const each = sizeOf(shapeAtN(shapeOf(node.attrs), cx.n));
    return tabulate("u32", shape, i => {
      const [k, c] = [Math.floor(i / each), i % each];
      return wordAt(NUMBERS, [key[2 * k]!, key[2 * k + 1]!], [Math.floor(c / 2 ** 32), c >>> 0]);
    });
  },
  grad: "zero",
  lift: (node, [key]) => build.randomBits(shapeOf(node.attrs), key!),
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const axes = parallel(shapeAt(node));
      const at = indices(axes);
      const lead = axes.length - shapeOf(node.attrs).length;
      const { words, items } = laneWords();
      const key = (i: 0 | 1): Val => cx.read(0, [...at.slice(0, lead), word(i)]);
      // a tensor has fewer than 2^32 elements: the counter's high word is 0
      const low = castTo("u32", flatVal(at.slice(lead), shapeOf(node.attrs)));
      const bits = wordAt(words, [key(0), key(1)], [constant(0, "u32"), low]);
      return [{ axes, reduce: [], then: [...items, cx.out(at, bits)] }];
    },
  },
  sample: (rng, given) => {
    const key = pickTensor(
      rng,
      given,
      t => t.elem === "u32" && t.shape.at(-1) === 2 && t.shape.length <= 2 && points(t) <= 64,
    );
    return key && build.randomBits(rng.pick([[], [3], [2, 5]]), key);
  },
};

const foldIn: Op = {
  name: "fold_in",
  doc: "a new key from a key and a number, as jax.random.fold_in",
  type: args => {
    arity(args, 2);
    const [lead, i] = [keyLead(args), tensorAt(args, 1)];
    need(i.elem === "u32" && sameShape(i.shape, lead), () => `fold_in of ${showType(args[0]!)} and ${showType(i)}`);
    return tensor("u32", [...lead, 2]);
  },
  eval: (args, node, cx) => {
    const [key, data] = [numbersOf(tensorOf(args[0])), numbersOf(tensorOf(args[1]))];
    return tabulate("u32", shapeAtN(shapeAt(node), cx.n), i => {
      const k = Math.floor(i / 2);
      return foldKey(NUMBERS, [key[2 * k]!, key[2 * k + 1]!], data[k]!)[(i % 2) as 0 | 1]; // as: a remainder by 2
    });
  },
  grad: "zero",
  lift: (_node, [key, i], mapped, n) =>
    build.foldIn(mapped[0] ? key! : spread(n, key!), mapped[1] ? i! : spread(n, i!)),
  kernel: {
    k: "phases",
    build: (node, cx) => {
      const axes = parallel(shapeAt(node));
      const at = indices(axes);
      const lead = at.slice(0, -1);
      const { words, items } = laneWords();
      const key = (i: 0 | 1): Val => cx.read(0, [...lead, word(i)]);
      const [a, b] = foldKey(words, [key(0), key(1)], cx.read(1, lead));
      const which = prim("eq", { k: "axis", axis: axes.at(-1)!.name }, constant(0, "i32"));
      return [{ axes, reduce: [], then: [...items, cx.out(at, prim("select", which, a, b))] }];
    },
  },
  sample: (rng, given) => {
    const key = pickTensor(rng, given, t => t.elem === "u32" && t.shape.length === 1 && t.shape[0] === 2);
    const i = pickTensor(rng, given, t => t.elem === "u32" && t.shape.length === 0);
    return key && i && build.foldIn(key, i);
  },
};

export const randomOps: readonly Op[] = [randomBits, foldIn];
