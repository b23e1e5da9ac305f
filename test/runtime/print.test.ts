/** What a person sees of values, of progress, and what the log says of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Stored } from "../../src/ir/type.ts";
import { STORED_BYTES } from "../../src/ir/type.ts";
import { type TensorData, view } from "../../src/runtime/dtype.ts";
import { count as counted, type Frame, type Loop, type Run } from "../../src/runtime/frame.ts";
import { logged, openLog } from "../../src/runtime/log.ts";
import { type Printable, scalarText, tensorText, text } from "../../src/runtime/print.ts";
import { progress as progressOf } from "../../src/runtime/progress.ts";
import { describe as described, type Progress, statusLine } from "../../src/runtime/status.ts";
import { temporary } from "./temporary.ts";

function tensor(store: Stored, shape: readonly number[], values: readonly (number | bigint)[]): TensorData {
  const bytes = new Uint8Array(values.length * STORED_BYTES[store]);
  const v = view(store, bytes);
  for (const [i, x] of values.entries()) v[i] = x;
  return { store, shape, bytes };
}
const count = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

describe("scalars", () => {
  test.each<[Stored, number | bigint, string]>([
    ["f32", Math.fround(0.1), "0.1"],
    ["f64", Math.fround(0.1), "0.10000000149011612"],
    ["f32", 0.9705000519752502, "0.97050005"],
    ["f32", 16777216, "16777216"],
    ["f32", Math.fround(1e-45), "1e-45"],
    ["f32", Math.fround(3.4028235e38), "3.4028235e+38"],
    ["f16", Math.f16round(0.1), "0.1"],
    ["f16", 65504, "65504"],
    ["f32", -0, "-0"],
    ["f32", Number.NaN, "nan"],
    ["f64", -Infinity, "-inf"],
    ["i64", 2n ** 63n - 1n, "9223372036854775807"],
    ["u8", 255, "255"],
    ["bool", 1, "true"],
  ])("%s %d is %s", (store, x, expected) => {
    expect(scalarText(store, x)).toBe(expected);
  });
  test("f32 read back as themselves, in the fewest digits", () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    for (let i = 0; i < 20000; i++) {
      bits[0] = Math.imul(i, 2654435761);
      if (!Number.isFinite(float[0]) || Number.isInteger(float[0])) continue;
      const shown = scalarText("f32", float[0]!);
      expect(Object.is(Math.fround(Number(shown)), float[0])).toBe(true);
      const digits = shown.replace(/e.*/, "").replace(/[-.]/g, "").replace(/^0+/, "");
      if (digits.length > 1)
        expect(Math.fround(Number(float[0]!.toPrecision(digits.replace(/0+$/, "").length - 1 || 1)))).not.toBe(
          float[0],
        );
    }
  });
});

describe("values", () => {
  test("small tensors are whole, large ones abridged with their type", () => {
    expect(tensorText(tensor("i32", [2, 3], count(6)))).toBe("[[0, 1, 2], [3, 4, 5]]");
    expect(tensorText(tensor("f32", [], [2.5]))).toBe("2.5");
    expect(tensorText(tensor("f32", [0, 3], []))).toBe("[]");
    expect(tensorText(tensor("bool", [2], [0, 1]))).toBe("[false, true]");
    expect(tensorText(tensor("i32", [200], count(200)))).toBe("i32[200] [0, 1, 2, ..., 197, 198, 199]");
    expect(tensorText(tensor("i32", [3, 5, 8], count(120)))).toBe(
      "i32[3, 5, 8] [[[0, ..., 7], ..., [32, ..., 39]], ..., [[80, ..., 87], ..., [112, ..., 119]]]",
    );
  });
  const record: Printable = {
    k: "record",
    fields: [
      ["loss", { k: "tensor", value: tensor("f32", [], [Number.NaN]) }],
      ["val", { k: "record", fields: [["n", { k: "tensor", value: tensor("i64", [2], [1n, 2n ** 60n]) }]] }],
      ["names", { k: "list", of: [{ k: "text", text: 'a"b' }] }],
    ],
  };
  test("records and lists are a line", () => {
    expect(text(record)).toBe('{ loss: nan, val: { n: [1, 1152921504606846976] }, names: ["a\\"b"] }');
    expect(text({ k: "text", text: 'a"b' })).toBe('a"b');
  });
  const table: Printable = {
    k: "table",
    rows: 2,
    columns: [
      ["epoch", tensor("i32", [3], [1, 10, 0])],
      ["loss", tensor("f32", [3], [0.5, 0.25, 0])],
      ["w", tensor("i32", [3, 2], count(6))],
    ],
  };
  test("a matrix that is too long for a line has one per row", () => {
    const square = tensor(
      "i32",
      [10, 10],
      count(100).map(i => (i % 11 === 0 ? 100 + i : i % 3)),
    );
    const shown = text({ k: "tensor", value: square }).split("\n");
    expect([shown.length, shown[0], shown[1]]).toEqual([
      10,
      "[[100,   1,   2,   0,   1,   2,   0,   1,   2,   0],",
      " [  1, 111,   0,   1,   2,   0,   1,   2,   0,   1],",
    ]);
    expect(
      text({
        k: "tensor",
        value: tensor(
          "f32",
          [20, 30],
          count(600).map(i => i / 8),
        ),
      }),
    ).toBe(
      [
        "f32[20, 30]",
        "[[    0,  0.125,  0.25, ...,  3.375,   3.5,  3.625],",
        " [ 3.75,  3.875,     4, ...,  7.125,  7.25,  7.375],",
        " [  7.5,  7.625,  7.75, ..., 10.875,    11, 11.125],",
        " ...,",
        " [63.75, 63.875,    64, ..., 67.125, 67.25, 67.375],",
        " [ 67.5, 67.625, 67.75, ..., 70.875,    71, 71.125],",
        " [71.25, 71.375,  71.5, ..., 74.625, 74.75, 74.875]]",
      ].join("\n"),
    );
    expect(text({ k: "tensor", value: tensor("i32", [2, 2], [1, 2, 3, 4]) })).toBe("[[1, 2], [3, 4]]");
  });
  test("numbers of a table stand point below point, in six digits", () => {
    const x = tensor("f32", [5], [1, 0.006737947, 12345.678, Number.NaN, 1e-20].map(Math.fround));
    const shown = text({
      k: "table",
      columns: [
        ["x", x],
        ["ok", tensor("bool", [5], [1, 0, 1, 0, 1])],
      ],
      rows: 5,
    });
    expect(shown).toBe(
      [
        "             x     ok",
        "    1            true",
        "    0.00673795  false",
        "12345.7          true",
        "           nan  false",
        "1e-20            true",
      ].join("\n"),
    );
  });
  test("tables have a head and as many rows as there are", () => {
    expect(text(table)).toBe("epoch  loss  w\n    1  0.5   [0, 1]\n   10  0.25  [2, 3]");
  });
  test("the log has the same digits, and what JSON cannot say as text", () => {
    const path = join(temporary(), "run.jsonl");
    const log = openLog(path, () => new Date(0));
    log.write("print", {
      value: logged(record),
      table: logged(table),
      big: logged({ k: "tensor", value: tensor("u8", [1001], count(1001)) }),
    });
    log.close();
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      event: "print",
      time: "1970-01-01T00:00:00.000Z",
      value: { loss: "nan", val: { n: [1, "1152921504606846976"] }, names: ['a"b'] },
      table: [
        { epoch: 1, loss: 0.5, w: [0, 1] },
        { epoch: 10, loss: 0.25, w: [2, 3] },
      ],
      big: "u8[1001]",
    });
  });
  test("a log on a full disk is an error", () => {
    const log = openLog("/dev/full", () => new Date(0));
    expect(() => log.write("start", {})).toThrow("cannot write /dev/full: no space left on the disk");
    log.close();
    expect(() => openLog("/nowhere/run.jsonl", () => new Date(0))).toThrow("no folder /nowhere");
  });
});

describe("characters that end a line, or steer a terminal", () => {
  const all = "a\u2028b\u2029c\u0085d\u009b2Je\u007ff";
  const shown = '"a\\u2028b\\u2029c\\u0085d\\u009b2Je\\u007ff"';
  test("are written by their numbers among other values, and as they are in a text by itself", () => {
    const one = { ...tensor("i32", [], [0]), texts: () => all };
    expect(tensorText(one)).toBe(shown);
    expect(tensorText(one, false)).toBe(all);
    expect(text({ k: "record", fields: [["x", { k: "text", text: all }]] })).toBe(`{ x: ${shown} }`);
    expect(text({ k: "text", text: all })).toBe(all);
  });
});

describe("the status line", () => {
  const progress = (done: number): Progress => ({
    at: [
      { label: "epoch", done: 2, of: 4 },
      { label: "step", done, of: 125 },
    ],
    values: { loss: 0.123456 },
    records: 8000 + 64 * done,
    allRecords: 32000,
    seconds: 4,
  });
  test("says where, rate, loss and time left", () => {
    expect(described(progress(10))).toBe("epoch 2/4  step 10/125  loss 0.1235  2160 records/s  11 s left");
    expect(described({ at: [{ label: "step", done: 3 }], values: {}, records: 3e6, seconds: 1 })).toBe(
      "step 3  3.0M records/s",
    );
  });
  test("records/s are those behind the first step: of the start nobody asks", () => {
    let now = 0;
    const loop = { label: "step", over: { batch: 10 } } as unknown as Loop;
    const frameOf = (rows: number, l: Loop): Frame =>
      // as: what progress asks for
      ({
        loop: l,
        rows: { rows: new Uint32Array(rows) },
        started: 0,
        settled: undefined,
        trips: 0,
        taken: 0,
        visited: 0,
        start: 0,
        n: 10,
        values: new Map(),
      }) as unknown as Frame;
    const epochs = { ...frameOf(0, { label: "epoch", trip: 2 } as unknown as Loop), rows: undefined }; // as: above
    const pass = frameOf(100, loop);
    const run = { options: { now: () => now }, frames: [epochs, pass] } as unknown as Run; // as: above
    const shown = () => progressOf(run, pass, [epochs]);
    now = 9000;
    counted(run, pass);
    // of one step there is no telling
    expect(shown()).toMatchObject({ records: 10, seconds: 9 });
    expect(described(shown())).toBe("epoch 1/2  step 1/10  1 records/s");
    for (now = 9500; now <= 11_000; now += 500) counted(run, pass);
    now = 11_000;
    expect(shown()).toMatchObject({ records: 50, earlierRecords: 10, seconds: 2 });
    expect(described(shown())).toBe("epoch 1/2  step 5/10  20 records/s  8 s left");
    // of the second pass, too
    epochs.trips = 1;
    const second = frameOf(100, loop);
    run.frames[1] = second;
    now = 14_000;
    counted(run, second);
    expect(described(progressOf(run, second, [epochs]))).toBe("epoch 2/2  step 1/10  20 records/s  5 s left");
  });
  test("is overwritten on a terminal, and cut to its width", () => {
    let now = 0;
    const out: string[] = [];
    const s = statusLine({ isTTY: true, columns: 21, write: t => out.push(t) }, () => now);
    s.show(() => progress(1)); // too early
    now = 200;
    s.show(() => progress(2));
    s.clear();
    s.clear();
    s.keep(progress(125));
    expect(out).toEqual(["epoch 2/4  step 2/12", "\r\x1b[K", `${described(progress(125))}\n`]);
  });
  test("is plain lines elsewhere, one in ten seconds", () => {
    let now = 0;
    const out: string[] = [];
    const s = statusLine({ write: t => out.push(t) }, () => now);
    for (now = 0; now <= 25_000; now += 1000) s.show(() => progress(1));
    s.clear();
    expect(out).toEqual([`${described(progress(1))}\n`, `${described(progress(1))}\n`]);
  });
});
