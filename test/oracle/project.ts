/** A folder with a program, run through the command line, and the tensors that it saved. Knows no program. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Bounded, TensorValue } from "../../src/ir/op.ts";
import { loaded } from "../../src/ir/type.ts";
import { tensorValue } from "../../src/ir/value.ts";
import { type TensorData, valueAt, view } from "../../src/runtime/dtype.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
export const DATA = join(import.meta.dirname, "../../examples/data");
/** a busy machine included */
const SECONDS = 200;

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "hsc-oracle-"));
  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }
  path(name: string): string {
    return join(this.folder, name);
  }
  write(name: string, text: string | Uint8Array): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }
  /** runs a program; its output */
  run(program: string, ...args: readonly string[]): string {
    const file = this.write("program.hs", program);
    const env = { ...process.env, HSC_CACHE: this.path("cache") };
    const r = spawnSync(process.execPath, [BIN, "run", file, ...args], {
      cwd: this.folder,
      encoding: "utf8",
      env,
      timeout: SECONDS * 1000,
    });
    if (r.status !== 0) throw new Error(`hsc run: ${r.error?.message ?? ""}\n${r.stderr}\n${program}`);
    return r.stdout;
  }
  /** the tensors of a safetensors file */
  tensors(name: string): ReadonlyMap<string, TensorValue> {
    const format = formatOf("safetensors");
    const { columns } = format.schema([this.path(name)], {});
    return new Map(Object.keys(columns).map(n => [n, held(format.tensor!(this.path(name), n))] as const));
  }
  npy(name: string): TensorValue {
    return held(formatOf("npy").tensor!(this.path(name), undefined));
  }
  /** writes a float tensor; the numbers are held by the element */
  save(name: string, store: "f32" | "f64", shape: readonly number[], values: ArrayLike<number>): void {
    const bytes = new Uint8Array((store === "f32" ? Float32Array : Float64Array).from(values).buffer);
    this.write(name, Buffer.concat([...formatOf("npy").encodeTensor!({ store, shape, bytes })]));
  }
  text(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }
}
const held = (t: TensorData): TensorValue => {
  const values = view(t.store, t.bytes);
  return tensorValue(
    loaded(t.store),
    t.shape,
    Array.from({ length: t.shape.reduce((a, b) => a * b, 1) }, (_, i) => valueAt(t.store, values, i)),
  );
};

/** the largest distance of two elements */
export function apart(a: TensorValue, b: TensorValue): number {
  let most = 0;
  for (let i = 0; i < a.data.length; i++) most = Math.max(most, Math.abs(Number(a.data[i]) - Number(b.data[i])));
  return most;
}
/** how many of how many elements say nothing */
export type Share = { elements: number; vague: number };
/** counts as undecided also what may be off by a tenth of the largest step from `from` (of zero): that could not tell a wrong gradient */
export function undecided({ value, error, undecided }: Bounded, share: Share, from?: TensorValue): void {
  const start = Array.from({ length: value.data.length }, (_, i) => Number(from?.data[i] ?? 0));
  const most = start.reduce((m, v, i) => Math.max(m, Math.abs(Number(value.data[i]) - v)), 0);
  share.elements += error.length;
  share.vague += error.reduce((n, e, i) => n + (undecided[i] || e > most / 10 ? 1 : 0), 0);
}
