/**
 * The body of a loop, or the whole stage: kernels in phases, and between them the loops inside, in the order in which results are wanted.
 * Joins fuse, tile and schedule; knows no op, no epoch and no address.
 */
import type { Kernel, Tensor } from "../../ir/kernel.ts";
import { printKernel } from "../../ir/kernel-text.ts";
import { accessesOf, ofRecords, retarget, tensorsOf } from "../../ir/kernel-walk.ts";
import { PANEL, plain } from "../../ir/layout.ts";
import { type Node, topological } from "../../ir/node.ts";
import { batchesArgs } from "../../ir/ops/batches.ts";
import type { Feed } from "../../ir/plan.ts";
import { atN, isStatic, N, type TensorType } from "../../ir/type.ts";
import { type Fused, fuse } from "../fuse/index.ts";
import { type Draft as Scheduled, showPhases } from "../schedule.ts";
import { splitFolds } from "../split.ts";
import type { Goal, Inputs } from "./body.ts";
import { byGrid, copy, roomy, sameLayout } from "./deal.ts";
import { bytesOf, type Draft, type DraftArg, type DraftStep, type Place } from "./draft.ts";
import { behind, feedOf, pinned } from "./feeds.ts";
import { inPlace } from "./inplace.ts";
import type { Kernels } from "./kernels.ts";
import { type Around, argsRead, batches, filter, isOverwritten, loop, statesOf, table } from "./loops.ts";
import { inOrder, isKernel, type Unit } from "./order.ts";

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
  private readonly around: Around;
  readonly steps: DraftStep[] = [];

  constructor(draft: Draft, kernels: Kernels, given: Inputs, goals: readonly Goal[]) {
    this.draft = draft;
    this.kernels = kernels;
    this.in = given;
    this.goals = goals;
    this.around = {
      draft,
      capacity: given.capacity,
      exact: given.exact,
      feeds: given.feeds,
      stored: this.stored,
      seen: n => this.asState(this.fused.stored.get(n)!),
      results: n => this.results.get(n)!,
      copies: asides => {
        const once = new Map(asides.map(a => [a.to.name, a]));
        if (once.size)
          this.phase(
            [...once.values()].map(a => copy(a.from, a.to)),
            "one",
          );
      },
      body: (inside, wanted) => new Block(draft, kernels, inside, wanted).plan(),
      attempt: (make, keep) => {
        const [phases, calls] = [draft.phases.length, draft.calls.length];
        const made = kernels.attempt(make, keep);
        if (made) return made;
        draft.phases.length = phases;
        draft.calls.length = calls;
        return undefined;
      },
    };
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
    const roots = [...this.wanted, ...this.nodes.filter(needsTensors).flatMap(argsRead)];
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
    if (this.isTrip) return () => 0;
    const first = new Map<Node, number>();
    this.goals.forEach((g, i) => {
      for (const n of topological(g.results)) if (!first.has(n)) first.set(n, i);
    });
    return n => first.get(n) ?? this.goals.length;
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
    const at = this.counted(roomy(this.asState(t), this.in.capacity));
    const region = this.regions.get(at.name) ?? (this.in.panels.has(at.name) ? "step" : undefined);
    return region ? this.draft.target.lay(at, region) : at;
  }
  /** where the number of records is known, so are dims */
  private counted(t: Tensor): Tensor {
    const { exact } = this.in;
    if (exact === undefined || isStatic(t.shape)) return t;
    const shape = t.shape.map(d => atN(d, exact));
    return { ...t, shape, layout: plain(shape) };
  }
  /** a state, where the tensor is written there: dims of states have no order of their own */
  private asState(t: Tensor): Tensor {
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
      if (n.op.control === "clock") this.steps.push({ k: "clock", to: this.results.get(n)![0]!.name });
      else if (n.op.control === "loop") {
        this.begin(n);
        this.steps.push(...loop(n, this.around));
      } else {
        this.renew(n);
        this.begin(n);
        this.steps.push(...batches(n, this.around));
      }
      this.planned.add(n);
    }
    flush(true);
  }
  // ---- kernels

  /** kernels that depend on no loop to come, in phases */
  private run(kernels: readonly Kernel[]): void {
    const { args, capacity, exact } = this.in;
    const placedAt = kernels.map(k => retarget(k, t => this.located(t)));
    const whole = exact === undefined ? splitFolds(placedAt) : placedAt.map(k => ofRecords(k, exact));
    const { kernels: cut, asides } = this.draft.target.aside(whole, this.in.fixed);
    for (const { to } of asides) this.draft.place(to.name, bytesOf(to, 0), "step");
    this.in.asides.push(...asides);
    const placed = new Set([...this.draft.places.keys(), ...args.keys()]);
    const draft = this.draft.trace(
      "schedule",
      () => this.inPlace(this.draft.target.phases(cut, placed, this.later(kernels), exact === undefined)),
      showPhases,
    );
    for (const k of kernels) this.planned.add(k);
    for (const [name, region] of draft.regions) this.regions.set(name, region);
    for (const p of draft.phases) {
      for (const k of p.kernels)
        for (const t of tensorsOf(k)) {
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
    const others = [...this.wanted, ...this.nodes.filter(needsTensors).flatMap(argsRead)].filter(isTensor);
    return new Set([...kernels, ...others.map(n => this.fused.stored.get(n)!.name)]);
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
    const states = this.in.carried.map(c => ({ ...c, next: this.fused.stored.get(c.next)!.name }));
    const results = new Set(this.goals.flatMap(g => g.results.map(r => this.fused.stored.get(r)?.name)));
    const later = this.readLater(draft);
    const wanted = (name: string): boolean => results.has(name) || later.has(name);
    const as = (t: Tensor, state: string): Tensor => this.located({ ...t, name: state, layout: plain(t.shape) });
    const now = inPlace(draft, states, wanted, as);
    for (const [from, to] of now.renamed) {
      this.renamed.set(from, to);
      this.origins.set(to, this.origins.get(from)!);
    }
    return now.draft;
  }
  /** what a kernel that has not run reads, or a loop, and next values of states */
  private readLater(running: Scheduled): ReadonlySet<string> {
    const covered = new Set(running.phases.flatMap(p => p.kernels.flatMap(k => k.covers)));
    const kernels = this.fused.kernels.filter(k => !k.covers.some(n => covered.has(n)) && !this.planned.has(k));
    const others = [...this.readByLoops().filter(isTensor), ...this.in.carried.map(c => c.next)];
    return new Set([
      ...kernels.flatMap(k => accessesOf(k).reads.map(r => r.of.name)),
      ...others.map(n => this.fused.stored.get(n)!.name),
    ]);
  }
  /** arguments of what is no kernel and still to come; rows are looked at when a pass over them begins, not where they are chosen */
  private readByLoops(): readonly Node[] {
    const open = new Set(this.nodes.filter(n => needsTensors(n) && !this.planned.has(n)));
    for (const n of open) for (const a of n.args) if (a.type.k === "rdd") open.add(a); // a set is walked to its end as it grows
    return [...open].flatMap(argsRead);
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
    else this.phase([copy({ ...from, shape: to.shape }, to)], "panels");
  }

  // ---- rows

  private feed(n: Node): void {
    const { feeds } = this.in;
    if (feeds.has(n)) return;
    const { feed, made } = feedOf(n, feeds, this.stored, this.draft);
    feeds.set(n, feed);
    // each trip has its own seeds, and its own rows of tensors
    if (this.isTrip && !made) this.steps.push({ k: "choose", feed });
    if (!made) return;
    if (made === "table") return void this.draft.renewed.set(feed, table(n, feed, this.around));
    const steps = (epoch: string | undefined): readonly DraftStep[] => filter(n, feed, epoch, this.around);
    const { feeds: all, renewed } = this.draft;
    if (n.attrs["identity"] === true || behind(feed, all).some(b => isRenewed(all[b.feed]!) || renewed.has(b.feed)))
      renewed.set(feed, steps);
    else this.steps.push(...steps(undefined));
  }
  /** a filter that sees chance, or rows chosen by chance, sees those of the epoch of the pass, and so does a table */
  private renew(pass: Node): void {
    const { rows, clock } = batchesArgs(pass.args, pass.attrs);
    const epoch = clock && pinned(this.stored(clock.epoch), this.draft);
    for (const { feed, frozen } of behind(this.in.feeds.get(rows)!, this.draft.feeds))
      this.steps.push(...(this.draft.renewed.get(feed)?.(frozen ? undefined : epoch) ?? []));
  }

  // ---- loops inside

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
      if (isOverwritten(n, i)) return;
      const [from, to] = [this.stored(start), this.results.get(n)![i]!];
      if (from.name !== to.name) this.move(from, this.located(to));
    });
  }
}

const isRenewed = ({ selection: { k } }: Feed<string>): boolean => k === "sample" || k === "shuffle" || k === "query";
const isTensor = (n: Node): boolean => n.type.k === "tensor";
const isControl = (n: Node): boolean =>
  n.op.control === "batches" || n.op.control === "loop" || n.op.control === "clock";
/** nodes that read tensors without being kernels */
const needsTensors = (n: Node): boolean => isControl(n) || n.type.k === "rdd";
const isPart = (n: Node, of: Node, i: number): boolean =>
  n.op.control === "get" && n.args[0] === of && n.attrs["i"] === i;
