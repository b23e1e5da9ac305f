/** Runs a KERNEL by its meaning and by LOOP, on random contents with poisoned pads, and compares by the numeric contract. */
import type { Kernel, Schedule, Tensor } from "../../src/ir/kernel.ts";
import { type Cell, meaning } from "../../src/ir/kernel-interp.ts";
import { accessesOf } from "../../src/ir/kernel-walk.ts";
import { address, elements, extent, points } from "../../src/ir/layout.ts";
import type { LoopKernel } from "../../src/ir/loop.ts";
import { type Data, storage } from "../../src/ir/loop-data.ts";
import { interpret } from "../../src/ir/loop-interp.ts";
import { atN, isFloat } from "../../src/ir/type.ts";
import { emit } from "../../src/passes/emit/index.ts";

export type Random = () => number;
/** in [0, 1), from a seed */
export function seeded(seed: number): Random {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
export function tensorsOf(k: Kernel): ReadonlyMap<string, Tensor> {
  const { reads, writes } = accessesOf(k);
  return new Map([...reads, ...writes].filter(a => !a.of.local).map(a => [a.of.name, a.of]));
}
const put = (d: Data, i: number, v: number): void => {
  if (d instanceof BigInt64Array) d[i] = BigInt(Math.round(v));
  else d[i] = v;
};
/** random contents; halo 0; pads are poison: NaN, or integers far outside */
export function fill(k: Kernel, n: number, random: Random, most = 10): Map<string, Data> {
  const out = new Map<string, Data>();
  for (const [name, t] of tensorsOf(k)) {
    const d = storage(t.store, elements(extent(t), n));
    const shape = t.shape.map(s => atN(s, n));
    const [lo, hi] = [shape.map((_, q) => t.layout.halo[q]?.[0] ?? 0), shape.map((_, q) => t.layout.halo[q]?.[1] ?? 0)];
    for (const c of points(shape.map((s, q) => s + lo[q]! + hi[q]!))) {
      const at = c.map((x, q) => x - lo[q]!);
      if (at.some((x, q) => x < 0 || x >= shape[q]!)) put(d, address(t, at, n), 0);
    }
    for (const c of points(shape)) {
      const r = random();
      put(
        d,
        address(t, c, n),
        isFloat(t.store) ? r - 0.5 : t.store === "bool" ? Number(r < 0.5) : Math.floor(r * most),
      );
    }
    out.set(name, d);
  }
  return out;
}
/** floats by Higham's bound on the reduced points and the arithmetic around them, all else exactly */
export function agrees(t: Tensor, got: number | bigint, want: Cell, terms: number): boolean {
  if (!isFloat(t.store)) return BigInt(got) === BigInt(want.value);
  const [g, w] = [Number(got), Number(want.value)];
  if (Object.is(g, w) || g === w) return true;
  return Math.abs(g - w) <= (terms + 8) * 2 ** -24 * want.size + 2 ** -126;
}
/** several coordinates share one element */
const folds = (t: Tensor): boolean => t.shape.some((_, d) => !t.layout.parts.some(p => p.dim === d && p.div === 1));
export interface Report {
  readonly loop: LoopKernel;
  readonly got: ReadonlyMap<string, Data>;
  readonly wrong: readonly string[];
}
export type Run = (l: LoopKernel, data: ReadonlyMap<string, Data>, n: number) => void;
export const byInterpreter: Run = (l, data, n) => interpret(l, data, n);

export function compare(k: Kernel, s: Schedule, n: number, seed: number, run: Run = byInterpreter, most = 10): Report {
  const { loop, data, check } = prepare(k, s, n, seed, most);
  run(loop, data, n);
  return { loop, got: data, wrong: check(data) };
}
/** a kernel with contents, the fault words among them, and what is wrong with contents that a run left */
export interface Case {
  readonly loop: LoopKernel;
  readonly data: Map<string, Data>;
  readonly check: (got: ReadonlyMap<string, Data>) => readonly string[];
}
export function prepare(k: Kernel, s: Schedule, n: number, seed: number, most = 10): Case {
  const data = fill(k, n, seeded(seed), most);
  const before = new Map([...data].map(([name, d]) => [name, d.slice()]));
  const want = meaning(k, n, (t, at) => before.get(t.name)![address(t, at, n)]!);
  const loop = emit(k, s);
  data.set("faults", new Uint32Array(16).fill(0xffffffff));
  const terms = Math.max(
    ...k.phases.map(p =>
      p.axes
        .filter(a => a.role === "reduce")
        .reduce((x, a) => x * (typeof a.extent === "object" ? n + 16 : a.extent), 1),
    ),
  );
  const check = (got: ReadonlyMap<string, Data>): readonly string[] => {
    const wrong: string[] = [];
    for (const [name, t] of tensorsOf(k)) {
      const cells = want.stored.get(name) ?? new Map<string, Cell>();
      for (const at of points(t.shape.map(d => atN(d, n)))) {
        const i = address(t, at, n);
        const cell = cells.get(at.join());
        const is = got.get(name)![i]!;
        const aliased = !cell && cells.size > 0 && folds(t);
        if (cell ? !agrees(t, is, cell, terms) : !aliased && !Object.is(is, before.get(name)![i]))
          wrong.push(`${name}[${at}] = ${is}, not ${cell?.value ?? "untouched"}`);
      }
    }
    // a kernel without faults does not take their words
    (got.get("faults") ?? data.get("faults")!).forEach((f, site) => {
      const w = want.faults.get(site) ?? 0xffffffff;
      if (f !== w) wrong.push(`fault ${site}: ${f}, not ${w}`);
    });
    return wrong;
  };
  return { loop, data, check };
}
