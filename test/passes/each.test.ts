/** A map that chooses rows, or goes over them step by step, for each element is that function of each. */
import { describe, expect, test } from "vitest";
import { type Fn, type Node, topological } from "../../src/ir/node.ts";
import type { RddValue, TensorValue } from "../../src/ir/op.ts";
import * as g from "../../src/ir/ops/index.ts";
import type { Stage } from "../../src/ir/stage.ts";
import { type Dim, N, type TensorType, tensor } from "../../src/ir/type.ts";
import { isLiftable } from "../../src/passes/each.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { passes } from "../../src/passes/index.ts";
import { closed, list, normals, random, rddType, run, value } from "./graphs.ts";

const ROWS = rddType({ x: { store: "f32", shape: [], nullable: false } });
const F32 = tensor("f32");
/** the rows above a number */
const above = (d: Node, low: Node): Node =>
  g.rddFilter(
    closed([F32, F32], (x, c) => [g.lane("lt", c!, x!)]),
    false,
    d,
    [low],
  );
/** w after a pass over rows in batches of three, each of which makes it w * scale + sum: no sum of all at once */
function passed(d: Node, w: Node, scale: Node): Node {
  const body = closed([tensor("f32", [N]), tensor("u32", [N, 2]), F32, tensor("i32"), tensor("i32"), F32], (...p) => [
    g.lane("add", g.lane("mul", p[2]!, p[5]!), g.reduce("add", [0], p[0]!)),
  ]);
  return g.get(0, g.batches({ ...g.onePass("", body, 1, 0, 0), batch: 3 }, d, g.noSeed(), [w], [scale]));
}
const FUNCTIONS: readonly (readonly [string, (d: Node, w: Node) => readonly Node[]])[] = [
  [
    "rows chosen",
    (d, w) => [
      g.aggregate(
        closed([F32], x => [x!]),
        "add",
        false,
        above(d, w),
      ),
    ],
  ],
  [
    "a pass of steps, and what hangs on no element",
    (d, w) => [passed(d, w, w), passed(d, g.full(1, "f32"), g.full(2, "f32"))],
  ],
  [
    "passes in a loop that ends when it wants to",
    (d, w) => {
      const body = closed([F32, ROWS, F32], (s, rows, c) => {
        const next = g.lane("mul", g.full(0.5, "f32"), passed(above(rows!, s!), s!, c!));
        return [next, g.lane("lt", next, g.full(0, "f32"))];
      });
      const attrs = { body, trip: 4, states: 1, until: true, label: "", logs: [], names: ["s"] };
      return [g.get(0, g.loop(attrs, [w], [d, w]))];
    },
  ],
];
/** f for each element of the second parameter; and in a map of maps */
const mapped = (f: Fn, n: Dim): Fn =>
  closed([ROWS, tensor("f32", [n as number])], (d, ws) =>
    f.results.map((_, i) => g.get(i, g.map(f, [false, true], [d!, ws!]))),
  );
function rows(count: number, seed: number): RddValue {
  const x = normals(random(seed), "f32", count);
  return { k: "rdd", rows: count, columns: { x }, id: Array.from({ length: count }, (_, i) => i) };
}

describe.each(FUNCTIONS)("%s", (_, make) => {
  const f = closed([ROWS, F32], (d, w) => make(d!, w!));
  test.each([0, 1, 2, 70])("for each of %i elements", n => {
    expect(isLiftable(expandAll(f), [false, true])).toBe(false);
    const now = expandAll(mapped(f, n));
    expect(topological(now.results).some(x => x.op.control === "map")).toBe(false);
    for (const count of [0, 7]) {
      const d = rows(count, n + count);
      const ws = normals(random(n), "f32", n);
      const want = list(ws).map(w => run(f, [d, value("f32", [], () => w)]));
      run(now, [d, ws]).forEach((y, i) => {
        expect((y as TensorValue).shape).toEqual([n]);
        expect(list(y)).toEqual(want.map(r => list(r[i]!)[0]));
      });
    }
  });
  test("for each of the elements of each", () => {
    const inner = mapped(f, 2);
    const type: TensorType = tensor("f32", [3, 2]);
    const both = closed([ROWS, type], (d, ws) =>
      inner.results.map((_, i) => g.get(i, g.map(inner, [false, true], [d!, ws!]))),
    );
    const ws = normals(random(5), "f32", 3, 2);
    const d = rows(7, 1);
    const want = list(ws).map(w => run(f, [d, value("f32", [], () => w)]));
    run(expandAll(both), [d, ws]).forEach((y, i) => {
      expect(list(y)).toEqual(want.map(r => list(r[i]!)[0]));
    });
  });
});
test("all passes keep it", () => {
  const f = closed([ROWS, F32], (d, w) => FUNCTIONS.flatMap(([, make]) => make(d!, w!)));
  const main = mapped(f, 5);
  const stage: Stage = { inputs: [], main, effects: [], sites: [] };
  const done = passes.reduce<Stage>((s, p) => p.run(s), stage);
  const given = [rows(7, 3), normals(random(4), "f32", 5)];
  expect(run(done.main, given).map(y => list(y).map(Math.fround))).toEqual(
    run(main, given).map(y => list(y).map(Math.fround)),
  );
});
