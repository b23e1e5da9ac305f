/**
 * Loops that stand in a block: passes over rows, trips over states, filters. Each is the steps that its body becomes, and what the
 * player must know to repeat them. Knows no kernel and no phase.
 */
import type { Tensor } from "../../ir/kernel.ts";
import { plain } from "../../ir/layout.ts";
import { type Fn, type Node, spansOf } from "../../ir/node.ts";
import { batchesArgs, bodyParams } from "../../ir/ops/batches.ts";
import { CAPACITY } from "../../ir/ops/loop-build.ts";
import { type Elem, isStatic, N, numbers, type RddType, type TensorType, tensor } from "../../ir/type.ts";
import { expandAll } from "../expand.ts";
import { liftRows } from "../lift.ts";
import type { Aside } from "./aside.ts";
import { type Goal, type Inputs, inputs } from "./body.ts";
import { bytesOf, type Draft, type DraftStep } from "./draft.ts";
import { cyclesOf, hasRoom, MOST_EXACT } from "./exact.ts";
import { givenRows, paramsOf, pinned } from "./feeds.ts";

/** the block that a loop stands in */
export interface Around {
  readonly draft: Draft;
  /** room for so many records */
  readonly capacity: number;
  /** so many, always */
  readonly exact: number | undefined;
  readonly feeds: ReadonlyMap<Node, number>;
  /** where a value lies now */
  readonly stored: (n: Node) => Tensor;
  /** the same with the order of its dims only: a block inside lays it out for itself */
  readonly seen: (n: Node) => Tensor;
  /** the tensors of a loop's results; its states have begun there */
  readonly results: (n: Node) => readonly Tensor[];
  /** lays these out once more, now */
  readonly copies: (asides: readonly Aside[]) => void;
  /** the steps of one trip */
  readonly body: (given: Inputs, goals: readonly Goal[]) => readonly DraftStep[];
  /** steps that are there only if `keep` says so of them */
  readonly attempt: (
    make: () => readonly DraftStep[],
    keep: (steps: readonly DraftStep[]) => boolean,
  ) => readonly DraftStep[] | undefined;
}

/** what the first results of a loop begin as */
export function statesOf(n: Node): readonly Node[] {
  if (n.op.control === "loop") return n.args.slice(0, n.attrs["states"] as number);
  if (n.op.control !== "batches") return [];
  const { states, clock } = batchesArgs(n.args, n.attrs);
  return clock ? [...states, clock.step] : states;
}

/** the trips of a loop overwrite state i before anybody sees it */
export const isOverwritten = (n: Node, i: number): boolean =>
  (n.attrs["overwritten"] as readonly boolean[] | undefined)?.[i] === true; // as: by the type rule of loop
/** what a node reads as tensors */
export const argsRead = (n: Node): readonly Node[] => n.args.filter((_, i) => !isOverwritten(n, i));

// ---- over states

/** trips from which on a copy of what all of them read is worth it */
const MANY = 8;
export function loop(n: Node, around: Around): readonly DraftStep[] {
  const body = n.attrs["body"] as Fn; // by the type rule
  const count = n.attrs["states"] as number;
  const results = around.results(n);
  const inside = inputs(around.capacity, around.exact);
  const params = paramsOf(body);
  results.forEach((t, i) => {
    const p = params.get(i);
    if (p) inside.given.set(p, t);
    if (!isStatic(t.shape)) inside.panels.add(t.name);
    inside.carried.push({ of: t, next: body.results[i]!, overwritten: isOverwritten(n, i) });
  });
  capture(body, count, n.args.slice(count), inside, around);
  const trip = n.attrs["trip"] as number;
  if (trip >= MANY)
    for (const t of inside.given.values())
      if (typeof t !== "function" && !results.some(r => r.name === t.name)) inside.fixed.add(t.name);
  const names = n.attrs["logs"] as readonly string[];
  const until = n.attrs["until"] === true ? body.results[count]! : undefined;
  const logs = body.results.slice(count + (until ? 1 : 0));
  let end: string | undefined;
  const each: Goal = {
    results: [...logs, ...(until ? [until] : [])],
    then: stored => {
      const ends = until && endOf(until, stored(until), inside, around.draft);
      end = ends?.at;
      return [...logs.map((r, i) => log(r, stored, around.draft, names[i])), ...(ends?.steps ?? [])];
    },
  };
  const steps = around.body(inside, [each]);
  around.copies(inside.asides);
  const paths = n.attrs["names"] as readonly string[];
  // records of one batch are nothing to keep
  const states = results.flatMap((t, i) =>
    isStatic(t.shape) ? [around.draft.buffer(paths[i]!, t, n.args[i]!.type as TensorType)] : [],
  );
  const [folder, name] = [n.attrs["checkpoint"], n.attrs["checkpointName"]] as readonly [string?, string?]; // by the type rule
  return [
    {
      k: "loop",
      label: n.attrs["label"] as string,
      ...(trip >= 0 ? { trip } : {}),
      ...(end === undefined ? {} : { until: end }),
      ...(folder === undefined ? {} : { checkpoint: { folder, name: name ?? "loop", states } }),
      body: steps,
    },
  ];
}
/** where the player finds the end of a trip: it looks when the states have their next values */
function endOf(
  until: Node,
  t: Tensor,
  { carried }: Inputs,
  draft: Draft,
): { readonly at: string; readonly steps: readonly DraftStep[] } {
  if (!carried.some(c => c.of.name === t.name && c.next !== until)) return { at: pinned(t, draft), steps: [] };
  const at = draft.state(draft.fresh("end"), t.store, []).name;
  return { at, steps: [{ k: "copy", from: t.name, to: at, bytes: bytesOf(t, 0) }] };
}

// ---- over rows

export function batches(n: Node, around: Around): readonly DraftStep[] {
  const { rows, seed, clock, states, captures } = batchesArgs(n.args, n.attrs);
  const body = n.attrs["body"] as Fn; // this and what follows: by the type rule
  const attrs = n.attrs as Readonly<Record<string, number>>;
  const at = bodyParams(n);
  const feed = around.feeds.get(rows)!;
  const results = around.results(n);
  const zeros: DraftStep[] = [];
  const step = clock ? results[states.length]! : around.draft.word(around.draft.fresh("step"));
  if (!clock) zeros.push({ k: "zero", at: step.name, bytes: 4 });
  const epoch = clock ? around.stored(clock.epoch) : around.draft.word("zero");
  const scalars: readonly (readonly [number, Tensor])[] = [
    [at.step, step],
    [at.epoch, epoch],
  ];
  const params = paramsOf(body);
  const outs = body.results.slice(states.length, states.length + attrs["outs"]!);
  const whole = outs.map((_, i) => results[states.length + (clock ? 1 : 0) + i]!);
  const passing = n.attrs["passing"] === true;
  // rows that this pass does not reach are 0, whatever an earlier trip of a loop around left there
  if (!passing) for (const t of whole) zeros.push({ k: "zero", at: t.name, bytes: bytesOf(t, 0) });
  const buffers = passing
    ? outs.map((of, i) => {
        const type = { ...(of.type as TensorType), shape: whole[i]!.shape };
        return around.draft.buffer(whole[i]!.name, whole[i]!, type);
      })
    : [];
  const ends: readonly DraftStep[] = [{ k: "check" }, ...(buffers.length ? [{ k: "append", buffers } as const] : [])];
  const logs = body.results.slice(states.length + outs.length);
  const names = n.attrs["logs"] as readonly string[] | undefined; // as: by the constructor
  const logged: Goal = {
    results: logs,
    then: stored => logs.map((r, i) => log(r, stored, around.draft, names?.[i])),
  };
  const stepsFor = (exact?: number): readonly DraftStep[] => {
    const inside = inputs(attrs["batch"]!, exact);
    givenRows(body, rows, feed, at.row, around.draft, inside.given, inside.args);
    for (const [i, t] of scalars) {
      const p = params.get(i);
      if (p) inside.given.set(p, t);
    }
    states.forEach((_, i) => {
      const p = params.get(at.states + i);
      if (p) inside.given.set(p, results[i]!);
      inside.carried.push({ of: results[i]!, next: body.results[i]! });
    });
    capture(body, at.captures, captures, inside, around);
    outs.forEach((of, i) => {
      const to = passing
        ? rowsPassing(whole[i]!, of, inside, around.draft)
        : rowsOut(whole[i]!, of, feed, attrs["site"], inside, around.draft);
      inside.outs.push({ of, to });
    });
    return [...around.body(inside, [logged]), ...ends];
  };
  const steps = stepsFor();
  const full = outs.length ? Math.min(attrs["batch"]!, attrs["rows"]!) : attrs["batch"]!;
  const exact = exactly(full, steps, () => stepsFor(full), around);
  const span = spansOf(n)[0];
  const over = {
    feed,
    order: n.attrs["order"] as "source",
    place: attrs["place"]!,
    seed: pinned(around.stored(seed), around.draft),
    ...(clock ? { epoch: pinned(epoch, around.draft) } : {}),
    batch: attrs["batch"]!,
    ...(clock && span ? { some: span } : {}),
  };
  const stop = attrs["stop"]! >= 0 ? { stop: attrs["stop"]! } : {};
  const label = n.attrs["label"] as string;
  return [...zeros, { k: "loop", label, over, total: step.name, ...stop, body: steps, ...(exact ? { exact } : {}) }];
}
/** the rows of one batch in a tensor of no more */
function rowsPassing(whole: Tensor, of: Node, to: Inputs, draft: Draft): Tensor {
  const { shape, elem } = of.type as TensorType; // by the type rule
  const out: Tensor = { name: draft.fresh("out"), store: elem, shape, layout: plain(shape) };
  to.args.set(out.name, whole.name);
  return out;
}
/** the steps of a batch of `records`, where these are few and the steps are faster than those for any number */
function exactly(
  records: number,
  steps: readonly DraftStep[],
  make: () => readonly DraftStep[],
  { draft, exact, attempt }: Around,
): { readonly records: number; readonly body: readonly DraftStep[] } | undefined {
  const choice = draft.target.exact;
  if (!choice || exact !== undefined || records < 1 || records > MOST_EXACT) return undefined;
  const whole = cyclesOf(steps, draft, records);
  if (whole < choice.least) return undefined;
  const body = attempt(
    make,
    some => cyclesOf(some, draft, records) < choice.share * whole && hasRoom(some, steps, draft, records),
  );
  return body && { records, body };
}
/** the rows of one batch in a tensor of all rows */
function rowsOut(whole: Tensor, of: Node, feed: number, site: number | undefined, to: Inputs, draft: Draft): Tensor {
  const { shape, elem } = of.type as TensorType; // by the type rule
  const rows = numbers(whole.shape)[0]!;
  const bytes = bytesOf(whole, 0) / Math.max(rows, 1);
  const out: Tensor = { name: draft.fresh("out"), store: elem, shape, layout: plain(shape) };
  const pointer = {
    k: "output" as const,
    feed,
    of: whole.name,
    bytes,
    rows,
    ...(site === undefined ? {} : { site }),
  };
  to.args.set(out.name, draft.pointer(pointer));
  return out;
}
export function filter(n: Node, feed: number, epoch: string | undefined, around: Around): readonly DraftStep[] {
  const { from, body, inside } = rowByRow(n, epoch, around);
  const shape = [N];
  const mask: Tensor = { name: `feed${feed}.mask`, store: "bool", shape, layout: plain(shape) };
  inside.args.set(mask.name, around.draft.pointer({ k: "mask", feed }));
  inside.outs.push({ of: body.results[0]!, to: mask });
  const when = epoch === undefined ? {} : { epoch };
  const over = { feed: from, order: "source", place: 0, batch: CAPACITY, ...when } as const;
  const steps = around.body(inside, []);
  return [
    { k: "loop", label: "filter", over, body: [...steps, { k: "check" }] },
    { k: "filter", feed, ...when },
  ];
}
/** the steps that fill a table with the rows of an epoch */
export function table(n: Node, feed: number, around: Around): (epoch: string | undefined) => readonly DraftStep[] {
  const { draft } = around;
  const columns = Object.entries((n.type as RddType).row).map(([name, c]) => {
    const type = tensor(c.store as Elem, [CAPACITY, ...c.shape]); // as: what functions give is stored as it is
    const whole = draft.state(draft.fresh(name), type.elem, type.shape);
    return { whole, buffer: draft.buffer(whole.name, whole, type) };
  });
  const buffers = columns.map(c => c.buffer);
  return epoch => {
    const { from, body, inside } = rowByRow(n, epoch, around);
    body.results.forEach((of, i) => {
      inside.outs.push({ of, to: rowsPassing(columns[i]!.whole, of, inside, draft) });
    });
    const when = epoch === undefined ? {} : { epoch };
    const over = { feed: from, order: "source", place: 0, batch: CAPACITY, ...when } as const;
    const steps = around.body(inside, []);
    return [
      { k: "loop", label: "table", over, body: [...steps, { k: "check" }, { k: "append", buffers }] },
      { k: "table", feed, buffers },
    ];
  };
}
/** the function of an rdd's node over all rows of a batch, and what it is given */
function rowByRow(
  n: Node,
  epoch: string | undefined,
  around: Around,
): { readonly from: number; readonly body: Fn; readonly inside: Inputs } {
  const body = expandAll(liftRows(n)); // a loop for many records calls what it was for one
  const [rdd, ...captures] = n.args as readonly [Node, ...Node[]];
  const columns = body.params.length - captures.length - (n.attrs["identity"] === true ? 2 : 0);
  const from = around.feeds.get(rdd)!;
  const inside = inputs(CAPACITY);
  givenRows(body, rdd, from, columns + captures.length, around.draft, inside.given, inside.args);
  capture(body, columns, captures, inside, around);
  const p = paramsOf(body).get(columns + captures.length + 1);
  if (p) inside.given.set(p, around.draft.word(epoch ?? "zero"));
  return { from, body, inside };
}

// ---- both

function capture(body: Fn, first: number, captures: readonly Node[], to: Inputs, around: Around): void {
  for (const [i, p] of paramsOf(body)) {
    const c = captures[i - first];
    if (!c || to.given.has(p) || to.feeds.has(p)) continue;
    if (c.type.k === "rdd") {
      to.feeds.set(p, around.feeds.get(c)!);
      continue;
    }
    const t = around.seen(c);
    const { shape } = p.type as TensorType; // what is no rdd is a tensor
    to.given.set(p, { ...t, shape });
    if (!isStatic(shape)) to.panels.add(t.name);
  }
}
function log(n: Node, stored: (n: Node) => Tensor, draft: Draft, name = "loss"): DraftStep {
  const span = spansOf(n)[0];
  return { k: "log", value: pinned(stored(n), draft), name, ...(span ? { span } : {}) };
}
