/**
 * Unrolled loops whose points lie side by side in memory while the lanes of each lie far apart: four points of four lanes are loaded or
 * stored as four rows, and turned in registers. Knows nothing of axes.
 *
 *   for u in 0..4 { x[u] = load a[u + 100 lane] }   -->   r[l] = load a[100 l ..][4]; x = transpose(r)
 *   for u in 0..4 { store a[u + 16 lane] = x[u] }   -->   r = transpose(x); store a[16 l ..][4] = r[l]
 */
import type { At, Buf, Expr, Stmt, Ty, Var } from "../../ir/loop.ts";
import { children } from "../../ir/loop.ts";
import { STORED_BYTES } from "../../ir/type.ts";
import { type Func, natives, type Ref, V128 } from "./func.ts";
import { register, settle, shuffle } from "./lanes.ts";
import { laneAddress } from "./memory.ts";

type For = Extract<Stmt, { k: "for" }>;
type Load = Extract<Expr, { k: "load" }>;
const SIDE = 4;
const NUMBERS = [0, 1, 2, 3];

/** emits all points of the loop, or nothing. `statement` emits its body for the point that the environment holds */
export function squares(f: Func, s: For, first: number, trips: number, statement: (s: Stmt) => void): boolean {
  const [only, ...more] = s.body;
  if (only?.k !== "store" || more.length || s.step !== 1 || trips % SIDE) return false;
  const loads = only.buf.space === "reg" ? loadsAcross(only.value, s.iv) : [];
  const stored =
    isAcross(only.buf, only.at, only.value.ty, s.iv) && !only.at.gather && !only.mask && inRegisters(only.value);
  if (!loads.length && !stored) return false;
  for (let u = first; u < first + trips; u += SIDE) {
    if (stored) f.statement(() => stores(f, s.iv, u, only));
    else loadsThen(f, s.iv, u, loads, () => statement(only));
  }
  return true;
}
/** whole elements of 32 bits, neighbours from one point of the loop to the next; lanes so far apart that no two rows meet */
function isAcross(buf: Buf, at: At, t: Ty, iv: Var): boolean {
  if (buf.space === "reg" || STORED_BYTES[buf.store] !== 4 || buf.store === "bool" || t.lanes % SIDE) return false;
  if (at.terms.reduce((n, q) => (q.v === iv ? n + q.by : n), 0) !== 1) return false;
  return at.gather ? !uses(at.gather, iv) : Math.abs(at.stride ?? 1) >= SIDE;
}
function uses(e: Expr, v: Var): boolean {
  if (e === v) return true;
  if (e.k === "load" && e.at.terms.some(t => t.v === v)) return true;
  return children(e).some(c => uses(c, v));
}
const inRegisters = (e: Expr): e is Load => e.k === "load" && e.buf.space === "reg" && !e.mask;
function loadsAcross(e: Expr, iv: Var): readonly Load[] {
  if (e.k === "load" && !e.mask && isAcross(e.buf, e.at, e.ty, iv)) return [e];
  return children(e).flatMap(c => loadsAcross(c, iv));
}

const at = (f: Func, iv: Var, value: number): void => void f.env.set(iv, { k: "const", value });

function stores(f: Func, iv: Var, u: number, s: Extract<Stmt, { k: "store" }>): void {
  const e = s.value as Load; // as: see inRegisters
  for (let j = 0; j < natives(e.ty); j++) {
    const points = NUMBERS.map(i => {
      at(f, iv, u + i);
      const local = register(f, e.buf, e.at, e.ty, j);
      return () => f.get(local, V128);
    });
    at(f, iv, u);
    turned(f, points).forEach((row, l) => {
      const { ptr, offset } = laneAddress(f, s.buf, s.at, SIDE * j + l);
      f.push(f.m.v128.store(offset, 4, ptr, row));
    });
  }
  f.env.delete(iv);
}
function loadsThen(f: Func, iv: Var, u: number, loads: readonly Load[], emit: () => void): void {
  const locals = loads.map(e => NUMBERS.map(() => Array.from({ length: natives(e.ty) }, () => f.local(V128))));
  at(f, iv, u);
  f.statement(() => {
    for (const e of loads) settle(f, e.at.gather);
    loads.forEach((e, k) => {
      for (let j = 0; j < natives(e.ty); j++) {
        const rows = NUMBERS.map(l => {
          const { ptr, offset } = laneAddress(f, e.buf, e.at, SIDE * j + l);
          return f.keep(f.m.v128.load(offset, 4, ptr), V128);
        });
        turned(f, rows).forEach((column, i) => {
          f.set(locals[k]![i]![j]!, column);
        });
      }
    });
  });
  for (const i of NUMBERS) {
    at(f, iv, u + i);
    f.statement(() => {
      loads.forEach((e, k) => {
        locals[k]![i]!.forEach((local, j) => {
          f.once(e, j, () => f.get(local, V128), V128);
        });
      });
      emit();
    });
  }
  f.env.delete(iv);
  f.release(V128, locals.flat(2));
}
/** row i of the result is made of element i of each row */
function turned(f: Func, rows: readonly (() => Ref)[]): readonly Ref[] {
  const pair = (order: readonly number[], bytes: number, a: () => Ref, b: () => Ref): Ref =>
    shuffle(f, order, bytes, a(), b());
  const [a, b, c, d] = rows as readonly [() => Ref, () => Ref, () => Ref, () => Ref]; // as: of SIDE
  const mixed = [
    [a, b],
    [c, d],
  ].flatMap(([x, y]) => [f.keep(pair([0, 4, 1, 5], 4, x!, y!), V128), f.keep(pair([2, 6, 3, 7], 4, x!, y!), V128)]);
  return [0, 1].flatMap(h => [pair([0, 2], 8, mixed[h]!, mixed[h + 2]!), pair([1, 3], 8, mixed[h]!, mixed[h + 2]!)]);
}
