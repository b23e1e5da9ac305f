/**
 * Data at run time: columns as stored in the module's memory, loaded once, and vectors of row numbers that choose and order them.
 * Knows no step of the plan.
 */
import type { Buffer, Feed, PlanStage, Slot, Source } from "../ir/plan.ts";
import { type Column, STORED_BYTES, sizeOf } from "../ir/type.ts";
import { between, rowWords, type SeedWords, seedWords, shuffled } from "./chance.ts";
import { type ColumnRoom, type ColumnsContext, columnRoom } from "./columns.ts";
import type { TensorData } from "./dtype.ts";
import { placed, RuntimeDiagnostic } from "./error.ts";
import { type Format, kernelStore, type Table } from "./formats/format.ts";
import { formatOf } from "./formats/index.ts";
import { grouped, numbered } from "./grouped.ts";
import { filesOf } from "./host.ts";
import { addressOf } from "./inputs.ts";
import type { ModuleMemory } from "./memory.ts";
import type { KeptRows, Reads } from "./reads.ts";
import { iota, marked, pick } from "./sort.ts";
import type { Window } from "./spill.ts";
import type { Strings } from "./strings.ts";

export interface PlacedColumn {
  readonly address: number;
  /** of one row */
  readonly bytes: number;
}
/**
 * The chosen rows in their order: `rows`, their places in the columns, and `ids`, their identities, which key chance.
 * The same vector, but for groups, which are known by their first row.
 */
export interface Rows {
  readonly rows: Uint32Array;
  readonly ids: Uint32Array;
  readonly columns: ReadonlyMap<string, PlacedColumn>;
  /** present: columns hold some rows at a time only, which are asked for batch by batch */
  readonly window?: Window;
}
/** where the visited row `start` and those behind it lie in the columns */
export function placesOf({ rows, window }: Rows, start: number, count: number): Uint32Array {
  if (!window) return rows.subarray(start, start + count);
  const first = window.take(rows, start, count);
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) out[i] = first + i;
  return out;
}
export interface FeedContext extends ColumnsContext {
  /** sources are relative to it */
  readonly folder: string;
  readonly seed: number;
  readonly strings: Strings;
  /** what earlier stages kept, by name */
  readonly earlier: ReadonlyMap<string, TensorData>;
  /** absent: 1 */
  readonly threads?: number | undefined;
  /** present: the run has several stages */
  readonly reads?: Reads | undefined;
}
/** for what a source is made anew */
interface Anew {
  readonly epoch: number;
  /** the columns of each */
  readonly tables: readonly (readonly TensorData[])[];
}
export interface Feeds {
  /** kept while what it is made from stays; sample and shuffle choose and order anew in each epoch (language.md 4) */
  readonly of: (feed: number, epoch: number) => Rows;
  /** address of the mask words of a filter, one per row of the feed it is made from */
  readonly mask: (feed: number, epoch: number) => number;
  /** after the loop that wrote the mask */
  readonly filter: (feed: number, epoch: number) => void;
  /** the columns of a table, when all its rows are there */
  readonly table: (feed: number, columns: readonly TensorData[]) => void;
  /** chosen anew when it is wanted next */
  readonly forget: (feed: number) => void;
  /** the words of a seed that the program computed, else of the run's */
  readonly seed: (at: Slot | undefined) => SeedWords;
}
type Chosen = Exclude<Feed["selection"], { readonly k: "all" | "query" | "freeze" | "table" }>;
interface Ready {
  readonly from: Rows;
  readonly epoch: number;
  readonly rows: Rows;
}
/** the address of some bytes, the same at each call with that key unless they became more */
export type Room = (key: string, bytes: number) => number;

export function makeFeeds(cx: FeedContext): Feeds {
  const { stage, memory } = cx;
  const bases = new Map<number, Rows>();
  const sources = new Map<number, Rows>();
  const ready = new Map<number, Ready>();
  const tables = new Map<number, readonly TensorData[]>();
  const queried = new Map<number, Anew & { readonly rows: Rows }>();
  const rooms = new Map<string, { readonly address: number; readonly bytes: number }>();
  const room: Room = (key, bytes) => {
    const old = rooms.get(key);
    if (old && old.bytes >= bytes) return old.address;
    // nothing is given back: what grows from epoch to epoch is to ask seldom
    const size = old ? Math.ceil(1.25 * bytes) : bytes;
    const address = memory.allocate(size, key);
    rooms.set(key, { address, bytes: size });
    return address;
  };
  const seedAt = (at: Slot | undefined): SeedWords => {
    if (!at) return seedWords(cx.seed);
    const words = memory.u32(addressOf(stage, at), 2);
    return [words[0]!, words[1]!];
  };
  const source = (i: number): Rows => cached(sources, i, () => load(stage.sources[i]!, cx));

  function of(i: number, epoch: number): Rows {
    const feed = stage.feeds[i]!;
    const s = feed.selection;
    if (s.k === "all") return cached(bases, i, () => base(feed, source, stage, memory));
    if (s.k === "query") return asked(i, s.tables, epoch);
    if (s.k === "freeze") return of(s.from, 0);
    if (s.k === "table") throw new Error("internal: the rows of a table are read by queries");
    const from = of(s.from, epoch);
    const old = ready.get(i);
    const chance = s.k === "sample" || s.k === "shuffle";
    if (old?.from === from && (!chance || old.epoch === epoch)) return old.rows;
    const rows = select(s, from, i, epoch);
    ready.set(i, { from, epoch, rows });
    return rows;
  }
  function asked(i: number, from: readonly number[], epoch: number): Rows {
    const own = from.map(t => tables.get(t)!);
    const old = queried.get(i);
    if (old?.epoch === epoch && own.every((t, k) => t === old.tables[k])) return old.rows;
    old?.rows.window?.close();
    const anew = { epoch, tables: own };
    const { source: of } = stage.feeds[i]!;
    if (typeof of !== "number") throw new Error("internal: a query of tensors");
    // what is said of its first rows is true of all
    const once = old ? { ...cx, status: undefined } : cx;
    const rows = made(stage.sources[of]!, once, anew, (what, bytes) => room(`${what}, feed ${i}`, bytes));
    queried.set(i, { ...anew, rows });
    return rows;
  }
  function select(s: Chosen, from: Rows, i: number, epoch: number): Rows {
    const seed = seedAt("seed" in s ? s.seed : undefined);
    switch (s.k) {
      // a part that is held out stays held out in all epochs
      case "split":
        return choose(from, between(rowWords(from.ids, seed, s.place, 0), s.low, s.high));
      case "sample":
        return choose(from, between(rowWords(from.ids, seed, s.place, epoch), 0, s.fraction * 2 ** 32));
      case "shuffle":
        return choose(from, shuffled(from.ids, seed, s.place, epoch));
      case "take":
        return choose(from, iota(Math.min(s.count, from.rows.length)));
      case "batch":
        ready.get(i)?.rows.window?.close();
        return grouped(from, s, cx, (column, bytes) => room(`batches of column ${column}, feed ${i}`, bytes));
      case "number":
        return numbered(from, s.column, cx, (column, bytes) => room(`column ${column}, feed ${i}`, bytes));
      case "filter":
        throw new Error("internal: a filter is read before the loop that computes its mask");
      default:
        return s satisfies never;
    }
  }
  const fromOf = (i: number, epoch: number): Rows => {
    const s = stage.feeds[i]!.selection;
    if (s.k !== "filter") throw new Error(`internal: feed ${i} is no filter`);
    return of(s.from, epoch);
  };
  // whole panels of 16: a kernel may write the pads of the last one
  const mask = (i: number, epoch: number): number =>
    room(`mask of feed ${i}`, 64 * Math.ceil(fromOf(i, epoch).rows.length / 16));
  return {
    of,
    mask,
    table: (i, columns) => void tables.set(i, columns),
    forget: i => void ready.delete(i),
    seed: seedAt,
    filter: (i, epoch) => {
      const from = fromOf(i, epoch);
      const words = memory.u32(mask(i, epoch), from.rows.length);
      ready.set(i, { from, epoch, rows: choose(from, marked(words)) });
    },
  };
}
function cached<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let v = map.get(key);
  if (v === undefined) map.set(key, (v = make()));
  return v;
}
const allOf = (n: number, columns: Rows["columns"], ids?: Uint32Array): Rows => {
  const rows = iota(n);
  return { rows, ids: ids ?? rows, columns };
};
export function choose(from: Rows, positions: Uint32Array): Rows {
  const rows = pick(from.rows, positions);
  return { ...from, rows, ids: from.ids === from.rows ? rows : pick(from.ids, positions) };
}

function base(feed: Feed, source: (i: number) => Rows, stage: PlanStage, memory: ModuleMemory): Rows {
  if (typeof feed.source === "number") return source(feed.source);
  const column = ({ name, at, store, shape }: Buffer): PlacedColumn => {
    const bytes = STORED_BYTES[store] * sizeOf(shape.slice(1));
    const address = addressOf(stage, at);
    if (address + bytes * shape[0]! > memory.used) throw new Error(`internal: ${name} lies outside its region`);
    return { address, bytes };
  };
  const buffers = Object.entries(feed.source.rows);
  return allOf(buffers[0]![1].shape[0]!, new Map(buffers.map(([name, b]) => [name, column(b)])));
}

/** all rows of a source; the columns must be those that the plan was compiled for */
function load(source: Source, cx: FeedContext): Rows {
  return placed(source.span, () => {
    const format = formatOf(source.format);
    if (!format.rows) throw new RuntimeDiagnostic(`${source.format} files have no rows`, { span: source.span });
    const only = readColumns(source, cx.stage);
    const room = columnRoom(source, cx);
    const old = cx.reads?.rows(source, only);
    const table = old ? again(old, source, room) : read(source, format.rows, only, room, cx);
    const { columns, window } = room.placed(table);
    if (!old && !window) keep(source, table, columns, cx);
    const all = allOf(table.rows, columns, table.ids);
    return window ? { ...all, window } : all;
  });
}
/** of a source that is another one in each epoch; `room`: where its columns lie */
function made(source: Source, cx: FeedContext, anew: Anew, room: Room): Rows {
  return placed(source.span, () => {
    const columns = columnRoom(source, cx, room);
    const table = read(source, formatOf(source.format).rows!, readColumns(source, cx.stage), columns, cx, anew); // as: an engine's
    const own = columns.placed(table);
    const all = allOf(table.rows, own.columns, table.ids);
    return own.window ? { ...all, window: own.window } : all;
  });
}
function read(
  source: Source,
  rows: NonNullable<Format["rows"]>,
  only: readonly string[],
  room: ColumnRoom,
  cx: FeedContext,
  anew: Anew = { epoch: 0, tables: [] },
): Table {
  const files = (paths: readonly string[]): readonly string[] => {
    const found = filesOf(cx.folder, paths);
    cx.reads?.files(found, source);
    return found;
  };
  const paths = files(source.paths);
  expectColumns(source, formatOf(source.format).schema(paths, { ...source.options, reading: true }).columns);
  const options = { ...source.options, only, threads: cx.threads ?? 1, folder: cx.folder };
  const around = { files, seed: cx.seed, epoch: anew.epoch, given: (i: number) => given(source, i, cx, anew) };
  return rows(paths, options, room.allocate, cx.strings, around);
}
/** what a stage before has read */
function again({ rows, ids, columns }: KeptRows, source: Source, room: ColumnRoom): Table {
  for (const [name, bytes] of columns) room.allocate(name, bytes.length).set(bytes);
  return { rows, ...(ids ? { ids } : {}), columns: source.columns };
}
/** for the stages to come */
function keep(source: Source, { rows, ids }: Table, columns: Rows["columns"], cx: FeedContext): void {
  const all = [...columns].map(([name, c]) => [name, cx.memory.bytes(c.address, rows * c.bytes)] as const);
  const bytes = all.reduce((n, [, c]) => n + c.length, 0);
  if (cx.budget !== undefined || !cx.reads?.wants(bytes)) return;
  cx.reads.keep(source, { rows, ids, columns: new Map(all.map(([name, c]) => [name, c.slice()])) });
}
function given(source: Source, i: number, cx: FeedContext, { tables }: Anew): TensorData {
  const name = source.given?.[i];
  if (typeof name === "object") return tables[name.table]![name.column]!;
  const value = name === undefined ? undefined : cx.earlier.get(name);
  if (!value) throw new Error(`internal: no earlier stage kept ${name ?? `given value ${i}`}`);
  return value;
}
/** the columns of a source that a kernel reads: formats that have a choice leave out the others */
function readColumns(source: Source, stage: PlanStage): readonly string[] {
  const own = (feed: number): boolean => {
    const of = stage.feeds[feed]?.source;
    return typeof of === "number" && stage.sources[of] === source;
  };
  return [...new Set(stage.pointers.flatMap(p => (p.k === "column" && own(p.feed) ? [p.column] : [])))];
}
const show = (c: Column | undefined): string =>
  c ? `${kernelStore(c.store)}${c.shape.length ? `[${c.shape.join(", ")}]` : ""}` : "missing";
function expectColumns(source: Source, found: Readonly<Record<string, Column>>): void {
  for (const [name, c] of Object.entries(source.columns))
    if (show(c) !== show(found[name]))
      throw new RuntimeDiagnostic(
        `column \`${name}\` of ${source.paths.join(", ")} is ${show(found[name])}, the program was compiled for ${show(c)}`,
        {
          span: source.span,
          help: "compile it again",
        },
      );
}
