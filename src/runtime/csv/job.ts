/**
 * The reading of csv files, as several threads share it: pieces are claimed from one counter; first where their records are is found, then
 * each piece is parsed to the rows that follow from it, so that any number of threads gives the same columns. Knows no format but csv.
 */
import { isUtf8 } from "node:buffer";
import { closeSync, openSync } from "node:fs";
import type { Put } from "../targets.ts";
import { clear, dictionaryBytes, textsOf } from "./dictionary.ts";
import { type Field, FLAGS, type Kernel, type Kind, makeKernel } from "./kernel-memory.ts";
import { type Met, Numbers } from "./numbering.ts";
import { fieldValue, type Store } from "./odd.ts";
import { type Body, fill } from "./text.ts";

/** a column of the file, in its order */
export interface FieldWanted {
  /** of truth and time, which are made of their texts, `text` */
  readonly kind: Kind;
  /** of a column that is read; absent: texts themselves */
  readonly store?: Store;
  /** which of the job's columns gets the values, and which whether they are there; -1: none */
  readonly values: number;
  readonly there: number;
}
export interface JobFile extends Body {
  readonly fields: readonly FieldWanted[];
}
export interface Job {
  readonly files: readonly JobFile[];
  readonly delimiter: number;
  readonly missing: readonly string[];
  /** bytes of a value, by column */
  readonly bytes: readonly number[];
  /** the columns that get texts */
  readonly texts: readonly number[];
  /** file, begin and end, thrice a piece */
  readonly pieces: Float64Array<SharedArrayBuffer>;
  /** what `scan` says of each piece, SCANNED numbers */
  readonly scanned: Int32Array<SharedArrayBuffer>;
  /** [next piece to scan, scanned, next to parse, parsed, 1 if something was a surprise, 1 where columns have places] */
  readonly control: Int32Array<SharedArrayBuffer>;
}
export const SCANNED = 6;
export const CONTROL = { scan: 0, scanned: 1, parse: 2, parsed: 3, surprise: 4, placed: 5 } as const;

/** where records of a piece begin and end in its file, and the first of their rows */
export interface Placed {
  readonly file: number;
  readonly begin: number;
  readonly end: number;
  readonly row: number;
  readonly rows: number;
  readonly ascii: boolean;
}
/** told of a piece before it counts as parsed */
export type Tell = (met: Met) => void;

/** a thread's part in a job: a kernel, and the file that it reads */
export class Reader {
  readonly #job: Job;
  readonly #kernel: Kernel;
  #open: { readonly file: number; readonly fd: number } | undefined;
  // of the piece that is parsed, for what is odd in it
  #fields: readonly FieldWanted[] = [];
  #places: readonly Field[] = [];
  readonly #numbers: readonly Numbers[];
  /** of texts that pieces have in common */
  readonly #values = new Map<Store, Map<string, number | bigint>>();

  constructor(job: Job) {
    this.#job = job;
    this.#numbers = job.texts.map(() => new Numbers());
    this.#kernel = makeKernel((at, column, row) => this.#odd(at, column, row));
  }
  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
  }
  #fd(file: number): number {
    if (this.#open?.file !== file) {
      this.close();
      this.#open = { file, fd: openSync(this.#job.files[file]!.path, "r") };
    }
    return this.#open.fd;
  }
  /** claims pieces until there are none */
  scanAll(): void {
    const { control, pieces, scanned } = this.#job;
    const count = pieces.length / 3;
    for (;;) {
      const i = Atomics.add(control, CONTROL.scan, 1);
      if (i >= count) return;
      this.#guarded(() => {
        const [file, begin, end] = pieces.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number]; // as: three of them
        const bytes = end - begin;
        this.#kernel.room(bytes, 0);
        // the two bytes before, if they are the file's
        const before = Math.min(2, begin);
        const text = new Uint8Array(this.#kernel.memory.buffer, this.#kernel.text(0).byteOffset - 2, bytes + 2);
        text.fill(0, 0, 2);
        fill(this.#fd(file), begin - before, text.subarray(2 - before));
        const s = this.#kernel.scan(bytes);
        scanned.set([s.quotes, ...s.lines, ...s.first, s.flags], SCANNED * i);
      });
      done(control, CONTROL.scanned, count);
    }
  }
  parseAll(placed: readonly Placed[], put: Put, tell: Tell): void {
    const { control } = this.#job;
    const count = placed.length;
    for (;;) {
      const i = Atomics.add(control, CONTROL.parse, 1);
      if (i >= count) return;
      this.#guarded(() => {
        if (Atomics.load(control, CONTROL.surprise) !== 0) return;
        const firsts = this.#parse(placed[i]!, put);
        if (!firsts) Atomics.store(control, CONTROL.surprise, 1);
        else if (firsts.length) tell({ piece: i, fresh: this.#numbers.map(n => n.fresh()), firsts });
      });
      done(control, CONTROL.parsed, count);
    }
  }
  /** what fails here is read, and told, by another reader */
  #guarded(f: () => void): void {
    try {
      f();
    } catch {
      Atomics.store(this.#job.control, CONTROL.surprise, 1);
    }
  }
  /** the thread's numbers of the texts that come up, by column of texts; undefined: something is not plain */
  #parse({ file, begin, end, row, rows, ascii }: Placed, put: Put): readonly Int32Array[] | undefined {
    const { files, bytes, delimiter, texts } = this.#job;
    const { fields, crlf, end: last } = files[file]!;
    const newline = crlf ? [13, 10] : [10];
    const own = end - begin;
    // the last record of a file has no end of its own
    const length = own + (end === last ? newline.length : 0);
    const words = fields.map(f => f.kind === "text");
    const sizes = [
      ...bytes.map(b => rows * b),
      // of each column of texts the numbers, where they are not its values, and a dictionary
      ...fields.flatMap((f, i) => (words[i] ? [f.store ? 4 * rows : 0, dictionaryBytes(rows)] : [0, 0])),
    ].map(size => Math.ceil(size / 64) * 64);
    const first = this.#kernel.room(
      length,
      sizes.reduce((a, b) => a + b, 0),
    );
    let top = first;
    const at = sizes.map(size => {
      top += size;
      return top - size;
    });
    const text = this.#kernel.text(length);
    fill(this.#fd(file), begin, text.subarray(0, own));
    text.set(newline.slice(0, length - own), own);
    if (!ascii && !isUtf8(text)) return undefined;
    this.#fields = fields;
    this.#places = fields.map((f, i) => ({
      kind: f.kind,
      values: (f.kind === "text" && f.store ? at[bytes.length + 2 * i] : at[f.values]) ?? 0,
      there: at[f.there] ?? 0,
      dictionary: words[i] ? at[bytes.length + 2 * i + 1]! : 0,
    }));
    const { memory } = this.#kernel;
    for (const { dictionary } of this.#places) if (dictionary) clear(memory, dictionary, rows);
    if (!this.#kernel.parse(length, rows, this.#places, delimiter, crlf)) return undefined;
    const firsts: Int32Array[] = texts.map(() => new Int32Array(0));
    for (const [i, f] of fields.entries()) {
      if (f.kind !== "text") continue;
      const found = textsOf(memory, this.#places[i]!.dictionary, ascii);
      const numbers = found && this.#worded(f, found, this.#places[i]!, at[f.values]!, rows);
      if (!numbers) return undefined;
      if (!f.store) firsts[texts.indexOf(f.values)] = numbers;
    }
    bytes.forEach((b, column) => {
      put(column, row * b, new Uint8Array(memory.buffer, at[column], rows * b));
    });
    return firsts;
  }
  /** numbers of a dictionary become the thread's own, or values: gives its numbers as they come up. undefined: a text is no value */
  #worded(
    f: FieldWanted,
    found: readonly string[],
    { values, there }: Field,
    to: number,
    rows: number,
  ): Int32Array | undefined {
    const { missing, texts } = this.#job;
    const { buffer } = this.#kernel.memory;
    const places = new Int32Array(buffer, values, rows);
    const none = found.map(x => missing.includes(x));
    if (none.includes(true)) {
      if (there === 0) return undefined;
      const present = new Int32Array(buffer, there, rows);
      for (let i = 0; i < rows; i++) if (none[places[i]!]) present[i] = 0;
    }
    if (!f.store) {
      const own = this.#numbers[texts.indexOf(f.values)]!;
      const numbers = Int32Array.from(found, (x, i) => own.of(none[i] ? "" : x));
      for (let i = 0; i < rows; i++) places[i] = numbers[places[i]!]!;
      return numbers;
    }
    const { store } = f;
    const all = found.map((x, i) => (none[i] ? zeroOf(store) : this.#value(store, x)));
    if (all.includes(undefined)) return undefined;
    const view = new DataView(buffer);
    for (let i = 0; i < rows; i++) WRITE[store](view, to + i * WIDTH[store], all[places[i]!] as never); // as: fieldValue gives a bigint for i64 and time
    return new Int32Array(0);
  }
  #value(store: Store, text: string): number | bigint | undefined {
    let known = this.#values.get(store);
    if (!known || known.size > MOST_VALUES) this.#values.set(store, (known = new Map()));
    const own = known.get(text) ?? fieldValue(store, text);
    if (own !== undefined) known.set(text, own);
    return own;
  }
  #odd(at: number, column: number, row: number): number {
    const { delimiter, missing } = this.#job;
    const { memory } = this.#kernel;
    const all = new Uint8Array(memory.buffer);
    let end = at;
    for (let c = all[end]!; c !== delimiter && c !== 10 && c !== 13; c = all[++end]!)
      if (c === 34 || c >= 128) return 0;
    const field = String.fromCharCode(...all.subarray(at, end));
    const { values, there } = this.#places[column]!;
    const store = this.#fields[column]!.store!;
    const isMissing = missing.includes(field);
    if (isMissing && there === 0) return 0;
    const value = isMissing ? zeroOf(store) : fieldValue(store, field);
    if (value === undefined) return 0;
    const view = new DataView(memory.buffer);
    WRITE[store](view, values + row * WIDTH[store], value as never); // as: fieldValue gives a bigint for i64 and time
    if (there !== 0) view.setInt32(there + 4 * row, isMissing ? 0 : 1, true);
    return end;
  }
}
const MOST_VALUES = 1 << 16;
function done(control: Int32Array<SharedArrayBuffer>, at: number, all: number): void {
  if (Atomics.add(control, at, 1) + 1 === all) Atomics.notify(control, at);
}
const zeroOf = (store: Store): number | bigint => (store === "i64" || store === "time" ? 0n : 0);
export const WIDTH: { readonly [S in Store]: number } = {
  f64: 8,
  f32: 4,
  i32: 4,
  i64: 8,
  u8: 1,
  i8: 1,
  u16: 2,
  u32: 4,
  bool: 4,
  time: 8,
};
type Write<T> = (view: DataView, at: number, value: T) => void;
const WRITE: { readonly [S in Store]: Write<S extends "i64" | "time" ? bigint : number> } = {
  f64: (v, at, x) => v.setFloat64(at, x, true),
  f32: (v, at, x) => v.setFloat32(at, x, true),
  i32: (v, at, x) => v.setInt32(at, x, true),
  i64: (v, at, x) => v.setBigInt64(at, x, true),
  u8: (v, at, x) => v.setUint8(at, x),
  i8: (v, at, x) => v.setInt8(at, x),
  u16: (v, at, x) => v.setUint16(at, x, true),
  u32: (v, at, x) => v.setUint32(at, x, true),
  bool: (v, at, x) => v.setInt32(at, x, true),
  time: (v, at, x) => v.setBigInt64(at, x, true),
};

/** the rows of each piece from what is known of all; undefined: a file that this reader leaves to another */
export function placeAll(job: Job): readonly Placed[] | undefined {
  const { files, pieces, scanned } = job;
  const count = pieces.length / 3;
  const file = (i: number): number | undefined => pieces[3 * i];
  const [quotes, lines, first, flags] = [0, 1, 3, 5].map(
    k =>
      (i: number, more = 0) =>
        scanned[SCANNED * i + k + more]!,
  );
  // where the first record that begins in a piece begins, or -1; how many do
  const begins: number[] = [];
  const rows: number[] = [];
  let within = 0;
  for (let i = 0; i < count; i++) {
    if ((flags!(i) & (FLAGS.emptyLine | FLAGS.loneReturn)) !== 0) return undefined;
    const isFirst = file(i) !== file(i - 1);
    if (isFirst && within) return undefined;
    const [begin, offset] = [pieces[3 * i + 1]!, first!(i, within)];
    begins.push(isFirst ? begin : offset < 0 ? -1 : begin + offset);
    rows.push(lines!(i, within) + Number(isFirst));
    within ^= quotes!(i);
  }
  if (within) return undefined; // a quote is left open
  const out: Placed[] = [];
  let row = 0;
  for (let i = 0; i < count; i++) {
    if (begins[i]! < 0) continue;
    let next = i + 1;
    while (file(next) === file(i) && begins[next]! < 0) next++;
    const end = file(next) === file(i) ? begins[next]! : files[file(i)!]!.end;
    let ascii = true;
    for (let k = i; k <= next && file(k) === file(i); k++) ascii &&= (flags!(k) & FLAGS.notAscii) === 0;
    out.push({ file: file(i)!, begin: begins[i]!, end, row, rows: rows[i]!, ascii });
    row += rows[i]!;
  }
  return out;
}
