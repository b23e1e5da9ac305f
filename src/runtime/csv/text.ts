/** A csv file before its fields are looked at: where its records begin and end, and how its lines end. Knows no column. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** records lie in [begin, end) of the file, each but the last ends with CRLF or LF */
export interface Body {
  readonly path: string;
  readonly begin: number;
  readonly end: number;
  readonly crlf: boolean;
}
/** of a header, and of empty lines at the end, that are looked for */
const MOST = 1 << 16;
const [LF, CR, QUOTE] = [10, 13, 34];

/** undefined: a file that this reader leaves to another */
export function bodyOf(path: string, header: boolean, columns: number): Body | undefined {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const head = piece(fd, 0, Math.min(size, MOST));
    const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
    if (head[mark] === LF || head[mark] === CR) return undefined;
    const first = lineEnd(head, mark);
    if (first < 0 && (header || size > MOST)) return undefined;
    const crlf = first > 0 && head[first - 1] === CR;
    const begin = header ? first + 1 : mark;
    const from = Math.max(begin, size - MOST);
    const tail = piece(fd, from, size - from);
    let kept = tail.length;
    while (kept > 0 && (tail[kept - 1] === LF || tail[kept - 1] === CR)) kept--;
    const ends = tail.subarray(kept);
    const pair = crlf ? [CR, LF] : [LF];
    const alike = ends.length % pair.length === 0 && ends.every((c, i) => c === pair[i % pair.length]);
    // an empty line is a value where there is one column
    if (!alike || kept === 0 || (columns === 1 && ends.length > pair.length)) return undefined;
    return { path, begin, end: from + kept, crlf };
  } finally {
    closeSync(fd);
  }
}
/** the first line feed outside of quotes, or -1 */
function lineEnd(b: Uint8Array, from: number): number {
  let quotes = false;
  for (let i = from; i < b.length; i++)
    if (b[i] === QUOTE) quotes = !quotes;
    else if (b[i] === LF && !quotes) return i;
  return -1;
}
function piece(fd: number, at: number, bytes: number): Uint8Array {
  const b = new Uint8Array(bytes);
  fill(fd, at, b);
  return b;
}
/** all of `into`, from the place `at` of the file; throws where the file has become shorter */
export function fill(fd: number, at: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    const got = readSync(fd, into, done, into.length - done, at + done);
    if (got === 0) throw new Error(`the file became shorter while it was read`);
    done += got;
  }
}
