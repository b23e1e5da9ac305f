/** Files that are cut off or have other bytes somewhere: each is read, or refused with its name; none is an internal error, or takes for ever. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
