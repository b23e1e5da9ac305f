/** A kernel.wat of one's own: its memory as the text of the kernel describes it, with its tables filled. Knows no file. */
import { KERNEL } from "./kernel.ts";

/** as the kernel numbers them; `text`: its number in a dictionary */
export const KINDS = ["skip", "f64", "f32", "i32", "i64", "u8", "i8", "u16", "u32", "text"] as const;
export type Kind = (typeof KINDS)[number];
export const FLAGS = { emptyLine: 1, loneReturn: 2, notAscii: 4 } as const;

const [SHUFFLE, TEN, FIVE, COLUMNS, TEXT] = [1024, 8192, 16384, 32768, 65536];
export const MOST_COLUMNS = (TEXT - COLUMNS) / 16;
/** zeros that `scan` may read behind its text, and the quote and zeros that `parse` needs there */
const BEHIND = 64;
const PAGE = 65536;

/** of a field in the text: its address, column and row of the piece; gives the address of its end, or 0 */
export type Odd = (at: number, column: number, row: number) => number;
export interface Field {
  readonly kind: Kind;
  /** addresses */
  readonly values: number;
  readonly there: number;
  /** of texts */
  readonly dictionary: number;
}
export interface Scanned {
  /** quotes, odd in number or not */
  readonly quotes: number;
  /** by the quotes before them, odd in number or not: line feeds, and the offset behind the first of them, or -1 */
  readonly lines: readonly [number, number];
  readonly first: readonly [number, number];
  readonly flags: number;
}
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  /** room for a text of that many bytes, and for columns behind it: gives the address of the first of these */
  readonly room: (text: number, columns: number) => number;
  /** where a text lies, with two bytes before it */
  readonly text: (bytes: number) => Uint8Array;
  readonly scan: (bytes: number) => Scanned;
  /** gives whether all `rows` records were read, and nothing is left */
  readonly parse: (bytes: number, rows: number, fields: readonly Field[], delimiter: number, crlf: boolean) => boolean;
}
const TEXT_AT: number = TEXT + 16;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly scan: (p: number, end: number) => void;
  readonly parse: (p: number, rows: number, columns: number, delimiter: number, crlf: number) => number;
}
export function makeKernel(odd: Odd): Kernel {
  const module = new WebAssembly.Module(Buffer.from(KERNEL, "base64"));
  const exports = new WebAssembly.Instance(module, { csv: { odd } }).exports as unknown as Exports; // as: kernel.wat exports these
  const { memory } = exports;
  fillTables(memory);
  const text = (bytes: number): Uint8Array => new Uint8Array(memory.buffer, TEXT_AT, bytes);
  const behind = (bytes: number, first: number): void => {
    const b = new Uint8Array(memory.buffer, TEXT_AT + bytes, BEHIND);
    b.fill(0);
    b[0] = first;
  };
  return {
    memory,
    room: (bytes, columns) => {
      const at = Math.ceil((TEXT_AT + bytes + BEHIND) / 64) * 64;
      const missing = Math.ceil((at + columns - memory.buffer.byteLength) / PAGE);
      if (missing > 0) memory.grow(missing);
      return at;
    },
    text,
    scan: bytes => {
      behind(bytes, 0);
      exports.scan(TEXT_AT, TEXT_AT + bytes);
      const [quotes, even, odd, firstEven, firstOdd, flags] = new Int32Array(memory.buffer, 0, 6);
      const offset = (at: number): number => (at === 0 ? -1 : at - TEXT_AT);
      return {
        quotes: quotes!,
        lines: [even!, odd!],
        first: [offset(firstEven!), offset(firstOdd!)],
        flags: flags!,
      };
    },
    parse: (bytes, rows, fields, delimiter, crlf) => {
      behind(bytes, 34);
      const about = new Int32Array(memory.buffer, COLUMNS, 4 * fields.length);
      fields.forEach((f, i) => {
        about.set([KINDS.indexOf(f.kind), f.values, f.there, f.dictionary], 4 * i);
      });
      return exports.parse(TEXT_AT, rows, fields.length, delimiter, Number(crlf)) === TEXT_AT + bytes;
    },
  };
}

function fillTables(memory: WebAssembly.Memory): void {
  // per length of a number and place of its point: which byte becomes which of 16 digits; 128 gives 0
  const shuffle = new Uint8Array(memory.buffer, SHUFFLE, 17 * 17 * 16);
  for (let length = 0; length <= 16; length++)
    for (let point = 0; point <= length; point++) {
      const digits = length - (point < length ? 1 : 0);
      for (let lane = 0; lane < 16; lane++) {
        const digit = lane - (16 - digits);
        shuffle[(length * 17 + point) * 16 + lane] = digit < 0 ? 128 : digit < point ? digit : digit + 1;
      }
    }
  new Float64Array(memory.buffer, TEN, 23).set(Array.from({ length: 23 }, (_, i) => Number(`1e${i}`)));
  new BigUint64Array(memory.buffer, FIVE, 2 * 651).set(powersOfFive());
}
/** 5^-342 .. 5^308, the first 128 bits of each, upper word first; below 1 rounded up (Lemire 2021, section 5) */
function powersOfFive(): readonly bigint[] {
  const out: bigint[] = [];
  const push = (x: bigint): void => void out.push(x >> 64n, x & 0xffffffffffffffffn);
  const bits = (x: bigint): number =>
    x.toString(16).length * 4 - (Math.clz32(Number.parseInt(x.toString(16)[0]!, 16)) - 28);
  for (let power = -342; power < 0; power++) {
    const five = 5n ** BigInt(-power);
    const z = bits(five - 1n);
    const b = power >= -27 ? z + 127 : 2 * z + 128;
    const c = (1n << BigInt(b)) / five + 1n;
    push(c >> BigInt(bits(c) - 128));
  }
  for (let power = 0; power <= 308; power++) {
    const five = 5n ** BigInt(power);
    const more = 128 - bits(five);
    push(more >= 0 ? five << BigInt(more) : five >> BigInt(-more));
  }
  return out;
}
