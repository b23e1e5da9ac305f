/**
 * Names become bytes: how long each is alive, counted in steps of the draft, and where it lies then. A name of region state has bytes of
 * its own; the others share them when they are not alive together. Knows no kernel but by its calls.
 */
import { Limit } from "../../ir/limit.ts";
import { scratchBytes } from "../../ir/loop.ts";
import type {
  Arg,
  Buffer,
  Call,
  Feed,
  Over,
  PlanInput,
  PlanStage,
  PlanStep,
  Pointer,
  Region,
  Selection,
  Slot,
} from "../../ir/plan.ts";
import type { Site } from "../../ir/stage.ts";
import { base64 } from "../../ir/text.ts";
import { align, type Block, place } from "../memory.ts";
import type { Draft, DraftCall, DraftStep } from "./draft.ts";

/** no buffer lies in the first page: see codegen/wasm/module.ts */
const BASE = 65536;

/** one WebAssembly memory, which a GPU's buffers mirror */
const MOST = 2 ** 32;

export interface Linked {
  readonly draft: Draft;
  readonly steps: readonly DraftStep[];
  readonly inputs: readonly PlanInput[];
  readonly sites: readonly Site[];
  readonly module: string;
}
/** for people: the bytes of each region */
export const showPlaces = ({ regions, buffers }: PlanStage): string =>
  [
    ...Object.entries(regions).map(([name, r]) => `${name}: ${r.bytes} bytes at ${r.base}`),
    ...buffers.map(b => `${b.name}: ${b.store}[${b.shape.join(", ")}] at ${b.at.region} ${b.at.offset}`),
  ].join("\n");
export function link({ draft, steps, inputs, sites, module }: Linked): PlanStage {
  const offsets = new Map<string, number>();
  const { align: to } = draft.target;
  let top = align(4 * draft.pointers.length + 4, to);
  for (const [name, b] of draft.places) {
    if (b.region !== "state") continue;
    offsets.set(name, top);
    top = align(align(top + b.bytes) + 64, to);
  }
  const lives = lifetimes(steps, draft);
  const bytes = (["step", "worker"] as const).map(region => {
    const placed = place(
      lives.filter(b => draft.places.get(b.name)!.region === region),
      to,
    );
    for (const [name, offset] of placed.offsets) offsets.set(name, offset);
    return align(placed.bytes, to);
  });
  const at = (name: string): Slot => {
    const offset = offsets.get(name);
    if (offset === undefined) throw new Error(`internal: plan: ${name} has no place`);
    return { region: draft.places.get(name)!.region, offset };
  };
  const scratch = align(draft.calls.reduce((most, c) => Math.max(most, scratchBytes(c.kernel)), 0));
  const [stepBytes, workerBytes] = bytes as [number, number];
  const state = { base: BASE, bytes: align(top) };
  const step = { base: state.base + state.bytes, bytes: stepBytes };
  const worker = { base: step.base + step.bytes, bytes: workerBytes + scratch };
  const staging = { base: worker.base + worker.bytes, bytes: 0 };
  if (staging.base > MOST) throw tooLarge(staging.base, draft);
  const call = (c: DraftCall): Call => ({
    kernel: c.kernel.name,
    args: c.args.map((a): Arg => (typeof a === "string" ? at(a) : a)),
    writes: c.writes,
    scratch: workerBytes,
    ...(c.items ? { items: c.items } : {}),
  });
  return {
    needs: {},
    sources: draft.sources,
    inputs,
    feeds: draft.feeds.map(f => feed(f, at)),
    pointers: draft.pointers.map((p): Pointer => (p.k === "output" ? { ...p, of: at(p.of) } : p)),
    regions: { state, step, worker, staging },
    heap: align(staging.base + 64),
    faults: at("faults"),
    sites,
    buffers: draft.buffers.map(b => buffer(b, at)),
    calls: draft.calls.map(call),
    steps: steps.map(s => placed(s, at)),
    constants: [...draft.constants].map(([name, bytes]) => ({ offset: at(name).offset, base64: base64(bytes) })),
    modules: { relaxed: `${module}.relaxed.wasm`, simd: `${module}.simd.wasm` },
  };
}
function tooLarge(bytes: number, draft: Draft): Limit {
  const [name, largest] = [...draft.places].reduce((a, b) => (b[1].bytes > a[1].bytes ? b : a));
  const size = (n: number): string => `${(n / 2 ** 30).toPrecision(3)} GiB`;
  const what = `a program whose tensors take ${size(bytes)} at once, ${size(largest.bytes)} for this,`;
  const written = draft.calls.flatMap(c => c.writes.filter(w => c.args[w.arg] === name));
  const places = written.flatMap(w => w.span ?? []).slice(0, 1);
  return new Limit(what, "4 GiB are there: smaller dims", places);
}
type At = (name: string) => Slot;
const buffer = (b: Buffer<string>, at: At): Buffer => ({ ...b, at: at(b.at) });
function feed(f: Feed<string>, at: At): Feed {
  const { source, selection: s } = f;
  const rows = (of: Readonly<Record<string, Buffer<string>>>): Readonly<Record<string, Buffer>> =>
    Object.fromEntries(Object.entries(of).map(([name, b]) => [name, buffer(b, at)]));
  return {
    ...f,
    source: typeof source === "number" ? source : { rows: rows(source.rows) },
    selection: seeded(s, at),
  };
}
const seeded = (s: Selection<string>, at: At): Selection =>
  "seed" in s && s.seed !== undefined ? { ...s, seed: at(s.seed) } : (s as Selection); // as: nothing else is a place
function placed(s: DraftStep, at: At): PlanStep {
  switch (s.k) {
    case "loop": {
      const { over, total, until, body, exact, ...rest } = s;
      return {
        ...rest,
        ...(over ? { over: orderOf(over, at) } : {}),
        ...(total === undefined ? {} : { total: at(total) }),
        ...(until === undefined ? {} : { until: at(until) }),
        body: body.map(b => placed(b, at)),
        ...(exact ? { exact: { ...exact, body: exact.body.map(b => placed(b, at)) } } : {}),
      };
    }
    case "zero":
      return { ...s, at: at(s.at) };
    case "copy":
      return { ...s, from: at(s.from), to: at(s.to) };
    case "log":
      return { ...s, value: at(s.value) };
    case "clock":
      return { ...s, to: at(s.to) };
    case "filter": {
      const { epoch, ...rest } = s;
      return { ...rest, ...(epoch === undefined ? {} : { epoch: at(epoch) }) };
    }
    default:
      return s;
  }
}

function orderOf({ seed, epoch, ...rest }: Over<string>, at: At): Over {
  return {
    ...rest,
    ...(seed === undefined ? {} : { seed: at(seed) }),
    ...(epoch === undefined ? {} : { epoch: at(epoch) }),
  };
}

// ---- lifetimes

interface Use {
  readonly name: string;
  readonly time: number;
  readonly writes: boolean;
}
/**
 * From the first use to the last. What a loop reads before it writes it was there when the trip began, so it lives as long as the loop.
 * So does what it writes and others read when it is over: each trip may write but a row of it.
 * Calls of one phase run item by item: what crosses a phase is alive in all of it; what stays in an item, from call to call.
 */
function lifetimes(steps: readonly DraftStep[], draft: Draft): readonly Block[] {
  const lives = new Map<string, { from: number; to: number }>();
  const live = (name: string, from: number, to: number): void => {
    const old = lives.get(name);
    lives.set(name, { from: Math.min(old?.from ?? from, from), to: Math.max(old?.to ?? to, to) });
  };
  let time = 0;
  const loops: { readonly from: number; readonly to: number; readonly names: ReadonlySet<string> }[] = [];
  const region = (name: string): Region => draft.places.get(name)!.region;
  const walk = (list: readonly DraftStep[]): readonly Use[] => {
    const uses: Use[] = [];
    const use = (name: string, writes: boolean): void => {
      if (region(name) === "state") return;
      live(name, time, time);
      uses.push({ name, time, writes });
    };
    for (const s of list) {
      const from = ++time;
      if (s.k === "copy") {
        use(s.from, false);
        use(s.to, true);
      } else if (s.k === "zero") use(s.at, true);
      else if (s.k === "phase") {
        const whole = new Set<string>();
        for (const c of s.calls) {
          time++;
          for (const { name, writes } of usesOf(draft.calls[c]!)) {
            use(name, writes);
            if (region(name) === "step") whole.add(name);
          }
        }
        for (const name of whole) live(name, from, time);
      } else if (s.k === "loop") {
        const inner = walk([...s.body, ...(s.exact?.body ?? [])]);
        const first = new Map<string, boolean>();
        for (const u of inner) if (!first.has(u.name)) first.set(u.name, u.writes);
        for (const [name, writes] of first) if (!writes) live(name, from, time);
        loops.push({ from, to: time, names: new Set(inner.map(u => u.name)) });
        uses.push(...inner);
      }
    }
    return uses;
  };
  walk(steps);
  for (const { from, to, names } of loops) for (const name of names) if (lives.get(name)!.to > to) live(name, from, to);
  return [...lives].map(([name, life]) => ({ name, bytes: draft.places.get(name)!.bytes, ...life }));
}
/** reads before writes */
function usesOf(c: DraftCall): readonly { readonly name: string; readonly writes: boolean }[] {
  const named = (i: number, writes: boolean) => {
    const name = c.args[i];
    return typeof name === "string" ? [{ name, writes }] : [];
  };
  return [...c.reads.flatMap(i => named(i, false)), ...c.writes.flatMap(w => named(w.arg, true))];
}
