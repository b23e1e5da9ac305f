/** Feeds against GRAPH: random chains of split, shuffle, sample, take, batch and number mean the same in the player as in the interpreter. */
import { expect, test } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { fn, make, type Node } from "../../src/ir/node.ts";
import type { RddValue, TensorValue } from "../../src/ir/op.ts";
import { op, parameter } from "../../src/ir/ops/index.ts";
import type { Feed, Selection } from "../../src/ir/plan.ts";
import { type RddType, sizeOf, tensor } from "../../src/ir/type.ts";
import { seedWords } from "../../src/runtime/chance.ts";
import { writable } from "../../src/runtime/dtype.ts";
import { makeFeeds, type Rows } from "../../src/runtime/feed.ts";
import { ModuleMemory } from "../../src/runtime/memory.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { STATE, stage, state } from "./stage.ts";

function generator(seed: number): (n: number) => number {
  let x = seed;
  return n => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 2 ** 32) * n);
  };
}
/** one step of a chain: the op's node over the last one, and the selection over the last feed */
function step(
  pick: (n: number) => number,
  d: Node,
  seed: Node,
  from: number,
  i: number,
): { readonly node: Node; readonly selection: Selection; readonly group: number } {
  const place = pick(2 ** 32);
  switch (pick(6)) {
    case 0: {
      const [low, high] = [pick(2 ** 31), 2 ** 31 + pick(2 ** 31)];
      return {
        node: make(op("rdd.split"), [d, seed], { place, low, high }),
        selection: { k: "split", from, place, low, high },
        group: 1,
      };
    }
    case 1:
      return {
        node: make(op("rdd.shuffle"), [d, seed], { place }),
        selection: { k: "shuffle", from, place },
        group: 1,
      };
    case 2: {
      const fraction = pick(1000) / 1000;
      return {
        node: make(op("rdd.sample"), [d, seed], { place, fraction }),
        selection: { k: "sample", from, place, fraction },
        group: 1,
      };
    }
    case 3: {
      const count = pick(60);
      return { node: make(op("rdd.take"), [d], { count }), selection: { k: "take", from, count }, group: 1 };
    }
    case 4: {
      const count = 1 + pick(4);
      return { node: make(op("rdd.batch"), [d], { count }), selection: { k: "batch", from, count }, group: count };
    }
    default: {
      const column = `at${i}`;
      return { node: make(op("rdd.number"), [d], { column }), selection: { k: "number", from, column }, group: 1 };
    }
  }
}

const ROWS = 50;
test("chains of selections mean what they mean in GRAPH", () => {
  const kinds = new Set<string>();
  for (let n = 0; n < 200; n++) {
    const pick = generator(n);
    const row = { x: { store: "i32", shape: [2], nullable: false } } as const;
    const type: RddType = { k: "rdd", row, order: "source" };
    const seed = parameter(1, tensor("u32", [2]));
    const buffer = { name: "x", at: state(128), store: "i32", shape: [ROWS, 2] } as const;
    const feeds: Feed[] = [{ source: { rows: { x: buffer } }, columns: row, selection: { k: "all" } }];
    let d = parameter(0, type);
    for (let i = 0; i < 1 + pick(5); i++) {
      const s = step(pick, d, seed, i, i);
      kinds.add(s.selection.k);
      d = s.node;
      // the player never asks a chosen feed for the types of its columns
      feeds.push({ ...feeds[0]!, selection: s.selection });
    }
    const run = pick(2 ** 31);
    const data = Array.from({ length: 2 * ROWS }, (_, i) => i * i);
    const x: TensorValue = { k: "tensor", shape: [ROWS, 2], data: Float64Array.from(data) };
    const rdd: RddValue = { k: "rdd", rows: ROWS, columns: { x }, id: [...Array(ROWS).keys()] };
    const words: TensorValue = { k: "tensor", shape: [2], data: Float64Array.from(seedWords(run)) };
    const [meaning] = evaluate(fn([type, tensor("u32", [2])], [d]), [rdd, words], 0) as RddValue[];

    const memory = new ModuleMemory(STATE + 8192, false);
    writable("i32", memory.bytes(STATE + 128, 8 * ROWS)).set(data as number[] & bigint[]);
    const got = makeFeeds({
      stage: stage([], { feeds }),
      memory,
      folder: "",
      seed: run,
      strings: makeStrings([]),
      earlier: new Map(),
    }).of(feeds.length - 1, 0);
    expect([...got.ids]).toEqual(meaning!.id);
    for (const [name, t] of Object.entries(meaning!.columns))
      expect([name, ...values(memory, got, name, t)]).toEqual([name, ...t.data]);
  }
  expect([...kinds].sort()).toEqual(["batch", "number", "sample", "shuffle", "split", "take"]);
});
/** a column as kernels see it: at the numbers of the selection */
function values(memory: ModuleMemory, rows: Rows, name: string, t: TensorValue): (number | bigint)[] {
  const { address, bytes } = rows.columns.get(name)!;
  const wide = t.data instanceof BigInt64Array;
  const size = sizeOf(t.shape.slice(1));
  expect(bytes).toBe(size * (wide ? 8 : 4));
  return [...rows.rows].flatMap((r): (number | bigint)[] => {
    const of = memory.memory.buffer;
    return wide
      ? [...new BigInt64Array(of, address + r * bytes, size)]
      : [...new Int32Array(of, address + r * bytes, size)];
  });
}
