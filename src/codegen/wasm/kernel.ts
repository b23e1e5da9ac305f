/**
 * LOOP's statements as one WebAssembly function per kernel. Program order is emission order and nothing is moved: a wide
 * statement becomes its natives back to back, which V8's revectoriser depends on (facts/wasm.md 1.4).
 * Knows nothing of axes, layouts, phases.
 */
import binaryen from "binaryen";
import {
  type Affine,
  affine,
  type Block,
  type Buf,
  blocks,
  children,
  type Expr,
  exprs,
  fresh,
  groupBytes,
  type LoopKernel,
  num,
  prim,
  registerType,
  type Stmt,
  type Var,
  value,
} from "../../ir/loop.ts";
import { atN, type Dim } from "../../ir/type.ts";
import { bound, constantBound, enter, enterBuffer, leave, type Moving, walk } from "./address.ts";
import { Func, I32, live, natives, type Ref, type Target, wasmType } from "./func.ts";
import { scalarValue, uniform } from "./lanes.ts";
import { atomicStatement, preload, storeStatement } from "./memory.ts";
import { squares } from "./squares.ts";

type For = Extract<Stmt, { k: "for" }>;
const [N, FROM, TO, SCRATCH, FIRST] = [0, 1, 2, 3, 4];

/**
 * adds the function (n, from, to, scratch, pointer of each param..) -> () under the kernel's name. `narrow`: in a form that engines do not
 * make 256-bit instructions of
 */
export function addKernel(target: Target, k: LoopKernel, narrow = false): void {
  const f = new Func({ ...target, narrow }, k.name, Array<number>(FIRST + k.params.length).fill(I32));
  f.scratch = SCRATCH;
  k.params.forEach((b, i) => {
    f.pointers.set(b.name, { local: FIRST + i, bias: 0 });
  });
  for (const { iv } of k.group) f.env.set(iv, { k: "const", value: 0 });
  const n = k.n ?? fresh("n");
  f.env.set(n, { k: "dyn", local: N });
  const [first, ...rest] = k.grid;
  const nest = rest.reduceRight<Block>((body, g) => [...gridLoop(g, n, body)], k.body);
  const run = (): void => {
    if (first) counted(f, first.iv, { first: f.get(FROM), end: f.get(TO) }, 1, nest);
    else block(f, nest);
  };
  const moving = enter(f, n, nest, { local: N });
  run();
  leave(f, moving);
  f.finish();
}
/** a grid axis inside a range of the first: all of its items */
function gridLoop(g: LoopKernel["grid"][number], n: Var, body: Block): Block {
  const form = (d: Dim): Affine => (typeof d === "number" ? affine(d) : affine(d.plus, { v: n, by: d.n }));
  const loop = (to: Affine): Stmt => ({ k: "for", iv: g.iv, from: [affine(0)], to: [to], step: 1, as: "loop", body });
  if (typeof g.to === "number" || !("of" in g.to)) return [loop(form(g.to))];
  const { of, by } = g.to;
  if (typeof of === "number") return [loop(affine(Math.ceil(atN(of, 0) / by)))];
  const items = fresh("items");
  const rounded = prim("div", items.ty, value(form({ n: of.n, plus: of.plus + by - 1 })), num(by));
  return [{ k: "let", to: items, value: rounded }, loop(affine(0, { v: items, by: 1 }))];
}

function block(f: Func, b: Block): void {
  const ends: (() => void)[] = [];
  b.forEach((s, i) => {
    f.statement(() => {
      const end = statement(f, s, b.slice(i + 1));
      if (end) ends.push(end);
    });
  });
  for (const end of ends) end();
}
/** gives what ends the scope that the statement opened in its block */
function statement(f: Func, s: Stmt, rest: Block): (() => void) | undefined {
  switch (s.k) {
    case "for":
      return void loop(f, s);
    case "if":
      return void branch(f, s);
    case "let":
      return define(f, s.to, s.value, rest);
    case "store":
      return void storeStatement(f, s);
    case "atomic":
      return void atomicStatement(f, s);
    case "alloc":
      return void allocate(f, s.buf, s.body);
    case "barrier":
      return undefined;
    case "frag":
      throw new Error(`internal: ${f.name}: a matrix fragment on WebAssembly`);
    default:
      return s satisfies never;
  }
}
function branch(f: Func, s: Extract<Stmt, { k: "if" }>): void {
  const known = scalarValue(f, s.cond);
  if (known !== undefined) {
    block(f, known ? s.then : s.else);
    return;
  }
  const cond = f.gen(s.cond);
  const yes = f.body(() => block(f, s.then));
  if (s.else.length)
    f.push(
      f.m.if(
        cond,
        yes,
        f.body(() => block(f, s.else)),
      ),
    );
  else f.push(f.m.if(cond, yes));
}
function define(f: Func, v: Var, e: Expr, rest: Block): () => void {
  const forget = (): void => {
    f.env.delete(v);
  };
  const known = scalarValue(f, e);
  if (known !== undefined) {
    f.env.set(v, { k: "const", value: known });
    return forget;
  }
  const type = wasmType(v.ty);
  if (type === I32 && v.ty.elem !== "bool") {
    const local = f.local(I32);
    f.set(local, f.gen(e));
    f.env.set(v, { k: "dyn", local });
    const moving = enter(f, v, rest, { local });
    return () => {
      leave(f, moving);
      f.release(I32, [local]);
      forget();
    };
  }
  preload(f, e);
  // what is equal in all lanes is one local
  const locals = Array.from({ length: uniform(f, e) ? 1 : natives(v.ty) }, () => f.local(type));
  locals.forEach((l, j) => {
    f.set(l, f.gen(e, j));
  });
  f.env.set(v, { k: "val", locals });
  return () => {
    f.release(type, locals);
    forget();
  };
}
function allocate(f: Func, buf: Buf, body: Block): void {
  if (buf.space === "reg") {
    const t = registerType(buf, body);
    if (!t || typeof buf.extent !== "number") {
      block(f, body);
      return;
    }
    const count = t.lanes === 1 ? buf.extent : Math.ceil(buf.extent / live(t));
    const locals = Array.from({ length: count }, () => f.local(wasmType(t)));
    f.regs.set(buf, locals);
    block(f, body);
    f.regs.delete(buf);
    f.release(wasmType(t), locals);
    return;
  }
  const local = f.local(I32);
  const outer = f.pointers.get(buf.name);
  f.set(local, f.offset(f.get(f.scratch), f.scratchTop));
  f.scratchTop += groupBytes(buf);
  f.pointers.set(buf.name, { local, bias: 0 });
  const moving = enterBuffer(f, buf, body);
  block(f, body);
  leave(f, moving);
  f.scratchTop -= groupBytes(buf);
  if (outer) f.pointers.set(buf.name, outer);
  else f.pointers.delete(buf.name);
  f.release(I32, [local]);
}
function loop(f: Func, s: For): void {
  if (s.as === "call") {
    outline(f, [{ ...s, as: "loop" }]);
    return;
  }
  const from = constantBound(f, s.from, false);
  const to = constantBound(f, s.to, true);
  const one = (value: number): void => {
    f.env.set(s.iv, { k: "const", value });
    block(f, s.body);
    f.env.delete(s.iv);
  };
  if (from === undefined || to === undefined) {
    if (s.as === "unroll") throw new Error(`internal: ${f.name}: ${s.iv.name} cannot be unrolled`);
    counted(f, s.iv, { first: bound(f, s.from, false), end: bound(f, s.to, true) }, s.step, s.body);
    return;
  }
  const trips = Math.max(0, Math.ceil((to - from) / s.step));
  if (s.as === "unroll" && squares(f, s, from, trips, one => void statement(f, one, []))) return;
  if (s.as === "unroll" || trips <= 1) for (let i = 0; i < trips; i++) one(from + i * s.step);
  else counted(f, s.iv, { from, trips }, s.step, s.body);
}
/**
 * A do-while loop, guarded where the number of trips is not known. The variable exists only where it is used as a value,
 * else a counter runs to zero.
 */
function counted(
  f: Func,
  iv: Var,
  span: { from: number; trips: number } | { first: Ref; end: Ref },
  step: number,
  body: Block,
): void {
  const { m } = f;
  const uses = new Set<Var>();
  walk(
    body,
    () => {},
    v => uses.add(v),
  );
  const fixed = "trips" in span;
  const label = `l${f.labels++}`;
  const count = f.local(I32);
  const up = uses.has(iv) || !fixed;
  const end = fixed ? undefined : f.local(I32);
  const run = (): void => {
    f.env.set(iv, up ? { k: "dyn", local: count } : { k: "dyn" });
    if (fixed) f.set(count, f.i(up ? span.from : span.trips));
    const moving = enter(f, iv, body, fixed ? { value: span.from } : { local: count });
    const inner = f.body(() => {
      block(f, body);
      bump(f, moving, step);
      const next = m.local.tee(count, m.i32.add(f.get(count), f.i(up ? step : -1)), I32);
      const last = fixed ? f.i(span.from + span.trips * step) : f.get(end!);
      f.push(m.br(label, up ? m.i32.lt_s(next, last) : next));
    });
    f.push(m.loop(label, inner));
    leave(f, moving);
    f.env.delete(iv);
  };
  if (fixed) run();
  else {
    f.set(count, span.first);
    f.set(end!, span.end);
    f.push(m.if(m.i32.lt_s(f.get(count), f.get(end!)), f.body(run)));
    f.release(I32, [end!]);
  }
  f.release(I32, [count]);
}
const bump = (f: Func, moving: readonly Moving[], step: number): void => {
  for (const { local, by } of moving) f.set(local, f.m.i32.add(f.get(local), f.i(by * step)));
};

/** a function of its own, called in place: free variables and buffers become parameters, pointers are made anew */
function outline(f: Func, b: Block): void {
  const free = new Set<Var>();
  walk(
    b,
    () => {},
    v => free.add(v),
    new Set(),
    true,
  );
  const names = [...namesOf(b)].filter(name => f.pointers.has(name));
  const params: binaryen.Type[] = [I32];
  const args: Ref[] = [f.get(f.scratch)];
  const bind: ((part: Func) => void)[] = [];
  for (const v of free) {
    const known = f.env.get(v);
    if (known?.k === "const") bind.push(part => part.env.set(v, known));
    if (known?.k === "dyn") {
      const local = params.push(I32) - 1;
      args.push(f.dynamic(v));
      bind.push(part => part.env.set(v, { k: "dyn", local }));
    }
    if (known?.k === "val") {
      const type = wasmType(v.ty);
      const locals = known.locals.map(() => params.push(type) - 1);
      args.push(...known.locals.map(l => f.get(l, type)));
      bind.push(part => part.env.set(v, { k: "val", locals }));
    }
  }
  const pointers = names.map(name => {
    args.push(f.get(f.pointers.get(name)!.local));
    return { name, local: params.push(I32) - 1 };
  });
  const part = new Func(f.target, `${f.name}.${f.parts++}`, params);
  part.scratchTop = f.scratchTop;
  for (const p of pointers) part.pointers.set(p.name, { local: p.local, bias: 0 });
  // one variable after the other: each makes its pointers from those of the ones before it
  for (const set of bind) set(part);
  const dynamic = [...part.env].flatMap(([v, x]) => (x.k === "dyn" ? [[v, x] as const] : []));
  for (const [v] of dynamic) part.env.delete(v);
  const moving = dynamic.map(([v, x]) => {
    part.env.set(v, x);
    return enter(part, v, b, { local: x.local! });
  });
  block(part, b);
  for (const p of moving) leave(part, p);
  part.finish();
  f.push(f.m.call(part.name, args, binaryen.none));
}
/** names of all buffers in memory that a block touches, parts of their own included */
function namesOf(b: Block, found: Set<string> = new Set()): ReadonlySet<string> {
  const inExpr = (e: Expr): void => {
    if (e.k === "load") found.add(e.buf.name);
    children(e).forEach(inExpr);
  };
  for (const s of b) {
    if (s.k === "store" || s.k === "atomic") found.add(s.buf.name);
    exprs(s).forEach(inExpr);
    for (const inner of blocks(s)) namesOf(inner, found);
  }
  return found;
}
