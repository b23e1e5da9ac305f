/** Cases that Python wrote (test/oracle/*.py): a program, its files, and what its effects give. For tests of the frontend. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Shape } from "../../src/ir/stage.ts";
import { type FileTensor, run } from "./lowering.ts";

type Value = number | null | "inf" | "-inf";
export type Stored = {
  readonly shape: readonly number[];
  readonly data: readonly Value[];
  readonly store: FileTensor["store"];
};
export interface Case {
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
  /** where an iteration stops, not where rounding does */
  readonly near?: number;
  /** a loop stands in the program */
  readonly loop?: true;
}
export const number = (v: Value): number =>
  v === null ? Number.NaN : v === "inf" ? Infinity : v === "-inf" ? -Infinity : v;
export const tensorsOf = (all: Readonly<Record<string, Stored>>): Readonly<Record<string, FileTensor>> =>
  Object.fromEntries(Object.entries(all).map(([n, t]) => [n, { ...t, data: t.data.map(number) }]));

export const casesOf = (file: string): readonly Case[] =>
  JSON.parse(readFileSync(new URL(`./${file}`, import.meta.url), "utf8")) as readonly Case[]; // as: written by Python

/** results in the order in which `run` gives their values */
function resultsOf(s: Shape): readonly number[] {
  switch (s.k) {
    case "tensor":
    case "utf8":
      return [s.result];
    case "record":
      return s.fields.flatMap(([, v]) => resultsOf(v));
    case "list":
      return s.of.flatMap(resultsOf);
    case "table":
      return [...s.columns.map(c => c.result), ...(s.count === undefined ? [] : [s.count])];
    case "text":
    case "oneOf":
      return [];
    default:
      return s satisfies never;
  }
}
/** by the interpreter: equal, or within the rounding of the element for the longest sum of a case */
export function holds(c: Case): void {
  const ran = run(c.program, {
    tensors: tensorsOf(c.files),
    rows: Object.fromEntries(Object.entries(c.rows ?? {}).map(([path, columns]) => [path, tensorsOf(columns)])),
  });
  const values = ran.effects.flatMap(e => e.map(([, v]) => v));
  expect(ran.faults).toEqual([]);
  expect(values.map(v => v.shape)).toEqual(c.expect.map(t => t.shape));
  const elems = ran.stage.effects
    .flatMap(e => (e.k === "keep" ? [] : resultsOf(e.value)))
    .map(i => {
      const t = ran.stage.main.results[i]!.type;
      return t.k === "tensor" ? t.elem : "i32";
    });
  for (const [i, want] of c.expect.entries()) {
    const exact = c.draw === "exact" || (elems[i] !== "f64" && elems[i] !== "f32");
    const scale = Math.max(1e-3, ...want.data.map(v => Math.abs(number(v))).filter(Number.isFinite));
    const near = c.near ?? (exact ? 0 : 64 * (elems[i] === "f64" && !c.rounding ? 2 ** -53 : 2 ** -24) * scale);
    for (const [j, v] of want.data.entries()) {
      const got = Number(values[i]!.data[j]);
      const w = number(v);
      if (Object.is(got, w) || Math.abs(got - w) <= near) continue;
      expect.fail(`${c.name}: element ${j} of value ${i} is ${got}, Python has ${w}`);
    }
  }
}
