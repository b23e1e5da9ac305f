/** PLAN: which kernels run in which order over which bytes. JSON, versioned; the player needs nothing else. Knows no op, layer, epoch. */
import type { Span } from "./node.ts";
import type { Json, ParamValue, Shape, Site, Source } from "./stage.ts";

// the player reads these and imports nothing else of the levels above
export { listIn } from "./list-text.ts";
export type { Span } from "./node.ts";
export type { Cell, CellElem, Columns } from "./rel.ts";
export { FAULT, type Fault, type Query, UNSURE } from "./rel-query.ts";
export {
  type Json,
  type Listed,
  type Meaning,
  type ParamValue,
  resultsOf,
  type Shape,
  type Site,
  type Source,
} from "./stage.ts";

import type { Column, Dim, Stored } from "./type.ts";

/** unit * ceil(of / by); N in `of` is the number of records of the batch at hand */
export type Size = number | { readonly of: Dim; readonly by: number; readonly unit: number };
/**
 * state: inputs, weights, slots, results, loop counters, alive for the whole stage. step: what crosses a phase of the running loop.
 * worker: one copy per worker, what stays in an item. Each region is one run of bytes at a fixed address; sizes are for the capacity.
 */
export type Region = "state" | "step" | "worker" | "staging";
export interface Slot {
  readonly region: Region;
  readonly offset: number;
}
/** pointer: the address stands in word `pointer` of the table at the start of region state; the player fills it (feeds, row outputs) */
export type Arg = Slot | { readonly pointer: number };
/** a tensor that a call writes: the player names the first bad one in the order of writes */
export interface Written {
  readonly arg: number;
  readonly store: Stored;
  /** of the whole tensor; in region worker, of one item */
  readonly bytes: Size;
  /** what it is, for people, and where in the program it came from */
  readonly name: string;
  readonly span?: Span;
}
export interface Call {
  readonly kernel: string;
  readonly args: readonly Arg[];
  readonly writes: readonly Written[];
  /** bytes of worker scratch the kernel allocates itself, placed at this offset of region worker */
  readonly scratch: number;
  /** of its phase's items, those that this call does, as items 0 to count of its kernel; absent: all */
  readonly items?: { readonly first: number; readonly count: number };
}
/** the item of its kernel that a call does in an item of its phase; undefined: none */
export const ownItem = ({ items }: Pick<Call, "items">, item: number): number | undefined => {
  if (!items) return item;
  return item >= items.first && item < items.first + items.count ? item - items.first : undefined;
};
/** a named tensor in plain row-major layout, for input, output, checkpoints and naming the first NaN */
export interface Buffer<At = Slot> {
  readonly name: string;
  readonly at: At;
  readonly store: Stored;
  readonly shape: readonly number[];
}
/** how a feed chooses and orders rows of what it is made from. `place`: sha256(place)'s first 4 bytes; seed: u32[2], absent: the run's */
export type Selection<At = Slot> =
  | { readonly k: "all" }
  | {
      readonly k: "split";
      readonly from: number;
      readonly place: number;
      readonly seed?: At;
      readonly low: number;
      readonly high: number;
    }
  | { readonly k: "shuffle"; readonly from: number; readonly place: number; readonly seed?: At }
  | {
      readonly k: "sample";
      readonly from: number;
      readonly place: number;
      readonly seed?: At;
      readonly fraction: number;
    }
  | { readonly k: "take"; readonly from: number; readonly count: number }
  /** n consecutive rows as one record: the player gathers them into columns of their own, so a row number counts groups. `who`: one more, u32[count, 2]: their identities */
  | { readonly k: "batch"; readonly from: number; readonly count: number; readonly who?: string }
  /** adds a column of positions */
  | { readonly k: "number"; readonly from: number; readonly column: string }
  /** rows whose word in the mask that the step `filter` wrote is not 0 */
  | { readonly k: "filter"; readonly from: number }
  /** what it is made from as it is in epoch 0, in every epoch */
  | { readonly k: "freeze"; readonly from: number }
  /** a table: the rows that the step `table` put into it */
  | { readonly k: "table"; readonly from: number }
  /** what the engine makes of the source below, given these tables, in the epoch at hand */
  | { readonly k: "query"; readonly from: number; readonly tables: readonly number[] };
export interface Feed<At = Slot> {
  /** index into Stage.sources, or per column the buffer whose slices along axis 0 are the rows */
  readonly source: number | { readonly rows: Readonly<Record<string, Buffer<At>>> };
  readonly columns: Readonly<Record<string, Column>>;
  readonly selection: Selection<At>;
}
/** the pointer table's entry k is, while a loop over `feed` runs: a column's first byte, the first u32 row number of the batch, or a row output */
export type Pointer<At = Slot> =
  | { readonly k: "column"; readonly feed: number; readonly column: string }
  | { readonly k: "selection"; readonly feed: number }
  /** the first u32 identity of the batch: the row numbers, but for groups, which are known by their first row */
  | { readonly k: "identity"; readonly feed: number }
  /** `bytes` per record, at record `start of the batch` of `of`, which has room for `rows`. A feed with more, or, where there is a `site`, with fewer is an error */
  | {
      readonly k: "output";
      readonly feed: number;
      readonly of: At;
      readonly bytes: number;
      readonly rows: number;
      readonly site?: number;
    }
  /** u32 mask words of the filter that feed `feed` is, one per row of the feed it is made from, at the first of the batch */
  | { readonly k: "mask"; readonly feed: number };
/** batches of `batch` rows in the order of the feed, shuffled by (seed; place, epoch), or row t of `batch` contiguous streams as batch t */
export interface Over<At = Slot> {
  readonly feed: number;
  readonly order: "source" | "shuffle" | "streams";
  readonly place: number;
  /** u32[2], absent: the run's */
  readonly seed?: At;
  /** i32: what chance in the rows sees as epoch; absent: 0 */
  readonly epoch?: At;
  readonly batch: number;
  /** present: that there are no rows is an error at this place */
  readonly some?: Span;
}
export type PlanStep<At = Slot> =
  /** a worker claims an item, runs all calls on it in order; a barrier ends the phase */
  | { readonly k: "phase"; readonly name: string; readonly items: Size; readonly calls: readonly number[] }
  | {
      readonly k: "loop";
      readonly label: string;
      readonly over?: Over<At>;
      /** absent: until the feed ends, `stop` is reached or `until` is true */
      readonly trip?: number;
      /** i32: trips made, counted on by the player from what stands there; with `stop` the loop ends at that many */
      readonly total?: At;
      readonly stop?: number;
      /** bool: true after a trip that was the last one */
      readonly until?: At;
      readonly checkpoint?: Checkpoint;
      readonly body: readonly PlanStep<At>[];
      /** the same for exactly so many records */
      readonly exact?: { readonly records: number; readonly body: readonly PlanStep<At>[] };
    }
  | { readonly k: "zero"; readonly at: At; readonly bytes: number }
  | { readonly k: "copy"; readonly from: At; readonly to: At; readonly bytes: number }
  /** feed `feed` becomes the rows, as they are in that epoch (i32; absent: 0), of what it is made from whose mask word is not 0 */
  | { readonly k: "filter"; readonly feed: number; readonly epoch?: At }
  /** the rows that were appended to these buffers, one for each of its columns in their order, are table `feed` */
  | { readonly k: "table"; readonly feed: number; readonly buffers: readonly number[] }
  /** what feed `feed` is made from, or with which seed, is another than in the trip before: its rows are chosen anew */
  | { readonly k: "choose"; readonly feed: number }
  /**
   * f32. In a loop over rows: the mean over the batch's records; the player keeps the mean over the pass, shows it, stops at a value that is not finite.
   * In any other loop: a value of the trip.
   */
  | { readonly k: "log"; readonly value: At; readonly name: string; readonly span?: Span }
  /** f32: seconds since the run began */
  | { readonly k: "clock"; readonly to: At }
  /** the rows of the batch at hand, which lie in these buffers, go behind those of the batches before: what is saved of the buffers is all of them */
  | { readonly k: "append"; readonly buffers: readonly number[] }
  /** raises the least fault of `Stage.sites` */
  | { readonly k: "check" }
  | { readonly k: "print"; readonly label?: string; readonly value: PlanShape; readonly span: Span }
  | {
      readonly k: "save";
      readonly path: string;
      readonly format: string;
      readonly value: PlanShape;
      readonly span: Span;
    }
  | { readonly k: "keep"; readonly name: string; readonly buffer: number };
/** what crosses a trip of the loop: its states, by their path in a checkpoint */
export interface Checkpoint {
  readonly folder: string;
  /** of the file in it, less `.safetensors` */
  readonly name: string;
  /** indices into Stage.buffers */
  readonly states: readonly number[];
}
/** a Shape whose results are indices into Stage.buffers */
export type PlanShape = Shape;

export type PlanInput =
  | { readonly k: "source"; readonly source: number }
  | { readonly k: "file"; readonly source: number; readonly tensor?: string; readonly buffer: number }
  | { readonly k: "param"; readonly name: string; readonly value: ParamValue; readonly buffer: number }
  | { readonly k: "seed"; readonly buffer: number }
  | { readonly k: "earlier"; readonly name: string; readonly buffer: number };
/** how the text of a kernel in WGSL is dispatched (codegen/wgsl/module.ts says what it binds) */
export interface GpuKernel {
  /** extents of its grid; the product is its number of items */
  readonly grid: readonly Size[];
  /** items that one workgroup runs */
  readonly items: number;
  /** invocations and bytes of workgroup memory of a workgroup */
  readonly size: number;
  readonly groupBytes: number;
  /** needs the feature `subgroups` */
  readonly subgroups: boolean;
  readonly params: readonly GpuParam[];
}
/** what is larger than a binding may be lies in `count` of them, side by side, each but the last of so many bytes */
export interface Blocks {
  readonly count: number;
  readonly bytes: number;
}
/**
 * Several params may share a binding. Pipeline constants, in elements: base, where the param begins in its binding; step, how far it moves
 * with each record that the loop has done.
 */
export interface GpuParam {
  /** the first, where it lies in blocks */
  readonly binding: number;
  readonly blocks?: Blocks;
  /** absent: as many as the player has put there */
  readonly bytes?: Size;
  /** bytes of an element */
  readonly unit: number;
  readonly base?: string;
  readonly step?: string;
}
export interface PlanStage {
  /** values of data-dependent dims this stage was compiled for */
  readonly needs: Readonly<Record<string, number>>;
  readonly sources: readonly Source[];
  readonly inputs: readonly PlanInput[];
  readonly feeds: readonly Feed[];
  readonly pointers: readonly Pointer[];
  /** first byte and bytes of each region in the module's memory; the player's own data (columns, selections) begins at `heap` */
  readonly regions: Readonly<Record<Region, { readonly base: number; readonly bytes: number }>>;
  readonly heap: number;
  /** u32 word per site in region state, 0xffffffff: no fault */
  readonly faults: Slot;
  readonly sites: readonly Site[];
  readonly buffers: readonly Buffer[];
  readonly calls: readonly Call[];
  readonly steps: readonly PlanStep[];
  /** constant bytes of region state: offset -> base64 */
  readonly constants: readonly { readonly offset: number; readonly base64: string }[];
  /** file name of the module, per build */
  readonly modules: { readonly relaxed: string; readonly simd: string };
  /**
   * Present: the stage is for a GPU, one dispatch per call of a phase, and slots are multiples of 256 bytes. By kernel: its text's file name.
   * Regions are buffers then; worker and staging are empty.
   */
  readonly gpu?: Readonly<Record<string, GpuKernel & { readonly file: string }>>;
}
/** numbers of symbols, by name */
export type Dims = ReadonlyMap<string, number>;
/** what is known of all stages before the first one is played */
export interface Outline {
  /** of each stage: the symbols for whose numbers it is compiled; a stage before it keeps each under its name */
  readonly needs: readonly (readonly string[])[];
  readonly saves: readonly { readonly path: string; readonly span: Span }[];
  /** whether one of them makes checkpoints */
  readonly checkpoints: boolean;
  /** whether one of them prints or saves */
  readonly effects: boolean;
}
export interface Later {
  /** the program's text, relative to the plan's folder; what it imports lies beside it */
  readonly program: string;
  /** what --set gave when `stages` were compiled */
  readonly set: Readonly<Record<string, string>>;
  /** of all stages, those that are compiled among them */
  readonly outline: Outline;
}
export interface Plan {
  readonly version: 1;
  readonly hsc: string;
  readonly profile: string;
  /** the program's folder, relative to the plan's */
  readonly base: string;
  readonly params: readonly {
    readonly name: string;
    readonly type: string;
    /** absent: of a string */
    readonly shape?: readonly number[];
    /** with which it was compiled */
    readonly value: Json;
    /** what the program says; absent: it must be given */
    readonly default?: Json;
    readonly fixed?: string;
  }[];
  readonly stages: readonly PlanStage[];
  /** what is compiled when a run knows its dims, as a training decides them; absent: `stages` are all */
  readonly later?: Later;
  /** strings that the stages know by number: the first of the run's table of strings; absent: none */
  readonly texts?: readonly string[];
  /** file name -> sha256 of the modules beside it; whoever writes the bundle fills it in */
  readonly files?: Readonly<Record<string, string>>;
}
