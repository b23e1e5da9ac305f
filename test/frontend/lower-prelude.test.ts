/** The prelude against NumPy's and JAX's values (test/oracle/prelude.py), by the interpreter. */
import { describe, expect, test } from "vitest";
import { bound, compare } from "../../src/ir/bound.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { simplifyFn } from "../../src/passes/simplify.ts";
import { casesOf, holds, number, type Stored, tensorsOf } from "./cases.ts";
import { argument, stageOf } from "./lowering.ts";

const cases = casesOf("prelude-oracle.json");

test.each(cases.map(c => [c.name, c] as const))("%s", (_, c) => holds(c));

describe("in f32 the exact value lies within the bound of rounding", () => {
  const inF32 = (t: Stored): Stored => ({ ...t, store: t.store === "f64" ? "f32" : t.store });
  const plain = cases.filter(c => !c.draw && !c.rows && !c.literal && !c.loop && !c.program.includes("train("));
  let [elements, undecided] = [0, 0];
  test.each(plain.map(c => [c.name, c] as const))("%s", (_, c) => {
    const files = { tensors: tensorsOf(Object.fromEntries(Object.entries(c.files).map(([n, t]) => [n, inF32(t)]))) };
    const stage = stageOf(c.program.replaceAll("f64", "f32"), files);
    const main = simplifyFn(expandAll(segmentFn(simplifyFn(stage.main))));
    const bounded = bound(
      main,
      stage.inputs.map(i => argument(i, files, 0)),
      0,
    );
    for (const [i, want] of c.expect.entries()) {
      const exact = { k: "tensor", shape: want.shape, data: Float64Array.from(want.data, number) } as const;
      const found = compare(exact, bounded[i]!);
      expect(found.wrong).toBeUndefined();
      elements += found.elements;
      undecided += found.undecided;
    }
  });
  test("at most 5 % are undecided", () => {
    expect(elements).toBeGreaterThan(3000);
    expect(undecided / elements).toBeLessThan(0.05);
  });
});
