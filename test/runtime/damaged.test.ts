/** Files that are cut off or have other bytes somewhere: each is read, or refused with its name; none is an internal error, or takes for ever. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Field, Float32, Int32, List, RecordBatchFileWriter, Schema, Table } from "apache-arrow";
import { expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
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
/** rows that are read; a HostError where the file is refused */
function read(format: string, path: string): number {
  const f = formatOf(format);
  const { columns } = f.schema([path], {});
  const asked = Object.entries(columns).flatMap(([n, c]) => (c.list ? [] : [[n, c.store, c.shape, c.nullable]]));
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

test("arrow: lengths are bounded by what the file holds, whatever it says", { timeout: 120_000 }, () => {
  const { arrows } = JSON.parse(readFileSync(join(import.meta.dirname, "foreign-files.json"), "utf8")) as {
    readonly arrows: { readonly zstd: string };
  };
  const path = join(temporary(), "damaged.arrow");
  // a vector of 2^30 fields and more was gathered until no memory was left
  const whole = Buffer.from(arrows.zstd, "base64");
  let bounded = 0;
  for (let at = 0; at < Math.min(whole.length, 800); at++) {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 0x40;
    writeFileSync(path, bytes);
    try {
      read("arrow", path);
    } catch (e) {
      expect(e).toBeInstanceOf(HostError);
      bounded += Number((e as Error).message.endsWith("a message is damaged"));
    }
  }
  expect(bounded).toBeGreaterThan(0);
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
