/**
 * libsvm: a label per line, then index:value pairs, indices from 1 and rising. Read as `label` and `features`: dense, a vector as wide as the greatest
 * index; sparse, a list of { index, value }, where the index counts from 0, as places in a vector do. Knows no model.
 */
import { HostError } from "../../ir/host.ts";
import type { Column } from "../../ir/type.ts";
import { contents } from "../files.ts";
import { type Allocate, endsOf, type Format, fieldOf, type Table } from "./format.ts";

interface Parsed {
  readonly labels: number[];
  /** per row: index, value, index, value .. */
  readonly pairs: (readonly number[])[];
  readonly width: number;
}
/** as the tools that write it: decimal numbers, also inf and nan */
const NUMBER = /^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan)$/i;
function numberOf(text: string, at: () => string): number {
  if (!NUMBER.test(text)) throw new HostError(`${at()}: ${JSON.stringify(text.slice(0, 60))} is no number`);
  return /[in]/i.test(text) ? (/nan/i.test(text) ? Number.NaN : text[0] === "-" ? -Infinity : Infinity) : Number(text);
}
function parse(path: string): Parsed {
  const bytes = contents(path);
  if (bytes.length === 0) throw new HostError(`${path} is empty, a libsvm file was expected`);
  const lines = Buffer.from(bytes)
    .toString("utf8")
    .split(/\r\n|\n|\r/);
  const [labels, pairs]: [number[], number[][]] = [[], []];
  let width = 0;
  lines.forEach((line, l) => {
    const [label, ...rest] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (!label) return;
    const at = (): string => `${path}, line ${l + 1}`;
    labels.push(numberOf(label, at));
    const row: number[] = [];
    for (const pair of rest) {
      const colon = pair.indexOf(":");
      const index = Number(pair.slice(0, colon));
      if (colon < 1 || !Number.isInteger(index) || index < 1)
        throw new HostError(`${at()}: ${JSON.stringify(pair.slice(0, 60))} is no index:value with an index from 1`);
      if (index > 2 ** 31) throw new HostError(`${at()}: index ${index} is beyond 2^31`);
      if (row.length && index <= row[row.length - 2]!)
        throw new HostError(`${at()}: index ${index} stands behind ${row[row.length - 2]}: they rise`);
      row.push(index, numberOf(pair.slice(colon + 1), at));
      width = Math.max(width, index);
    }
    pairs.push(row);
  });
  return { labels, pairs, width };
}
const columnsOf = (width: number): Record<string, Column> => ({
  label: { store: "f32", shape: [], nullable: false },
  features: { store: "f32", shape: [width], nullable: false },
});
const all = (files: readonly string[]): { parsed: readonly Parsed[]; rows: number; width: number } => {
  const parsed = files.map(parse);
  return {
    parsed,
    rows: parsed.reduce((n, p) => n + p.labels.length, 0),
    width: parsed.reduce((w, p) => Math.max(w, p.width), 0),
  };
};

const PAIR: NonNullable<Column["list"]> = [
  ["index", "i32"],
  ["value", "f32"],
];
const sparseColumns: Record<string, Column> = {
  label: { store: "f32", shape: [], nullable: false },
  features: { store: "i32", shape: [], nullable: false, list: PAIR },
};
/** for the engine: no kernel reads lists */
function sparse(files: readonly string[], allocate: Allocate): Table {
  const { parsed, rows } = all(files);
  const pairs = parsed.flatMap(p => p.pairs);
  const count = pairs.reduce((n, p) => n + p.length / 2, 0);
  allocate("label", 4 * rows);
  allocate(endsOf("features"), 4 * rows);
  PAIR.forEach((_, i) => void allocate(fieldOf("features", i), 4 * count));
  // after the last `allocate` no view is detached any more
  floats(allocate("label", 4 * rows)).set(parsed.flatMap(p => p.labels));
  const ends = words(allocate(endsOf("features"), 4 * rows));
  const index = words(allocate(fieldOf("features", 0), 4 * count));
  const value = floats(allocate(fieldOf("features", 1), 4 * count));
  let at = 0;
  pairs.forEach((p, row) => {
    for (let k = 0; k < p.length; k += 2, at++) {
      index[at] = p[k]! - 1;
      value[at] = p[k + 1]!;
    }
    ends[row] = at;
  });
  return { rows, columns: sparseColumns };
}
export const libsvm: Format = {
  name: "libsvm",
  doc: "rows of a label and a vector, zeros left out in the file; as wide as its greatest index, or sparse",
  extensions: [".libsvm", ".svm", ".libsvm.gz"],
  schema: (files, { sparse }) => {
    const { rows, width } = all(files);
    return { columns: sparse === true ? sparseColumns : columnsOf(width), rows };
  },
  rows: (files, options, allocate) => {
    if (options["sparse"] === true) return sparse(files, allocate);
    const { parsed, rows, width } = all(files);
    allocate("label", 4 * rows);
    // after the last `allocate` no view is detached any more
    const features = floats(allocate("features", 4 * rows * width));
    const labels = floats(allocate("label", 4 * rows));
    let row = 0;
    for (const p of parsed)
      p.labels.forEach((label, i) => {
        labels[row] = label;
        const pairs = p.pairs[i]!;
        for (let k = 0; k < pairs.length; k += 2) features[row * width + pairs[k]! - 1] = pairs[k + 1]!;
        row++;
      });
    return { rows, columns: columnsOf(width) };
  },
};
const words = (b: Uint8Array): Int32Array => new Int32Array(b.buffer, b.byteOffset, b.byteLength / 4);
const floats = (b: Uint8Array): Float32Array => new Float32Array(b.buffer, b.byteOffset, b.byteLength / 4);
