/** Names share bytes when they are not alive together, and never else. */
import { describe, expect, test } from "vitest";
import type { LoopKernel } from "../../src/ir/loop.ts";
import type { PlanStep } from "../../src/ir/plan.ts";
import { Draft, type DraftStep } from "../../src/passes/plan/draft.ts";
import { link } from "../../src/passes/plan/link.ts";
import { CPU } from "../../src/passes/plan/target.ts";
import { untraced } from "../../src/passes/trace.ts";

const kernel: LoopKernel = { name: "k", params: [], grid: [], group: [], body: [] };
const copy = (from: string, to: string): DraftStep => ({ k: "copy", from, to, bytes: 64 });
const loop = (...body: DraftStep[]): DraftStep => ({ k: "loop", label: "l", trip: 2, body });
/** a phase of calls, each given as "read read > write" */
function phase(draft: Draft, ...calls: string[]): DraftStep {
  const indices = calls.map(c => {
    const [reads, writes] = c.split(">").map(s => s.split(" ").filter(Boolean)) as [string[], string[]];
    const args = [...reads, ...writes];
    const written = writes.map((_, i) => ({ arg: reads.length + i, store: "f32" as const, bytes: 64, name: "k" }));
    return draft.calls.push({ kernel, args, writes: written, reads: reads.map((_, i) => i) }) - 1;
  });
  return { k: "phase", name: "p", items: 1, calls: indices };
}
/** sets of names that have bytes in common: s.. lie in state, w.. in worker, others in step */
function shared(names: string, steps: (draft: Draft) => readonly DraftStep[]): readonly string[] {
  const draft = new Draft(CPU, untraced);
  draft.state("faults", "u32", [1]);
  const all = names.split(" ");
  for (const n of all) draft.place(n, 64, n.startsWith("s") ? "state" : n.startsWith("w") ? "worker" : "step");
  const drafted = steps(draft);
  // where each lies, told by a call that no phase makes
  for (const n of all) draft.calls.push({ kernel, args: [n], writes: [], reads: [] });
  const stage = link({ draft, steps: drafted, inputs: [], sites: [], module: "m" });
  const at = new Map<string, string[]>();
  stage.calls.slice(-all.length).forEach((c, i) => {
    const key = JSON.stringify(c.args[0]);
    at.set(key, [...(at.get(key) ?? []), all[i]!]);
  });
  return [...at.values()].map(x => x.join(" "));
}

describe("bytes are shared", () => {
  test("by one that is read for the last time before the other is written", () => {
    expect(shared("s a b c", () => [copy("s", "a"), copy("a", "b"), copy("b", "c"), copy("c", "s")])).toEqual([
      "s",
      "a c",
      "b",
    ]);
  });
  test("by none that live for the whole stage", () => {
    expect(shared("s1 s2", () => [copy("s1", "s1"), copy("s2", "s2")])).toEqual(["s1", "s2"]);
  });
  test("by those of two trips, if each trip writes them first", () => {
    expect(shared("s a b", () => [loop(copy("s", "a"), copy("a", "s"), copy("s", "b"), copy("b", "s"))])).toEqual([
      "s",
      "a b",
    ]);
  });
  test("not by what a trip reads before it writes it: it is alive from trip to trip", () => {
    const body = [copy("a", "s"), copy("s", "b"), copy("b", "s"), copy("s", "a")];
    expect(shared("s a b", () => [copy("s", "a"), loop(...body)])).toEqual(["s", "a", "b"]);
  });
  test("not by what a loop inside reads: the trip around wrote it for all its trips", () => {
    const inner = loop(copy("a", "s"), copy("s", "b"), copy("b", "s"));
    expect(shared("s a b", () => [loop(copy("s", "a"), inner)])).toEqual(["s", "a", "b"]);
  });
  test("not by what begins before a loop and is read behind it, though the loop writes it: it may make no trip", () => {
    const steps = [copy("s", "a"), loop(copy("s", "a"), copy("s", "b"), copy("b", "s")), copy("a", "s")];
    expect(shared("s a b", () => steps)).toEqual(["s", "a", "b"]);
  });
  test("not by what a call reads and what it writes", () => {
    expect(shared("s a b", d => [copy("s", "a"), phase(d, "a > b"), copy("b", "s")])).toEqual(["s", "a", "b"]);
  });
  test("not within a phase: its items are at different calls at one time", () => {
    const steps = (d: Draft) => [copy("s", "a"), phase(d, "a > s", "s > b"), copy("b", "s")];
    expect(shared("s a b", steps)).toEqual(["s", "a", "b"]);
  });
  test("within a phase by what stays in an item, from call to call", () => {
    const steps = (d: Draft) => [phase(d, "s > w1", "w1 > w2", "w2 > w3", "w3 > s")];
    expect(shared("s w1 w2 w3", steps)).toEqual(["s", "w1 w3", "w2"]);
  });
});

test("slots are multiples of the target's alignment, and no two of a region overlap", () => {
  const draft = new Draft({ ...CPU, align: 256 }, untraced);
  draft.state("faults", "u32", [1]);
  const names = ["a", "b", "c"];
  for (const [i, n] of names.entries()) draft.place(n, 100 * (i + 1), "step");
  const steps = names.map(n => copy("faults", n)).concat(names.map(n => copy(n, "faults")));
  const stage = link({ draft, steps, inputs: [], sites: [], module: "m" });
  const offsets = stage.steps
    .slice(0, 3)
    .map(s => (s as Extract<PlanStep, { k: "copy" }>).to.offset) // as: these are copies
    .map((at, i) => [at, at + 100 * (i + 1)] as const)
    .sort((x, y) => x[0] - y[0]);
  for (const [i, [from]] of offsets.entries()) {
    expect(from % 256).toBe(0);
    expect(from).toBeGreaterThanOrEqual(offsets[i - 1]?.[1] ?? 0);
  }
});
