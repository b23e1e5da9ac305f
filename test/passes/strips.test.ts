/** Kernels in strips mean what the kernels apart mean, on every level; what of attention is never whole. */
import { describe, expect, test } from "vitest";
import { here } from "../../src/codegen/wasm/module.ts";
import { explain } from "../../src/compile.ts";
import type { Kernel } from "../../src/ir/kernel.ts";
import type { Fn, Node } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { onePass } from "../../src/ir/ops/loop-build.ts";
import { N, type TensorType, tensor } from "../../src/ir/type.ts";
import { planStage } from "../../src/passes/plan/index.ts";
import { CPU } from "../../src/passes/plan/target.ts";
import { schedule } from "../../src/passes/schedule.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { ALL_LEVELS, type Compiler, check, compiler } from "../fuzz/check.ts";
import { drawnSchedules } from "../fuzz/decisions.ts";
import { closed, rddType } from "./graphs.ts";

/** strips of any tensor, that take so many bytes; `seen`: is told the kernels of each phase */
const inStrips = (bytes: number, seen: (kernels: readonly Kernel[]) => void = () => {}): Compiler => ({
  ...compiler,
  plan: (stage, decisions, device) => {
    if (device === "gpu") return compiler.plan(stage, decisions, device);
    const phases: typeof CPU.phases = (kernels, placed, later) => {
      const draft = schedule(kernels, placed, later, { least: 1, near: bytes, wide: bytes });
      for (const p of draft.phases) seen(p.kernels);
      return draft;
    };
    return planStage(stage, "strips", {
      target: { ...CPU, phases },
      ...(decisions ? { choose: drawnSchedules(decisions) } : {}),
    });
  },
});
const add = (a: Node, b: Node): Node => g.lane("add", a, b);
const mul = (a: Node, b: Node): Node => g.lane("mul", a, b);
const shapeOf = (x: Node): TensorType["shape"] => (x.type as TensorType).shape;
/** along the last axis, as the prelude has it */
function softmax(x: Node): Node {
  const shape = shapeOf(x);
  const [last, rest] = [shape.length - 1, shape.slice(0, -1).map((_, d) => d)];
  const wide = (y: Node): Node => g.broadcast(shape, rest, y);
  const e = g.lane("exp2", g.lane("sub", x, wide(g.stopGradient(g.reduce("max", [last], x)))));
  return g.lane("div", e, wide(g.reduce("add", [last], e)));
}
const sum = (x: Node): Node =>
  g.reduce(
    "add",
    shapeOf(x).map((_, d) => d),
    x,
  );
/** the function's value and all of its gradients */
const withGradients = (f: Fn): Fn =>
  closed(f.params, (...xs) => {
    const all = g.grad(
      f,
      xs.map((_, i) => i),
      xs,
    );
    return [0, ...xs.map((_, i) => i + 1)].map(i => g.get(i, all));
  });
const rows = (n: number, m: number): Fn =>
  withGradients(closed([tensor("f32", [n, m]), tensor("f32", [n, m])], (x, t) => [sum(mul(softmax(x!), t!))]));
const normed = (n: number, m: number): Fn =>
  withGradients(
    closed([tensor("f32", [n, m]), tensor("f32", [n, m])], (x, t) => {
      const mean = (y: Node): Node =>
        g.broadcast([n, m], [0], mul(g.reduce("add", [1], y), g.fullLike(1 / m, g.reduce("add", [1], y))));
      const centred = g.lane("sub", x!, mean(x!));
      const spread = g.lane("sqrt", add(mean(mul(centred, centred)), g.full(1, "f32", [n, m])));
      return [sum(mul(g.lane("div", centred, spread), t!))];
    }),
  );
/** of `heads` heads, weighed by a direction */
const attention = (heads: number, t: number, d: number): Fn => {
  const type = tensor("f32", [heads, t, d]);
  return withGradients(
    closed([type, type, type, type], (q, k, v, w) => {
      const p = softmax(g.contract("hqd,hkd->hqk", q!, k!));
      return [sum(mul(g.contract("hqk,hkd->hqd", p, v!), w!))];
    }),
  );
};

const right = async (main: Fn, bytes: number, several = true): Promise<void> => {
  let phases = 0;
  const by = inStrips(bytes, kernels => {
    phases = Math.max(phases, ...kernels.map(k => k.phases.length));
  });
  for (const decisions of [0, 1, 2, 3]) {
    const v = await check({ main, rows: 0, data: 5 + decisions, mood: "tame", seed: 3, decisions }, ALL_LEVELS, by);
    expect(v.failure).toBeUndefined();
    expect(v.undecided).toBeLessThan(v.elements / 20);
  }
  // one row is no strip
  expect(phases > 1).toBe(several);
};
describe.each([64, 700, 1 << 20])("strips of at most %i bytes", bytes => {
  test.each([
    [1, 1],
    [1, 40],
    [6, 5],
    [12, 33],
    [7, 16],
  ])("softmax of %i rows of %i and its gradient", async (n, m) => right(rows(n, m), bytes, n > 1));
  test.each([
    [4, 6],
    [9, 17],
  ])("rows of %i and %i less their mean, over their spread", async (n, m) => right(normed(n, m), bytes));
  test.each([
    [2, 5, 3],
    [3, 8, 2],
    [1, 7, 4],
  ])("attention of %i heads, %i places, width %i", async (h, t, d) => right(attention(h, t, d), bytes));
});

/** of records [t, c], in batches: all that a function makes of them, summed up */
const summed = (t: number, c: number, f: (x: Node) => Node): Fn => {
  const column = tensor("f32", [N, t, c]);
  const body = closed([column, tensor("u32", [N, 2]), tensor("f32"), tensor("i32"), tensor("i32")], (x, _who, all) => [
    add(all!, sum(f(x!))),
  ]);
  return closed([rddType({ x: { store: "f32", shape: [t, c] } as never })], rows => [
    g.get(0, g.batches({ ...onePass("sum", body, 1, 0, 0), batch: 24 }, rows!, g.noSeed(), [g.full(0, "f32")])),
  ]);
};
describe("a tensor of records is there for what the same phase stores later", () => {
  const along = (x: Node, y: Node): Node => g.broadcast(shapeOf(x), [0, 1], y);
  /** both a and b are made of y, whose place a takes: what is read last is stored first, so b is stored behind it */
  const made = (x: Node): Node => {
    const y = g.lane("sub", x, along(x, g.reduce("max", [2], x)));
    const a = mul(y, along(x, g.reduce("add", [2], mul(y, y))));
    const b = add(a, y);
    return g.reduce("max", [2], mul(a, along(x, g.reduce("min", [2], b))));
  };
  test.each([0, 1, 17, 40])("%i of them", async count => {
    const main = summed(3, 5, made);
    for (const bytes of [64, 1 << 20]) {
      let both = false;
      const by = inStrips(bytes, kernels => {
        for (const { then } of kernels.flatMap(k => k.phases)) both ||= then.filter(t => "to" in t).length > 1;
      });
      const v = await check({ main, rows: count, data: 1, mood: "tame", seed: 3, decisions: 0 }, ALL_LEVELS, by);
      expect(v.failure).toBeUndefined();
      expect(v.undecided).toBe(0);
      // else nothing could be overwritten
      expect(both).toBe(true);
    }
  });
});

/** elements of the largest buffer in memory and in scratch of a training step with attention, of 16 records */
function largest(t: number, how: string): number {
  const program = `
model Net(x: f32[${t}, 16]) -> f32[${t}, 16] = x |> attention(2${how})
let net = train(Net, rows(normal([64, ${t}, 16])), loss: (m, r) => mse(m(r), r), optimizer: sgd(0.1), batch: 32, epochs: 1)
save net to "net.safetensors"`;
  const host = { ...nodeHost("/"), text: () => program };
  const options = { set: {}, prelude: preludeTexts(), assembler: () => here, level: "loop" };
  const { text } = explain("p.hs", host, options);
  const sizes = [...text!.matchAll(/\(buf \S+ \w+ (?:\(units \(N 1 0\) 16 (\d+)\)|(\d+)) (?:param|group)\)/g)];
  return Math.max(...sizes.map(([, units, plain]) => Number(units ?? plain)));
}
describe("attention holds scores of a few queries", () => {
  test.each(["", ", causal: true"])("attention(2%s)", how => {
    const [short, long] = [largest(64, how), largest(1024, how)];
    // 16 records of t places of width 16, or the rows that are trained with: what grows as t, never as t * t
    expect(short).toBeLessThanOrEqual(Math.max(64, 16 * 4) * 64 * 16);
    expect(long).toBe((1024 / 64) * short);
  });
});
