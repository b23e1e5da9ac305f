/** Files that are cut off or have other bytes somewhere: each is read, or refused with its name; none is an internal error, or takes for ever. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";
import { Field, Float32, Int32, List, RecordBatchFileWriter, Schema, Table, Utf8, vectorFromArray } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { decode } from "../../src/runtime/images/decode.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { seeded } from "../ir/grow.ts";
import { piecesOf } from "./pieces.ts";
import { temporary } from "./temporary.ts";

const ROWS =
  "select i, case when i % 7 > 0 then i / 8 end as x, 's' || i % 9 as s, [i, 1.5]::float[] as v from range(120) t(i)";
function made(folder: string, format: string): string {
  const path = join(folder, `whole.${format}`);
  if (format === "arrow") {
    const bytes = new Uint8Array(Float32Array.from({ length: 240 }, (_, i) => i / 3).buffer);
    const present = {
      store: "bool",
      shape: [120],
      bytes: new Uint8Array(new Uint32Array(120).fill(1).buffer),
    } as const;
    const pieces = piecesOf([["v", { store: "f32", shape: [120, 2], bytes, present }]], 120, 50);
    writeFileSync(path, Buffer.concat([...formatOf("arrow").encodeTable!(pieces)]));
  } else queryRows(`copy (${format === "csv" ? ROWS.replace(", [i, 1.5]::float[] as v", "") : ROWS}) to '${path}'`);
  return path;
}
/** a column of the foreign files whose cells are no i64 */
const BEYOND = "big";
/** rows that are read; a HostError where the file is refused */
function read(format: string, path: string): number {
  const f = formatOf(format);
  const { columns } = f.schema([path], {});
  const asked = Object.entries(columns).flatMap(([n, c]) =>
    c.list || n === BEYOND ? [] : [[n, c.store, c.shape, c.nullable]],
  );
  const room = new Map<string, Uint8Array>();
  const allocate = (name: string, bytes: number): Uint8Array => {
    const old = room.get(name);
    if (old?.length === bytes) return old;
    const fresh = new Uint8Array(bytes);
    room.set(name, fresh);
    return fresh;
  };
  return f.rows!([path], { columns: asked }, allocate, makeStrings([])).rows;
}
test.each(["csv", "json", "parquet", "arrow"])("%s", { timeout: 120_000 }, format => {
  const folder = temporary();
  const rng = seeded(2026);
  const whole = readFileSync(made(folder, format));
  const path = join(folder, `damaged.${format}`);
  let [reads, refused] = [0, 0];
  for (let i = 0; i < 40; i++) {
    const bytes = Buffer.from(whole.subarray(0, i % 2 ? rng.int(whole.length) : whole.length));
    if (i % 2 === 0 && i) for (let k = 0; k <= rng.int(3); k++) bytes[rng.int(bytes.length)] = rng.int(256);
    writeFileSync(path, bytes);
    try {
      const rows = read(format, path);
      reads++;
      if (format === "parquet") expect(rows).toBe(Number(queryRows(`select count(*) from '${path}'`)[0]![0]));
      if (i === 0) expect(rows).toBe(120);
    } catch (e) {
      expect(e).toBeInstanceOf(HostError);
      expect((e as Error).message).toContain("damaged.");
      refused++;
    }
  }
  expect(reads).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(9);
});

test.each(["zstd", "hsc", "package"])(
  "arrow: %s, each byte in turn: all rows or a message, at once",
  { timeout: 120_000 },
  kind => {
    const { arrows } = JSON.parse(readFileSync(join(import.meta.dirname, "foreign-files.json"), "utf8")) as {
      readonly arrows: { readonly zstd: string };
    };
    const folder = temporary();
    const path = join(folder, "damaged.arrow");
    // as Arrow's package for JavaScript writes it: without a schema at its beginning
    const packed = (): Uint8Array =>
      RecordBatchFileWriter.writeAll(new Table({ i: vectorFromArray([1, 2, 3], new Int32()) })).toUint8Array(true);
    const whole =
      kind === "hsc"
        ? readFileSync(made(folder, "arrow"))
        : kind === "package"
          ? Buffer.from(packed())
          : Buffer.from(arrows.zstd, "base64");
    writeFileSync(path, whole);
    const rows = read("arrow", path);
    let refused = 0;
    // with bit 6 set lengths say too much: a vector of 2^30 fields was gathered until no memory was left. With 0 they say that nothing follows
    for (const flip of [(b: number) => b ^ 0x40, () => 0])
      for (let at = 0; at < whole.length; at += at < 500 || at > whole.length - 400 ? 1 : 97) {
        const bytes = Buffer.from(whole);
        bytes[at] = flip(whole[at]!);
        writeFileSync(path, bytes);
        try {
          expect(read("arrow", path), `byte ${at}`).toBe(rows);
        } catch (e) {
          expect(e, `byte ${at}: ${e}`).toBeInstanceOf(HostError);
          refused++;
        }
      }
    expect(refused).toBeGreaterThan(200);
  },
);
test("arrow: texts that are no UTF-8", () => {
  const path = join(temporary(), "damaged.arrow");
  const texts = ["blau", "grün", "rot"];
  const whole = Buffer.from(
    RecordBatchFileWriter.writeAll(new Table({ s: vectorFromArray(texts, new Utf8()) })).toUint8Array(true),
  );
  const at = whole.indexOf("ün");
  writeFileSync(path, whole);
  expect(read("arrow", path)).toBe(3);
  whole[at] = 0xff;
  writeFileSync(path, whole);
  expect(() => read("arrow", path)).toThrow("column `s`: row 1 of a batch is no text in UTF-8");
});
test.each(["a.json", "a.json.gz"])("%s: an array that is cut off behind a record", name => {
  const path = join(temporary(), name);
  const put = (text: string) => writeFileSync(path, name.endsWith("gz") ? gzipSync(text) : text);
  const records = Array.from({ length: 40 }, (_, i) => `{"i": ${i}}`);
  put(`[${records.join(", ")}]${" ".repeat(9000)}\n`);
  expect(read("json", path)).toBe(40);
  for (const end of ["", ",", ", \n"]) {
    put(`\ufeff \n[${records.join(", ")}${end}`);
    expect(() => read("json", path), JSON.stringify(end)).toThrow(HostError);
    put(`[${records.join(", ")}${end}`);
    // behind a comma the engine expects nothing
    expect(() => read("json", path), JSON.stringify(end)).toThrow(end ? "is cut off: its array has no end" : HostError);
  }
});
test("csv: a name that is no UTF-8, and one with the sign for it", () => {
  const path = join(temporary(), "a.csv");
  writeFileSync(path, Buffer.concat([Buffer.of(0xe9), Buffer.from("t,b\n1,2\n")]));
  expect(() => read("csv", path)).toThrow(`${path}, line 1: the bytes are no UTF-8`);
  writeFileSync(path, "\ufffd,b\n1,2\n");
  expect(read("csv", path)).toBe(1);
});
test("npy: a header with something else in it", () => {
  const path = join(temporary(), "a.npy");
  const whole = Buffer.concat([
    ...formatOf("npy").encodeTensor!({ store: "u8", shape: [12], bytes: new Uint8Array(12) }),
  ]);
  const refused = (text: string, by: string) => {
    const bytes = Buffer.from(whole);
    bytes.write(by, whole.indexOf(text));
    writeFileSync(path, bytes);
    expect(() => formatOf("npy").tensor!(path, undefined), by).toThrow(/something else|is missing/);
  };
  writeFileSync(path, whole);
  expect(formatOf("npy").tensor!(path, undefined).shape).toEqual([12]);
  refused("}   ", "} 0 ");
  refused("(12,)", "(12/)");
  refused(", 'shape'", "! 'shape'");
});

describe("pictures", () => {
  const foreign = JSON.parse(readFileSync(join(import.meta.dirname, "foreign-files.json"), "utf8")) as {
    readonly pictures: readonly { readonly name: string; readonly bytes: string }[];
  };
  const [png, jpg] = ["a.png", "b.jpg"].map(n =>
    Buffer.from(foreign.pictures.find(p => p.name === n)!.bytes, "base64"),
  ) as [Buffer, Buffer]; // as: both are there
  const decoded = (bytes: Uint8Array) => {
    const path = join(temporary(), "a");
    writeFileSync(path, bytes);
    return decode(path);
  };
  test("png: each byte is under a checksum", async () => {
    expect((await decoded(png)).width).toBe(31);
    for (let at = 4; at < png.length; at += at < 100 ? 1 : 17) {
      const bytes = Buffer.from(png);
      bytes[at]! ^= 1;
      // of the first bytes four say that it is one
      if (at >= 8) await expect(decoded(bytes), `byte ${at}`).rejects.toThrow(/the png (is damaged|ends early)/);
    }
    for (let end = 8; end < png.length; end += 13)
      await expect(decoded(png.subarray(0, end))).rejects.toThrow("the png ends early");
  });
  test("more pixels than the bytes can be", async () => {
    const wide = Buffer.from(png);
    wide.writeUInt32BE(60_000, 16);
    wide.writeUInt32BE(60_000, 20);
    wide.writeUInt32BE(crc32(wide.subarray(12, 29)), 29);
    await expect(decoded(wide)).rejects.toThrow(/bytes are no 60000 x 60000 pixels/);
    const tall = Buffer.from(jpg);
    const frame = tall.indexOf(Buffer.of(0xff, 0xc0));
    tall.writeUInt16BE(60_000, frame + 5);
    await expect(decoded(tall)).rejects.toThrow(/bytes are no \d+ x 60000 pixels/);
  });
  test("jpeg: pixels that the decoder makes up", async () => {
    expect((await decoded(jpg)).width).toBeGreaterThan(0);
    // the last third of the scan is gone, the end of the image is there
    const cut = Buffer.concat([jpg.subarray(0, Math.floor(jpg.length * 0.7)), Buffer.of(0xff, 0xd9)]);
    await expect(decoded(cut)).rejects.toThrow("the jpeg is damaged: premature end of data segment");
    // as cameras write them
    const filled = Buffer.concat([jpg.subarray(0, -2), Buffer.alloc(5), Buffer.of(0xff, 0xd9)]);
    expect((await decoded(filled)).data).toEqual((await decoded(jpg)).data);
  });
});

test("arrow: a file without a batch has columns and no rows", () => {
  const path = join(temporary(), "none.arrow");
  const schema = new Schema([new Field("l", new List(new Field("item", new Int32()))), new Field("x", new Float32())]);
  writeFileSync(path, RecordBatchFileWriter.writeAll(new Table(schema)).toUint8Array(true));
  expect(Object.keys(formatOf("arrow").schema([path], {}).columns)).toEqual(["l", "x"]);
  expect(read("arrow", path)).toBe(0);
});
test.each([
  ["parquet", "a,b\n1,2\n", "text (csv?)"],
  ["arrow", "a,b\n1,2\n", "text (csv?)"],
  ["arrow", '{"a": 1}\n', "JSON"],
  ["arrow", "PAR1\0\0\0\0PAR1", "parquet"],
  ["parquet", "ARROW1\0\0", "Arrow"],
  ["parquet", "\0\x01\x02\x03", "something else"],
])("%s of another kind", (format, bytes, kind) => {
  const path = join(temporary(), `a.${format}`);
  writeFileSync(path, bytes);
  const expected = `${path} is ${kind}, ${format === "arrow" ? "an" : "a"} ${format} file was expected`;
  expect(() => formatOf(format).schema([path], {})).toThrow(expected);
});
