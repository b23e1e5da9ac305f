/** Steps of their own for batches of a known, small number of records: when they are made, and that they mean what all others mean. */
import { describe, expect, test } from "vitest";
import type { Node } from "../../src/ir/node.ts";
import * as g from "../../src/ir/ops/index.ts";
import { onePass } from "../../src/ir/ops/loop-build.ts";
import type { PlanStep } from "../../src/ir/plan.ts";
import { N, type Type, tensor } from "../../src/ir/type.ts";
import { EXACT, type ExactChoice } from "../../src/passes/plan/exact.ts";
import { planStage } from "../../src/passes/plan/index.ts";
import { CPU } from "../../src/passes/plan/target.ts";
import { type Case, stageOf } from "../fuzz/case.ts";
import { ALL_LEVELS, type Compiler, check, compiler } from "../fuzz/check.ts";
import { generate } from "../fuzz/generate.ts";
import { told } from "../fuzz/run.ts";
import { closed, rddType } from "./graphs.ts";

/** the numbers of records that loops have steps for */
const exactIn = (steps: readonly PlanStep[]): readonly number[] =>
  steps.flatMap(s => (s.k === "loop" ? [...(s.exact ? [s.exact.records] : []), ...exactIn(s.body)] : []));
const ALWAYS: ExactChoice = { least: 0, share: Number.POSITIVE_INFINITY };
/** as the compiler cuts kernels; `seen`: is told what was made */
const choosing = (exact: ExactChoice, seen: (records: readonly number[]) => void): Compiler => ({
  ...compiler,
  plan: (stage, decisions, device) => {
    if (device === "gpu") return compiler.plan(stage, decisions, device);
    const planned = planStage(stage, "exact", { target: { ...CPU, exact } });
    seen(exactIn(planned.stage.steps));
    return planned;
  },
});

/** w' = w - sum over the records of x^T tanh(x w), and tanh(x w) of each record */
function net(width: number, units: number, batch: number, rows: number): Case {
  const records = tensor("f32", [N, width]);
  const weights = tensor("f32", [width, units]);
  const body = closed(
    [records, tensor("u32", [N, 2]), weights, tensor("i32"), tensor("i32")] as readonly Type[],
    (x, _ids, w) => {
      const y = g.lane("tanh", g.contract("nk,kj->nj", x!, w!));
      return [g.lane("sub", w!, g.contract("nk,nj->kj", x!, y)), y];
    },
  );
  const row = rddType({ x: { store: "f32", shape: [width], nullable: false } });
  const main = closed([row, weights], (d, w) => {
    const attrs = { ...onePass("train", body, 1, 1, rows), batch };
    const t: Node = g.batches(attrs, d!, g.noSeed(), [w!]);
    return [g.get(0, t), g.get(1, t)];
  });
  return { main, rows, data: 5, mood: "tame", seed: 3, decisions: 0 };
}
async function made(c: Case, exact: ExactChoice): Promise<readonly number[]> {
  const seen: number[] = [];
  const { failure } = await check(
    c,
    ALL_LEVELS,
    choosing(exact, records => seen.push(...records)),
  );
  expect(failure && `${failure.level}: ${failure.message}`).toBeUndefined();
  return seen;
}

describe("steps for a known number of records", () => {
  test("are made where a panel of 16 would be mostly empty and the work is worth it", () => {
    const choice = (batch: number, width: number): readonly number[] => {
      let records: readonly number[] = [];
      const by = choosing(EXACT, r => {
        records = r;
      });
      by.plan(
        compiler.passes.reduce((s, p) => p.run(s), stageOf(net(width, width, batch, 1000))),
        0,
        "cpu",
      );
      return records;
    };
    expect(choice(1, 512)).toEqual([1]);
    expect(choice(4, 512)).toEqual([4]);
    expect(choice(64, 512)).toEqual([]);
    expect(choice(4, 4)).toEqual([]);
  });
  test("are not made where they would hold what strips hold, of any size", () => {
    /** sum of tanh(softmax(x x^T) x): [t, t] of each record */
    const square = (t: number): Case => {
      const records = tensor("f32", [N, t, 8]);
      const body = closed(
        [records, tensor("u32", [N, 2]), tensor("f32"), tensor("i32"), tensor("i32")],
        (x, _ids, s) => {
          const e = g.lane("exp2", g.contract("nqd,nkd->nqk", x!, x!));
          const p = g.lane("div", e, g.broadcast([N, t, t], [0, 1], g.reduce("add", [2], e)));
          return [g.lane("add", s!, g.reduce("add", [0, 1, 2], g.lane("tanh", g.contract("nqk,nkd->nqd", p, x!))))];
        },
      );
      const row = rddType({ x: { store: "f32", shape: [t, 8], nullable: false } });
      const main = closed([row, tensor("f32")], (d, s) => [
        g.get(0, g.batches({ ...onePass("sum", body, 1, 0, 0), batch: 16 }, d!, g.noSeed(), [s!])),
      ]);
      return { main, rows: 32, data: 5, mood: "tame", seed: 3, decisions: 0 };
    };
    const choice = (t: number): readonly number[] => {
      let records: readonly number[] = [];
      const by = choosing(ALWAYS, r => {
        records = r;
      });
      by.plan(
        compiler.passes.reduce((s, p) => p.run(s), stageOf(square(t))),
        0,
        "cpu",
      );
      return records;
    };
    // 16 times t^2 numbers
    expect(choice(512)).toEqual([16]);
    expect(choice(2048)).toEqual([]);
  });
  test("mean what steps for any number mean, with a last batch of fewer records", async () => {
    for (const [batch, rows] of [
      [1, 3],
      [2, 5],
      [4, 4],
      [7, 20],
      [16, 17],
      [12, 5],
    ] as const)
      expect([batch, rows, await made(net(19, 21, batch, rows), ALWAYS)]).toEqual([
        batch,
        rows,
        [Math.min(batch, rows)],
      ]);
  });
  test("tell in which record a fault was, where records and their places are one run of memory", async () => {
    const shape = [N, 6] as const;
    const body = closed(
      [tensor("i32", [...shape, 4]), tensor("u32", [N, 2]), tensor("f32", [60]), tensor("i32"), tensor("i32")],
      (x, _ids, w) => {
        const sums = g.reduce("add", [2], x!);
        const least = g.lane("max", g.full(22, "i32", []), g.reduce("max", [0, 1], sums));
        // read twice, so it is stored: the kernel of the check reads it as it lies
        const at = g.check(1, 0, 60, g.lane("add", sums, g.broadcast(shape, [], least)));
        return [w!, g.gather(0, 0, w!, at)];
      },
    );
    const row = rddType({ x: { store: "i32", shape: [6, 4], nullable: false } });
    const main = closed([row, tensor("f32", [60])], (d, w) => {
      const t = g.batches({ ...onePass("pick", body, 1, 1, 9), batch: 4 }, d!, g.noSeed(), [w!]);
      return [g.get(0, t), g.get(1, t)];
    });
    for (let data = 1; data < 9; data++)
      expect(await made({ main, rows: 9, data, mood: "tame", seed: 3, decisions: 0 }, ALWAYS)).toEqual([4]);
  });
  test("of random programs mean the same on every level, faults and their records included", {
    timeout: 120_000,
  }, async () => {
    let programs = 0;
    for (let seed = 400; programs < 10; seed++) {
      const c = generate(seed);
      if (!c.main.results.length) continue;
      let found = 0;
      const { failure } = await check(
        c,
        ALL_LEVELS,
        choosing(ALWAYS, records => {
          found += records.length;
        }),
      );
      expect(failure && told({ seed, failure, small: c })).toBeUndefined();
      if (found) programs++;
    }
  });
});
