/**
 * Reads the columns of csv files, in all threads. Whatever is not plain (a quoted number, a ragged row, a value that
 * is none) makes it read nothing, so that another reader says what is wrong or knows better. Knows no program.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { codeOf } from "../code.ts";
import { awaitCount, share } from "../crew.ts";
import type { Strings } from "../strings.ts";
import { type Target, writer } from "../targets.ts";
import { CONTROL, type FieldWanted, type Job, type Placed, placeAll, Reader, SCANNED } from "./job.ts";
import { MOST_COLUMNS } from "./kernel-memory.ts";
import { type Met, renumber } from "./numbering.ts";
import { bodyOf } from "./text.ts";

export interface Dialect {
  readonly header: boolean;
  readonly delimiter: string;
  readonly missing: readonly string[];
}
export interface CsvFile {
  readonly path: string;
  /** all of its columns, in order */
  readonly fields: readonly FieldWanted[];
}
/** bytes that one thread claims at once: text and columns stay in its cache */
const PIECE = 1 << 19;
/** with texts: each distinct one is looked at once a piece */
const PIECE_OF_TEXTS = 1 << 21;
/** pieces for each further thread: with fewer it saves less than it takes to tell it */
const PIECES = 4;

function jobOf(
  files: readonly CsvFile[],
  { header, delimiter, missing }: Dialect,
  bytes: readonly number[],
  piece: number,
): Job | undefined {
  // a number may be meant as missing, and a delimiter may be part of one
  if (!/^[,;\t|]$/.test(delimiter) || !missing.includes("") || missing.some(m => /^[-+.\d]/.test(m))) return undefined;
  if (files.some(f => /\.gz$/i.test(f.path) || f.fields.length > MOST_COLUMNS)) return undefined;
  const bodies = files.map(f => bodyOf(f.path, header, f.fields.length));
  const pieces = bodies.flatMap((b, i) =>
    b
      ? Array.from({ length: Math.ceil((b.end - b.begin) / piece) }, (_, k) => [
          i,
          b.begin + k * piece,
          Math.min(b.end, b.begin + (k + 1) * piece),
        ])
      : [],
  );
  if (!bodies.every(b => b !== undefined)) return undefined;
  return {
    files: bodies.map((b, i) => ({ ...b, fields: files[i]!.fields })),
    delimiter: delimiter.charCodeAt(0),
    missing,
    bytes,
    texts: [...new Set(files.flatMap(f => f.fields.filter(x => x.kind === "text" && !x.store).map(x => x.values)))],
    pieces: shared(pieces.flat()),
    scanned: new Int32Array(new SharedArrayBuffer(4 * SCANNED * pieces.length)),
    control: new Int32Array(new SharedArrayBuffer(4 * Object.keys(CONTROL).length)),
  };
}
const shared = (values: readonly number[]): Float64Array<SharedArrayBuffer> => {
  const out = new Float64Array(new SharedArrayBuffer(8 * values.length));
  out.set(values);
  return out;
};

/** threads that take part beside this one */
class Helpers {
  readonly #job: Job;
  readonly #ports: readonly MessagePort[];

  constructor(job: Job, threads: number) {
    this.#job = job;
    const pieces = job.pieces.length / 3;
    // what one had claimed when it failed is missed at the deadline
    this.#ports = share(Math.min(threads - 1, Math.floor(pieces / PIECES)), codeOf("runtime/csv/thread"), job);
  }
  /** undefined: there is nothing to parse */
  go(message: { readonly placed: readonly Placed[]; readonly targets: readonly Target[] } | undefined): void {
    if (message) for (const p of this.#ports) p.postMessage(message);
    Atomics.store(this.#job.control, CONTROL.placed, 1);
    Atomics.notify(this.#job.control, CONTROL.placed);
  }
  /** what each has told until now */
  told(): readonly (readonly Met[])[] {
    return this.#ports.map(p => {
      const all: Met[] = [];
      for (let m = receiveMessageOnPort(p); m; m = receiveMessageOnPort(p)) all.push(m.message as Met); // as: thread.ts sends no other
      return all;
    });
  }
  /** until the others have finished what they claimed */
  wait(what: "scanned" | "parsed", all: number): void {
    awaitCount(this.#job.control, CONTROL[what], all, "csv");
  }
}
/** the records of files without their headers; undefined: they are not plain */
export function countCsv(files: readonly CsvFile[], dialect: Dialect, threads: number): number | undefined {
  const job = jobOf(files, dialect, [], PIECE);
  if (!job) return undefined;
  const placed = scan(job, new Helpers(job, threads), new Reader(job), true);
  return placed && rowsOf(placed);
}
const rowsOf = (placed: readonly Placed[]): number => {
  const last = placed.at(-1);
  return last ? last.row + last.rows : 0;
};
function scan(job: Job, helpers: Helpers, reader: Reader, only: boolean): readonly Placed[] | undefined {
  reader.scanAll();
  helpers.wait("scanned", job.pieces.length / 3);
  const placed = Atomics.load(job.control, CONTROL.surprise) === 0 ? placeAll(job) : undefined;
  if (!only && placed) return placed;
  helpers.go(undefined);
  reader.close();
  return placed;
}
/**
 * Fills columns with `bytes` bytes a row; `place` makes room for that many rows, and is asked once. Gives the rows; undefined: the files are not plain,
 * and what was filled in is of no meaning.
 */
export function readCsv(
  files: readonly CsvFile[],
  dialect: Dialect,
  bytes: readonly number[],
  place: (rows: number) => readonly Target[],
  threads: number,
  strings: Strings,
  piece: number = files.some(f => f.fields.some(x => x.kind === "text")) ? PIECE_OF_TEXTS : PIECE,
): number | undefined {
  const job = jobOf(files, dialect, bytes, piece);
  if (!job) return undefined;
  const reader = new Reader(job);
  const helpers = new Helpers(job, threads);
  const placed = scan(job, helpers, reader, false);
  if (!placed) return undefined;
  const rows = rowsOf(placed);
  let targets: readonly Target[] | undefined;
  try {
    targets = place(rows);
  } finally {
    if (!targets) helpers.go(undefined);
  }
  const shareable = targets.every(t => t.k !== "own");
  helpers.go(shareable ? { placed, targets } : undefined);
  const { put, close } = writer(targets);
  const own: Met[] = [];
  reader.parseAll(placed, put, m => void own.push(m));
  helpers.wait("parsed", placed.length);
  reader.close();
  close();
  if (Atomics.load(job.control, CONTROL.surprise) !== 0) return undefined;
  const texts = job.texts.map(column => targets[column]!);
  if (texts.length) renumber([own, ...helpers.told()], placed, texts, strings);
  return rows;
}
