/**
 * LOOP's meaning: f64 inside, rounded at stores. Every access is checked, scratch and registers start as NaN, and what is
 * undefined (an index outside, lanes that disagree where they must not, two lanes writing one element) throws.
 * Invocations of a workgroup run in lockstep, statement by statement. Knows nothing of targets.
 */

import type { Affine, At, Block, Bound, Buf, Expr, LoopKernel, LoopPrim, Stmt, Var } from "./loop.ts";
import { type Data, itemsAt, put, storage } from "./loop-data.ts";
import { constantOf, type Lane, meaning, rounding } from "./loop-machine.ts";
import { type Agent, watch } from "./loop-race.ts";
import { evaluate, type Value } from "./prim.ts";
import { type Elem, loaded } from "./type.ts";

export interface InterpretOptions {
  /** items of the first grid axis; absent: all */
  readonly from?: number;
  readonly to?: number;
  /** the order in which items of the first grid axis and invocations of a group run; absent: as they come */
  readonly shuffle?: <T>(xs: T[]) => T[];
  /** each primitive rounded to its element and math done step by step, as the modules do. fma: rounded once or twice */
  readonly rounded?: "once" | "twice";
  /**
   * As a GPU would: all items of all grid axes in the order of `shuffle`, and an element that two invocations touch without a barrier
   * between throws, if one of them writes. subgroup: its invocations, 4 to 64 by device; no result may depend on it.
   */
  readonly gpu?: { readonly subgroup: number };
}
type Lanes = readonly Value[];
interface Invocation extends Agent {
  /** its number in the workgroup */
  readonly lane: number;
  readonly env: Map<Var, Lanes>;
  readonly regs: Map<Buf, Data>;
}
type LoopPrimExpr = Extract<Expr, { k: "prim" }>;

/** runs the kernel on its params by name, in place */
export function interpret(
  k: LoopKernel,
  buffers: ReadonlyMap<string, Data>,
  n: number,
  options: InterpretOptions = {},
): void {
  const shuffle = options.shuffle ?? (xs => xs);
  const scratch = new Map<string, Data>();
  const races = options.gpu && watch(new Set(buffers.values()));
  const fail = (what: string): never => {
    throw new Error(`${k.name}: ${what}`);
  };
  const scalar = (v: Value | undefined): number => Number(v ?? fail("a variable without a value"));
  function index(i: Invocation, a: Affine): number {
    let x = a.base;
    for (const { v, by } of a.terms) x += by * scalar(i.env.get(v)?.[0]);
    return x;
  }
  function data(i: Invocation, b: Buf): Data {
    const found = b.space === "param" ? buffers.get(b.name) : b.space === "reg" ? i.regs.get(b) : scratch.get(b.name);
    return found ?? fail(`no buffer ${b.name}`);
  }
  /** the element of each lane; on: lanes that the mask leaves, all if absent */
  function cells(i: Invocation, d: Data, b: Buf, at: At, lanes: number, on?: readonly boolean[]): readonly number[] {
    const base = index(i, at);
    const gathered = at.gather ? value(i, at.gather) : undefined;
    const out = new Array<number>(lanes);
    for (let l = 0; l < lanes; l++) {
      const x = base + (gathered ? scalar(gathered[l]) : l * (at.stride ?? 1));
      if (!(x >= 0 && x < d.length) && (on?.[l] ?? true)) fail(`${b.name}[${x}] of ${d.length}`);
      out[l] = x;
    }
    return out;
  }
  const lawful = (b: Buf, x: number, wrong: string | undefined): void => {
    if (wrong) fail(`a race: ${b.name}[${x}] is ${wrong}`);
  };
  function flags(i: Invocation, mask: Expr | undefined, lanes: number): readonly boolean[] | undefined {
    if (!mask) return undefined;
    const m = value(i, mask);
    return Array.from({ length: lanes }, (_, l) => scalar(m[m.length === 1 ? 0 : l]) !== 0);
  }

  // ---- expressions: each is taken apart once, when it is first needed
  const code = new Map<Expr, (i: Invocation) => Lanes>();
  function value(i: Invocation, e: Expr): Lanes {
    let f = code.get(e);
    if (!f) {
      f = prepare(e);
      code.set(e, f);
    }
    return f(i);
  }
  function prepare(e: Expr): (i: Invocation) => Lanes {
    const { lanes, elem } = e.ty;
    switch (e.k) {
      case "var":
        return i => i.env.get(e) ?? fail(`${e.name} has no value`);
      case "const": {
        const all = Array<Value>(lanes).fill(constantOf(e.value, elem));
        return () => all;
      }
      case "load":
        return i => {
          const on = flags(i, e.mask, lanes);
          const d = data(i, e.buf);
          const flag = e.buf.store === "bool";
          const zero = elem === "i64" ? 0n : 0;
          const where = cells(i, d, e.buf, e.at, lanes, on);
          if (races && e.buf.space !== "reg")
            for (const [l, x] of where.entries()) if (!on || on[l]) lawful(e.buf, x, races.read(d, x, i));
          return where.map((x, l) => (on && !on[l] ? zero : flag ? (d[x] ? 1 : 0) : d[x]!));
        };
      case "fold": {
        const combine = laneOf(e.op, elem, elem);
        if (e.over === "subgroup") {
          const size = options.gpu?.subgroup ?? fail("a fold over a subgroup needs one");
          return i => {
            const mine = Math.floor(i.lane / size);
            const all = running.filter(o => Math.floor(o.lane / size) === mine).map(o => value(o, e.arg));
            return all.reduce((x, y) => x.map((v, l) => combine(v, y[l]!, 0)));
          };
        }
        return i => {
          const a = value(i, e.arg);
          const per = a.length / lanes;
          return Array.from({ length: lanes }, (_, l) =>
            a.slice(l * per, (l + 1) * per).reduce((x, y) => combine(x, y, 0)),
          );
        };
      }
      case "prim":
        return preparePrim(e);
      default:
        return e satisfies never;
    }
  }
  function preparePrim(e: LoopPrimExpr): (i: Invocation) => Lanes {
    const { lanes, elem } = e.ty;
    const [a, b, c] = e.args;
    if (e.prim === "iota") {
      const numbers = Array.from({ length: lanes }, (_, l) => (elem === "i64" ? BigInt(l) : l));
      return () => numbers;
    }
    if (!a) return fail(`${e.prim} without arguments`);
    if (e.prim === "splat") return i => Array<Value>(lanes).fill(value(i, a)[0]!);
    const l = e.lane ?? 0;
    if (e.prim === "extract") return i => [value(i, a)[l] ?? fail(`lane ${l} of ${a.ty.lanes}`)];
    if (e.args.some(x => x.ty.lanes !== lanes)) return fail(`${e.prim} of vectors of different length`);
    const one = laneOf(e.prim, e.args.at(-1)!.ty.elem, elem);
    return i => {
      const x = value(i, a);
      const y = b && value(i, b);
      const z = c && value(i, c);
      const out = new Array<Value>(lanes);
      for (let k = 0; k < lanes; k++) out[k] = one(x[k]!, y ? y[k]! : 0, z ? z[k]! : 0);
      return out;
    };
  }
  const laneOf = (p: LoopPrim, of: Elem, to: Elem): Lane => {
    if (!options.rounded) return meaning(p, of, to);
    return rounding(p, of, to, options.rounded);
  };

  const within = (v: Var, x: Lanes): Lanes => {
    const bad = v.below === undefined ? undefined : x.find(y => y < 0 || y >= v.below!);
    return bad === undefined ? x : fail(`${v.name} = ${bad} is not below ${v.below}`);
  };
  const edge = (i: Invocation, b: Bound, least: boolean): number => {
    const forms = b.map(a => index(i, a));
    return least ? Math.min(...forms) : Math.max(...forms);
  };
  /** what must be equal in all invocations of a group */
  const same = (is: readonly Invocation[], f: (i: Invocation) => number, what: string): number => {
    const v = f(is[0]!);
    return is.some(i => f(i) !== v) ? fail(`${what} is not uniform`) : v;
  };
  let members: readonly Invocation[] = [];
  /** those that run the statement at hand */
  let running: readonly Invocation[] = [];
  function run(b: Block, is: readonly Invocation[]): void {
    for (const s of b) statement(s, is);
  }
  function statement(s: Stmt, is: readonly Invocation[]): void {
    running = is;
    switch (s.k) {
      case "for": {
        const from = same(is, i => edge(i, s.from, false), s.iv.name);
        const to = same(is, i => edge(i, s.to, true), s.iv.name);
        for (let x = from; x < to; x += s.step) {
          for (const i of is) i.env.set(s.iv, [x]);
          run(s.body, is);
        }
        return;
      }
      case "if": {
        const yes = is.filter(i => scalar(value(i, s.cond)[0]) !== 0);
        const no = is.filter(i => !yes.includes(i));
        if (s.uniform && yes.length && no.length) fail("the condition of a uniform if is not uniform");
        if (yes.length) run(s.then, yes);
        if (no.length) run(s.else, no);
        return;
      }
      case "let":
        for (const i of shuffle([...is])) i.env.set(s.to, within(s.to, value(i, s.value)));
        return;
      case "store":
        for (const i of shuffle([...is])) store(i, s);
        return;
      case "atomic":
        for (const i of shuffle([...is])) atomic(i, s);
        return;
      case "alloc":
        if (typeof s.buf.extent !== "number") {
          fail(`the extent of ${s.buf.name} is not known`);
          return;
        }
        if (s.buf.space !== "reg") allocate(s.buf, s.buf.extent);
        else for (const i of is) i.regs.set(s.buf, storage(s.buf.store, s.buf.extent));
        run(s.body, is);
        return;
      case "barrier":
        if (is.length !== members.length) fail("a barrier that not all invocations reach");
        races?.barrier();
        return;
      case "frag":
        fail("matrix fragments have no meaning yet");
        return;
      default:
        s satisfies never;
        return;
    }
  }
  /** poisoned; on a GPU the same elements each time, so that those who still read them are seen */
  function allocate(b: Buf, extent: number): void {
    const old = scratch.get(b.name);
    const fresh = storage(b.store, extent);
    if (races && old?.length === extent && old.constructor === fresh.constructor)
      old.set(fresh as never); // arrays of one kind
    else scratch.set(b.name, fresh);
  }
  function store(i: Invocation, s: Extract<Stmt, { k: "store" }>): void {
    const v = value(i, s.value);
    const on = flags(i, s.mask, v.length);
    const d = data(i, s.buf);
    const where = cells(i, d, s.buf, s.at, v.length, on);
    if (s.at.gather || s.at.stride === 0) {
      const written = on ? where.filter((_, l) => on[l]) : where;
      if (new Set(written).size !== written.length) fail(`two lanes store to one element of ${s.buf.name}`);
    }
    for (let l = 0; l < v.length; l++) {
      if (on && !on[l]) continue;
      if (races && s.buf.space !== "reg") lawful(s.buf, where[l]!, races.write(d, where[l]!, i));
      put(d, where[l]!, v[l]!);
    }
  }
  function atomic(i: Invocation, s: Extract<Stmt, { k: "atomic" }>): void {
    const v = value(i, s.value);
    const on = flags(i, s.mask, v.length);
    const d = data(i, s.buf);
    const elem = loaded(s.buf.store);
    cells(i, d, s.buf, s.at, v.length, on).forEach((x, l) => {
      if (on && !on[l]) return;
      if (races) lawful(s.buf, x, races.atomic(d, x, i));
      put(d, x, evaluate(s.op, [d[x]!, v[l]!], elem, elem));
    });
  }

  const [first, ...rest] = k.grid;
  const range = first ? { from: options.from ?? 0, to: options.to ?? itemsAt(first.to, n) } : { from: 0, to: 1 };
  const items = shuffle(Array.from({ length: Math.max(0, range.to - range.from) }, (_, x) => range.from + x));
  const fixed: readonly (readonly [Var, number])[] = k.n ? [[k.n, n]] : [];
  const inner = rest.map(g => ({ iv: g.iv, size: itemsAt(g.to, n) }));
  const starts = items.map((item): readonly (readonly [Var, number])[] =>
    first ? [...fixed, [first.iv, item]] : fixed,
  );
  const all = starts.flatMap(start => [...points(inner)].map(where => [...start, ...where]));
  let agents = 0;
  for (const [group, at] of (options.gpu ? shuffle(all) : all).entries()) {
    members = [...points(k.group)].map((me, lane) => ({
      id: agents++,
      group,
      lane,
      env: new Map([...at, ...me].map(([v, x]) => [v, [x]])),
      regs: new Map(),
    }));
    scratch.clear();
    races?.barrier();
    run(k.body, members);
  }
}
/** all values of some variables, the last one moving fastest */
function* points(axes: readonly { iv: Var; size: number }[]): Generator<readonly (readonly [Var, number])[]> {
  const [a, ...rest] = axes;
  if (!a) return yield [];
  for (let x = 0; x < a.size; x++) for (const p of points(rest)) yield [[a.iv, x], ...p];
}
