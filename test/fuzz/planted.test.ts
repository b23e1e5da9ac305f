/**
 * Bugs that are put into the compiler from outside, one at a time: the fuzzer finds and shrinks each. Those in barriers only an interpreter
 * sees: a software adapter runs a workgroup in one order.
 */
import { afterEach, describe, expect, it } from "vitest";
import { type Expr, type LoopKernel, num, prim } from "../../src/ir/loop.ts";
import type { IndexMap } from "../../src/ir/map.ts";
import type { Op } from "../../src/ir/op.ts";
import { lane } from "../../src/ir/ops/index.ts";
import { op, register } from "../../src/ir/ops/registry.ts";
import { clashing, rewritten, withoutBarriers } from "../loop/rewritten.ts";
import { sizeOfFn } from "./case.ts";
import { type Compiler, compiler } from "./check.ts";
import { type Found, fuzz, noCounts, told } from "./run.ts";

const MOST_PROGRAMS = 400;
const MOST_TRIES = 5000;
const replaced: Op[] = [];
/** the record of `name` with a rule of another */
function plant(name: string, wrong: (right: Op) => Partial<Op>): void {
  const right = op(name);
  replaced.push(right);
  register([{ ...right, ...wrong(right) }]);
}
afterEach(() => {
  register(replaced.splice(0));
});
async function firstFound(by: Compiler = compiler): Promise<Found | undefined> {
  for (let seed = 0; seed < MOST_PROGRAMS; seed++) {
    const found = await fuzz(seed, noCounts(), { tries: MOST_TRIES, compiler: by });
    if (found) return found;
  }
  return undefined;
}
async function expectFound(nodes: number, text: string | RegExp, by?: Compiler): Promise<void> {
  const found = await firstFound(by);
  if (!found) throw new Error(`not found in ${MOST_PROGRAMS} programs`);
  expect(told(found)).toMatch(text);
  expect(sizeOfFn(found.small.main), told(found)).toBeLessThanOrEqual(nodes);
}

it("nothing is found where nothing is planted", async () => {
  for (let seed = 0; seed < 10; seed++) expect(await fuzz(seed, noCounts())).toBeUndefined();
});

it("a wrong adjoint: of tanh, y for 1 - y * y", async () => {
  plant("tanh", () => ({ grad: (node, [g]) => (g ? [lane("mul", g, node)] : []) }));
  await expectFound(12, " tanh ");
}, 120_000);

it("a window that begins one element late", async () => {
  const late = (map: IndexMap, axis: number): IndexMap => ({
    ...map,
    in: map.in.map((c, d) => (d === axis ? { ...c, base: c.base + 1 } : c)),
  });
  plant("window", right => {
    const rule = right.kernel;
    if (rule.k !== "view") throw new Error("window is a view");
    return { kernel: { ...rule, map: node => late(rule.map(node), node.attrs["axis"] as number) } };
  });
  await expectFound(8, " window ");
}, 120_000);

it("a pad lane that is counted: the mask of a fold over the last panel is one lane too long", async () => {
  const expr = (e: Expr, masks: boolean): Expr => {
    if (e.k === "prim" && e.prim === "select") {
      const [c, a, b] = e.args.map((x, i) => expr(x, i === 0)) as [Expr, Expr, Expr];
      return { ...e, args: [c, a, b] };
    }
    if (masks && e.k === "prim" && e.prim === "le" && e.args[0]!.k === "prim" && e.args[0]!.prim === "iota") {
      const most = e.args[1]!;
      return { ...e, args: [e.args[0]!, prim("add", most.ty, most, num(1, most.ty))] };
    }
    return e.k === "prim" ? { ...e, args: e.args.map(x => expr(x, masks)) } : e;
  };
  const longer = (k: LoopKernel): LoopKernel =>
    rewritten(k, s => [s.k === "let" || s.k === "store" ? { ...s, value: expr(s.value, false) } : s]);
  await expectFound(10, "loop differs (value)", {
    ...compiler,
    plan: (...given) => {
      const planned = compiler.plan(...given);
      return { ...planned, kernels: planned.kernels.map(longer) };
    },
  });
}, 120_000);

describe("on the interpreter's GPU", () => {
  const onGpu = (change: (k: LoopKernel) => LoopKernel): Compiler => ({
    ...compiler,
    plan: (stage, decisions, device) => {
      const planned = compiler.plan(stage, decisions, device);
      return device === "gpu" ? { ...planned, kernels: planned.kernels.map(change) } : planned;
    },
  });
  it.each([
    ["slices are read while they are filled", 1, "written by one invocation and read by another"],
    ["slices are filled again while they are read", 0, "read by one invocation and written by another"],
  ] as const)("a missing barrier: %s", { timeout: 120_000 }, async (_, first, race) => {
    const text = new RegExp(`gpu differs .*\n.* a race: \\w+_slice_\\w+\\[\\d+\\] is ${race}`);
    await expectFound(
      8,
      text,
      onGpu(k => withoutBarriers(k, first)),
    );
  });
  it("a race: all items store to one element", { timeout: 120_000 }, async () => {
    const text = /gpu differs .*\n.* a race: \w+\[\d+\] is written by one invocation and written by another/;
    await expectFound(4, text, onGpu(clashing));
  });
});
