/** Which rows chance takes and in which order: literals of an independent program, and GRAPH's own meaning of the same ops. */
import { describe, expect, test } from "vitest";
import type { RddValue, TensorValue } from "../../src/ir/op.ts";
import * as graph from "../../src/ir/ops/rdd.ts";
import { between, rowWords, seedWords, shuffled } from "../../src/runtime/chance.ts";
import { argsort } from "../../src/runtime/sort.ts";

const count = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

describe("the row function", () => {
  test("gives the words of an independent program", () => {
    expect([...rowWords(count(10), seedWords(7), 0x12345678, 3)]).toEqual([
      1098094869, 1636199523, 2309225146, 3028538753, 1909967834, 1919370208, 3516274585, 866351001, 1537809568,
      2500641298,
    ]);
    expect([...rowWords(count(10), seedWords(2 ** 40 + 5), 0xffffffff, 0)]).toEqual([
      4207066689, 476850082, 1612265109, 817682153, 374103838, 1921885649, 425961591, 3435664783, 2821007936,
      1314522868,
    ]);
  });
  test("is that of the graph's ops, also on rows that are out of order", () => {
    const seed: TensorValue = { k: "tensor", shape: [2], data: Float64Array.from(seedWords(123)) };
    for (const ids of [count(1000), count(1000).reverse(), Uint32Array.of(7, 3, 3_000_000_000, 5)]) {
      const d: RddValue = { k: "rdd", rows: ids.length, columns: {}, id: [...ids] };
      expect([...shuffled(ids, seedWords(123), 99, 2)]).toEqual([...graph.shuffled(d, seed, 99, 2)]);
    }
  });
  test("splits by half-open ranges of words", () => {
    const words = Uint32Array.of(0, 5, 2 ** 31, 2 ** 32 - 1);
    expect([...between(words, 0, 5)]).toEqual([0]);
    expect([...between(words, 5, 2 ** 32)]).toEqual([1, 2, 3]);
  });
  test("seeds are two words, high first", () => {
    expect(seedWords(0)).toEqual([0, 0]);
    expect(seedWords(2 ** 53 - 1)).toEqual([2 ** 21 - 1, 2 ** 32 - 1]);
  });
});
describe("argsort", () => {
  const reference = (keys: Uint32Array): number[] => [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b);
  test.each([0, 1, 2, 1000])("of %i keys, with ties, is stable", n => {
    for (const spread of [1, 3, 5000, 2 ** 32]) {
      const keys = rowWords(count(n), seedWords(1), 2, 3).map(w => w % spread);
      expect([...argsort(keys)]).toEqual(reference(keys));
    }
  });
});
