/**
 * A device with a memory of its own, as the player sees it: what kernels wrote there is fetched before the player reads it, what the
 * player wrote is sent before kernels run. Which bytes each step of the plan reads on the host. Knows no device.
 */
import { type PlanStage, type PlanStep, resultsOf, type Slot } from "../ir/plan.ts";
import { STORED_BYTES, sizeOf } from "../ir/type.ts";
import { addressOf } from "./inputs.ts";

/** bytes of the player's memory */
export interface Range {
  readonly at: number;
  readonly bytes: number;
}
/** what lies in the regions at one time */
export interface Snapshot {
  readonly take: () => void;
  /** all is again as it was when it was taken */
  readonly restore: () => void;
  readonly drop: () => void;
}
export interface Remote {
  /** bytes that kernels see at once of what a pointer stands for */
  readonly binds: number;
  /** before the player reads these */
  readonly fetch: (ranges: readonly Range[]) => Promise<void>;
  /** all that kernels wrote and the player has not fetched */
  readonly fetchAll: () => Promise<void>;
  /** room for a copy of the regions, those of the device and the player's */
  readonly snapshot: () => Snapshot;
  /** these bytes as they are now, to be read later */
  readonly keep: (range: Range) => void;
  /** what was kept since it was asked last */
  readonly kept: () => Promise<readonly Uint8Array[]>;
  /** after the player wrote these */
  readonly sent: (range: Range) => void;
  readonly copy: (from: number, to: number, bytes: number) => void;
  /**
   * Entry k of the pointer table stands for these bytes from now on. owner: the player wrote them, and they stay as they are while it is
   * the same object; absent: kernels write them.
   */
  readonly point: (k: number, range: Range, owner?: object) => void;
  /** what entry k stands for */
  readonly pointed: (k: number) => Range | undefined;
  /** the batch at hand begins with this record */
  readonly batch: (start: number) => void;
  readonly close: () => void;
}

export const bufferRange = (stage: PlanStage, i: number): Range => {
  const b = stage.buffers[i]!;
  return { at: addressOf(stage, b.at), bytes: STORED_BYTES[b.store] * sizeOf(b.shape) };
};
export const slotRange = (stage: PlanStage, at: Slot | undefined, bytes: number): readonly Range[] =>
  at ? [{ at: addressOf(stage, at), bytes }] : [];

/** what the step reads in the player's memory, where that is known without playing it */
export function hostReads(stage: PlanStage, s: PlanStep, remote: Remote): readonly Range[] {
  switch (s.k) {
    case "log":
      return slotRange(stage, s.value, 4);
    case "check":
      return slotRange(stage, stage.faults, 4 * stage.sites.length);
    case "print":
    case "save":
      return resultsOf(s.value).map(i => bufferRange(stage, i));
    case "append":
      return s.buffers.map(i => bufferRange(stage, i));
    case "keep":
      return [bufferRange(stage, s.buffer)];
    case "filter": {
      const k = stage.pointers.findIndex(p => p.k === "mask" && p.feed === s.feed);
      const range = remote.pointed(k);
      return [...(range ? [range] : []), ...slotRange(stage, s.epoch, 4)];
    }
    case "loop": {
      const feeds = s.over ? chain(stage, s.over.feed) : [];
      const seeds = feeds.flatMap(({ selection: c }) => ("seed" in c ? slotRange(stage, c.seed, 8) : []));
      const inside = s.checkpoint ? s.checkpoint.states.map(i => bufferRange(stage, i)) : [];
      return [
        ...seeds,
        ...slotRange(stage, s.over?.seed, 8),
        ...slotRange(stage, s.over?.epoch, 4),
        ...slotRange(stage, s.total, 4),
        ...inside,
        ...feeds.flatMap(f => (typeof f.source === "number" ? [] : grouped(stage, feeds, f.source.rows))),
      ];
    }
    case "phase":
    case "zero":
    case "copy":
    case "choose":
    case "table":
    case "clock":
      return [];
    default:
      return s satisfies never;
  }
}
type FeedOf = PlanStage["feeds"][number];
/** a feed and those that it is made from */
function chain(stage: PlanStage, i: number): readonly FeedOf[] {
  const out: FeedOf[] = [];
  for (let at: number | undefined = i; at !== undefined; ) {
    const feed: FeedOf = stage.feeds[at]!;
    out.push(feed);
    at = feed.selection.k === "all" ? undefined : feed.selection.from;
  }
  return out;
}
/** rows of tensors are read by the player only where it gathers groups of them */
function grouped(
  stage: PlanStage,
  feeds: readonly FeedOf[],
  rows: Readonly<Record<string, PlanStage["buffers"][number]>>,
): readonly Range[] {
  if (!feeds.some(f => f.selection.k === "batch")) return [];
  return Object.values(rows).map(b => ({ at: addressOf(stage, b.at), bytes: STORED_BYTES[b.store] * sizeOf(b.shape) }));
}
