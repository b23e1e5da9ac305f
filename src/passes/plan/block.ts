/**
 * The body of a loop, or the whole stage: kernels in phases, and between them the loops inside, in the order in which results are wanted.
 * Joins fuse, tile and schedule; knows no op, no epoch and no address.
 */
import type { Item, Kernel, Tensor } from "../../ir/kernel.ts";
import { printKernel } from "../../ir/kernel-text.ts";
import { accessesOf, along, retarget, tensorsOf } from "../../ir/kernel-walk.ts";
import { PANEL, plain } from "../../ir/layout.ts";
import { Limit } from "../../ir/limit.ts";
import { type Fn, type Node, spansOf, topological } from "../../ir/node.ts";
import { batchesArgs, bodyParams } from "../../ir/ops/batches.ts";
import type { Feed, Size } from "../../ir/plan.ts";
import { isStatic, N, numbers, type TensorType } from "../../ir/type.ts";
import { type Fused, fuse, type Given } from "../fuse/index.ts";
import { liftRows } from "../lift.ts";
import { type Draft as Scheduled, showPhases } from "../schedule.ts";
import { splitFolds } from "../split.ts";
import { bytesOf, type Draft, type DraftArg, type DraftStep, type Place } from "./draft.ts";
import { feedOf, givenRows, paramAt, paramsOf, pinned } from "./feeds.ts";
import { inPlace } from "./inplace.ts";
import type { Kernels } from "./kernels.ts";
import { inOrder, isKernel, type Unit } from "./order.ts";

/** records of a pass over rows whose program names no batch */
const CAPACITY = 1024;

/** steps that are due once these results are there */
export interface Goal {
  readonly results: readonly Node[];
  readonly then?: (stored: (n: Node) => Tensor) => readonly DraftStep[];
}
/** a state of the loop around: the tensor that holds it, and its next value */
interface Carried {
  readonly of: Tensor;
  readonly next: Node;
}
interface Inputs {
  /** what parameters are */
  readonly given: Map<Node, Given>;
  /** feeds of parameters that are rdds */
  readonly feeds: Map<Node, number>;
  /** tensors that are entries of the pointer table */
  readonly args: Map<string, DraftArg>;
  /** room for so many records */
  readonly capacity: number;
  /** tensors of records that are there already */
  readonly panels: Set<string>;
  readonly carried: Carried[];
  /** results that are stored outside as well */
  readonly outs: { readonly of: Node; readonly to: Tensor }[];
}
export const inputs = (capacity: number): Inputs => ({
  given: new Map(),
  feeds: new Map(),
  args: new Map(),
  capacity,
  panels: new Set(),
  carried: [],
  outs: [],
});

/** lives while one body is planned */
export class Block {
  private readonly draft: Draft;
  private readonly kernels: Kernels;
  private readonly in: Inputs;
  private readonly goals: readonly Goal[];
  private readonly wanted: readonly Node[];
  private readonly nodes: readonly Node[];
  private readonly users = new Map<Node, number>();
  private readonly fused: Fused;
  /** the kernel that computes a node */
  private readonly unit: ReadonlyMap<Node, Kernel>;
  /** the node whose value a tensor holds */
  private readonly origins: Map<string, Node>;
  /** of a loop inside: the tensors of its results */
  private readonly results = new Map<Node, readonly Tensor[]>();
  /** what stands in an order to be planned */
  private readonly done = new Set<Unit>();
  /** what stands in the steps */
  private readonly planned = new Set<Unit>();
  /** where the tensors that were written here lie */
  private readonly regions = new Map<string, Place["region"]>();
  /** tensors that are written where a state lies */
  private readonly renamed = new Map<string, string>();
  /** the body of a loop, not the stage */
  private readonly isTrip: boolean;
  readonly steps: DraftStep[] = [];

  constructor(draft: Draft, kernels: Kernels, given: Inputs, goals: readonly Goal[]) {
    this.draft = draft;
    this.kernels = kernels;
    this.in = given;
    this.goals = goals;
    this.isTrip = given.carried.length > 0 || given.outs.length > 0;
    this.wanted = [...goals.flatMap(g => g.results), ...given.carried.map(c => c.next), ...given.outs.map(o => o.of)];
    this.nodes = topological(this.wanted);
    for (const n of [...this.nodes.flatMap(x => x.args), ...this.wanted])
      this.users.set(n, (this.users.get(n) ?? 0) + 1);
    for (const n of this.nodes) {
      const rule = n.op.kernel;
      if (rule.k === "stored") given.given.set(n, draft.constant(rule.bytes(n), (n.type as TensorType).shape)); // as: bytes make tensors
    }
    for (const n of this.nodes) if (isControl(n)) this.results.set(n, this.resultsOf(n));
    for (const n of this.nodes)
      if (n.op.control === "get") given.given.set(n, this.results.get(n.args[0]!)![n.attrs["i"] as number]!);
      else if (n.op.control === "clock") given.given.set(n, this.results.get(n)![0]!);
    const roots = [...this.wanted, ...this.nodes.filter(needsTensors).flatMap(n => n.args)];
    const prefix = draft.fresh("b");
    const ordinal = new Map(this.nodes.map((n, i) => [n, i])); // ids tell what was compiled before
    this.fused = draft.trace(
      "fuse",
      () => fuse([...new Set(roots.filter(isTensor))], given.given, n => `${prefix}.t${ordinal.get(n)}`, this.due()),
      f => f.kernels.map(k => printKernel(k)).join("\n"),
    );
    this.unit = new Map(this.fused.kernels.flatMap(k => k.covers.map(n => [n, k])));
    const computed = [...this.fused.stored].filter(([n]) => this.unit.has(n));
    this.origins = new Map(computed.map(([n, t]) => [t.name, n]));
  }

  /** the first effect that wants a node: what comes later must not hold it up */
  private due(): (n: Node) => number {
    const first = new Map<Node, number>();
    this.goals.forEach((g, i) => {
      for (const n of topological(g.results)) if (!first.has(n)) first.set(n, i);
    });
    return n => (this.isTrip ? 0 : (first.get(n) ?? this.goals.length));
  }

  plan(): readonly DraftStep[] {
    // the steps of one trip have no order of their own; those of the stage are the program's effects
    if (this.isTrip) this.reach(this.wanted);
    for (const g of this.goals) {
      this.reach(g.results);
      this.steps.push(...(g.then?.(this.stored) ?? []));
    }
    this.carry();
    return this.steps;
  }
  /** where the value lies now */
  private readonly stored = (n: Node): Tensor => {
    const t = this.fused.stored.get(n);
    if (!t) throw new Error(`internal: plan: ${n.op.name} is stored nowhere`);
    return this.located(t);
  };
  private located(t: Tensor): Tensor {
    const at = this.carried(t);
    const region = this.regions.get(at.name) ?? (this.in.panels.has(at.name) ? "step" : undefined);
    return region ? this.draft.target.lay(at, region) : at;
  }
  /** a state, where the tensor is written there: dims of states have no order of their own */
  private carried(t: Tensor): Tensor {
    const name = this.renamed.get(t.name);
    return name === undefined ? t : { ...t, name, layout: plain(t.shape) };
  }

  // ---- results in order

  /** all that these values need and that is not there yet: a loop after the kernels that it reads, the rest at the end */
  private reach(results: readonly Node[]): void {
    let pending: Kernel[] = [];
    const flush = (last = false): void => {
      const outs = last ? this.in.outs.splice(0).map(o => copy(this.stored(o.of), o.to)) : [];
      if (pending.length || outs.length) this.run([...pending, ...outs]);
      pending = [];
    };
    for (const n of inOrder(results, this.unit, this.done)) {
      if (isKernel(n)) {
        pending.push(n);
        continue;
      }
      if (n.type.k === "rdd" && n.op.control !== "param") flush();
      if (n.type.k === "rdd") {
        this.feed(n);
        this.planned.add(n);
      }
      if (!isControl(n)) continue;
      flush();
      if (n.op.control === "batches") this.batches(n);
      else if (n.op.control === "loop") this.loop(n);
      else this.steps.push({ k: "clock", to: this.results.get(n)![0]!.name });
      this.planned.add(n);
    }
    flush(true);
  }
  // ---- kernels

  /** kernels that depend on no loop to come, in phases */
  private run(kernels: readonly Kernel[]): void {
    const { args, capacity } = this.in;
    const cut = splitFolds(kernels.map(k => retarget(k, t => this.located(t))));
    const placed = new Set([...this.draft.places.keys(), ...args.keys()]);
    const draft = this.draft.trace(
      "schedule",
      () => this.inPlace(this.draft.target.phases(cut, placed, this.later(kernels))),
      showPhases,
    );
    for (const k of kernels) this.planned.add(k);
    for (const [name, region] of draft.regions) this.regions.set(name, region);
    for (const p of draft.phases) {
      for (const k of p.kernels)
        for (const t of tensorsOf(k)) {
          if (t.shape.filter(d => typeof d !== "number").length > 1) throw pairsOf(k);
          const region = draft.regions.get(t.name);
          if (region) this.draft.place(t.name, bytesOf(t, region === "worker" ? PANEL : capacity), region);
        }
      this.phase(p.kernels, p.items);
    }
  }
  /** names of what is read when these kernels are done */
  private later(running: readonly Kernel[]): ReadonlySet<string> {
    const now = new Set(running);
    const kernels = this.fused.kernels.filter(k => !now.has(k)).flatMap(k => accessesOf(k).reads.map(r => r.of.name));
    const others = [...this.wanted, ...this.nodes.filter(needsTensors).flatMap(n => n.args)].filter(isTensor);
    const out = new Set(this.in.outs.map(o => o.of)); // copied with the last of the kernels
    return new Set([...kernels, ...others.filter(n => !out.has(n)).map(n => this.fused.stored.get(n)!.name)]);
  }
  private phase(kernels: readonly Kernel[], items: "panels" | "one"): void {
    const arg = (t: string): DraftArg => this.in.args.get(t) ?? t;
    const origin = (t: string): Node | undefined => this.origins.get(t);
    const own = kernels.map(k => this.draft.calls.push(this.kernels.call(k, arg, origin)) - 1);
    const panels = { calls: own, items: { of: N, by: PANEL, unit: 1 } };
    for (const p of items === "panels" ? [panels] : byGrid(own, this.draft)) {
      const name = `p${this.draft.phases.length}`;
      this.draft.phases.push({ name, calls: p.calls });
      this.steps.push({ k: "phase", name, items: p.items, calls: p.calls });
    }
  }

  // ---- states

  private inPlace(draft: Scheduled): Scheduled {
    const states = this.in.carried.map(c => ({ of: c.of, next: this.fused.stored.get(c.next)!.name }));
    const results = new Set(this.goals.flatMap(g => g.results.map(r => this.fused.stored.get(r)?.name)));
    const wanted = (name: string): boolean => results.has(name) || this.readLater(name, draft);
    const as = (t: Tensor, state: string): Tensor => this.located({ ...t, name: state, layout: plain(t.shape) });
    const now = inPlace(draft, states, wanted, as);
    for (const [from, to] of now.renamed) {
      this.renamed.set(from, to);
      this.origins.set(to, this.origins.get(from)!);
    }
    return now.draft;
  }
  /** by a kernel that has not run, by a loop, or as the next value of another state */
  private readLater(name: string, running: Scheduled): boolean {
    const covered = new Set(running.phases.flatMap(p => p.kernels.flatMap(k => k.covers)));
    const kernels = this.fused.kernels.filter(k => !k.covers.some(n => covered.has(n)) && !this.planned.has(k));
    if (kernels.some(k => accessesOf(k).reads.some(r => r.of.name === name))) return true;
    const others = [...this.readByLoops().filter(isTensor), ...this.in.carried.map(c => c.next)];
    return others.some(n => this.fused.stored.get(n)!.name === name);
  }
  /** arguments of what is no kernel and still to come; rows are looked at when a pass over them begins, not where they are chosen */
  private readByLoops(): readonly Node[] {
    const open = new Set(this.nodes.filter(n => needsTensors(n) && !this.planned.has(n)));
    for (const n of open) for (const a of n.args) if (a.type.k === "rdd") open.add(a); // a set is walked to its end as it grows
    return [...open].flatMap(n => n.args);
  }
  /** the states take their next values */
  private carry(): void {
    const { carried, capacity } = this.in;
    const states = new Set(carried.map(c => c.of.name));
    const moves: (() => void)[] = [];
    for (const { of, next } of carried) {
      const from = this.stored(next);
      if (from.name === of.name) continue;
      // another state may be overwritten before it is read
      const safe: Tensor = states.has(from.name) ? { ...from, name: this.draft.fresh(`${of.name}.next`) } : from;
      if (safe !== from) {
        this.draft.place(safe.name, bytesOf(safe, capacity), "step");
        this.move(from, safe);
      }
      moves.push(() => this.move(safe, this.located(of)));
    }
    for (const m of moves) m();
  }
  /** the elements to another place; the bytes, where both lie alike */
  private move(from: Tensor, to: Tensor): void {
    if (isStatic(to.shape) || sameLayout(from, to))
      this.steps.push({ k: "copy", from: from.name, to: to.name, bytes: bytesOf(to, this.in.capacity) });
    else this.phase([copy({ ...from, shape: to.shape }, to)], isStatic(to.shape) ? "one" : "panels");
  }

  // ---- rows

  private feed(n: Node): void {
    const { feeds } = this.in;
    if (feeds.has(n)) return;
    const of = n.args[0]!;
    const { feed, filters } = feedOf(n, of.type.k === "rdd" ? feeds.get(of) : undefined, this.stored, this.draft);
    feeds.set(n, feed);
    // each trip has its own seeds, and its own rows of tensors
    if (this.isTrip && !filters) this.steps.push({ k: "choose", feed });
    if (!filters) return;
    const steps = (epoch: string | undefined): readonly DraftStep[] => this.filter(n, feed, epoch);
    if (
      n.attrs["identity"] === true ||
      this.chainOf(feed).some(f => isRenewed(this.draft.feeds[f]!) || this.draft.renewed.has(f))
    )
      this.draft.renewed.set(feed, steps);
    else this.steps.push(...steps(undefined));
  }
  /** the feeds that a feed is made from, the source first, and itself */
  private chainOf(feed: number): readonly number[] {
    const chain = [feed];
    for (let s = this.draft.feeds[feed]!.selection; "from" in s; s = this.draft.feeds[s.from]!.selection)
      chain.unshift(s.from);
    return chain;
  }
  /** a filter that sees chance, or rows chosen by chance, sees those of the epoch */
  private renew(feed: number, epoch: string | undefined): void {
    for (const f of this.chainOf(feed)) this.steps.push(...(this.draft.renewed.get(f)?.(epoch) ?? []));
  }
  private filter(n: Node, feed: number, epoch: string | undefined): readonly DraftStep[] {
    const body = liftRows(n);
    const [rdd, ...captures] = n.args as readonly [Node, ...Node[]];
    const columns = body.params.length - captures.length - (n.attrs["identity"] === true ? 2 : 0);
    const from = this.in.feeds.get(rdd)!;
    const inside = inputs(CAPACITY);
    givenRows(body, rdd, from, columns + captures.length, this.draft, inside.given, inside.args);
    this.capture(body, columns, captures, inside);
    const p = paramAt(body, columns + captures.length + 1);
    if (p) inside.given.set(p, this.draft.word(epoch ?? "zero"));
    const shape = [N];
    const mask: Tensor = { name: `feed${feed}.mask`, store: "bool", shape, layout: plain(shape) };
    inside.args.set(mask.name, this.draft.pointer({ k: "mask", feed }));
    inside.outs.push({ of: body.results[0]!, to: mask });
    const when = epoch === undefined ? {} : { epoch };
    const over = { feed: from, order: "source", place: 0, batch: CAPACITY, ...when } as const;
    const steps = new Block(this.draft, this.kernels, inside, []).plan();
    return [
      { k: "loop", label: "filter", over, body: [...steps, { k: "check" }] },
      { k: "filter", feed, ...when },
    ];
  }

  // ---- loops inside

  private capture(body: Fn, first: number, captures: readonly Node[], to: Inputs): void {
    for (const p of paramsOf(body)) {
      const c = captures[(p.attrs["i"] as number) - first];
      if (!c || to.given.has(p) || to.feeds.has(p)) continue;
      if (c.type.k === "rdd") {
        to.feeds.set(p, this.in.feeds.get(c)!);
        continue;
      }
      const { name, ...t } = this.carried(this.fused.stored.get(c)!);
      to.given.set(p, { ...t, name, shape: (p.type as TensorType).shape });
      if (!isStatic((p.type as TensorType).shape)) to.panels.add(name);
    }
  }

  /**
   * The tensors of a loop's results. A state of the loop around that only starts a state inside, whose end is its next value, is
   * that state: nothing is copied.
   */
  private resultsOf(n: Node): readonly Tensor[] {
    const types = n.type.k === "tuple" ? n.type.of : [n.type];
    const starts = statesOf(n);
    const prefix = this.draft.fresh(n.op.name);
    return types.map((type, i) => {
      const { elem, shape } = type as TensorType; // tensors by the rules of loops
      const start = starts[i];
      const around = start && this.in.carried.find(c => isPart(c.next, n, i) && this.in.given.get(start) === c.of);
      if (around && this.users.get(start) === 1 && isStatic(shape)) return around.of;
      const name = `${prefix}.${i}`;
      if (isStatic(shape)) return this.draft.state(name, elem, shape);
      const t = { name, store: elem, shape, layout: plain(shape) };
      this.in.panels.add(name);
      this.draft.place(name, bytesOf(this.located(t), this.in.capacity), "step");
      return t;
    });
  }
  /** the states of a loop as they begin */
  private begin(n: Node): void {
    statesOf(n).forEach((start, i) => {
      const [from, to] = [this.stored(start), this.results.get(n)![i]!];
      if (from.name !== to.name) this.move(from, this.located(to));
    });
  }

  private batches(n: Node): void {
    const { rows, seed, clock, states, captures } = batchesArgs(n.args, n.attrs);
    const body = n.attrs["body"] as Fn; // this and what follows: by the type rule
    const attrs = n.attrs as Readonly<Record<string, number>>;
    const at = bodyParams(n);
    const feed = this.in.feeds.get(rows)!;
    const inside = inputs(attrs["batch"]!);
    const results = this.results.get(n)!;
    this.renew(feed, clock && pinned(this.stored(clock.epoch), this.draft));
    this.begin(n);
    givenRows(body, rows, feed, at.row, this.draft, inside.given, inside.args);
    const step = clock ? results[states.length]! : this.draft.word(this.draft.fresh("step"));
    if (!clock) this.steps.push({ k: "zero", at: step.name, bytes: 4 });
    const epoch = clock ? this.stored(clock.epoch) : this.draft.word("zero");
    const scalars: readonly (readonly [number, Tensor])[] = [
      [at.step, step],
      [at.epoch, epoch],
    ];
    for (const [i, t] of scalars) {
      const p = paramAt(body, i);
      if (p) inside.given.set(p, t);
    }
    states.forEach((_, i) => {
      const p = paramAt(body, at.states + i);
      if (p) inside.given.set(p, results[i]!);
      inside.carried.push({ of: results[i]!, next: body.results[i]! });
    });
    this.capture(body, at.captures, captures, inside);
    const outs = body.results.slice(states.length, states.length + attrs["outs"]!);
    outs.forEach((of, i) => {
      const whole = results[states.length + (clock ? 1 : 0) + i]!;
      // rows that this pass does not reach are 0, whatever an earlier trip of a loop around left there
      this.steps.push({ k: "zero", at: whole.name, bytes: bytesOf(whole, 0) });
      inside.outs.push({ of, to: this.rowsOut(whole, of, feed, attrs["site"], inside) });
    });
    const logs = body.results.slice(states.length + outs.length);
    const logged: Goal = { results: logs, then: stored => logs.map(r => log(r, stored, this.draft)) };
    const steps = new Block(this.draft, this.kernels, inside, [logged]).plan();
    const span = spansOf(n)[0];
    const over = {
      feed,
      order: n.attrs["order"] as "source",
      place: attrs["place"]!,
      seed: pinned(this.stored(seed), this.draft),
      ...(clock ? { epoch: pinned(epoch, this.draft) } : {}),
      batch: attrs["batch"]!,
      ...(clock && span ? { some: span } : {}),
    };
    const stop = attrs["stop"]! >= 0 ? { stop: attrs["stop"]! } : {};
    const label = n.attrs["label"] as string;
    this.steps.push({ k: "loop", label, over, total: step.name, ...stop, body: [...steps, { k: "check" }] });
  }
  /** the rows of one batch in a tensor of all rows */
  private rowsOut(whole: Tensor, of: Node, feed: number, site: number | undefined, to: Inputs): Tensor {
    const { shape, elem } = of.type as TensorType; // by the type rule
    const rows = numbers(whole.shape)[0]!;
    const bytes = bytesOf(whole, 0) / Math.max(rows, 1);
    const out: Tensor = { name: this.draft.fresh("out"), store: elem, shape, layout: plain(shape) };
    const pointer = {
      k: "output" as const,
      feed,
      of: whole.name,
      bytes,
      rows,
      ...(site === undefined ? {} : { site }),
    };
    to.args.set(out.name, this.draft.pointer(pointer));
    return out;
  }

  private loop(n: Node): void {
    const body = n.attrs["body"] as Fn; // by the type rule
    const count = n.attrs["states"] as number;
    const results = this.results.get(n)!;
    const inside = inputs(this.in.capacity);
    this.begin(n);
    results.forEach((t, i) => {
      const p = paramAt(body, i);
      if (p) inside.given.set(p, t);
      if (!isStatic(t.shape)) inside.panels.add(t.name);
      inside.carried.push({ of: t, next: body.results[i]! });
    });
    this.capture(body, count, n.args.slice(count), inside);
    const names = n.attrs["logs"] as readonly string[];
    const until = n.attrs["until"] === true ? body.results[count]! : undefined;
    const logs = body.results.slice(count + (until ? 1 : 0));
    let end: string | undefined;
    const each: Goal = {
      results: [...logs, ...(until ? [until] : [])],
      then: stored => {
        const logged = logs.map((r, i) => log(r, stored, this.draft, names[i]));
        if (!until) return logged;
        const last = stored(until);
        if (!inside.carried.some(c => c.of.name === last.name && c.next !== until)) {
          end = pinned(last, this.draft);
          return logged;
        }
        // the player looks when the state has its next value
        end = this.draft.state(this.draft.fresh("end"), last.store, []).name;
        return [...logged, { k: "copy", from: last.name, to: end, bytes: bytesOf(last, 0) }];
      },
    };
    const steps = new Block(this.draft, this.kernels, inside, [each]).plan();
    const paths = n.attrs["names"] as readonly string[];
    // records of one batch are nothing to keep
    const states = results.flatMap((t, i) =>
      isStatic(t.shape) ? [this.draft.buffer(paths[i]!, t, n.args[i]!.type as TensorType)] : [],
    );
    const folder = n.attrs["checkpoint"] as string | undefined;
    const trip = n.attrs["trip"] as number;
    this.steps.push({
      k: "loop",
      label: n.attrs["label"] as string,
      ...(trip >= 0 ? { trip } : {}),
      ...(end === undefined ? {} : { until: end }),
      ...(folder === undefined ? {} : { checkpoint: { folder, states } }),
      body: steps,
    });
  }
}

const isRenewed = ({ selection: { k } }: Feed<string>): boolean => k === "sample" || k === "shuffle";
const sameLayout = ({ layout: a }: Tensor, { layout: b }: Tensor): boolean =>
  a.parts.length === b.parts.length &&
  a.parts.every((p, i) => p.dim === b.parts[i]!.dim && p.div === b.parts[i]!.div && p.mod === b.parts[i]!.mod);
const isTensor = (n: Node): boolean => n.type.k === "tensor";
/** bytes of a batch grow with its records, not with their square */
const pairsOf = (k: Kernel): Limit =>
  new Limit(
    "keeping a number for each pair of records of a batch",
    "sum, mean or max over one of the two where they meet",
    k.covers.flatMap(n => spansOf(n)),
  );
const isControl = (n: Node): boolean =>
  n.op.control === "batches" || n.op.control === "loop" || n.op.control === "clock";
/** nodes that read tensors without being kernels */
const needsTensors = (n: Node): boolean => isControl(n) || n.type.k === "rdd";
/** what the first results of a loop begin as */
function statesOf(n: Node): readonly Node[] {
  if (n.op.control === "loop") return n.args.slice(0, n.attrs["states"] as number);
  if (n.op.control !== "batches") return [];
  const { states, clock } = batchesArgs(n.args, n.attrs);
  return clock ? [...states, clock.step] : states;
}
const isPart = (n: Node, of: Node, i: number): boolean =>
  n.op.control === "get" && n.args[0] === of && n.attrs["i"] === i;
/** calls that one item does, together; each that is dealt to many alone */
function byGrid(calls: readonly number[], draft: Draft): readonly { readonly calls: number[]; readonly items: Size }[] {
  const out: { readonly calls: number[]; readonly items: Size; readonly many: boolean }[] = [];
  for (const c of calls) {
    const to = draft.calls[c]!.kernel.grid[0]?.to ?? 1;
    const last = out.at(-1);
    if (to === 1 && last && !last.many) last.calls.push(c);
    else if (typeof to === "object" && "of" in to) out.push({ calls: [c], items: { ...to, unit: 1 }, many: true });
    else out.push({ calls: [c], items: typeof to === "number" ? to : { of: to, by: 1, unit: 1 }, many: to !== 1 });
  }
  return out;
}

function log(n: Node, stored: (n: Node) => Tensor, draft: Draft, name = "loss"): DraftStep {
  const span = spansOf(n)[0];
  return { k: "log", value: pinned(stored(n), draft), name, ...(span ? { span } : {}) };
}
/** the same elements elsewhere */
function copy(from: Tensor, to: Tensor): Kernel {
  const axes = to.shape.map((e, d) => ({ name: `i${d}`, extent: e, role: "parallel" as const }));
  const at = axes.map(a => along(a.name));
  const then: readonly Item[] = [{ to: { of: to, index: at }, value: { k: "read", from: { of: from, index: at } } }];
  return { name: "copy", phases: [{ axes, reduce: [], then }], covers: [] };
}
