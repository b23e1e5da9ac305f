/** Kernels of one phase: those that do not wait for each other share it, each with items of its own. */
import { expect, test } from "vitest";
import { fresh, type LoopKernel, ty } from "../../src/ir/loop.ts";
import { ownItem } from "../../src/ir/plan.ts";
import { N } from "../../src/ir/type.ts";
import { byGrid } from "../../src/passes/plan/deal.ts";
import { Draft } from "../../src/passes/plan/draft.ts";
import { CPU } from "../../src/passes/plan/target.ts";
import { untraced } from "../../src/passes/trace.ts";

/** calls, each given as "items: read read > write"; the phases that become of them, each call as "name first+count" */
function dealt(...calls: string[]): readonly string[] {
  const draft = new Draft(CPU, untraced);
  const names = calls.map((c, i) => {
    const [items, what] = c.split(":") as [string, string];
    const [reads, writes] = what.split(">").map(s => s.split(" ").filter(Boolean)) as [string[], string[]];
    const to = items === "N" ? N : Number(items);
    const grid = to === 1 ? [] : [{ iv: fresh("i", ty("i32")), to }];
    const kernel: LoopKernel = { name: `k${i}`, params: [], grid, group: [], body: [] };
    const written = writes.map((_, k) => ({ arg: reads.length + k, store: "f32" as const, bytes: 64, name: "k" }));
    const args = [...reads, ...writes];
    return draft.calls.push({ kernel, args, writes: written, reads: reads.map((_, k) => k) }) - 1;
  });
  const phases = byGrid(names, draft);
  expect(phases.flatMap(p => p.calls).sort()).toEqual(names);
  return phases.map(p => {
    const own = p.calls.map(c => {
      const { kernel, items } = draft.calls[c]!;
      return items ? `${kernel.name} ${items.first}+${items.count}` : kernel.name;
    });
    return `${typeof p.items === "number" ? p.items : "N"}: ${own.join(", ")}`;
  });
}

test("those that do not meet share a phase, single items first", () => {
  expect(dealt("8: a > b", "1: a > c", "4: a > d", "1: > e")).toEqual(["14: k1 0+1, k3 1+1, k0 2+8, k2 10+4"]);
});
test("who reads what another writes comes later, and who writes what another reads", () => {
  expect(dealt("8: a > b", "8: b > c")).toEqual(["8: k0", "8: k1"]);
  expect(dealt("8: a > b", "8: c > a")).toEqual(["8: k0", "8: k1"]);
  expect(dealt("8: a > b", "8: c > b")).toEqual(["8: k0", "8: k1"]);
  expect(dealt("4: a > b", "4: b > c", "4: a > d", "1: c > e", "1: d > f")).toEqual([
    "8: k0 0+4, k2 4+4",
    "5: k4 0+1, k1 1+4",
    "1: k3",
  ]);
});
test("what one item does, in order, needs no items", () => {
  expect(dealt("1: a > b", "1: b > c", "1: a > d")).toEqual(["1: k0, k2, k1"]);
  expect(dealt("1: a > b", "1: b > c", "6: c > d")).toEqual(["1: k0, k1", "6: k2"]);
});
test("as many items as records are dealt alone", () => {
  expect(dealt("N: a > b", "1: a > c", "3: a > d")).toEqual(["1: k1", "N: k0", "3: k2"]);
});
test("an item of a phase is one of the call's own", () => {
  const items = { first: 3, count: 2 };
  expect([2, 3, 4, 5].map(i => ownItem({ items }, i))).toEqual([undefined, 0, 1, undefined]);
  expect(ownItem({}, 7)).toBe(7);
});
