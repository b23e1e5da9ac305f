/**
 * LOOP's statements as one WGSL module with one entry point. Two forms: a kernel without a workgroup runs one item of its grid per
 * invocation; one with a workgroup runs an item per workgroup. Nothing returns early, so barriers stand in uniform control flow.
 * Knows nothing of axes, layouts, phases.
 */
import {
  type Block,
  type Bound,
  type Buf,
  blocks,
  type Expr,
  type LoopKernel,
  registerType,
  type Stmt,
  type Var,
} from "../../ir/loop.ts";
import type { Blocks, GpuParam, Size } from "../../ir/plan.ts";
import { type Dim, STORED_BYTES } from "../../ir/type.ts";
import { gen } from "./expr.ts";
import { known, uniform } from "./known.ts";
import { declared, isPacked, storeStatement } from "./memory.ts";
import { generate } from "./prim.ts";
import {
  affineText,
  apart,
  blockName,
  braces,
  type Cx,
  constantOf,
  emit,
  identifier,
  indented,
  isWide,
  type Known,
  natives,
  type Place,
  typeOf,
} from "./text.ts";

/** items per workgroup of a kernel that names no workgroup itself */
const INVOCATIONS = 64;
/** private memory of one invocation that a kernel may take for scratch; beyond it an item is a workgroup of its own */
const PRIVATE_BYTES = 1024;

export interface KernelText {
  readonly code: string;
  /** items of the grid that one workgroup runs */
  readonly items: number;
  /** invocations of a workgroup */
  readonly size: number;
  /** bytes of workgroup memory */
  readonly groupBytes: number;
  readonly subgroups: boolean;
  readonly params: readonly GpuParam[];
}
/**
 * Where a param is. moving: it begins elsewhere in each batch; shared: those that name one thing lie in one binding; blocks: what is
 * larger than a binding lies in several, each but the last of so many bytes.
 */
export interface Bind {
  readonly moving?: boolean;
  readonly shared?: string;
  readonly blocks?: Blocks;
}

export function kernelText(k: LoopKernel, binds: readonly Bind[] = []): KernelText {
  const uses = usesOf(k.body);
  const cx: Cx = {
    kernel: k.name,
    out: [],
    env: new Map(),
    regs: new Map(),
    taken: new Set(),
    places: new Map(),
    folded: uses.again,
    module: new Map(),
    subgroups: false,
    serial: 0,
    gen,
    prim: generate,
  };
  const scratch = uses.scratch;
  const bytes = [...scratch].reduce((sum, b) => sum + wordBytes(b), 0);
  const own = k.group.length > 0 || bytes > PRIVATE_BYTES;
  const size = k.group.reduce((n, g) => n * g.size, own ? 1 : INVOCATIONS);
  const { params, declarations, starts } = bindings(cx, k, binds, uses);
  const taken = new Set<string>();
  for (const b of scratch) {
    let name = `s_${identifier(b.name)}`;
    while (taken.has(name)) name += "_";
    taken.add(name);
    const place: Place = { name, words: false, flags: false, raw: false, atomic: uses.atomic.has(b) };
    cx.places.set(b, place);
    cx.module.set(name, `var<${own ? "workgroup" : "private"}> ${name}: array<${declared(b, place)}, ${b.extent}>;`);
  }
  const body = apart(cx, () => {
    const guard = header(cx, k, own, size);
    for (const s of starts) emit(cx, s);
    braces(cx, guard, () => {
      place(cx, k, own);
      block(cx, k.body);
    });
  });
  const code = [
    ...(cx.subgroups ? ["enable subgroups;"] : []),
    "struct Scalars { n: i32, start: i32 }",
    "@group(1) @binding(0) var<uniform> scalars: Scalars;",
    ...declarations,
    ...cx.module.values(),
    `@compute @workgroup_size(${size})`,
    "fn main(",
    "  @builtin(workgroup_id) group: vec3<u32>,",
    "  @builtin(num_workgroups) groups: vec3<u32>,",
    "  @builtin(local_invocation_index) lane: u32,",
    ") {",
    ...indented(body),
    "}",
    "",
  ].join("\n");
  return {
    code,
    items: own ? 1 : size,
    size,
    groupBytes: own ? bytes : 0,
    subgroups: cx.subgroups,
    params,
  };
}
/** a binding per param, or one per group of those that share; what the player adds to their indices comes as pipeline constants */
function bindings(
  cx: Cx,
  k: LoopKernel,
  binds: readonly Bind[],
  uses: Uses,
): { params: readonly GpuParam[]; declarations: readonly string[]; starts: readonly string[] } {
  const isAtomic = (b: Buf): boolean => uses.atomic.has(b) || (isPacked(b.store) && uses.written.has(b));
  const names: string[] = [];
  const declarations: string[] = [];
  const overrides: string[] = [];
  const starts: string[] = [];
  const params = k.params.map((b, i): GpuParam => {
    const { moving = false, shared, blocks } = binds[i] ?? {};
    const own = `m_${identifier(b.name)}`;
    const name = shared === undefined ? own : `region_${identifier(shared)}`;
    const members = shared === undefined ? [b] : k.params.filter((_, q) => binds[q]?.shared === shared);
    const place: Place = {
      name,
      words: isPacked(b.store),
      flags: b.store === "bool",
      raw: shared !== undefined || (isWide(b.store) && blocks !== undefined),
      atomic: members.some(isAtomic),
      ...(blocks ? { blocks: { count: blocks.count, words: blocks.bytes / 4 } } : {}),
    };
    const base = shared === undefined ? undefined : `${own}_base`;
    const step = moving ? `${own}_step` : undefined;
    cx.places.set(b, base || step ? { ...place, at: `${own}_at` } : place);
    if (base) overrides.push(`override ${base}: i32;`);
    if (step) overrides.push(`override ${step}: i32;`);
    const parts = [...(base ? [base] : []), ...(step ? [`scalars.start * ${step}`] : [])];
    if (parts.length) starts.push(`let ${own}_at = ${parts.join(" + ")};`);
    let binding = names.indexOf(name);
    if (binding < 0) {
      binding = names.length;
      for (let q = 0; q < (blocks?.count ?? 1); q++) {
        const own = blockName(place, q);
        const at = names.push(own) - 1;
        declarations.push(`@group(0) @binding(${at}) var<storage, read_write> ${own}: array<${declared(b, place)}>;`);
      }
    }
    const bytes = bytesOf(b);
    const more = { ...(base ? { base } : {}), ...(step ? { step } : {}), ...(blocks ? { blocks } : {}) };
    return { binding, ...(bytes === undefined ? {} : { bytes }), unit: STORED_BYTES[b.store], ...more };
  });
  return { params, declarations: [...declarations, ...overrides], starts };
}
const wordBytes = (b: Buf): number => (typeof b.extent === "number" ? (isWide(b.store) ? 8 : 4) * b.extent : 0);

/** the item of this invocation; gives the head of the block that runs if there is one */
function header(cx: Cx, k: LoopKernel, own: boolean, size: number): string {
  emit(cx, "let n = scalars.n;");
  if (k.n) cx.env.set(k.n, { k: "names", names: ["n"] });
  const group = "i32(group.y * groups.x + group.x)";
  emit(cx, `let item = ${own ? group : `${group} * ${size} + i32(lane)`};`);
  k.grid.forEach((g, i) => {
    emit(cx, `let size${i} = ${items(g.to)};`);
  });
  return k.grid.length ? `if (item < ${k.grid.map((_, i) => `size${i}`).join(" * ")}) ` : "if (item < 1) ";
}
function items(to: LoopKernel["grid"][number]["to"]): string {
  if (typeof to === "number") return String(to);
  if (!("of" in to)) return dim(to);
  if (typeof to.of === "number") return String(Math.ceil(to.of / to.by));
  return `(${dim({ n: to.of.n, plus: to.of.plus + to.by - 1 })}) / ${to.by}`;
}
const dim = (d: Exclude<Dim, number>): string =>
  [d.n === 1 ? "n" : `n * ${d.n}`, ...(d.plus ? [d.plus < 0 ? `(${d.plus})` : String(d.plus)] : [])].join(" + ");
/** grid and workgroup variables: the last one moves fastest, so that neighbours touch neighbours */
function place(cx: Cx, k: LoopKernel, own: boolean): void {
  const set = (v: Var, text: string): void => {
    const name = identifier(v.name);
    emit(cx, `let ${name} = ${text};`);
    cx.env.set(v, { k: "names", names: [name] });
  };
  k.grid.forEach((g, i) => {
    const inner = k.grid.slice(i + 1).map((_, q) => `size${i + 1 + q}`);
    const whole = inner.length ? `item / (${inner.join(" * ")})` : "item";
    set(g.iv, i === 0 ? whole : `(${whole}) % size${i}`);
  });
  if (!own) return;
  k.group.forEach((g, i) => {
    const inner = k.group.slice(i + 1).reduce((n, q) => n * q.size, 1);
    set(g.iv, `i32(lane)${inner === 1 ? "" : ` / ${inner}`}${i === 0 ? "" : ` % ${g.size}`}`);
  });
}
export function bytesOf(b: Buf): Size | undefined {
  const [e, unit] = [b.extent, STORED_BYTES[b.store]];
  if (e === "unknown") return undefined;
  return typeof e === "object" && "of" in e ? { ...e, unit: e.unit * unit } : { of: e, by: 1, unit };
}
interface Uses {
  readonly written: Set<Buf>;
  /** by more than one statement: what is folded begins with one and goes on with another */
  readonly again: Set<Buf>;
  readonly atomic: Set<Buf>;
  readonly scratch: Set<Buf>;
}
function usesOf(
  b: Block,
  found: Uses = { written: new Set(), again: new Set(), atomic: new Set(), scratch: new Set() },
): Uses {
  for (const s of b) {
    if (s.k === "store") (found.written.has(s.buf) ? found.again : found.written).add(s.buf);
    if (s.k === "atomic") found.atomic.add(s.buf);
    if (s.k === "alloc" && s.buf.space === "group") found.scratch.add(s.buf);
    for (const inner of blocks(s)) usesOf(inner, found);
  }
  return found;
}

// ---- statements

function block(cx: Cx, b: Block): void {
  for (const s of b) statement(cx, s);
}
function statement(cx: Cx, s: Stmt): void {
  switch (s.k) {
    case "for":
      return void loop(cx, s);
    case "if": {
      const cond = known(cx, s.cond);
      if (cond !== undefined) return void scope(cx, cond ? s.then : s.else);
      braces(cx, `if (${gen(cx, s.cond)}) `, () => block(cx, s.then));
      if (s.else.length) braces(cx, "else ", () => block(cx, s.else));
      return;
    }
    case "let":
      return void define(cx, s.to, s.value);
    case "store":
    case "atomic":
      return void storeStatement(cx, s);
    case "alloc":
      return void allocate(cx, s.buf, s.body);
    case "barrier":
      return void emit(cx, "workgroupBarrier();");
    case "frag":
      throw new Error(`internal: ${cx.kernel}: matrix fragments have no text yet`);
    default:
      s satisfies never;
  }
}
/** names of one body may come again: an unrolled one does */
function scope(cx: Cx, b: Block): void {
  if (b.some(s => s.k === "let")) braces(cx, "", () => block(cx, b));
  else block(cx, b);
}
function define(cx: Cx, v: Var, e: Expr): void {
  const value = known(cx, e);
  if (value !== undefined) {
    cx.env.set(v, { k: "const", value });
    return;
  }
  const name = identifier(v.name);
  const count = uniform(cx, e) ? 1 : natives(v.ty);
  const names = Array.from({ length: count }, (_, j) => (count === 1 ? name : `${name}_n${j}`));
  names.forEach((x, j) => {
    emit(cx, `let ${x} = ${gen(cx, e, j)};`);
  });
  cx.env.set(v, { k: "names", names });
}
function allocate(cx: Cx, buf: Buf, body: Block): void {
  if (buf.space !== "reg") {
    block(cx, body);
    return;
  }
  const t = registerType(buf, body);
  const names = new Map<number, string>();
  cx.regs.set(buf, names);
  const inner = apart(cx, () => block(cx, body));
  cx.regs.delete(buf);
  // declared once it is known which are in use; not in a block of their own, which WGSL nests 127 deep at most
  const type = t ? typeOf(t) : "";
  for (const n of names.values()) emit(cx, `var ${n}: ${type};`);
  cx.out.push(...inner);
}
function loop(cx: Cx, s: Extract<Stmt, { readonly k: "for" }>): void {
  const from = edge(cx, s.from, Math.max);
  const to = edge(cx, s.to, Math.min);
  const one = (value: number): void => {
    cx.env.set(s.iv, { k: "const", value });
    scope(cx, s.body);
  };
  if (from !== undefined && to !== undefined) {
    const trips = Math.max(0, Math.ceil((to - from) / s.step));
    if (s.as === "unroll" || trips <= 1) {
      for (let i = 0; i < trips; i++) one(from + i * s.step);
      cx.env.delete(s.iv);
      return;
    }
  } else if (s.as === "unroll") throw new Error(`internal: ${cx.kernel}: ${s.iv.name} cannot be unrolled`);
  const v = identifier(s.iv.name);
  const text = (b: Bound, f: string): string => b.map(a => affineText(cx, a)).reduce((x, y) => `${f}(${x}, ${y})`);
  const inner: Known = { k: "names", names: [v] };
  const head = `for (var ${v}: i32 = ${text(s.from, "max")}; ${v} < ${text(s.to, "min")}; ${v} += ${s.step}) `;
  cx.env.set(s.iv, inner);
  braces(cx, head, () => block(cx, s.body));
  cx.env.delete(s.iv);
}
function edge(cx: Cx, b: Bound, f: (...xs: readonly number[]) => number): number | undefined {
  const all = b.map(a => constantOf(cx, a));
  return all.every(x => x !== undefined) ? f(...all) : undefined;
}
