/** The player on stages made by hand: batches, orders, selections, counters, faults, losses, effects. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlanStage, PlanStep } from "../../src/ir/plan.ts";
import { view } from "../../src/runtime/dtype.ts";
import { RuntimeDiagnostic } from "../../src/runtime/error.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { openLog } from "../../src/runtime/log.ts";
import { play } from "../../src/runtime/player.ts";
import { sizeAt } from "../../src/runtime/size.ts";
import {
  AT,
  dataFolder,
  FILTER,
  feed,
  keepAll,
  moduleBytes,
  options,
  POINTERS,
  phase,
  pointersOf,
  span,
  stage,
  state,
} from "./stage.ts";

const numbers = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const over = (
  batch: number,
  more: Partial<Extract<PlanStep, { k: "loop" }>> = {},
  body: readonly PlanStep[] = [phase("copy")],
): PlanStep => ({
  k: "loop",
  label: "step",
  over: { feed: 0, order: "source", place: 0, batch },
  total: state(AT.step),
  body,
  ...more,
});
async function played(s: PlanStage, folder: string, more = {}) {
  const kept = await play(s, moduleBytes(), options(folder, more));
  const get = (name: string): number[] => Array.from(view("i32", kept.get(name)!.bytes) as Int32Array);
  return { rows: get("rows"), sizes: get("sizes"), pads: get("weight")[0] };
}
async function failure(s: PlanStage, folder: string, more = {}): Promise<RuntimeDiagnostic> {
  try {
    await play(s, moduleBytes(), options(folder, more));
  } catch (e) {
    if (e instanceof RuntimeDiagnostic) return e;
    throw e;
  }
  throw new Error("nothing failed");
}

describe("a loop over a feed", () => {
  test("visits each row once; the last batch is ragged, its pads are its first row", async () => {
    const r = await played(stage([over(8), ...keepAll]), dataFolder(numbers(23)));
    expect(r.rows.slice(0, 24)).toEqual([...numbers(23), 0]);
    expect(r.sizes.slice(0, 4)).toEqual([8, 8, 7, 0]);
    expect(r.pads).toBe(0);
  });
  test("of no rows makes no trip", async () => {
    const r = await played(stage([over(8), ...keepAll]), dataFolder([]));
    expect(r.sizes[0]).toBe(0);
  });
  test("with a batch larger than the data makes one", async () => {
    const r = await played(stage([over(50), ...keepAll]), dataFolder(numbers(17)));
    expect(r.sizes.slice(0, 2)).toEqual([17, 0]);
    expect(r.pads).toBe(0);
  });
  test("shuffles anew for each trip of the loop around it, by the row function", async () => {
    const shuffle: PlanStep = over(4, {
      over: { feed: 0, order: "shuffle", place: 0x12345678, epoch: state(AT.epoch), batch: 4 },
    });
    const epochs = (trip: number): PlanStep => ({
      k: "loop",
      label: "epoch",
      trip,
      total: state(AT.epoch),
      body: [shuffle],
    });
    const order = async (trip: number) =>
      (await played(stage([epochs(trip), ...keepAll]), dataFolder(numbers(10)), { seed: 7 })).rows.slice(0, 10);
    // epoch 3 of seed 7, by an independent program
    expect(await order(4)).toEqual([7, 0, 8, 1, 4, 5, 2, 9, 3, 6]);
    expect(await order(3)).not.toEqual(await order(4));
    expect((await order(3)).toSorted((a, b) => a - b)).toEqual(numbers(10));
  });
  test("stops in the middle of a pass when all its trips are made", async () => {
    const epochs: PlanStep = {
      k: "loop",
      label: "epoch",
      trip: 2,
      total: state(AT.epoch),
      body: [over(8, { stop: 5 })],
    };
    const kept = await play(
      stage([epochs, ...keepAll, { k: "keep", name: "counters", buffer: 3 }], {
        buffers: [...stage([]).buffers, { name: "counters", at: state(AT.epoch), store: "i32", shape: [3] }],
      }),
      moduleBytes(),
      options(dataFolder(numbers(23))),
    );
    // two passes begun, 5 steps in all
    expect([...view("i32", kept.get("counters")!.bytes).subarray(0, 2)]).toEqual([2, 5]);
  });
  test("of no rows where there must be some is an error", async () => {
    const none = over(8, { over: { feed: 0, order: "source", place: 0, batch: 8, some: span } });
    expect((await failure(stage([none]), dataFolder([]))).message).toBe("no rows to train with");
  });
});

describe("selections", () => {
  const chosen = async (selection: Parameters<typeof feed>[0], n = 40, seed = 0): Promise<number[]> => {
    const last = over(8, { over: { feed: 1, order: "source", place: 0, batch: 8 } });
    const pointers = pointersOf(1);
    const s = stage([last, ...keepAll], { feeds: [feed({ k: "all" }), feed(selection)], pointers });
    const r = await played(s, dataFolder(numbers(n)), { seed });
    return r.rows.slice(
      0,
      r.sizes.reduce((a, b) => a + b, 0),
    );
  };
  test("split: the parts are disjoint and everything", async () => {
    const part = (low: number, high: number) =>
      chosen({ k: "split", from: 0, place: 5, low: low * 2 ** 32, high: high * 2 ** 32 });
    const [a, b] = [await part(0, 0.8), await part(0.8, 1)];
    expect([...a, ...b].toSorted((x, y) => x - y)).toEqual(numbers(40));
    expect(a.length).toBeGreaterThan(24);
    expect(a).toEqual(a.toSorted((x, y) => x - y));
    expect(await part(0, 1)).toEqual(numbers(40));
  });
  test("sample depends on seed and place; an own seed overrides that of the run", async () => {
    const sample = (place: number, seed: number, own = {}) =>
      chosen({ k: "sample", from: 0, place, fraction: 0.5, ...own }, 40, seed);
    // of memory that nobody wrote: the words 0, 0
    const own = { seed: state(AT.weight + 64) };
    expect(await sample(1, 0)).not.toEqual(await sample(1, 1));
    expect(await sample(1, 0)).not.toEqual(await sample(2, 0));
    expect(await sample(1, 5, own)).toEqual(await sample(1, 0));
  });
  test("shuffle and sample advance with the epoch of the loop around them, split does not", async () => {
    const after = async (selection: Parameters<typeof feed>[0], epochs: number): Promise<number[]> => {
      const pass = over(8, { over: { feed: 1, order: "source", place: 0, epoch: state(AT.epoch), batch: 8 } });
      const zero: PlanStep = { k: "zero", at: state(AT.out), bytes: 400 };
      const loop: PlanStep = { k: "loop", label: "epoch", trip: epochs, total: state(AT.epoch), body: [zero, pass] };
      const feeds = [feed({ k: "all" }), feed(selection)];
      const s = stage([loop, ...keepAll], { feeds, pointers: pointersOf(1) });
      return (await played(s, dataFolder(numbers(10)), { seed: 7 })).rows.slice(0, 10);
    };
    // the order of epoch 3, by an independent program
    expect(await after({ k: "shuffle", from: 0, place: 0x12345678 }, 4)).toEqual([7, 0, 8, 1, 4, 5, 2, 9, 3, 6]);
    expect(await after({ k: "shuffle", from: 0, place: 0x12345678 }, 1)).not.toEqual([7, 0, 8, 1, 4, 5, 2, 9, 3, 6]);
    const sample = { k: "sample", from: 0, place: 0x12345678, fraction: 0.5 } as const;
    expect(await after(sample, 4)).toEqual([0, 1, 4, 5, 7, 8, 0, 0, 0, 0]);
    expect(await after(sample, 1)).not.toEqual(await after(sample, 4));
    const part = { k: "split", from: 0, place: 0x12345678, low: 0, high: 2 ** 31 } as const;
    expect(await after(part, 4)).toEqual(await after(part, 1));
  });
  test("take, also of more than there is", async () => {
    expect(await chosen({ k: "take", from: 0, count: 3 })).toEqual([0, 1, 2]);
    expect(await chosen({ k: "take", from: 0, count: 99 }, 5)).toEqual(numbers(5));
  });
  test("filter keeps the rows whose mask word is set", async () => {
    const masks = over(6, {}, [phase("odd")]);
    const rest = over(4, { over: { feed: 1, order: "source", place: 0, batch: 4 } }, [phase("kept")]);
    const feeds = [feed({ k: "all" }), feed({ k: "filter", from: 0 })];
    const s = stage([masks, { k: "filter", feed: 1 }, rest, ...keepAll], { feeds, pointers: [...POINTERS, ...FILTER] });
    expect((await played(s, dataFolder(numbers(12)))).rows.slice(0, 7)).toEqual([1, 3, 5, 7, 9, 11, 0]);
    const early = stage([rest], { feeds, pointers: [...POINTERS, ...FILTER] });
    await expect(played(early, dataFolder(numbers(12)))).rejects.toThrow("before the loop that computes its mask");
  });
  test("batch groups consecutive rows, known by the first; an incomplete group is dropped", async () => {
    const pointers = pointersOf(2);
    const feeds = [
      feed({ k: "all" }),
      feed({ k: "shuffle", from: 0, place: 0x12345678 }),
      feed({ k: "batch", from: 1, count: 3 }),
    ];
    const loop = (name: string) => over(2, { over: { feed: 2, order: "source", place: 0, batch: 2 } }, [phase(name)]);
    const shuffled = await chosen({ k: "shuffle", from: 0, place: 0x12345678 }, 10);
    const ids = await played(stage([loop("identify"), ...keepAll], { feeds, pointers }), dataFolder(numbers(10)));
    expect(ids.rows.slice(0, 4)).toEqual([shuffled[0], shuffled[3], shuffled[6], 0]);
  });
  test("rows of a buffer are a feed", async () => {
    const s = stage([over(2, {}, [phase("copy")]), ...keepAll], {
      buffers: [...stage([]).buffers, { name: "t", at: state(AT.weight + 64), store: "u8", shape: [5] }],
      feeds: [
        {
          ...feed({ k: "all" }),
          source: { rows: { image: { name: "t", at: state(AT.weight + 64), store: "u8", shape: [5] } } },
        },
      ],
      constants: [{ offset: AT.weight + 64, base64: Buffer.from([9, 8, 7, 6, 5]).toString("base64") }],
    });
    expect((await played(s, dataFolder([]))).rows.slice(0, 6)).toEqual([9, 8, 7, 6, 5, 0]);
  });
});

describe("what goes wrong", () => {
  test("a fault is raised after the step, with the place and the row", async () => {
    const values = [1, 2, 3, 4, 5, 255, 255, 8];
    const e = await failure(stage([over(4, {}, [phase("mean"), { k: "check" }])]), dataFolder(values));
    expect(e.message).toBe("index 251 is out of range");
    expect(e.details).toEqual({ span, notes: [{ message: "in row 5, counted from 0" }] });
  });
  test("a loss that is not finite names the step; what was bad first, where the module lets one look", async () => {
    const log: PlanStep = { k: "log", value: state(AT.loss), name: "loss", span };
    const e = await failure(stage([over(2, {}, [phase("mean"), phase("break"), log])]), dataFolder(numbers(20)));
    expect(e.message).toBe("loss is NaN at step 3");
    expect(e.details.span).toBe(span);
  });
  test("fewer rows than were promised", async () => {
    const pointers = POINTERS.map(p => (p.k === "output" ? { ...p, rows: 8, site: 0 } : p));
    const s = stage([over(4)], { pointers, sites: [{ span, message: "take(8) promised 8 rows" }] });
    expect((await failure(s, dataFolder(numbers(5)))).message).toBe("take(8) promised 8 rows: there are 5");
  });
  test("more rows than there is room for", async () => {
    const e = await failure(
      stage([over(64)]),
      dataFolder([...numbers(250), ...numbers(250), ...numbers(250), ...numbers(251)]),
    );
    expect(e.message).toBe("the program was compiled for 1000 rows: there are 1001");
  });
  test("a file that is not there, and one whose column changed", async () => {
    const folder = dataFolder(numbers(5));
    const missing = await failure(stage([over(4)]), join(folder, "nowhere"));
    expect([missing.message, missing.details.span]).toEqual([
      `cannot read ${join(folder, "nowhere/data.idx")}: no such file`,
      span,
    ]);
    writeFileSync(join(folder, "data.idx"), Buffer.from([0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0]));
    const changed = await failure(stage([over(4)]), folder);
    expect(changed.message).toBe("column `image` of data.idx is f32, the program was compiled for u8");
  });
});

describe("inputs", () => {
  const inputs = (list: PlanStage["inputs"], more: Partial<PlanStage> = {}) =>
    stage(keepAll, { inputs: list, ...more });
  test("params, the seed, constants", async () => {
    const s = inputs(
      [
        { k: "param", name: "lr", value: 0.5, buffer: 3 },
        { k: "seed", buffer: 4 },
      ],
      {
        steps: [
          { k: "keep", name: "lr", buffer: 3 },
          { k: "keep", name: "seed", buffer: 4 },
        ],
        buffers: [
          ...stage([]).buffers,
          { name: "lr", at: state(AT.loss), store: "f32", shape: [] },
          { name: "seed", at: state(AT.sizes), store: "u32", shape: [2] },
        ],
      },
    );
    const given = await play(s, moduleBytes(), options("", { seed: 2 ** 40 + 3 }));
    expect([...view("f32", given.get("lr")!.bytes)]).toEqual([0.5]);
    expect([...view("u32", given.get("seed")!.bytes)]).toEqual([256, 3]);
    const set = await play(s, moduleBytes(), options("", { params: new Map([["lr", 0.25]]) }));
    expect([...view("f32", set.get("lr")!.bytes)]).toEqual([0.25]);
  });
  test("a tensor of a file is widened, never narrowed, and its shape must fit", async () => {
    const folder = dataFolder([]);
    const npy = formatOf("npy");
    const save = (store: "u8" | "u32" | "f64", shape: readonly number[], bytes: Uint8Array): void =>
      writeFileSync(join(folder, "a.npy"), Buffer.concat([...npy.encodeTensor!({ store, shape, bytes })]));
    const s = inputs([{ k: "file", source: 1, buffer: 3 }], {
      sources: [...stage([]).sources, { format: "npy", paths: ["a.npy"], options: {}, columns: {}, span }],
      steps: [{ k: "keep", name: "a", buffer: 3 }],
      buffers: [...stage([]).buffers, { name: "a", at: state(AT.sizes), store: "f32", shape: [3] }],
    });
    save("u8", [3], Uint8Array.of(1, 2, 255));
    expect([...view("f32", (await play(s, moduleBytes(), options(folder))).get("a")!.bytes)]).toEqual([1, 2, 255]);
    save("f64", [3], new Uint8Array(24));
    expect((await failure(s, folder)).message).toBe("a.npy is f64[3], the program was compiled for f32[3]");
    const words = inputs(s.inputs, {
      ...s,
      buffers: s.buffers.map(b => (b.name === "a" ? { ...b, store: "i32" } : b)),
    });
    save("u32", [3], new Uint8Array(Uint32Array.of(1, 2, 2 ** 31 - 1).buffer));
    expect([...view("i32", (await play(words, moduleBytes(), options(folder))).get("a")!.bytes)]).toEqual([
      1,
      2,
      2 ** 31 - 1,
    ]);
    save("u32", [3], new Uint8Array(Uint32Array.of(1, 2, 2 ** 31).buffer));
    expect((await failure(words, folder)).message).toBe("2147483648 does not fit i32");
    save("u8", [2], Uint8Array.of(1, 2));
    const e = await failure(s, folder);
    expect([e.message, e.details.span]).toEqual(["a.npy is u8[2], the program was compiled for f32[3]", span]);
  });
});

describe("effects", () => {
  test("prints, saves, and logs each event as a JSON line", async () => {
    const folder = dataFolder(numbers(4));
    const lines: string[] = [];
    const log = openLog(join(folder, "run.jsonl"), () => new Date(0));
    const s = stage(
      [
        over(2, {}, [phase("mean"), { k: "log", value: state(AT.loss), name: "loss" }]),
        { k: "print", label: "w", value: { k: "tensor", result: 2 }, span },
        {
          k: "print",
          value: {
            k: "record",
            fields: [
              ["a", { k: "tensor", result: 2 }],
              ["b", { k: "text", text: "x" }],
            ],
          },
          span,
        },
        { k: "save", path: "w.npy", format: "npy", value: { k: "tensor", result: 2 }, span },
        {
          k: "save",
          path: "w.safetensors",
          format: "safetensors",
          value: { k: "record", fields: [["dense1", { k: "record", fields: [["w", { k: "tensor", result: 2 }]] }]] },
          span,
        },
      ],
      { constants: [{ offset: AT.weight, base64: Buffer.from(Float32Array.of(0.1).buffer).toString("base64") }] },
    );
    await play(s, moduleBytes(), options(folder, { print: text => lines.push(text), log, now: () => 0 }));
    log.close();
    expect(lines).toEqual(["w = 0.1", '{ a: 0.1, b: "x" }']);
    expect(formatOf("safetensors").tensor!(join(folder, "w.safetensors"), "dense1.w").shape).toEqual([]);
    expect(formatOf("npy").tensor!(join(folder, "w.npy"), undefined).store).toBe("f32");
    const time = "1970-01-01T00:00:00.000Z";
    expect(
      readFileSync(join(folder, "run.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map(l => JSON.parse(l)),
    ).toEqual([
      { event: "epoch", time, loop: "step", epoch: 1, step: 2, records: 4, loss: 1.5, seconds: 0 },
      { event: "print", time, name: "w", value: 0.1 },
      { event: "print", time, name: null, value: { a: 0.1, b: "x" } },
      { event: "save", time, path: "w.npy", format: "npy" },
      { event: "save", time, path: "w.safetensors", format: "safetensors" },
    ]);
  });
  test("a save that fails names the file and the place, and leaves nothing", async () => {
    const save = (path: string): PlanStage =>
      stage([{ k: "save", path, format: "npy", value: { k: "tensor", result: 2 }, span }]);
    const e = await failure(save("nowhere/w.npy"), dataFolder([]));
    expect(e.message).toMatch(/^cannot write .*nowhere\/w\.npy: no folder/);
    expect(e.details.span).toBe(span);
    expect((await failure(save("/dev/full"), dataFolder([]))).message).toBe(
      "cannot write /dev/full: no space left on the disk",
    );
  });
  test("a kind of value that a format has not is refused", async () => {
    const s = stage([{ k: "save", path: "w.npy", format: "npy", value: { k: "text", text: "x" }, span }]);
    expect((await failure(s, dataFolder([]))).message).toBe("a text cannot be saved as npy");
  });
});

test("a phase gets its items, the records and the worker's region", async () => {
  const items = { of: { n: 1, plus: 0 }, by: 16, unit: 1 } as const;
  const loop = over(40, {}, [{ k: "phase", name: "items", items, calls: [] }]);
  const r = await played(stage([loop, ...keepAll]), dataFolder(numbers(40)));
  expect(r.sizes.slice(0, 2)).toEqual([3, stage([]).regions.worker.base]);
  expect([0, 1, 16, 17].map(n => sizeAt(items, n))).toEqual([0, 1, 1, 2]);
});
