/** LZ4 frames, unpacked: the format that Arrow's compressed buffers have. Knows no Arrow. Checksums are left to whoever wrote the file. */

const MAGIC = 0x184d2204;
/** bits of the frame's flags */
const [BLOCK_CHECKSUM, SIZE, DICTIONARY] = [0x10, 0x08, 0x01];

/** bytes that grow as they are needed */
interface Output {
  bytes: Uint8Array;
  length: number;
}
function reserve(o: Output, more: number): void {
  if (o.length + more <= o.bytes.length) return;
  const bytes = new Uint8Array(Math.max(2 * o.bytes.length, o.length + more));
  bytes.set(o.bytes.subarray(0, o.length));
  o.bytes = bytes;
}

/** throws Error where the bytes are no such frame, or end early */
export function unpackLz4(from: Uint8Array): Uint8Array {
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  if (from.length < 7 || view.getUint32(0, true) !== MAGIC) throw new Error("a frame of LZ4 that is none");
  const flags = from[4]!;
  if (flags >> 6 !== 1) throw new Error("a frame of an LZ4 that is not known");
  let at = 6;
  let size = 4 * from.length;
  if (flags & SIZE) {
    size = Number(view.getBigUint64(at, true));
    at += 8;
  }
  if (flags & DICTIONARY) throw new Error("a frame of LZ4 that needs a dictionary");
  at++; // the header's checksum
  const out: Output = { bytes: new Uint8Array(Math.min(size, 255 * from.length)), length: 0 };
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return out.bytes.subarray(0, out.length);
    const length = word & 0x7fffffff;
    if (at + length > from.length) throw new Error("a frame of LZ4 that ends early");
    const block = from.subarray(at, at + length);
    if (word >>> 31) {
      reserve(out, length);
      out.bytes.set(block, out.length);
      out.length += length;
    } else unpackBlock(block, out);
    at += length + (flags & BLOCK_CHECKSUM ? 4 : 0);
  }
}
/** sequences of literal bytes and of bytes that were there before */
function unpackBlock(block: Uint8Array, out: Output): void {
  let at = 0;
  /** 15 in the token: more follows, as long as a byte is 255 */
  const lengthOf = (nibble: number): number => {
    let n = nibble;
    if (nibble < 15) return n;
    for (let more = 255; more === 255; n += more) {
      if (at >= block.length) throw new Error("a block of LZ4 that ends early");
      more = block[at++]!;
    }
    return n;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = lengthOf(token >> 4);
    if (at + literals > block.length) throw new Error("a block of LZ4 that ends early");
    reserve(out, literals);
    out.bytes.set(block.subarray(at, at + literals), out.length);
    out.length += literals;
    at += literals;
    // the last sequence has literals only
    if (at === block.length) return;
    if (at + 2 > block.length) throw new Error("a block of LZ4 that ends early");
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    if (distance === 0 || distance > out.length) throw new Error("a block of LZ4 that repeats what is not there");
    const repeated = lengthOf(token & 15) + 4;
    reserve(out, repeated);
    const { bytes, length } = out;
    // byte by byte: what is repeated may reach into itself
    for (let i = 0; i < repeated; i++) bytes[length + i] = bytes[length - distance + i]!;
    out.length += repeated;
  }
}
