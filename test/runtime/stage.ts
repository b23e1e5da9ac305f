/** A stage made by hand: one u8 column of an idx file, a module in WebAssembly text, and what it did as the test sees it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";
import type { Feed, PlanStage, PlanStep, Pointer, Slot, Span } from "../../src/ir/plan.ts";
import type { PlayOptions } from "../../src/runtime/effects.ts";
import { noLog } from "../../src/runtime/log.ts";
import { noStatus } from "../../src/runtime/status.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { temporary } from "./temporary.ts";

export const span: Span = { file: "a.hs", start: 4, end: 9, line: 1, column: 5 };
export const STATE = 65536;
/** offsets in region state, behind a pointer table of 8 words */
export const AT = { faults: 64, loss: 72, epoch: 76, step: 80, trip: 84, sizes: 128, weight: 512, out: 1024 } as const;
export const state = (offset: number): Slot => ({ region: "state", offset });
const word = (offset: number): string => `(i32.const ${STATE + offset})`;
const pointer = (k: number): string => `(i32.load ${word(4 * k)})`;

/** for the phases that read feed 0, or any other; for a filter of it, feed 1: its mask, its column, its selection, its result */
export const POINTERS: readonly Pointer[] = [
  { k: "column", feed: 0, column: "image" },
  { k: "selection", feed: 0 },
  { k: "output", feed: 0, of: state(AT.out), bytes: 4, rows: 1000 },
  { k: "identity", feed: 0 },
];
export const FILTER: readonly Pointer[] = [
  { k: "mask", feed: 1 },
  { k: "column", feed: 1, column: "image" },
  { k: "selection", feed: 1 },
  { k: "output", feed: 1, of: state(AT.out), bytes: 4, rows: 1000 },
];
/** the pointers that another feed needs */
export const pointersOf = (feed: number): readonly Pointer[] => POINTERS.map(p => ({ ...p, feed }));
const eachRecord = (body: string): string => `
  (local.set $r (i32.const 0))
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $r) (local.get $n)))
    ${body}
    (local.set $r (i32.add (local.get $r) (i32.const 1)))
    (br $next)))`;
const at = (base: string): string => `(i32.add ${base} (i32.shl (local.get $r) (i32.const 2)))`;
const record = `(i32.load8_u (i32.add ${pointer(0)} (i32.load ${at(pointer(1))})))`;
const header = "(param $from i32) (param $to i32) (param $n i32) (param $worker i32) (local $r i32) (local $sum i32)";
const WAT = `(module
  (import "env" "memory" (memory 1))
  ;; rows of the result: value of the column + 1000 * (pads that are not the first row of the batch)
  (func (export "copy") ${header}
    ${eachRecord(`(i32.store ${at(pointer(2))} ${record})`)}
    (local.set $r (local.get $n))
    (block $done (loop $next
      (br_if $done (i32.eqz (i32.and (local.get $r) (i32.const 15))))
      (if (i32.ne (i32.load ${at(pointer(1))}) (i32.load ${pointer(1)})) (then (i32.store ${word(AT.weight)} (i32.const 1000))))
      (local.set $r (i32.add (local.get $r) (i32.const 1)))
      (br $next)))
    (i32.store (i32.add ${word(AT.sizes)} (i32.shl (i32.load ${word(AT.step)}) (i32.const 2))) (local.get $n)))
  ;; identities of the records
  (func (export "identify") ${header} ${eachRecord(`(i32.store ${at(pointer(2))} (i32.load ${at(pointer(3))}))`)})
  ;; keeps odd values
  (func (export "odd") ${header} ${eachRecord(`(i32.store ${at(pointer(4))} (i32.and ${record} (i32.const 1)))`)})
  ;; what the filter left
  (func (export "kept") ${header}
    ${eachRecord(`(i32.store ${at(pointer(7))} (i32.load8_u (i32.add ${pointer(5)} (i32.load ${at(pointer(6))}))))`)})
  ;; mean of the column; the fault of site 0 for a value above 250: the record's number
  (func (export "mean") ${header}
    ${eachRecord(`
      (local.set $sum (i32.add (local.get $sum) ${record}))
      (if (i32.and (i32.gt_u ${record} (i32.const 250)) (i32.lt_u (local.get $r) (i32.load ${word(AT.faults)})))
        (then (i32.store ${word(AT.faults)} (local.get $r))))`)}
    (f32.store ${word(AT.loss)} (f32.div (f32.convert_i32_u (local.get $sum)) (f32.convert_i32_u (local.get $n)))))
  ;; loss and weight become 0 / 0 in step 3
  (func (export "break") ${header}
    (if (i32.eq (i32.load ${word(AT.step)}) (i32.const 2)) (then
      (f32.store ${word(AT.weight)} (f32.const nan))
      (f32.store ${word(AT.loss)} (f32.const nan)))))
  ;; items, first worker byte
  (func (export "items") ${header}
    (i32.store ${word(AT.sizes)} (i32.sub (local.get $to) (local.get $from)))
    (i32.store ${word(AT.sizes + 4)} (local.get $worker))))`;
let bytes: Uint8Array | undefined;
export function moduleBytes(): Uint8Array {
  if (!bytes) {
    const m = binaryen.parseText(WAT);
    bytes = m.emitBinary();
    m.dispose();
  }
  return bytes;
}

export const feed = (selection: Feed["selection"]): Feed => ({
  source: 0,
  columns: { image: { store: "u8", shape: [], nullable: false } },
  selection,
});
export function stage(steps: readonly PlanStep[], more: Partial<PlanStage> = {}): PlanStage {
  return {
    needs: {},
    sources: [
      {
        format: "idx",
        paths: ["data.idx"],
        options: {},
        columns: { image: { store: "u8", shape: [], nullable: false } },
        span,
      },
    ],
    inputs: [{ k: "source", source: 0 }],
    feeds: [feed({ k: "all" })],
    pointers: POINTERS,
    regions: {
      state: { base: STATE, bytes: 8192 },
      step: { base: STATE + 8192, bytes: 0 },
      worker: { base: STATE + 8192, bytes: 64 },
      staging: { base: STATE + 8256, bytes: 0 },
    },
    heap: STATE + 8256,
    faults: state(AT.faults),
    sites: [{ span, message: "index 251 is out of range" }],
    buffers: [
      { name: "rows", at: state(AT.out), store: "i32", shape: [1000] },
      { name: "sizes", at: state(AT.sizes), store: "i32", shape: [16] },
      { name: "dense1.w", at: state(AT.weight), store: "f32", shape: [] },
    ],
    calls: [
      {
        kernel: "k",
        args: [state(AT.loss), state(AT.weight), { pointer: 2 }],
        writes: [{ arg: 1, store: "f32", bytes: 4, name: "dense1.w" }],
        scratch: 0,
      },
    ],
    steps,
    constants: [],
    modules: { relaxed: "m.wasm", simd: "m.wasm" },
    ...more,
  };
}
export const keepAll: readonly PlanStep[] = [
  { k: "keep", name: "rows", buffer: 0 },
  { k: "keep", name: "sizes", buffer: 1 },
  { k: "keep", name: "weight", buffer: 2 },
];
export const phase = (name: string): PlanStep => ({ k: "phase", name, items: 1, calls: [0] });

/** a folder with data.idx: `values` as one u8 column */
export function dataFolder(values: readonly number[]): string {
  const folder = temporary();
  const head = Buffer.from([0, 0, 8, 1, 0, 0, 0, 0]);
  head.writeUInt32BE(values.length, 4);
  writeFileSync(join(folder, "data.idx"), Buffer.concat([head, Buffer.from(values)]));
  return folder;
}
export const options = (folder: string, more: Partial<PlayOptions> = {}): PlayOptions => ({
  folder,
  seed: 0,
  params: new Map(),
  earlier: new Map(),
  strings: makeStrings([]),
  print: () => {},
  log: noLog,
  status: noStatus,
  now: () => performance.now(),
  ...more,
});
