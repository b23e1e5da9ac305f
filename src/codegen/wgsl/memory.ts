/**
 * Loads, stores and atomics. Elements of 8 and 16 bits lie packed in u32 words, bools are words, those of 64 bits pairs of words; a buffer with atomics is atomic
 * everywhere. A masked lane reads element 0 and drops it, so that no access is outside. Knows no statement but stores.
 */
import { type At, type Buf, type Expr, ty } from "../../ir/loop.ts";
import { loaded, type Stored } from "../../ir/type.ts";
import { known, lane } from "./known.ts";
import { zeroOf } from "./prim.ts";
import {
  affineText,
  blockName,
  braces,
  type Cx,
  constantOf,
  emit,
  exactLiteral,
  hold,
  identifier,
  isWide,
  type LoadExpr,
  literal,
  nativeOf,
  natives,
  type Place,
  type StoreStmt,
  spread,
  typeOf,
  width,
} from "./text.ts";

const placeOf = (cx: Cx, b: Buf): Place => {
  const p = cx.places.get(b);
  if (!p) throw new Error(`internal: ${cx.kernel}: no buffer ${b.name}`);
  return p;
};
/** the variable of native j of a register */
function register(cx: Cx, b: Buf, at: At, lanes: number, j: number): string {
  const i = constantOf(cx, at);
  const names = cx.regs.get(b);
  if (i === undefined || !names) throw new Error(`internal: ${cx.kernel}: a subscript of ${b.name} is not constant`);
  const key = lanes === 1 ? i : (i - (i % lanes)) / width(lanes as 4) + j;
  const old = names.get(key);
  if (old) return old;
  const own = `${identifier(b.name)}_r${key}`;
  let name = own;
  for (let again = 1; cx.taken.has(name); again++) name = `${own}_${again}`;
  cx.taken.add(name);
  names.set(key, name);
  return name;
}

// ---- one word, in one of the bindings of its buffer

/** `of`: the access to an element of one binding; value: the type of a second argument `v` */
function inBlocks(cx: Cx, p: Place, name: string, head: string, of: (element: string) => string): string {
  const { count, words } = p.blocks!;
  const own = `${name}_${p.name}`;
  const last = count - 1;
  const at = (b: number): string => of(`${blockName(p, b)}[${b === 0 ? "i" : `i - ${b * words}`}]`);
  const cases = Array.from({ length: last }, (_, b) => `  if (i < ${(b + 1) * words}) { ${at(b)} }`);
  cx.module.set(own, [`fn ${own}${head} {`, ...cases, `  ${at(last)}`, "}"].join("\n"));
  return own;
}
const typeAt = (p: Place, b: Buf): string => (p.flags || p.words || p.raw ? "u32" : typeOf(ty(loaded(b.store))));
function wordAt(cx: Cx, p: Place, b: Buf, i: string): string {
  const load = (element: string): string => (p.atomic ? `atomicLoad(&${element})` : element);
  if (!p.blocks) return load(`${p.name}[${i}]`);
  return `${inBlocks(cx, p, "load", `(i: i32) -> ${typeAt(p, b)}`, element => `return ${load(element)};`)}(${i})`;
}
function putWord(cx: Cx, p: Place, b: Buf, i: string, v: string): void {
  if (p.atomic) atomicWord(cx, p, b, "atomicStore", i, v);
  else if (!p.blocks) emit(cx, `${p.name}[${i}] = ${v};`);
  else
    emit(
      cx,
      `${inBlocks(cx, p, "store", `(i: i32, v: ${typeAt(p, b)})`, element => `${element} = v; return;`)}(${i}, ${v});`,
    );
}
function atomicWord(cx: Cx, p: Place, b: Buf, op: string, i: string, v: string): void {
  if (!p.blocks) emit(cx, `${op}(&${p.name}[${i}], ${v});`);
  else
    emit(
      cx,
      `${inBlocks(cx, p, op, `(i: i32, v: ${typeAt(p, b)})`, element => `${op}(&${element}, v); return;`)}(${i}, ${v});`,
    );
}

// ---- one element

function elementAt(cx: Cx, p: Place, b: Buf, index: string): string {
  const word = (i: string): string => wordAt(cx, p, b, i);
  if (p.flags) return `(${word(index)} != 0u)`;
  const operand = grouped(index);
  if (halved(p, b)) return `vec2<u32>(${word(`2 * ${operand}`)}, ${word(`2 * ${operand} + 1`)})`;
  if (!p.words) return p.raw && loaded(b.store) !== "u32" ? `bitcast<${loaded(b.store)}>(${word(index)})` : word(index);
  const { log, bits, signed } = PACKED[b.store as keyof typeof PACKED];
  const bytes = word(`${operand} >> ${log}u`);
  const source = signed ? `bitcast<i32>(${bytes})` : bytes;
  return `i32(extractBits(${source}, (u32(${index}) & ${2 ** log - 1}u) * ${bits}u, ${bits}u))`;
}
const PACKED = {
  u8: { log: 2, bits: 8, signed: false },
  i8: { log: 2, bits: 8, signed: true },
  u16: { log: 1, bits: 16, signed: false },
} as const;
/** a pair whose words lie in a binding of words */
const halved = (p: Place, b: Buf): boolean => p.raw && isWide(b.store);
export const isPacked = (s: Stored): boolean => s in PACKED;
/** an index that is a sum, as an operand of what binds tighter */
const grouped = (index: string): string => (/^\w+$/.test(index) ? index : `(${index})`);
function putElement(cx: Cx, p: Place, b: Buf, index: string, value: string): void {
  const operand = grouped(index);
  const word = (i: string, v: string): void => putWord(cx, p, b, i, v);
  if (p.flags) word(index, `select(0u, 1u, ${value})`);
  else if (halved(p, b)) {
    const both = hold(cx, value);
    word(`2 * ${operand}`, `${both}.x`);
    word(`2 * ${operand} + 1`, `${both}.y`);
  } else if (!p.words) word(index, p.raw && loaded(b.store) !== "u32" ? `bitcast<u32>(${value})` : value);
  else {
    // each invocation owns its bits of the word: the order of the two steps of others does not matter
    const { log, bits } = PACKED[b.store as keyof typeof PACKED];
    const i = hold(cx, `${operand} >> ${log}u`);
    const shift = hold(cx, `(u32(${index}) & ${2 ** log - 1}u) * ${bits}u`);
    atomicWord(cx, p, b, "atomicAnd", i, `~(${2 ** bits - 1}u << ${shift})`);
    atomicWord(cx, p, b, "atomicOr", i, `(u32(${value}) & ${2 ** bits - 1}u) << ${shift}`);
  }
}

// ---- indices

/** the element of each lane, all of them beginning at a value that is held */
function indices(cx: Cx, b: Buf, at: At, lanes: number): (l: number) => string {
  const p = placeOf(cx, b);
  const start = p.at ? `${p.at} + ` : "";
  if (at.gather) {
    const base = constantOf(cx, at) === 0 && !p.at ? "" : `${hold(cx, `${start}${affineText(cx, at)}`)} + `;
    const { gather } = at;
    return l => `${base}${lane(cx, gather, l)}`;
  }
  const by = at.stride ?? 1;
  const fixed = constantOf(cx, at);
  if (fixed !== undefined) return l => (p.at ? `${p.at} + ${fixed + l * by}` : `${fixed + l * by}`);
  if (lanes === 1) return () => `${start}${affineText(cx, at)}`;
  const base = hold(cx, `${start}${affineText(cx, at)}`);
  return l => (l === 0 || by === 0 ? base : `${base} + ${l * by}`);
}

/** native j; only its lanes are read */
export function loadNative(cx: Cx, e: LoadExpr, j: number): string {
  const { buf: b, ty: t } = e;
  const mask = e.mask && known(cx, e.mask) === undefined ? e.mask : undefined;
  if (e.mask && !mask && known(cx, e.mask) === 0) return zeroOf(cx, nativeOf(t));
  if (b.space === "reg") {
    const r = register(cx, b, e.at, t.lanes, j);
    if (!mask) return r;
    const w = nativeOf(t);
    return cx.prim("select", { cx, t: w, of: w.elem, args: [cx.gen(cx, mask, j), r, zeroOf(cx, w)] });
  }
  const p = placeOf(cx, b);
  const first = 4 * j;
  const own = Array.from({ length: width(t.lanes) }, (_, l) => first + l);
  const vector = (lanes: readonly string[]): string =>
    t.lanes === 1 ? lanes[0]! : `${typeOf(t)}(${lanes.join(", ")})`;
  if (mask && mask.ty.lanes === 1 && t.lanes > 1) {
    const out = `tmp${cx.serial++}`;
    emit(cx, `var ${out} = ${typeOf(t)}();`);
    braces(cx, `if (${cx.gen(cx, mask)}) `, () => {
      const at = indices(cx, b, e.at, t.lanes);
      emit(cx, `${out} = ${vector(own.map(l => elementAt(cx, p, b, heldIndex(cx, p, b, at(l)))))};`);
    });
    return out;
  }
  const at = indices(cx, b, e.at, t.lanes);
  if (!mask) return vector(own.map(l => elementAt(cx, p, b, heldIndex(cx, p, b, at(l)))));
  const zero = literal(cx, 0, t.elem);
  return vector(
    own.map(l => {
      const on = hold(cx, lane(cx, mask, l));
      return `select(${zero}, ${elementAt(cx, p, b, hold(cx, `select(0, ${at(l)}, ${on})`))}, ${on})`;
    }),
  );
}
/** packed elements and pairs use their index twice; else it needs parentheses nowhere */
const heldIndex = (cx: Cx, p: Place, b: Buf, index: string): string =>
  p.words || halved(p, b) ? hold(cx, index) : index;

// ---- stores

/** all natives of a value, each held if a store of a part could change what the others read */
function values(cx: Cx, e: Expr): readonly string[] {
  const all = Array.from({ length: natives(e.ty) }, (_, j) => cx.gen(cx, e, j));
  return all.length === 1 ? all : all.map(v => hold(cx, v));
}
export function storeStatement(cx: Cx, s: StoreStmt): void {
  const { buf: b, value } = s;
  const mask = s.mask && known(cx, s.mask) === undefined ? s.mask : undefined;
  if (s.mask && !mask && known(cx, s.mask) === 0) return;
  if (b.space === "reg") {
    const w = nativeOf(value.ty);
    (cx.folded.has(b) ? values(cx, value) : storedValues(cx, value)).forEach((v, j) => {
      const r = register(cx, b, s.at, value.ty.lanes, j);
      const chosen = (m: Expr): string =>
        cx.prim("select", { cx, t: w, of: w.elem, args: [splatMask(cx, m, w.lanes, j), v, r] });
      emit(cx, `${r} = ${mask ? chosen(mask) : v};`);
    });
    return;
  }
  if (mask && mask.ty.lanes === 1) braces(cx, `if (${cx.gen(cx, mask)}) `, () => elementStores(cx, s, undefined));
  else elementStores(cx, s, mask);
}
const splatMask = (cx: Cx, mask: Expr, lanes: number, j: number): string =>
  mask.ty.lanes === 1 && lanes > 1 ? `vec${lanes}<bool>(${cx.gen(cx, mask)})` : cx.gen(cx, mask, j);

function elementStores(cx: Cx, s: StoreStmt, mask: Expr | undefined): void {
  const { buf: b, value } = s;
  const p = placeOf(cx, b);
  const { lanes } = value.ty;
  const all = storedValues(cx, value).map(v => (lanes === 1 ? v : hold(cx, v)));
  const w = width(lanes);
  const at = indices(cx, b, s.at, lanes);
  const on = mask && Array.from({ length: lanes }, (_, l) => hold(cx, lane(cx, mask, l)));
  const places = Array.from({ length: lanes }, (_, l) => (s.at.gather || halved(p, b) ? hold(cx, at(l)) : at(l)));
  for (let l = 0; l < lanes; l++) {
    const native = all.length === 1 ? all[0]! : all[Math.floor(l / w)]!;
    const v = lanes === 1 ? native : `${native}[${l % w}]`;
    const put = (): void => {
      if (s.k === "store") putElement(cx, p, b, places[l]!, v);
      else atomicWord(cx, p, b, ATOMIC[s.op], places[l]!, v);
    };
    if (on) braces(cx, `if (${on[l]}) `, put);
    else put();
  }
}
/** an infinity that is stored for itself is one; elsewhere it stands for what is beyond all others (text.ts) */
function storedValues(cx: Cx, e: Expr): readonly string[] {
  const fixed = known(cx, e);
  if (e.ty.elem === "f32" && Math.abs(fixed ?? 0) === Infinity)
    return values(cx, e).map(() => spread(nativeOf(e.ty), exactLiteral(cx, fixed!, "f32")));
  return values(cx, e);
}
const ATOMIC = { add: "atomicAdd", max: "atomicMax", min: "atomicMin", or: "atomicOr" } as const;
/** what one element of a buffer is declared as */
export function declared(b: Buf, p: Place): string {
  if (b.space !== "param") return p.atomic ? `atomic<${loaded(b.store)}>` : typeOf(ty(loaded(b.store)));
  return p.atomic ? `atomic<${typeAt(p, b)}>` : typeAt(p, b);
}
