/** One WebAssembly function while it is being written: locals, statements so far, what is in scope. Knows nothing of LOOP's statements. */
import binaryen from "binaryen";
import type { Buf, Expr, Ty, Var } from "../../ir/loop.ts";
import type { Elem } from "../../ir/type.ts";
import type { Constants } from "./constants.ts";

/** relaxed: fma is one instruction, rounded once where the machine can. simd: multiplication, then addition */
export type Build = "relaxed" | "simd";
export type Ref = binaryen.ExpressionRef;
export type WasmType = binaryen.Type;
export type Module = binaryen.Module;

/** const: known while compiling. dyn: an i32 that addresses follow; no local: it exists in pointers only. val: one local per native, or one for all */
export type Bind =
  | { readonly k: "const"; readonly value: number }
  | { readonly k: "dyn"; readonly local?: number }
  | { readonly k: "val"; readonly locals: readonly number[] };
/** a local that holds: first byte of the buffer + its terms + bias */
export interface Pointer {
  readonly local: number;
  readonly bias: number;
}
/** what all functions of a module share */
export interface Target {
  readonly m: Module;
  readonly build: Build;
  readonly shared: boolean;
  /** the function is to stay as it is written, in 128 bits: no two of its stores may become one */
  readonly narrow?: boolean;
  readonly gen: (f: Func, e: Expr, j: number) => Ref;
  /** helper functions already in the module */
  readonly helpers: Set<string>;
  readonly constants: Constants;
}

export const I32 = binaryen.i32;
export const V128 = binaryen.v128;
export const isWide = (e: Elem): boolean => e === "i64" || e === "f64";
/** lanes of a native of 128 bits */
export const width = (e: Elem): number => (isWide(e) ? 2 : 4);
export const natives = (t: Ty): number => Math.max(1, t.lanes / width(t.elem));
/** lanes of a native that hold something */
export const live = (t: Ty): number => Math.min(t.lanes, width(t.elem));
export function wasmType(t: Ty): WasmType {
  if (t.lanes > 1) return V128;
  switch (t.elem) {
    case "bool":
    case "i32":
    case "u32":
      return I32;
    case "i64":
      return binaryen.i64;
    case "f32":
      return binaryen.f32;
    case "f64":
      return binaryen.f64;
    case "f16":
      throw new Error("limit: f16 is not supported on WebAssembly; use f32");
    default:
      return t.elem satisfies never;
  }
}
/** relaxed operations of three vectors have no builder of their own in binaryen 132; the C function they would call is exported */
export const ternary = (m: Module, op: binaryen.Operations, a: Ref, b: Ref, c: Ref): Ref =>
  (binaryen as unknown as { _BinaryenSIMDTernary: (m: number, ...a: readonly number[]) => Ref })._BinaryenSIMDTernary(
    m.ptr,
    op,
    a,
    b,
    c,
  );

export class Func {
  readonly target: Target;
  readonly m: Module;
  readonly name: string;
  readonly params: readonly WasmType[];
  readonly env = new Map<Var, Bind>();
  readonly pointers = new Map<string, Pointer>();
  readonly regs = new Map<Buf, readonly number[]>();
  readonly ids = new Map<Var, number>();
  /** local that holds the first free byte of worker scratch, and how much of it is taken */
  scratch = 0;
  scratchTop = 0;
  labels = 0;
  parts = 0;
  private readonly vars: WasmType[] = [];
  private readonly free = new Map<WasmType, number[]>();
  private out: Ref[] = [];
  private temporaries: { type: WasmType; local: number }[] = [];
  private memo: Map<Expr, Map<number, () => Ref>>[] = [new Map()];
  private moved: Map<string, () => Ref>[] = [new Map()];

  constructor(target: Target, name: string, params: readonly WasmType[]) {
    this.target = target;
    this.m = target.m;
    this.name = name;
    this.params = params;
  }
  /** small indices are one byte: a local whose scope has ended is used again */
  local(type: WasmType): number {
    const l = this.free.get(type)?.pop();
    if (l !== undefined) return l;
    this.vars.push(type);
    return this.params.length + this.vars.length - 1;
  }
  release(type: WasmType, locals: Iterable<number>): void {
    const free = this.free.get(type) ?? [];
    free.push(...[...locals].reverse());
    this.free.set(type, free);
  }
  push(statement: Ref): void {
    this.out.push(statement);
  }
  set(l: number, v: Ref): void {
    this.out.push(this.m.local.set(l, v));
  }
  get(l: number, type: WasmType = I32): Ref {
    return this.m.local.get(l, type);
  }
  i(n: number): Ref {
    return this.m.i32.const(n | 0);
  }
  /** pointer + constant, modulo 2^32 */
  offset(ptr: Ref, bytes: number): Ref {
    return bytes === 0 ? ptr : this.m.i32.add(ptr, this.i(bytes));
  }
  /** a local that holds a value until the statement ends */
  hold(v: Ref, type: WasmType): number {
    const local = this.local(type);
    this.temporaries.push({ type, local });
    this.set(local, v);
    return local;
  }
  /** a value that is used more than once */
  keep(v: Ref, type: WasmType): () => Ref {
    const local = this.hold(v, type);
    return () => this.get(local, type);
  }
  /** native `j` of an expression, if this statement has computed it */
  known(e: Expr, j: number): Ref | undefined {
    for (const scope of this.memo) {
      const found = scope.get(e)?.get(j);
      if (found) return found();
    }
    return undefined;
  }
  /** native `j` of an expression, computed once per statement */
  once(e: Expr, j: number, compute: () => Ref, type: WasmType): Ref {
    const known = this.known(e, j);
    if (known !== undefined) return known;
    const held = this.keep(compute(), type);
    const scope = this.memo[this.memo.length - 1]!;
    const natives = scope.get(e) ?? new Map<number, () => Ref>();
    natives.set(j, held);
    scope.set(e, natives);
    return held();
  }
  /** pointer + constant, one node for all natives of a statement: the revectoriser pairs only what shares its base */
  far(pointer: number, bytes: number): Ref {
    const key = `${pointer} ${bytes}`;
    for (const scope of this.moved) {
      const found = scope.get(key);
      if (found) return found();
    }
    const held = this.keep(this.offset(this.get(pointer), bytes), I32);
    this.moved[this.moved.length - 1]!.set(key, held);
    return held();
  }
  /** native j of an expression (j = 0 where it is scalar) */
  gen(e: Expr, j = 0): Ref {
    return this.target.gen(this, e, j);
  }
  /** what `f` emits, as one list; what it computed once is not known outside */
  capture(f: () => void): readonly Ref[] {
    const outer = this.out;
    const inner: Ref[] = [];
    this.out = inner;
    this.memo.push(new Map());
    this.moved.push(new Map());
    f();
    this.memo.pop();
    this.moved.pop();
    this.out = outer;
    return inner;
  }
  body(f: () => void): Ref {
    return this.m.block(null, this.capture(f));
  }
  /** a value whose temporaries are set where it is used, not before: for an arm of a branch */
  inline(f: () => Ref, type: WasmType): Ref {
    let result: Ref = 0;
    const before = this.capture(() => {
      result = f();
    });
    return before.length ? this.m.block(null, [...before, result], type) : result;
  }
  /** temporaries that `f` makes end with it, and it knows none of those around: memory may have changed */
  statement(f: () => void): void {
    const [temporaries, memo, moved] = [this.temporaries, this.memo, this.moved];
    this.temporaries = [];
    this.memo = [new Map()];
    this.moved = [new Map()];
    f();
    for (const t of this.temporaries) this.release(t.type, [t.local]);
    this.temporaries = temporaries;
    this.memo = memo;
    this.moved = moved;
  }
  id(v: Var): number {
    const known = this.ids.get(v) ?? this.ids.size;
    this.ids.set(v, known);
    return known;
  }
  /** an i32 variable's value */
  dynamic(v: Var): Ref {
    const b = this.env.get(v);
    if (b?.k === "const") return this.i(b.value);
    if (b?.k === "dyn" && b.local !== undefined) return this.get(b.local);
    throw new Error(`internal: ${this.name}: ${v.name} has no value here`);
  }
  finish(): void {
    const params = binaryen.createType([...this.params]);
    this.m.addFunction(this.name, params, binaryen.none, this.vars, this.m.block(null, this.out));
  }
}
