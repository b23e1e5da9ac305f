/**
 * Which value went bad first when a loss is not finite. The player keeps a copy of the memory from time to time; from there the steps are
 * made again, the same bits, until a state or the loss is bad after one; that step is made once more kernel by kernel.
 * Knows no layer and no op.
 */
import { type Arg, type Call, ownItem, type PlanStage, type PlanStep, type Span, type Written } from "../ir/plan.ts";
import { isFloat, STORED_BYTES, type Stored } from "../ir/type.ts";
import { valueAt, view } from "./dtype.ts";
import type { Note } from "./error.ts";
import { addressOf, bufferBytes } from "./inputs.ts";
import type { ModuleMemory } from "./memory.ts";
import { bufferRange, type Range, type Snapshot, slotRange } from "./remote.ts";
import { sizeAt } from "./size.ts";
import type { Instance } from "./wasm.ts";

/** the steps of a loop over rows, to be made again */
export interface Replay {
  readonly stage: PlanStage;
  readonly instance: Instance;
  readonly memory: ModuleMemory;
  /** those of one trip with n records; no loop is among them */
  readonly body: (n: number) => readonly PlanStep[];
  /** of the memory as it is now */
  readonly snapshot: () => Snapshot;
  /** back to the copy */
  readonly restore: () => void;
  /** there is a batch at hand */
  readonly more: () => boolean;
  /** binds the batch at hand; gives its number of records */
  readonly bind: () => number;
  readonly act: (s: PlanStep) => Promise<void>;
  /** to the next batch */
  readonly advance: () => void;
  /** steps finished, as the message counts them */
  readonly made: () => number;
  /** a value of a column of the batch that is not finite */
  readonly badRow: () => string | undefined;
}
export interface Blame {
  /** of the step, from 1 */
  readonly step: number;
  /** "first in conv2.w's gradient" */
  readonly what: string;
  readonly span?: Span;
  readonly notes: readonly Note[];
}

/** `before`: a state was bad when the copy was made; undefined: no step up to `last`, counted from 1, is bad */
export async function firstBad(r: Replay, last: number): Promise<Blame | "before" | undefined> {
  r.restore();
  if (await badState(r)) return "before";
  for (let step = r.made() + 1; step <= last && r.more(); step++) {
    const n = r.bind();
    const before = r.snapshot();
    for (const s of r.body(n)) if (s.k !== "log" && s.k !== "check") await r.act(s);
    if ((await badState(r)) || (await badLog(r, n))) {
      before.restore();
      r.bind();
      const row = r.badRow();
      return row === undefined ? byKernel(r, n, step) : { step, what: row, notes: [] };
    }
    before.drop();
    r.advance();
  }
  return undefined;
}
/** regions state and step, which a copy holds: they lie side by side */
export const copyBytes = ({ regions: { state, step } }: PlanStage): number => step.base + step.bytes - state.base;

async function badLog({ stage, instance, memory, body }: Replay, n: number): Promise<boolean> {
  const at = body(n).flatMap(s => (s.k === "log" ? slotRange(stage, s.value, 4) : []));
  await instance.remote?.fetch(at);
  return at.some(r => badIn("f32", memory.bytes(r.at, r.bytes)));
}
/** what a user calls a state: the weight `conv1.w`, the optimizer's `conv1.w.m` */
const called = (name: string): string | undefined => /^[wos]\/(.*)$/.exec(name)?.[1];
/** is a weight or a state of the net or the optimizer not finite */
async function badState({ stage, instance, memory }: Replay): Promise<boolean> {
  const states = [...stage.buffers.entries()].filter(([, b]) => called(b.name));
  await instance.remote?.fetch(states.map(([i]) => bufferRange(stage, i)));
  return states.some(([i, b]) => badIn(b.store, bufferBytes(stage, memory, i)));
}
type Kind = "NaN" | "infinity";
/** NaN before an infinity; undefined: all are finite */
export function badIn(store: Stored, bytes: Uint8Array): Kind | undefined {
  if (!isFloat(store)) return undefined;
  const data = view(store, bytes);
  let kind: Kind | undefined;
  for (let k = 0; k < data.length; k++) {
    const x = Number(valueAt(store, data, k));
    if (Number.isNaN(x)) return "NaN";
    if (x === Infinity || x === -Infinity) kind = "infinity";
  }
  return kind;
}

// ---- kernel by kernel

interface Found {
  readonly call: Call;
  readonly written: Written;
  /** in the order of all calls of the step */
  readonly order: number;
}
/** in the order of calls; of one kind, the first of each call that wrote such a value */
type Bad = Readonly<Record<Kind, Found[]>>;

async function byKernel(r: Replay, n: number, step: number): Promise<Blame | undefined> {
  const { kernel, remote } = r.instance;
  const known = remote ?? (kernel && r.stage.calls.every(c => kernel(c.kernel)));
  if (!known) return undefined;
  const bad: Bad = { NaN: [], infinity: [] };
  const calls: Call[] = [];
  for (const s of r.body(n)) {
    if (s.k === "phase") await phase(r, s, n, bad, calls);
    else if (s.k !== "log" && s.k !== "check") await r.act(s);
  }
  const first = (kind: Kind): Found | undefined => bad[kind].sort((a, b) => a.order - b.order)[0];
  const found = first("NaN") ?? first("infinity");
  if (!found) return undefined;
  const kind = bad.NaN.length ? "NaN" : "infinity";
  const made = found.call.args[found.written.arg]!;
  const from = kind === "NaN" ? bad.infinity.find(f => f.order < found.order && reads(found.call, f)) : undefined;
  const weight = onlyWeight(r, calls, found.order, made);
  const what =
    weight === undefined
      ? kind === "NaN"
        ? "first here"
        : "with the first infinity here"
      : `first in ${weight.name}'s ${weight.of}`;
  const { span } = found.written;
  const also = new Set(bad[kind].flatMap(f => weightAt(r, f.call.args[f.written.arg]!) ?? [])).size - 1;
  const notes = [
    ...(from ? [{ message: "made of an infinity", ...(from.written.span ? { span: from.written.span } : {}) }] : []),
    // a rate that is no number is computed within each update, and stored nowhere
    ...(weight?.of === "update" && also > 0 ? [{ message: `so are the updates of ${also} more in this step` }] : []),
  ];
  return { step, what, notes, ...(span ? { span } : {}) };
}
const reads = (c: Call, f: Found): boolean => c.args.some(a => same(a, f.call.args[f.written.arg]!));
const same = (a: Arg, b: Arg): boolean =>
  "region" in a
    ? "region" in b && a.region === b.region && a.offset === b.offset
    : "pointer" in b && a.pointer === b.pointer;

async function phase(
  r: Replay,
  s: Extract<PlanStep, { k: "phase" }>,
  n: number,
  bad: Bad,
  calls: Call[],
): Promise<void> {
  const { stage, memory, instance } = r;
  const first = calls.length;
  calls.push(...s.calls.map(c => stage.calls[c]!));
  const all = calls.slice(first);
  const written = (call: Call, inItem: boolean): readonly (readonly [Written, Range])[] =>
    call.writes.flatMap(w => {
      const arg = call.args[w.arg]!;
      if ("pointer" in arg || (arg.region === "worker") !== inItem) return [];
      return [[w, { at: addressOf(stage, arg), bytes: wholeElements(sizeAt(w.bytes, n), w.store) }]];
    });
  const look = (call: Call, order: number, inItem: boolean): void => {
    for (const [w, r] of written(call, inItem)) {
      const kind = badIn(w.store, memory.bytes(r.at, r.bytes));
      if (kind && !bad[kind].some(f => f.order === order)) bad[kind].push({ call, written: w, order });
    }
  };
  if (instance.remote) {
    // a device has no worker's region: what an item wrote is what the whole phase wrote
    await r.act(s);
    await instance.remote.fetch(all.flatMap(call => written(call, false).map(([, range]) => range)));
  } else items(r, s, n, all, (call, k) => look(call, first + k, true));
  for (const [k, call] of all.entries()) look(call, first + k, false);
}
/** item by item, call by call */
function items(
  { stage, memory, instance }: Replay,
  s: Extract<PlanStep, { k: "phase" }>,
  n: number,
  calls: readonly Call[],
  look: (call: Call, k: number) => void,
): void {
  const pointers = memory.u32(stage.regions.state.base, stage.pointers.length);
  const at = (a: Arg): number => ("pointer" in a ? pointers[a.pointer]! : addressOf(stage, a));
  const worker = stage.regions.worker.base;
  const count = sizeAt(s.items, n);
  for (let i = 0; i < count; i++)
    for (const [k, call] of calls.entries()) {
      const own = ownItem(call, i);
      if (own === undefined) continue;
      instance.kernel?.(call.kernel)?.(n, own, own + 1, worker + call.scratch, ...call.args.map(at));
      look(call, k);
    }
}
const wholeElements = (bytes: number, store: Stored): number => bytes - (bytes % STORED_BYTES[store]);

/** the one weight that what was written leads to, and what it is of it */
function onlyWeight(
  r: Replay,
  calls: readonly Call[],
  order: number,
  made: Arg,
): { readonly name: string; readonly of: string } | undefined {
  const [weight, ...more] = weightsOf(r, calls, order, made);
  if (weight === undefined || more.length) return undefined;
  const name = called(weight)!;
  if (weightAt(r, made) !== undefined) return { name, of: "update" };
  // a gradient is made of what leads to other weights, too; a sum of partial gradients or an update is not
  const { args } = calls[order]!;
  const before = args.filter(a => !same(a, made) && wroteBefore(calls, order, a) !== undefined);
  const own = before.some(a => weightsOf(r, calls, wroteBefore(calls, order, a)!, a).size === 1);
  return { name, of: own ? "gradient or update" : "gradient" };
}
const weightAt = (r: Replay, a: Arg): string | undefined =>
  r.stage.buffers.find(b => b.name.startsWith("w/") && same(a, b.at))?.name;
const wroteBefore = (calls: readonly Call[], order: number, a: Arg): number | undefined => {
  const i = calls.findLastIndex((c, k) => k < order && c.writes.some(w => same(c.args[w.arg]!, a)));
  return i < 0 ? undefined : i;
};
/** the weights that what call `order` wrote to `made` leads to */
function weightsOf(r: Replay, calls: readonly Call[], order: number, made: Arg): ReadonlySet<string> {
  const direct = weightAt(r, made);
  if (direct !== undefined) return new Set([direct]);
  let tainted: Arg[] = [made];
  const weights = new Set<string>();
  for (const c of calls.slice(order + 1)) {
    const written = c.writes.map(w => c.args[w.arg]!);
    const others = c.args.filter(a => !written.some(w => same(w, a)));
    // a call that updates in place reads what it writes
    const spreads = [...others, ...written.filter(w => weightAt(r, w) !== undefined)].some(a =>
      tainted.some(t => same(t, a)),
    );
    tainted = tainted.filter(t => !written.some(w => same(w, t)));
    if (!spreads) continue;
    tainted.push(...written);
    for (const w of written) {
      const name = weightAt(r, w);
      if (name !== undefined) weights.add(name);
    }
  }
  return weights;
}
