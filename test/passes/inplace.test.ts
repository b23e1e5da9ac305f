/** States written where they lie: whoever reads the old value reads it before. */
import { expect, test } from "vitest";
import type { Access, Kernel, Tensor, Val } from "../../src/ir/kernel.ts";
import { printKernel } from "../../src/ir/kernel-text.ts";
import { along } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import { inPlace } from "../../src/passes/plan/inplace.ts";
import { isNarrow, narrow } from "../../src/passes/plan/narrow.ts";

const vector = (name: string): Tensor => ({ name, store: "f32", shape: [4], layout: plain([4]) });
const at = (of: Tensor): Access => ({ of, index: [along("i")] });
const read = (of: Tensor): Val => ({ k: "read", from: at(of) });
const prim = (p: "mul" | "sub", ...args: readonly Val[]): Val => ({ k: "prim", prim: p, args });
const two: Val = { k: "const", value: 2, elem: "f32" };
const [state, next, change] = [vector("state"), vector("next"), vector("change")];
const axes = [{ name: "i", extent: 4, role: "parallel" }] as const;
const planned = (then: Kernel["phases"][number]["then"]): string => {
  const kernel: Kernel = { name: "k", phases: [{ axes, reduce: [], then }], covers: [] };
  const regions = new Map([
    ["next", "step"],
    ["change", "step"],
  ] as const);
  const draft = { phases: [{ kernels: [kernel], items: "one" as const }], regions };
  const { draft: out, renamed } = inPlace(
    draft,
    [{ of: state, next: "next" }],
    () => false,
    (t, name) => ({ ...t, name }),
  );
  return `${[...renamed].map(r => r.join(" lies in ")).join()}\n${printKernel(out.phases[0]!.kernels[0]!)}`;
};

test("a store to the state comes after all reads of it", () => {
  expect(
    planned([
      { name: "e", value: prim("mul", read(state), two) },
      { to: at(next), value: { k: "name", name: "e" } },
      { to: at(change), value: prim("sub", { k: "name", name: "e" }, read(state)) },
    ]),
  ).toMatchInlineSnapshot(`
    "next lies in state
    kernel k
      state: f32[4]
      change: f32[4]
      phase i<4>
        e = state[i] * 2
        next1 = e
        next2 = e - state[i]
        state[i] = next1
        change[i] = next2"
  `);
});
test("where nothing reads it behind, the kernel stays as it is", () => {
  expect(
    planned([
      { name: "e", value: prim("mul", read(state), two) },
      { to: at(change), value: prim("sub", { k: "name", name: "e" }, read(state)) },
      { to: at(next), value: { k: "name", name: "e" } },
    ]),
  ).toMatchInlineSnapshot(`
    "next lies in state
    kernel k
      state: f32[4]
      change: f32[4]
      phase i<4>
        e = state[i] * 2
        change[i] = e - state[i]
        state[i] = e"
  `);
});

test("a store that changes one place of an axis walks that place", () => {
  const [k, all, row]: readonly Tensor[] = [
    { name: "k", store: "i32", shape: [], layout: plain([]) },
    { name: "all", store: "f32", shape: [9, 4], layout: plain([9, 4]) },
    { name: "row", store: "f32", shape: [4], layout: plain([4]) },
  ];
  const both = { of: all!, index: [along("t"), along("i")] };
  const here: Val = {
    k: "prim",
    prim: "eq",
    args: [
      { k: "axis", axis: "t" },
      { k: "read", from: { of: k!, index: [] } },
    ],
  };
  const value: Val = { k: "prim", prim: "select", args: [here, read(row!), { k: "read", from: both }] };
  const time = { name: "t", extent: 9, role: "parallel" } as const;
  const kernel: Kernel = {
    name: "put",
    phases: [{ axes: [time, ...axes], reduce: [], then: [{ to: both, value }] }],
    covers: [],
  };
  expect(printKernel(narrow(kernel))).toMatchInlineSnapshot(`
    "kernel put
      k: i32[]
      row: f32[4]
      all: f32[9, 4]
      phase i<4>
        all[max(0:i32, min(k[], 8:i32)), i] = select(max(0:i32, min(k[], 8:i32)) == k[], row[i], all[max(0:i32, min(k[], 8:i32)), i])"
  `);
  // where the place is known to be there, nothing of what lies there is looked at
  expect(printKernel(narrow(kernel, new Set(["all"])))).toMatchInlineSnapshot(`
    "kernel put
      k: i32[]
      row: f32[4]
      all: f32[9, 4]
      phase i<4>
        all[max(0:i32, min(k[], 8:i32)), i] = row[i]"
  `);
  // so does one that adds to it
  const zero: Val = { k: "const", value: 0, elem: "f32" };
  const chosen: Val = { k: "prim", prim: "select", args: [here, read(row!), zero] };
  const sum: Val = {
    k: "prim",
    prim: "add",
    args: [
      { k: "read", from: both },
      { k: "name", name: "e" },
    ],
  };
  const adds = [
    { name: "e", value: chosen },
    { to: both, value: sum },
  ] as const;
  expect(printKernel(narrow({ ...kernel, phases: [{ ...kernel.phases[0]!, then: adds }] }))).toMatchInlineSnapshot(`
    "kernel put
      k: i32[]
      row: f32[4]
      all: f32[9, 4]
      phase i<4>
        e = select(max(0:i32, min(k[], 8:i32)) == k[], row[i], 0)
        all[max(0:i32, min(k[], 8:i32)), i] = all[max(0:i32, min(k[], 8:i32)), i] + e"
  `);
  // the place may come from another state, of which every place is there, too
  const from: Access = { ...both, of: { ...all!, name: "from" } };
  const not: Val = { k: "prim", prim: "not", args: [here] };
  const left: Val = { k: "prim", prim: "select", args: [not, { k: "read", from: both }, { k: "read", from }] };
  const moved: Kernel = { ...kernel, phases: [{ ...kernel.phases[0]!, then: [{ to: both, value: left }] }] };
  expect(printKernel(narrow(moved, new Set(["all", "from"])))).toContain("i] = from[");
  // of another tensor nothing may stay as it was
  const other = { to: { ...both, of: { ...all!, name: "next" } }, value };
  const kept: Kernel = { ...kernel, phases: [{ ...kernel.phases[0]!, then: [other] }] };
  expect(narrow(kept)).toBe(kept);
  // but where it lies there in the end it may: it must stay a kernel of its own until then
  expect(isNarrow(kept)).toBe(true);
  const whole = { to: other.to, value: { k: "prim", prim: "neg", args: [{ k: "read", from: both }] } } as const;
  expect(isNarrow({ ...kernel, phases: [{ ...kernel.phases[0]!, then: [whole] }] })).toBe(false);
});
