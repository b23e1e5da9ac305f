/**
 * A failing case to a smaller one that fails at the same level: nodes become their arguments, parameters or constants, what is not
 * used goes, extents and rows shrink. Knows no op but loops over batches, whose lists it shortens.
 */
import { inline, paramOf, rebuild } from "../../src/ir/inline.ts";
import { type Attr, type Attrs, type Fn, fn, fnsOf, make, type Node, topological } from "../../src/ir/node.ts";
import { batchesArgs, bodyParams } from "../../src/ir/ops/batches.ts";
import { full, get, parameter } from "../../src/ir/ops/index.ts";
import { visible } from "../../src/ir/ops/rows.ts";
import { mapFns } from "../../src/ir/rewrite.ts";
import { parse, print } from "../../src/ir/text.ts";
import { atN, dim, isFloat, isStatic, type RddType, sameType, type Type, tensor } from "../../src/ir/type.ts";
import { verify } from "../../src/ir/verify.ts";
import { type Case, MOODS, sizeOfFn } from "./case.ts";

export type Fails = (c: Case) => Promise<boolean>;

/** until nothing smaller fails, or `most` cases were tried: no clock, so that each run of a seed ends at the same case */
export async function shrink(c: Case, fails: Fails, most: number): Promise<Case> {
  let best = c;
  const tried = new Set<string>();
  const better = async (candidates: Iterable<Case | undefined>): Promise<boolean> => {
    for (const next of candidates) {
      if (tried.size >= most) return false;
      if (!next || !smaller(next, best)) continue;
      const text = `${next.rows} ${next.mood} ${next.seed} ${next.decisions}\n${print(next.main)}`;
      if (tried.has(text)) continue;
      tried.add(text);
      if (await fails(next)) {
        best = next;
        return true;
      }
    }
    return false;
  };
  const steps: readonly ((x: Case) => Iterable<Case | undefined>)[] = [
    hoisted,
    fewerResults,
    tidied,
    fewerNodes,
    fewerColumns,
    simplerFns,
    smallerNumbers,
    smallerExtents,
  ];
  for (let again = true; again && tried.size < most; ) {
    again = false;
    for (const s of steps) while (await better(s(best))) again = true;
  }
  return best;
}
/** what people read counts: nodes, then text, then the numbers beside it */
function smaller(a: Case, b: Case): boolean {
  const rank = (c: Case): readonly number[] => [
    sizeOfFn(c.main),
    c.main.params.length,
    MOODS.indexOf(c.mood),
    c.decisions ? 1 : 0,
    c.rows,
    c.seed,
    volume(print(c.main)),
  ];
  const [x, y] = [rank(a), rank(b)];
  const i = x.findIndex((v, k) => v !== y[k]);
  return i >= 0 && x[i]! < y[i]!;
}
const volume = (text: string): number =>
  (text.match(/\d+/g) ?? []).reduce((sum, d) => sum + Math.min(Number(d), 1e6), text.length);
/** undefined: the change makes no program */
function changed(c: Case, make: () => Fn): Case | undefined {
  try {
    const main = make();
    return main === c.main || verify(main, "source", false).length ? undefined : { ...c, main };
  } catch {
    return undefined;
  }
}

function* fewerResults(c: Case): Iterable<Case | undefined> {
  const { results, params } = c.main;
  for (const x of topological(results))
    if (x.type.k === "tensor" && x.op.control !== "param" && isStatic(x.type.shape))
      yield changed(c, () => fn(params, [x]));
  if (results.length === 1) return;
  for (const r of results) yield changed(c, () => fn(c.main.params, [r]));
  for (const r of results)
    yield changed(c, () =>
      fn(
        c.main.params,
        results.filter(x => x !== r),
      ),
    );
}
function* smallerNumbers(c: Case): Iterable<Case> {
  for (const mood of MOODS) yield { ...c, mood };
  yield { ...c, decisions: 0 };
  yield { ...c, seed: 0 };
  for (const rows of [0, 1, 2, 3, 15, 16, 17]) yield { ...c, rows };
}

// ---- nodes

/** f with `to` in the place of x, in it and in the functions in it; one that reads from main only in main */
function replaced(f: Fn, x: Node, to: Node, inside: boolean, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const now = new Map<Node, Node>();
  for (const y of topological(f.results)) {
    const attrs = inside ? mapFns(y.attrs, g => replaced(g, x, to, true, memo)) : y.attrs;
    now.set(
      y,
      y === x
        ? to
        : rebuild(
            y,
            y.args.map(a => now.get(a)!),
            attrs,
          ),
    );
  }
  const g = fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
  memo.set(f, g);
  return g;
}
function allFns(main: Fn): readonly Fn[] {
  const out = new Set<Fn>();
  const stack = [main];
  for (let f = stack.pop(); f; f = stack.pop()) {
    if (out.has(f)) continue;
    out.add(f);
    for (const x of topological(f.results)) stack.push(...fnsOf(x));
  }
  return [...out];
}
function* fewerNodes(c: Case): Iterable<Case | undefined> {
  const { main } = c;
  for (const f of allFns(main)) {
    for (const x of [...topological(f.results)].reverse()) {
      if (x.op.control === "param" || x.type.k === "tuple") continue;
      if (x.args.length === 0 && f !== main) continue;
      for (const a of ancestors(x))
        if (sameType(a.type, x.type)) yield changed(c, () => replaced(main, x, a, f !== main));
      const t: Type = x.type;
      if (f === main) {
        const given = (): Fn =>
          fn([...main.params, t], replaced(main, x, parameter(main.params.length, t), false).results);
        if (t.k === "rdd" || isStatic(t.shape)) yield changed(c, given);
      } else if (t.k === "tensor") {
        for (const value of isFloat(t.elem) ? [1, 0.5] : [1, 0])
          yield changed(c, () => replaced(main, x, full(value, t.elem, t.shape), true));
      }
    }
  }
}
/** arguments, and theirs: near ones only, they are many */
function ancestors(x: Node): readonly Node[] {
  const near = x.args.flatMap(a => [a, ...a.args]);
  return [...new Set(near)].filter(a => a.type.k !== "tuple");
}

// ---- functions

/** what a call applies in its place, one trip of a loop */
function* simplerFns(c: Case): Iterable<Case | undefined> {
  for (const f of allFns(c.main))
    for (const x of topological(f.results))
      if (x.op.control === "call" || x.op.control === "loop") yield changed(c, () => inlined(c.main, x));
}
function inlined(f: Fn, call: Node): Fn {
  const now = new Map<Node, Node>();
  for (const y of topological(f.results)) {
    const args = y.args.map(a => now.get(a)!);
    const body =
      y.args[0] === call && y.op.control === "get"
        ? inline(
            fnsOf(call)[0]!,
            call.args.map(a => now.get(a)!),
          )
        : undefined;
    now.set(
      y,
      body
        ? body[paramOf(y)]!
        : rebuild(
            y,
            args,
            mapFns(y.attrs, g => inlined(g, call)),
          ),
    );
  }
  return fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
}

function* tidied(c: Case): Iterable<Case | undefined> {
  yield changed(c, () => tidy(c.main));
  for (const f of allFns(c.main))
    for (const x of topological(f.results))
      if (x.type.k === "tuple") {
        yield changed(c, () => tidy(c.main, { of: x }));
        for (let drop = 0; drop < x.type.of.length; drop++) yield changed(c, () => tidy(c.main, { of: x, drop }));
      }
}
/** the node to shorten, absent: all; and its one result to leave out, absent: all that nothing reads */
interface Only {
  readonly of: Node;
  readonly drop?: number;
}
/** without results, parameters and arguments that nothing reads */
function tidy(main: Fn, only?: Only): Fn {
  const next = withFns(main, only);
  const used = new Set(
    topological(next.results)
      .filter(x => x.op.control === "param")
      .map(paramOf),
  );
  const kept = next.params.flatMap((_, i) => (used.has(i) ? [i] : []));
  return renumbered(next, kept);
}
/** the function of the parameters `kept` only */
function renumbered(f: Fn, kept: readonly number[]): Fn {
  const params = kept.map(i => f.params[i]!);
  return fn(
    params,
    inline(
      f,
      f.params.map((t, i) => parameter(kept.includes(i) ? kept.indexOf(i) : i, t)),
    ),
  );
}
/** every application keeps what its readers read and what its function needs */
function withFns(f: Fn, only: Only | undefined, memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const order = topological(f.results);
  const reads = new Map<Node, Set<number>>();
  for (const x of order)
    if (x.op.control === "get") reads.set(x.args[0]!, (reads.get(x.args[0]!) ?? new Set()).add(paramOf(x)));
  const now = new Map<Node, Node>();
  const places = new Map<Node, readonly number[]>();
  for (const x of order) {
    const args = x.args.map(a => now.get(a)!);
    if (x.op.control === "get") {
      now.set(x, get(places.get(x.args[0]!)!.indexOf(paramOf(x)), args[0]!));
      continue;
    }
    const attrs = mapFns(x.attrs, g => withFns(g, only, memo));
    const shorter =
      x.type.k === "tuple" && (!only || x === only.of)
        ? lists(
            x,
            args,
            attrs,
            only?.drop === undefined
              ? [...(reads.get(x) ?? [])].sort((a, b) => a - b)
              : x.type.of.flatMap((_, i) => (i === only.drop ? [] : [i])),
          )
        : undefined;
    now.set(x, shorter?.node ?? rebuild(x, args, attrs));
    if (x.type.k === "tuple") places.set(x, shorter?.places ?? x.type.of.map((_, i) => i));
  }
  const g = fn(
    f.params,
    f.results.map(r => now.get(r)!),
  );
  memo.set(f, g);
  return g;
}
interface Shorter {
  readonly node: Node;
  /** which result of the node as it was each of its results is */
  readonly places: readonly number[];
}
const readsOf = (results: readonly Node[]): ReadonlySet<number> =>
  new Set(
    topological(results)
      .filter(x => x.op.control === "param")
      .map(paramOf),
  );
function lists(x: Node, args: readonly Node[], attrs: Attrs, reads: readonly number[]): Shorter | undefined {
  switch (x.op.control) {
    case "map":
    case "call": {
      const f = attrs["fn"] as Fn; // by the type rules, as all attributes here
      const results = reads.map(i => f.results[i]!);
      const mapped = attrs["mapped"] as readonly boolean[] | undefined;
      const used = readsOf(results);
      const lead = mapped?.indexOf(true) ?? -1;
      const some = args.some((_, i) => used.has(i) && mapped?.[i]);
      const kept = args.flatMap((_, i) => (used.has(i) || (!some && i === lead) ? [i] : []));
      const node = make(
        x.op,
        kept.map(i => args[i]!),
        {
          ...attrs,
          fn: renumbered(fn(f.params, results), kept),
          ...(mapped ? { mapped: kept.map(i => mapped[i]!) } : {}),
        },
      );
      return { node, places: reads };
    }
    case "grad": {
      const f = attrs["fn"] as Fn;
      const wrt = attrs["wrt"] as readonly number[];
      const count = f.results.length;
      const values = [0, ...reads.filter(i => i > 0 && i < count)];
      const gradients = reads.filter(i => i >= count);
      const used = new Set([...readsOf(values.map(i => f.results[i]!)), ...gradients.map(i => wrt[i - count]!)]);
      const kept = args.flatMap((_, i) => (used.has(i) ? [i] : []));
      const body = renumbered(
        fn(
          f.params,
          values.map(i => f.results[i]!),
        ),
        kept,
      );
      const node = make(
        x.op,
        kept.map(i => args[i]!),
        { ...attrs, fn: body, wrt: gradients.map(i => kept.indexOf(wrt[i - count]!)) },
      );
      return { node, places: [...values, ...gradients] };
    }
    case "batches":
      return shorterPass(x, args, attrs, reads);
    case "loop":
      return shorterLoop(x, args, attrs, reads);
    default:
      return undefined;
  }
}
/** states that are read, and those that what is kept needs: state i is parameter `first` + i and result i of the body */
function neededStates(
  body: Fn,
  first: number,
  count: number,
  reads: readonly number[],
  always: readonly number[],
): readonly number[] {
  const states = new Set(reads.filter(i => i < count));
  for (let before = -1; before < states.size; ) {
    before = states.size;
    const used = readsOf([...states, ...always].map(i => body.results[i]!));
    for (let i = 0; i < count; i++) if (used.has(first + i)) states.add(i);
  }
  return [...states].sort((a, b) => a - b);
}
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
/** no losses; the clock goes where nothing reads it */
function shorterPass(x: Node, args: readonly Node[], attrs: Attrs, reads: readonly number[]): Shorter {
  const body = attrs["body"] as Fn;
  const at = bodyParams(x);
  const { rows, seed, clock, states, captures } = batchesArgs(args, attrs);
  const count = states.length;
  const behind = clock ? count + 1 : count;
  const outs = reads.filter(i => i >= behind).map(i => i - behind + count);
  const own = neededStates(body, at.states, count, reads, outs);
  const kept = [...own, ...outs];
  const used = readsOf(kept.map(i => body.results[i]!));
  const caught = upTo(captures.length).filter(i => used.has(at.captures + i));
  const timed = clock && (reads.includes(count) || used.has(at.epoch) || used.has(at.step));
  const params = [
    ...upTo(at.states),
    ...own.map(i => at.states + i),
    at.epoch,
    at.step,
    ...caught.map(i => at.captures + i),
  ];
  const f = renumbered(
    fn(
      body.params,
      kept.map(i => body.results[i]!),
    ),
    params,
  );
  const given = [
    rows,
    seed,
    ...(timed ? [clock.epoch, clock.step] : []),
    ...own.map(i => states[i]!),
    ...caught.map(i => captures[i]!),
  ];
  const node = make(x.op, given, { ...attrs, body: f, states: own.length, outs: outs.length, clocked: timed ?? false });
  return { node, places: [...own, ...(timed ? [count] : []), ...outs.map(i => i - count + behind)] };
}
/** no losses */
function shorterLoop(x: Node, args: readonly Node[], attrs: Attrs, reads: readonly number[]): Shorter {
  const body = attrs["body"] as Fn;
  const count = attrs["states"] as number;
  const until = attrs["until"] === true ? [count] : [];
  const own = neededStates(body, 0, count, reads, until);
  const results = [...own, ...until].map(i => body.results[i]!);
  const used = readsOf(results);
  const caught = upTo(args.length - count).filter(i => used.has(count + i));
  const f = renumbered(fn(body.params, results), [...own, ...caught.map(i => count + i)]);
  const names = attrs["names"] as readonly string[];
  const node = make(x.op, [...own.map(i => args[i]!), ...caught.map(i => args[count + i]!)], {
    ...attrs,
    body: f,
    states: own.length,
    names: own.map(i => names[i]!),
    logs: [],
  });
  return { node, places: own };
}

// ---- functions instead of the program around them

const HOISTED = 2;
function* hoisted(c: Case): Iterable<Case | undefined> {
  for (const f of allFns(c.main).slice(1)) yield changed(c, () => atRecords(f, HOISTED));
}
/** f for n records, as a program of its own */
function atRecords(f: Fn, n: number): Fn {
  const numbersIn = (a: Attr): Attr => {
    if (!Array.isArray(a)) return a;
    const dims = a as readonly Attr[]; // as: a list, which TypeScript does not see behind readonly
    return dims.map(d => (Array.isArray(d) ? atN(dim(d[0] as number, d[1] as number), n) : d));
  };
  const now = new Map<Node, Node>();
  const params = f.params.map(t =>
    t.k === "tensor"
      ? tensor(
          t.elem,
          t.shape.map(d => atN(d, n)),
        )
      : t,
  );
  for (const x of topological(f.results)) {
    const attrs: Record<string, Attr> = { ...x.attrs };
    for (const name of ["shape", "size"]) if (attrs[name] !== undefined) attrs[name] = numbersIn(attrs[name]);
    if (x.op.control === "param") now.set(x, parameter(paramOf(x), params[paramOf(x)]!));
    else if (x.type.k === "tensor" && x.args.length === 0 && x.attrs["shape"] === undefined)
      now.set(x, full(n, x.type.elem, []));
    else
      now.set(
        x,
        make(
          x.op,
          x.args.map(a => now.get(a)!),
          mapFns(attrs, g => atRecords(g, n)),
        ),
      );
  }
  return fn(
    params,
    f.results.map(r => now.get(r)!),
  );
}

// ---- columns

function* fewerColumns(c: Case): Iterable<Case | undefined> {
  for (const x of topological(c.main.results)) {
    if (x.type.k !== "rdd" || (x.op.control !== "param" && x.op.control !== "rows")) continue;
    const names = Object.keys(x.type.row);
    for (const name of names.length > 1 ? names : []) yield changed(c, () => withoutColumn(c.main, x, name));
  }
}
/** without a column of a source or of computed rows, if nothing that reads rows reads it */
function withoutColumn(main: Fn, of: Node, name: string): Fn {
  const now = new Map<Node, Node>();
  const short = new Set<Node>([of]);
  const params = main.params.map((t, i) =>
    of.op.control === "param" && paramOf(of) === i && t.k === "rdd" ? lacking(t, name) : t,
  );
  for (const x of topological(main.results)) {
    const args = x.args.map(a => now.get(a)!);
    const from = x.args[0];
    if (x === of && x.op.control === "param") now.set(x, parameter(paramOf(x), params[paramOf(x)]!));
    else {
      let attrs = x.attrs;
      if (from && short.has(from) && from.type.k === "rdd") {
        const at = visible(from.type.row).indexOf(name);
        attrs = mapFns(attrs, f =>
          renumbered(
            f,
            f.params.flatMap((_, i) => (i === at ? [] : [i])),
          ),
        );
        if (x.op.control === "select") short.add(x);
      }
      if (x === of) {
        const columns = attrs["columns"] as readonly string[];
        const kept = columns.flatMap((n, i) => (n === name ? [] : [i]));
        attrs = {
          ...mapFns(attrs, f =>
            fn(
              f.params,
              kept.map(i => f.results[i]!),
            ),
          ),
          columns: kept.map(i => columns[i]!),
        };
      }
      now.set(x, rebuild(x, args, attrs));
    }
  }
  return fn(
    params,
    main.results.map(r => now.get(r)!),
  );
}
const lacking = (t: RddType, name: string): RddType => ({
  ...t,
  row: Object.fromEntries(Object.entries(t.row).filter(([n]) => n !== name)),
});

// ---- numbers

/** an extent wherever it stands, in types and attributes; what does not fit together afterwards is no program */
function* smallerExtents(c: Case): Iterable<Case | undefined> {
  const text = print(c.main);
  const found = [...new Set(text.match(/(?<![\w.%@"-])\d+(?![\w.])/g) ?? [])].map(Number).filter(v => v > 1);
  for (const v of found.sort((a, b) => b - a))
    for (const w of [1, 2, 3, Math.floor(v / 2), v - 1]) {
      if (w >= v) continue;
      const next = text.replaceAll(new RegExp(`(?<![\\w.%@"-])${v}(?![\\w.])`, "g"), String(w));
      yield changed(c, () => parse(next));
    }
}
