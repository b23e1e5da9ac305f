/** Rows that an engine splits and shuffles are those that the player does: the row function is one, wherever it is computed. */
import { expect, test } from "vitest";
import type { Cell, Rel } from "../../src/ir/rel.ts";
import { textWords } from "../../src/ir/rel-ops/text.ts";
import { between, rowWords, seedWords, shuffled } from "../../src/runtime/chance.ts";
import { byDuckdb, type World } from "./engine.ts";

const i32: Cell = { k: "scalar", elem: "i32" };
const SEED = 2 ** 40 + 12345;
const COUNT = 3000;
const world: World = { scans: { t: Array.from({ length: COUNT }, (_, i) => [i]) }, given: new Map(), seed: SEED };
const scan: Rel = { k: "scan", format: "rows", paths: ["t"], options: {}, columns: [["i", i32]] };
const all = Uint32Array.from({ length: COUNT }, (_, i) => i);
const PLACE = 0xdeadbeef;
const ids = (r: Rel): readonly number[] => byDuckdb(r, world).map(row => row.id);

test("split", () => {
  const [low, high] = [2 ** 30, 3.5 * 2 ** 30];
  const want = [...between(rowWords(all, seedWords(SEED), PLACE, 0), low, high)];
  expect(want.length).toBeGreaterThan(COUNT / 2);
  expect(ids({ k: "split", of: scan, place: PLACE, seed: "run", low, high })).toEqual(want);
  const parts = [0, 1].map(k =>
    ids({ k: "split", of: scan, place: 1, seed: [3, 4], low: k * 2 ** 31, high: (k + 1) * 2 ** 31 }),
  );
  expect(parts.flat().sort((a, b) => a - b)).toEqual([...all]);
});
test("shuffle", () => {
  expect(ids({ k: "shuffle", of: scan, place: PLACE, seed: "run" })).toEqual([
    ...shuffled(all, seedWords(SEED), PLACE, 0),
  ]);
});
test("the words of a string are the first of its md5", () => {
  // md5 of RFC 1321, A.5: "a" is 0cc175b9c0f1b6a831c399e269772661, "abc" 900150983cd24fb0d6963f7d28e17f72
  expect(textWords("a")).toEqual([0x0cc175b9, 0xc0f1b6a8]);
  expect(textWords("abc")).toEqual([0x90015098, 0x3cd24fb0]);
});
