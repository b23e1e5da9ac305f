/**
 * The stages of a program: which effects are compiled together, as soon as the numbers of their symbols are known, and what a stage keeps for
 * those after it: boundary values (numbers of symbols, what an engine is given), and what was computed once and is read again: weights,
 * histories, reductions. Effects stay in order, and nothing is computed before the effect that needs it is next. Knows neither GRAPH nor files.
 */
import type { Span } from "../ir/node.ts";
import { symbolsOf } from "./check/dims.ts";
import { type CoreProgram, type Effect, type Expr, inputsOf, type Net, type Train, type Unknown } from "./core.ts";
import {
  acrossOf,
  type Boundary,
  bodiesOf,
  exprsIn,
  functionsOf,
  isNet,
  isSymbol,
  outside,
  rootOf,
  type Thing,
} from "./reads.ts";

/** what a stage hands to later ones */
export type Kept =
  | { readonly k: "number"; readonly symbol: Unknown }
  | { readonly k: "value"; readonly of: Expr }
  | { readonly k: "weight"; readonly net: Net; readonly path: string }
  /** its columns */
  | { readonly k: "history"; readonly net: Train };
export interface Work {
  readonly effects: readonly Effect[];
  /** made in this stage, in the order of the program */
  readonly nets: readonly Net[];
  readonly keeps: readonly Kept[];
  /** read of what stages before kept */
  readonly earlier: readonly Kept[];
  /** symbols that must be numbers, by id */
  readonly needs: readonly string[];
}
/** the names of what is kept, one per tensor; no symbol has such a name but a number its own */
export function namesOf(kept: Kept): readonly string[] {
  switch (kept.k) {
    case "number":
      return [kept.symbol.id];
    case "value":
      return [valueName(kept.of)];
    case "weight":
      return [`${kept.net.name}.${kept.path} %${kept.net.id}`];
    case "history":
      return kept.net.columns.map(([path]) => `${kept.net.name}.history.${path} %${kept.net.id}`);
    default:
      return kept satisfies never;
  }
}
/** under which name a value is kept */
export const valueName = (e: Expr): string => `%${e.id}`;

/** all in one stage: a program whose symbols are numbers */
export const everything = (program: CoreProgram): Work => ({
  effects: program.effects,
  nets: program.nets,
  keeps: [],
  earlier: [],
  needs: [],
});

// ---- which effects go together

/** an effect, or with none what dims alone need; `across`: boundary values that it needs beside those behind its roots */
interface Task {
  readonly effect?: Effect;
  readonly roots: readonly Thing[];
  readonly across: readonly Boundary[];
}
/** a stage while it is made */
interface Draft {
  readonly tasks: Task[];
  readonly boundary: Boundary[];
}

export interface Staging {
  /** numbers that headers of files tell */
  readonly known: ReadonlyMap<string, number>;
}
export function stagesOf(program: CoreProgram, { known }: Staging): readonly Work[] {
  const tasks = program.effects.map((effect): Task => ({ effect, roots: exprsIn(effect.value), across: [] }));
  return works(program, drafts(program, tasks, known), known);
}
/** the stages that find the numbers of the symbols, and do nothing else */
export function dimStagesOf(program: CoreProgram, staging: Staging, symbols: readonly Unknown[]): readonly Work[] {
  const all = drafts(program, [{ roots: [], across: symbols }], staging.known);
  return works(program, all.slice(0, -1), staging.known);
}
/** those that stages wait for, in their order */
export function symbolsOfStages(stages: readonly Work[]): readonly Unknown[] {
  const needed = new Set(stages.flatMap(s => s.needs));
  return stages.flatMap(s => s.keeps.flatMap(k => (k.k === "number" && needed.has(k.symbol.id) ? [k.symbol] : [])));
}
/** a training that must have run before the symbol is a number */
export function trainBehind(symbol: Unknown, unknown: readonly Unknown[]): Train | undefined {
  const ids = new Map(unknown.map(s => [s.id, s]));
  const seen = new Set<Thing>();
  const stack: Thing[] = [rootOf(symbol)];
  while (stack.length) {
    const t = stack.pop()!;
    if (seen.has(t)) continue;
    seen.add(t);
    if (t.k === "train") return t;
    stack.push(...outside(t), ...bodiesOf(t), ...acrossOf(t, ids).map(rootOf));
  }
  return undefined;
}

const unknownOf = (program: CoreProgram, known: ReadonlyMap<string, number>): ReadonlyMap<string, Unknown> =>
  new Map(program.symbols.filter(s => s.from.k !== "file" && !known.has(s.id)).map(s => [s.id, s]));

function drafts(program: CoreProgram, tasks: readonly Task[], known: ReadonlyMap<string, number>): readonly Draft[] {
  const unknown = unknownOf(program, known);
  const made = new Set<Boundary>();
  const trained = new Set<Net>();
  const partners = partnersOf(program, unknown);
  // behind them all that is needed is made
  const clear = new Set<Thing>();

  /** of all that the roots need in their own stage: what is not made yet */
  function missing(roots: readonly Thing[]): readonly Boundary[] {
    const out = new Set<Boundary>();
    const open = new Set<Thing>();
    const stack = [...roots];
    while (stack.length) {
      const t = stack.pop()!;
      if (open.has(t) || clear.has(t)) continue;
      open.add(t);
      for (const b of acrossOf(t, unknown)) if (!made.has(b)) out.add(b);
      stack.push(...outside(t), ...bodiesOf(t));
    }
    if (out.size === 0) for (const t of open) clear.add(t);
    return [...out];
  }
  /** of a task: with the symbols that those behind it are compared with */
  function lacks(t: Task): readonly Boundary[] {
    const own = [...new Set([...missing(t.roots), ...t.across.filter(b => !made.has(b))])];
    if (own.length || partners.size === 0) return own;
    const behind = new Set([...t.across, ...symbolsBehind(t.roots, unknown)]);
    return [...behind].flatMap(b => partners.get(b) ?? []).filter(b => !made.has(b));
  }
  /** on the way to the task: what can be made now */
  function next(t: Task): readonly Boundary[] {
    const out: Boundary[] = [];
    const all = new Set(lacks(t));
    for (const b of all) {
      const before = missing([rootOf(b)]);
      if (before.length === 0) out.push(b);
      for (const x of before) all.add(x);
    }
    return out;
  }
  const train = (roots: readonly Thing[]): void => {
    for (const n of trainsBehind(roots)) trained.add(n);
  };

  const out: Draft[] = [];
  let i = 0;
  for (;;) {
    const draft: Draft = { tasks: [], boundary: [] };
    out.push(draft);
    while (i < tasks.length && lacks(tasks[i]!).length === 0 && !loadsFrom(tasks[i]!, draft)) {
      draft.tasks.push(tasks[i]!);
      train(tasks[i]!.roots);
      i++;
    }
    if (i >= tasks.length) return out;
    if (loadsFrom(tasks[i]!, draft)) continue;
    const first = next(tasks[i]!);
    if (first.length === 0) throw new Error("internal: stages wait for each other");
    train(first.map(rootOf));
    // in the same pass what later effects need, unless it takes a training that is not yet due
    const later = tasks.slice(i + 1).flatMap(next);
    const due = later.filter(b => trainsBehind([rootOf(b)]).every(n => trained.has(n)));
    draft.boundary.push(...new Set([...first, ...due]));
    for (const b of draft.boundary) made.add(b);
  }
}
/** whether it reads weights of a file that this stage saves: the file's header tells which there are */
function loadsFrom(task: Task, { tasks }: Draft): boolean {
  const saved = new Set(tasks.flatMap(t => (t.effect?.k === "save" ? [t.effect.path] : [])));
  if (saved.size === 0) return false;
  const seen = new Set<Thing>();
  const stack = [...task.roots];
  while (stack.length) {
    const t = stack.pop()!;
    if (seen.has(t)) continue;
    seen.add(t);
    if (t.k === "load" && saved.has(t.path)) return true;
    stack.push(...outside(t), ...bodiesOf(t));
  }
  return false;
}
function symbolsBehind(roots: readonly Thing[], unknown: ReadonlyMap<string, Unknown>): ReadonlySet<Boundary> {
  const out = new Set<Boundary>();
  const seen = new Set<Thing>();
  const stack = [...roots];
  while (stack.length) {
    const t = stack.pop()!;
    if (seen.has(t)) continue;
    seen.add(t);
    for (const b of acrossOf(t, unknown)) out.add(b);
    stack.push(...outside(t), ...bodiesOf(t));
  }
  return out;
}
function trainsBehind(roots: readonly Thing[]): readonly Net[] {
  const out: Net[] = [];
  const seen = new Set<Thing>();
  const stack = [...roots];
  while (stack.length) {
    const t = stack.pop()!;
    if (seen.has(t)) continue;
    seen.add(t);
    if (t.k === "train") out.push(t);
    stack.push(...outside(t));
  }
  return out;
}
/** symbols that a check compares with each: known before what reads one of them is compiled */
function partnersOf(
  program: CoreProgram,
  unknown: ReadonlyMap<string, Unknown>,
): ReadonlyMap<Boundary, readonly Unknown[]> {
  const out = new Map<Boundary, Unknown[]>();
  for (const c of program.checks) {
    const of = [c.a, c.b].flatMap(d => symbolsOf(d).flatMap(s => unknown.get(s.id) ?? []));
    if (of.length > 1) for (const s of of) out.set(s, [...(out.get(s) ?? []), ...of.filter(x => x !== s)]);
  }
  return out;
}

// ---- what a stage makes, and what it keeps

/** results smaller than what they are made of, or that take long: they are kept, not made again */
const DEAR: ReadonlySet<string> = new Set([
  ...["matmul", "einsum", "scatter_add", "sum", "prod", "max", "min", "any", "all", "argmax", "argmin"],
]);
const isDear = (e: Expr): boolean =>
  e.k === "weight" ||
  e.k === "history" ||
  (e.k === "op" && (e.op.startsWith("rdd.") || DEAR.has(e.op) || Object.keys(e.fns).length > 0));

interface Making {
  readonly nets: Set<Net>;
  readonly keeps: Map<string, Kept>;
  readonly earlier: Map<string, Kept>;
  readonly needs: Set<string>;
}
function works(program: CoreProgram, all: readonly Draft[], known: ReadonlyMap<string, number>): readonly Work[] {
  const unknown = unknownOf(program, known);
  const madeIn = new Map<Thing, number>();
  const dear = new Map<Expr, boolean>();
  const making = all.map((): Making => ({ nets: new Set(), keeps: new Map(), earlier: new Map(), needs: new Set() }));
  for (const [i, draft] of all.entries()) {
    const own = making[i]!;
    /** made before: read from there */
    const read = (kept: Kept, from: number): void => {
      const [name] = namesOf(kept);
      own.earlier.set(name!, kept);
      making[from]!.keeps.set(name!, kept);
    };
    const need = (t: Thing): void => {
      for (const b of acrossOf(t, unknown)) if (isSymbol(b)) own.needs.add(b.id);
    };
    for (const t of draft.tasks) for (const b of t.across) if (isSymbol(b)) own.needs.add(b.id);
    const seen = new Set<Thing>();
    const stack: Thing[] = [...draft.tasks.flatMap(t => t.roots), ...draft.boundary.map(rootOf)];
    while (stack.length) {
      const t = stack.pop()!;
      if (seen.has(t)) continue;
      seen.add(t);
      need(t);
      const from = madeIn.get(t.k === "get" ? t.of : t);
      const before = from !== undefined && from < i;
      if (isNet(t)) {
        // as a whole: a model that is printed or saved; one of its weights has asked for itself
        if (before) {
          for (const w of t.weights) read({ k: "weight", net: t, path: w.path }, from);
          continue;
        }
        own.nets.add(t);
      } else if (t.k === "weight" || t.k === "history") {
        const made = madeIn.get(t.net) ?? i;
        if (made < i) {
          if (t.k === "weight") read({ k: "weight", net: t.net, path: t.path }, made);
          else read({ k: "history", net: t.net as Train }, made); // as: no other net has one
          continue;
        }
      } else if (before && t.type.k === "tensor" && dearBehind(t, dear)) {
        read({ k: "value", of: t }, from);
        continue;
      }
      if (from === undefined) madeIn.set(t, i);
      needsInside(t, need);
      stack.push(...outside(t));
    }
    for (const b of draft.boundary) {
      const kept: Kept = isSymbol(b) ? { k: "number", symbol: b } : { k: "value", of: b };
      own.keeps.set(namesOf(kept)[0]!, kept);
    }
  }
  return all.map(({ tasks }, i): Work => {
    const { nets, keeps, earlier, needs } = making[i]!;
    return {
      effects: tasks.flatMap(t => t.effect ?? []),
      nets: program.nets.filter(n => nets.has(n)),
      keeps: [...keeps.values()],
      earlier: [...earlier.values()],
      needs: [...needs],
    };
  });
}
/** the bodies of its functions, down to what they capture */
function needsInside(t: Thing, need: (t: Thing) => void): void {
  const seen = new Set<Thing>();
  const stack: Thing[] = [...bodiesOf(t)];
  for (const f of functionsOf(t)) for (const c of f.captures) seen.add(c);
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    need(e);
    for (const f of functionsOf(e)) for (const p of f.params) need(p);
    stack.push(...outside(e), ...bodiesOf(e));
  }
}
/** whether what takes long to make is behind it */
function dearBehind(root: Expr, known: Map<Expr, boolean>): boolean {
  const stack = [root];
  while (stack.length) {
    const e = stack[stack.length - 1]!;
    if (known.has(e)) {
      stack.pop();
      continue;
    }
    const open = isDear(e) ? [] : inputsOf(e).filter(x => !known.has(x));
    if (open.length) {
      stack.push(...open);
      continue;
    }
    stack.pop();
    known.set(e, isDear(e) || inputsOf(e).some(x => known.get(x)!));
  }
  return known.get(root)!;
}
/** where to say what is wrong with what is kept */
export const spanOf = (kept: Kept): Span =>
  kept.k === "number" ? kept.symbol.span : kept.k === "value" ? kept.of.span : kept.net.span;
