/** The prelude against NumPy's and JAX's values (test/oracle/prelude.py), by the interpreter. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bound, compare } from "../../src/ir/bound.ts";
import { expandAll } from "../../src/passes/expand.ts";
import { segmentFn } from "../../src/passes/segment.ts";
import { simplifyFn } from "../../src/passes/simplify.ts";
import { argument, type FileTensor, run, stageOf } from "./lowering.ts";

type Value = number | null | "inf" | "-inf";
type Stored = {
  readonly shape: readonly number[];
  readonly data: readonly Value[];
  readonly store: FileTensor["store"];
};
interface Case {
  readonly name: string;
  readonly rows?: Readonly<Record<string, Readonly<Record<string, Stored>>>>;
  readonly program: string;
  readonly files: Readonly<Record<string, Stored>>;
  readonly expect: readonly { readonly shape: readonly number[]; readonly data: readonly Value[] }[];
  readonly draw?: "exact" | "normal";
  /** the literals of the program make the difference between elements */
  readonly literal?: true;
  /** something in it is computed in f32 */
  readonly rounding?: "f32";
}
const cases = JSON.parse(readFileSync(new URL("./prelude-oracle.json", import.meta.url), "utf8")) as readonly Case[]; // as: written by prelude.py
const number = (v: Value): number => (v === null ? Number.NaN : v === "inf" ? Infinity : v === "-inf" ? -Infinity : v);

const tensorsOf = (all: Readonly<Record<string, Stored>>): Readonly<Record<string, FileTensor>> =>
  Object.fromEntries(Object.entries(all).map(([n, t]) => [n, { ...t, data: t.data.map(number) }]));

test.each(cases.map(c => [c.name, c] as const))("%s", (_, c) => {
  const ran = run(c.program, {
    tensors: tensorsOf(c.files),
    rows: Object.fromEntries(Object.entries(c.rows ?? {}).map(([path, columns]) => [path, tensorsOf(columns)])),
  });
  const values = ran.effects.flatMap(e => e.map(([, v]) => v));
  expect(ran.faults).toEqual([]);
  expect(values.map(v => v.shape)).toEqual(c.expect.map(t => t.shape));
  for (const [i, want] of c.expect.entries()) {
    const type = ran.stage.main.results[i]!.type;
    const exact = c.draw === "exact" || (type.k === "tensor" && type.elem !== "f64" && type.elem !== "f32");
    // the rounding of the element, for the longest sum of a case
    const scale = Math.max(1e-3, ...want.data.map(v => Math.abs(number(v))).filter(Number.isFinite));
    const near = exact
      ? 0
      : 64 * (type.k === "tensor" && type.elem === "f64" && !c.rounding ? 2 ** -53 : 2 ** -24) * scale;
    for (const [j, v] of want.data.entries()) {
      const got = Number(values[i]!.data[j]);
      const w = number(v);
      if (Object.is(got, w) || Math.abs(got - w) <= near) continue;
      expect.fail(`${c.name}: element ${j} of value ${i} is ${got}, NumPy has ${w}`);
    }
  }
});

describe("in f32 the exact value lies within the bound of rounding", () => {
  const inF32 = (t: Stored): Stored => ({ ...t, store: t.store === "f64" ? "f32" : t.store });
  const plain = cases.filter(c => !c.draw && !c.rows && !c.literal && !c.program.includes("train("));
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
