/** Loads, stores and atomics: elements as they lie in memory, natives and lanes as they are in registers. */
import type { At, Buf, Expr, Stmt, Ty } from "../../ir/loop.ts";
import { isMath } from "../../ir/math.ts";
import { loaded, STORED_BYTES, type Stored } from "../../ir/type.ts";
import { type Address, address } from "./address.ts";
import { type Func, I32, isWide, live, natives, type Ref, V128, wasmType, width } from "./func.ts";
import {
  assembleLanes,
  constant,
  extract,
  lane,
  lanesOf,
  pick,
  register,
  scalarValue,
  settle,
  shuffle,
  splat,
} from "./lanes.ts";
import { vertical } from "./prim.ts";

type Load = Extract<Expr, { k: "load" }>;
type Store = Extract<Stmt, { k: "store" }>;
type Atomic = Extract<Stmt, { k: "atomic" }>;

const limit = (s: Stored): never => {
  throw new Error(`limit: ${s} cannot be loaded or stored on WebAssembly; use f32`);
};
/** one element as a scalar in registers */
function loadOne(f: Func, store: Stored, { ptr, offset }: Address): Ref {
  const { m } = f;
  switch (store) {
    case "bool":
      return m.i32.ne(m.i32.load(offset, 4, ptr), f.i(0));
    case "i32":
    case "u32":
      return m.i32.load(offset, 4, ptr);
    case "i64":
      return m.i64.load(offset, 8, ptr);
    case "f32":
      return m.f32.load(offset, 4, ptr);
    case "f64":
      return m.f64.load(offset, 8, ptr);
    case "u8":
      return m.i32.load8_u(offset, 1, ptr);
    case "i8":
      return m.i32.load8_s(offset, 1, ptr);
    case "u16":
      return m.i32.load16_u(offset, 2, ptr);
    case "f16":
    case "bf16":
      return limit(store);
    default:
      return store satisfies never;
  }
}
function storeOne(f: Func, store: Stored, { ptr, offset }: Address, v: Ref): Ref {
  const { m } = f;
  switch (store) {
    case "bool":
    case "i32":
    case "u32":
      return m.i32.store(offset, 4, ptr, v);
    case "i64":
      return m.i64.store(offset, 8, ptr, v);
    case "f32":
      return m.f32.store(offset, 4, ptr, v);
    case "f64":
      return m.f64.store(offset, 8, ptr, v);
    case "u8":
    case "i8":
      return m.i32.store8(offset, 1, ptr, v);
    case "u16":
      return m.i32.store16(offset, 2, ptr, v);
    case "f16":
    case "bf16":
      return limit(store);
    default:
      return store satisfies never;
  }
}
/** a native whose lanes lie side by side; all of it is live, or half (two lanes of 32 bits) */
function loadWhole(f: Func, store: Stored, lanes: number, { ptr, offset }: Address): Ref {
  const { m } = f;
  const word = (): Ref =>
    lanes === 2 && STORED_BYTES[store] === 4
      ? m.v128.load64_zero(offset, 4, ptr)
      : m.v128.load(offset, STORED_BYTES[store], ptr);
  switch (store) {
    case "bool":
      return m.i32x4.ne(word(), m.v128.const(new Uint8Array(16)));
    case "i32":
    case "u32":
    case "f32":
    case "i64":
    case "f64":
      return word();
    case "u8":
      return m.i32x4.extend_low_i16x8_u(m.i16x8.extend_low_i8x16_u(m.v128.load32_zero(offset, 1, ptr)));
    case "i8":
      return m.i32x4.extend_low_i16x8_s(m.i16x8.extend_low_i8x16_s(m.v128.load32_zero(offset, 1, ptr)));
    case "u16":
      return m.v128.load16x4_u(offset, 2, ptr);
    case "f16":
    case "bf16":
      return limit(store);
    default:
      return store satisfies never;
  }
}
function storeWhole(f: Func, store: Stored, lanes: number, { ptr, offset }: Address, v: Ref): Ref {
  const { m } = f;
  const word = (x: Ref): Ref =>
    lanes === 2 && STORED_BYTES[store] === 4
      ? m.v128.store64_lane(offset, 4, 0, ptr, x)
      : m.v128.store(offset, STORED_BYTES[store], ptr, x);
  const low = (bytes: readonly number[]): Ref => {
    const held = f.keep(v, V128);
    return m.i8x16.shuffle(held(), held(), [...bytes, ...Array<number>(16 - bytes.length).fill(0)]);
  };
  switch (store) {
    case "bool":
      return word(m.v128.and(v, m.v128.const(lanesOf([1, 1, 1, 1], "i32"))));
    case "i32":
    case "u32":
    case "f32":
    case "i64":
    case "f64":
      return word(v);
    case "u8":
    case "i8":
      return m.v128.store32_lane(offset, 1, 0, ptr, low([0, 4, 8, 12]));
    case "u16":
      return m.v128.store64_lane(offset, 2, 0, ptr, low([0, 1, 4, 5, 8, 9, 12, 13]));
    case "f16":
    case "bf16":
      return limit(store);
    default:
      return store satisfies never;
  }
}
/** lanes lie side by side and fill what a whole load reads */
const adjacent = (buf: Buf, at: At, t: Ty): boolean =>
  !at.gather && (at.stride ?? 1) === 1 && (STORED_BYTES[buf.store] >= 4 || live(t) === 4);

/** where lane l of the whole value lies */
export function laneAddress(f: Func, buf: Buf, at: At, l: number): Address {
  const bytes = STORED_BYTES[buf.store];
  if (!at.gather) return address(f, buf, at, l * (at.stride ?? 1) * bytes);
  const { ptr, offset } = address(f, buf, at);
  const index = lane(f, at.gather, l);
  return { ptr: f.m.i32.add(ptr, bytes === 1 ? index : f.m.i32.mul(index, f.i(bytes))), offset };
}
const scalarType = (store: Stored): Ty => ({ elem: loaded(store), lanes: 1 });

export function loadScalar(f: Func, e: Load): Ref {
  const one = (): Ref => loadOne(f, e.buf.store, laneAddress(f, e.buf, e.at, 0));
  return guarded(f, e.mask, one, e.ty);
}
/** in all lanes what lies at one place */
export function loadSplat(f: Func, e: Load): Ref {
  const bytes = STORED_BYTES[e.buf.store];
  if (e.mask || bytes < 4 || e.buf.store === "bool") return splat(f, loadScalar(f, e), e.ty.elem);
  const { ptr, offset } = laneAddress(f, e.buf, e.at, 0);
  return bytes === 4 ? f.m.v128.load32_splat(offset, 4, ptr) : f.m.v128.load64_splat(offset, 8, ptr);
}
/** a masked load touches no memory where its mask is off, and gives 0 */
function guarded(f: Func, mask: Expr | undefined, load: () => Ref, t: Ty): Ref {
  if (!mask) return load();
  const known = scalarValue(f, mask);
  if (known !== undefined) return known ? load() : constant(f, 0, t);
  return f.m.if(f.gen(mask), f.inline(load, wasmType(t)), constant(f, 0, t));
}
export function loadNative(f: Func, e: Load, j: number): Ref {
  const w = width(e.ty.elem);
  const perLane = e.mask !== undefined && e.mask.ty.lanes > 1;
  if (!perLane) return guarded(f, e.mask, () => loadPlain(f, e, j), e.ty);
  const one = scalarType(e.buf.store);
  return assembleLanes(f, e.ty.elem, live(e.ty), l => {
    const load = (): Ref => loadOne(f, e.buf.store, laneAddress(f, e.buf, e.at, j * w + l));
    return f.m.if(lane(f, e.mask!, j * w + l), f.inline(load, wasmType(one)), constant(f, 0, one));
  });
}
function loadPlain(f: Func, e: Load, j: number): Ref {
  const { m } = f;
  const { store } = e.buf;
  const w = width(e.ty.elem);
  if (adjacent(e.buf, e.at, e.ty))
    return loadWhole(f, store, live(e.ty), address(f, e.buf, e.at, j * w * STORED_BYTES[store]));
  const at = (l: number): Address => laneAddress(f, e.buf, e.at, j * w + l);
  const bytes = STORED_BYTES[store];
  if (!e.at.gather && e.at.stride === 2 && bytes >= 4 && store !== "bool" && live(e.ty) === w)
    return everyOther(f, w, bytes, n => address(f, e.buf, e.at, (2 * j * w + n) * bytes));
  if (bytes < 4 || store === "bool") return assembleLanes(f, e.ty.elem, live(e.ty), l => loadOne(f, store, at(l)));
  const first = at(0);
  let v = bytes === 4 ? m.v128.load32_zero(first.offset, 4, first.ptr) : m.v128.load64_zero(first.offset, 8, first.ptr);
  for (let l = 1; l < live(e.ty); l++) {
    const { ptr, offset } = at(l);
    v = bytes === 4 ? m.v128.load32_lane(offset, 4, l, ptr, v) : m.v128.load64_lane(offset, 8, l, ptr, v);
  }
  return v;
}

/**
 * Loads all natives of what a value reads before any of them is computed: V8 does not move a constant's load (constants.ts) over another,
 * and so would not pair two of them with one between.
 */
export function preload(f: Func, value: Expr): void {
  if (natives(value.ty) < 2 || !hasConstants(value)) return;
  const visit = (e: Expr): void => {
    parts(e).forEach(visit);
    if (e.k !== "load" || e.buf.space === "reg" || e.mask || e.ty.lanes !== value.ty.lanes) return;
    for (let j = 0; j < natives(e.ty); j++) f.once(e, j, () => loadPlain(f, e, j), V128);
  };
  visit(value);
}
const hasConstants = (e: Expr): boolean =>
  (e.k === "const" && e.ty.lanes > 1) || (e.k === "prim" && isMath(e.prim)) || parts(e).some(hasConstants);

// ---- stores
/** a wide constant is a load, too (constants.ts) */
const touchesMemory = (e: Expr): boolean =>
  (e.k === "const" && e.ty.lanes > 1) ||
  (e.k === "load" && (e.buf.space !== "reg" || e.mask !== undefined)) ||
  parts(e).some(touchesMemory);
const parts = (e: Expr): readonly Expr[] => (e.k === "prim" ? e.args : e.k === "fold" ? [e.arg] : []);
/** is `buf` read in another place than the native being computed */
function readsAcross(e: Expr, buf: Buf, whole: Ty, straight: boolean): boolean {
  const mine = straight && e.ty.lanes === whole.lanes && isWide(e.ty.elem) === isWide(whole.elem);
  if (e.k === "load")
    return (e.buf === buf && !mine) || (e.mask !== undefined && readsAcross(e.mask, buf, whole, mine));
  return parts(e).some(a => readsAcross(a, buf, whole, mine && e.k === "prim"));
}

export function storeStatement(f: Func, s: Store): void {
  if (s.mask && scalarValue(f, s.mask) === 0) return;
  if (s.buf.space === "reg") {
    storeRegister(f, s);
    return;
  }
  const mask = s.mask && scalarValue(f, s.mask) === undefined ? s.mask : undefined;
  if (!mask || mask.ty.lanes > 1) {
    storeMemory(f, s, mask);
    return;
  }
  const cond = f.gen(mask);
  f.push(
    f.m.if(
      cond,
      f.body(() => storeMemory(f, s, undefined)),
    ),
  );
}
function storeRegister(f: Func, s: Store): void {
  const t = s.value.ty;
  const n = natives(t);
  const type = wasmType(t);
  preload(f, s.value);
  const value = (j: number): Ref => {
    const v = f.gen(s.value, j);
    return s.mask ? pick(f, s.mask, v, f.get(register(f, s.buf, s.at, t, j), type), t, j) : v;
  };
  const all = Array.from({ length: n }, (_, j) => j);
  const across =
    n > 1 && (readsAcross(s.value, s.buf, t, true) || (s.mask !== undefined && readsAcross(s.mask, s.buf, t, true)));
  const held = across ? all.map(j => f.keep(value(j), type)) : all.map(j => () => value(j));
  held.forEach((v, j) => {
    f.set(register(f, s.buf, s.at, t, j), v());
  });
}
function storeMemory(f: Func, s: Store, mask: Expr | undefined): void {
  const { value: e, buf, at } = s;
  const t = e.ty;
  const { store } = buf;
  if (t.lanes === 1) {
    // the lane of a vector goes to memory as it is
    const lanes = e.k === "prim" && e.prim === "extract" ? e.args[0]! : undefined;
    if (lanes && lanes.ty.lanes > 1 && STORED_BYTES[store] === 4 && store !== "bool") {
      const l = e.k === "prim" ? (e.lane ?? 0) : 0;
      const v = f.gen(lanes, l >> 2);
      const { ptr, offset } = laneAddress(f, buf, at, 0);
      f.push(f.m.v128.store32_lane(offset, 4, l & 3, ptr, v));
      return;
    }
    const v = f.gen(e);
    f.push(storeOne(f, store, laneAddress(f, buf, at, 0), v));
    return;
  }
  const n = natives(t);
  const w = width(t.elem);
  const whole = !mask && adjacent(buf, at, t);
  preload(f, e);
  // all loads before the first store: a load between two stores stops the revectoriser
  const vals = Array.from({ length: n }, (_, j) => f.gen(e, j));
  const held = (touchesMemory(e) && n > 1) || !whole ? vals.map(v => f.keep(v, V128)) : vals.map(v => () => v);
  if (whole) {
    held.forEach((v, j) => {
      f.push(storeWhole(f, store, live(t), apart(f, address(f, buf, at, j * w * STORED_BYTES[store])), v()));
    });
    return;
  }
  settle(f, at.gather);
  settle(f, mask);
  held.forEach((v, j) => {
    for (let l = 0; l < live(t); l++) {
      const put = (): void => f.push(storeLane(f, store, laneAddress(f, buf, at, j * w + l), v(), l));
      if (mask) f.push(f.m.if(lane(f, mask, j * w + l), f.body(put)));
      else put();
    }
  });
}
/** V8 pairs stores at one pointer that are 16 bytes apart, and all that leads to them: every other one has a pointer of its own */
const apart = (f: Func, { ptr, offset }: Address): Address =>
  f.target.narrow && offset & 16 ? { ptr: f.offset(ptr, offset), offset: 0 } : { ptr, offset };
function storeLane(f: Func, store: Stored, at: Address, v: Ref, l: number): Ref {
  const { m } = f;
  switch (STORED_BYTES[store]) {
    case 8:
      return m.v128.store64_lane(at.offset, 8, l, at.ptr, v);
    case 4:
      return store === "bool"
        ? storeOne(f, store, at, extract(f, v, "bool", l))
        : m.v128.store32_lane(at.offset, 4, l, at.ptr, v);
    case 2:
      return m.v128.store16_lane(at.offset, 2, 2 * l, at.ptr, v);
    default:
      return m.v128.store8_lane(at.offset, 1, 4 * l, at.ptr, v);
  }
}

/** w elements, one left out between any two: the vectors that begin with the first and end with the last of them, shuffled */
function everyOther(f: Func, w: number, bytes: number, at: (element: number) => Address): Ref {
  const load = (element: number): Ref => {
    const { ptr, offset } = at(element);
    return f.m.v128.load(offset, bytes, ptr);
  };
  const order = Array.from({ length: w }, (_, l) => (l < w / 2 ? 2 * l : 2 * l + 1));
  return shuffle(f, order, bytes, load(0), load(w - 1));
}

// ---- atomics
/** lane after lane. Where no other thread sees the memory, reading, combining and writing suffices */
export function atomicStatement(f: Func, s: Atomic): void {
  const t = s.value.ty;
  settle(f, s.value);
  settle(f, s.at.gather);
  settle(f, s.mask);
  for (let l = 0; l < t.lanes; l++) {
    const one = (): void => {
      const { ptr, offset } = laneAddress(f, s.buf, s.at, l);
      const at = f.keep(ptr, I32);
      const v = f.keep(lane(f, s.value, l), wasmType(scalarType(s.buf.store)));
      if (f.target.shared) exchange(f, s, at, offset, v);
      else
        f.push(
          storeOne(
            f,
            s.buf.store,
            { ptr: at(), offset },
            combine(f, s, loadOne(f, s.buf.store, { ptr: at(), offset }), v()),
          ),
        );
    };
    const known = s.mask ? scalarValue(f, s.mask) : 1;
    if (known === 0) continue;
    if (known === undefined) f.push(f.m.if(lane(f, s.mask!, s.mask!.ty.lanes === 1 ? 0 : l), f.body(one)));
    else one();
  }
}
const combine = (f: Func, s: Atomic, old: Ref, v: Ref): Ref => vertical(f, s.op, scalarType(s.buf.store), old, v);
/** compare and exchange until no other thread came between */
function exchange(f: Func, s: Atomic, at: () => Ref, offset: number, v: () => Ref): void {
  const { m } = f;
  const elem = loaded(s.buf.store);
  const wide = isWide(elem);
  const ints = wide ? m.i64 : m.i32;
  const type = wasmType({ elem: wide ? "i64" : "i32", lanes: 1 });
  const float = elem === "f32" || elem === "f64";
  const toFloat = (x: Ref): Ref => (!float ? x : wide ? m.f64.reinterpret(x) : m.f32.reinterpret(x));
  const toBits = (x: Ref): Ref => (!float ? x : ints.reinterpret(x));
  const label = `a${f.labels++}`;
  const again = f.body(() => {
    const old = f.keep(wide ? m.i64.atomic.load(offset, at()) : m.i32.atomic.load(offset, at()), type);
    const next = toBits(combine(f, s, toFloat(old()), v()));
    const seen = ints.atomic.rmw.cmpxchg(offset, at(), old(), next);
    f.push(m.br(label, ints.ne(seen, old())));
  });
  f.push(m.loop(label, again));
}
