/**
 * Texts of columns as numbers of the run's table of strings: each thread numbers those that it meets, and when all pieces are read the numbers become
 * those of the run, in the order in which the rows have the texts, whichever thread read them. Knows no file and no field.
 */
import { closeSync, openSync } from "node:fs";
import { writeAt } from "../files.ts";
import type { Strings } from "../strings.ts";
import type { Target } from "../targets.ts";
import type { Placed } from "./job.ts";
import { fill } from "./text.ts";

/** of one piece, by column of texts: the texts that the thread had not met before, and the thread's numbers of those in the piece, as they come up */
export interface Met {
  readonly piece: number;
  readonly fresh: readonly (readonly string[])[];
  readonly firsts: readonly Int32Array[];
}
/** a thread's own numbers of the texts of a column */
export class Numbers {
  readonly #numbers = new Map<string, number>();
  #fresh: string[] = [];

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#fresh.push(text);
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }
  /** since it was asked before */
  fresh(): readonly string[] {
    const out = this.#fresh;
    this.#fresh = [];
    return out;
  }
}

/** `met`: by thread, in the order in which it told them; `targets`: by column of texts */
export function renumber(
  met: readonly (readonly Met[])[],
  placed: readonly Placed[],
  targets: readonly Target[],
  strings: Strings,
): void {
  const columns = targets.map((_, k) =>
    met.map(told => {
      const texts = told.flatMap(m => m.fresh[k]!);
      return { texts, numbers: new Int32Array(texts.length).fill(-1) };
    }),
  );
  const of = new Map(met.flatMap((told, thread) => told.map(m => [m.piece, { m, thread }] as const)));
  const inOrder = placed.map((p, i) => ({ ...p, ...of.get(i)! }));
  targets.forEach((target, k) => {
    for (const { m, thread } of inOrder) {
      const { texts, numbers } = columns[k]![thread]!;
      for (const own of m.firsts[k]!) if (numbers[own]! < 0) numbers[own] = strings.number(texts[own]!);
    }
    const own = (thread: number): Int32Array => columns[k]![thread]!.numbers;
    if (target.k === "file") inFile(target.path, inOrder, own);
    else for (const p of inOrder) become(wordsOf(target, p.row, p.rows), own(p.thread));
  });
}
function become(values: Int32Array, numbers: Int32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = numbers[values[i]!]!;
}
function wordsOf(target: Exclude<Target, { k: "file" }>, row: number, rows: number): Int32Array {
  if (target.k === "shared") return new Int32Array(target.buffer, target.at + 4 * row, rows);
  return new Int32Array(target.view.buffer, target.view.byteOffset + 4 * row, rows);
}
function inFile(
  path: string,
  pieces: readonly (Placed & { readonly thread: number })[],
  numbers: (thread: number) => Int32Array,
): void {
  const fd = openSync(path, "r+");
  for (const { row, rows, thread } of pieces) {
    const values = new Int32Array(rows);
    const bytes = new Uint8Array(values.buffer);
    fill(fd, 4 * row, bytes);
    become(values, numbers(thread));
    writeAt(fd, path, 4 * row, bytes);
  }
  closeSync(fd);
}
