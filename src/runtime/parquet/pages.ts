/**
 * The values of a column in a group of rows, from its pages: plain, or places in a dictionary. Source: apache/parquet-format Encodings.md. Whatever is
 * else, as a value that is missing, is thrown: the engine reads it then. Knows no file.
 */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Codec } from "./footer.ts";
import { unpackSnappy } from "./snappy.ts";
import { numberOf, structAt, structOf } from "./thrift.ts";

const [DATA, WORDS, DATA_2] = [0, 2, 3];
const [PLAIN, PLAIN_WORDS, RLE, RLE_WORDS] = [0, 2, 3, 8];
/** bytes behind a page that may be read with its last */
const BEHIND = 8;

/** `of` as it was before the codec, zeros behind it */
function unpacked(codec: Codec, of: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size + BEHIND);
  const own = out.subarray(0, size);
  if (codec === "snappy") unpackSnappy(of, own);
  else {
    const bytes =
      codec === "none" ? of : (codec === "gzip" ? gunzipSync : zstdDecompressSync)(of, { maxOutputLength: size });
    if (bytes.length !== size) throw new Error("a page of another size");
    own.set(bytes);
  }
  return out;
}
/** `bytes`: all pages of the column; fills `out`, values of `width` bytes, all of it */
export function decode(
  bytes: Uint8Array,
  codec: Codec,
  optional: boolean,
  width: number,
  out: Uint8Array<ArrayBuffer>,
): void {
  const all = out.length / width;
  let words: Int32Array | undefined;
  let done = 0;
  for (let at = 0; done < all; ) {
    const { value: head, end } = structAt(bytes, at);
    const [type, size, length] = [numberOf(head, 1), numberOf(head, 2) ?? -1, numberOf(head, 3) ?? -1];
    if (size < 0 || length < 0 || end + length > bytes.length) throw new Error("a page without an end");
    const page = bytes.subarray(end, end + length);
    at = end + length;
    if (type === WORDS) {
      const count = numberOf(structOf(head, 7)!, 1) ?? -1;
      if (words || count * width !== size) throw new Error("a dictionary of other values");
      words = new Int32Array(unpacked(codec, page, size).slice(0, size).buffer);
      continue;
    }
    if (type !== DATA && type !== DATA_2) continue; // of an index
    const own = structOf(head, type === DATA ? 5 : 8)!;
    const count = numberOf(own, 1) ?? -1;
    if (count < 0 || done + count > all) throw new Error("too many values");
    let data: Uint8Array;
    let from = 0;
    if (type === DATA) {
      data = unpacked(codec, page, size);
      if (optional) {
        if (numberOf(own, 3) !== RLE) throw new Error("levels of an old kind");
        const levels = new DataView(data.buffer).getUint32(0, true);
        from = 4 + levels;
        if (from > size) throw new Error("levels without an end");
        expectAll(data.subarray(4, from), count);
      }
    } else {
      const levels = numberOf(own, 5) ?? 0;
      if (numberOf(own, 6) || levels > length || numberOf(own, 3) !== count) throw new Error("lists");
      if (optional) expectAll(page.subarray(0, levels), count);
      const isPacked = own.get(7) !== false;
      data = unpacked(isPacked ? codec : "none", page.subarray(levels), size - levels);
    }
    const end2 = data.length - BEHIND;
    const encoding = numberOf(own, type === DATA ? 2 : 4);
    if (encoding === PLAIN) {
      if (from + count * width > end2) throw new Error("too few values");
      out.set(data.subarray(from, from + count * width), done * width);
    } else if ((encoding === PLAIN_WORDS || encoding === RLE_WORDS) && words)
      look(data, from, end2, count, words, width, new Int32Array(out.buffer, 0, out.length / 4), done);
    else throw new Error("another encoding");
    done += count;
  }
}
/** runs of a value, and values of `bits` bits each, eight or more at once */
function runs(
  data: Uint8Array,
  from: number,
  end: number,
  count: number,
  bits: number,
  run: (value: number, begin: number, count: number) => void,
  packed: (at: number, begin: number, count: number) => void,
): void {
  let at = from;
  for (let done = 0; done < count; ) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new Error("runs without an end");
      const b = data[at++]!;
      head += (b & 127) * 2 ** shift;
      if (b < 128) break;
    }
    const isPacked = head % 2 === 1;
    const half = Math.floor(head / 2);
    const n = Math.min(count - done, isPacked ? 8 * half : half);
    // the last ones need not be there as a whole
    const bytes = isPacked ? Math.ceil((n * bits) / 8) : Math.ceil(bits / 8);
    if (n === 0 || at + bytes > end) throw new Error("runs without an end");
    if (isPacked) packed(at, done, n);
    else {
      let value = 0;
      for (let i = 0; i < bytes; i++) value += data[at + i]! * 256 ** i;
      run(value, done, n);
    }
    at += isPacked ? half * bits : bytes;
    done += n;
  }
}
/** each of `count` rows has a value */
function expectAll(levels: Uint8Array, count: number): void {
  const missing = (): never => {
    throw new Error("a value is missing");
  };
  runs(
    levels,
    0,
    levels.length,
    count,
    1,
    value => {
      if (value !== 1) missing();
    },
    (at, _, n) => {
      for (let i = 0; i < n; i++) if (((levels[at + (i >> 3)]! >> (i & 7)) & 1) === 0) missing();
    },
  );
}
/** values of 4 bytes; four at once, as their places do not hang on one another. A place beyond the dictionary gives 0, and is seen by its sign */
function four(
  view: DataView,
  at: number,
  n: number,
  bits: number,
  words: Int32Array,
  out: Int32Array,
  to: number,
): number {
  const mask = 2 ** bits - 1;
  const last = words.length - 1;
  let beyond = 0;
  let i = 0;
  let bit = 8 * at;
  const place = (b: number): number => (view.getUint32(b >>> 3, true) >>> (b & 7)) & mask;
  for (; i + 4 <= n; i += 4) {
    const a = place(bit);
    const b = place(bit + bits);
    const c = place(bit + 2 * bits);
    const d = place(bit + 3 * bits);
    out[to + i] = words[a]!;
    out[to + i + 1] = words[b]!;
    out[to + i + 2] = words[c]!;
    out[to + i + 3] = words[d]!;
    beyond |= (last - a) | (last - b) | (last - c) | (last - d);
    bit += 4 * bits;
  }
  for (; i < n; i++, bit += bits) {
    const a = place(bit);
    out[to + i] = words[a]!;
    beyond |= last - a;
  }
  return beyond;
}
/** values by their places in `words`; both in words of 4 bytes */
function look(
  data: Uint8Array,
  from: number,
  end: number,
  count: number,
  words: Int32Array,
  width: number,
  out: Int32Array,
  first: number,
): void {
  const bits = data[from]!;
  if (from >= end || bits > 24) throw new Error("places of many bits");
  const each = width / 4;
  const most = words.length / each;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const mask = 2 ** bits - 1;
  let highest = 0;
  const run = (place: number, begin: number, n: number): void => {
    highest = Math.max(highest, place);
    for (let w = 0; w < each; w++)
      for (let i = 0; i < n; i++) out[each * (first + begin + i) + w] = words[each * place + w]!;
  };
  const packed = (at: number, begin: number, n: number): void => {
    const to = first + begin;
    if (each === 1) {
      if (four(view, at, n, bits, words, out, to) < 0) highest = most;
    } else
      for (let i = 0, bit = 8 * at; i < n; i++, bit += bits) {
        const place = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
        if (place > highest) highest = place;
        out[2 * (to + i)] = words[2 * place]!;
        out[2 * (to + i) + 1] = words[2 * place + 1]!;
      }
  };
  runs(data, from + 1, end, count, bits, run, packed);
  if (highest >= most) throw new Error("a place beyond the dictionary");
}
