/** The prelude against NumPy's and JAX's values (test/oracle/prelude.py), by the interpreter. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type FileTensor, run } from "./lowering.ts";

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
