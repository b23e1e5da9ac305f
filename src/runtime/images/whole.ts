/**
 * Whether a jpeg or png file is all there, which decoders do not ask: they paint what is missing, read over what is damaged, and make room for as many
 * pixels as the file says. Knows no pixel.
 */
import { crc32 } from "node:zlib";

const begins = (b: Uint8Array, ...with_: readonly number[]): boolean => with_.every((c, i) => b[i] === c);
export const isJpeg = (b: Uint8Array): boolean => begins(b, 0xff, 0xd8, 0xff);
export const isPng = (b: Uint8Array): boolean => begins(b, 0x89, 0x50, 0x4e, 0x47);

/** a jpeg spends a bit at least on each block of 8 x 8 pixels */
const PIXELS_OF_BYTE = 8 * 64;
/** deflate makes no more of a byte (zlib's documentation) */
const INFLATED = 1032;
const [SCAN, END, TABLES, EXTENSION, ARITHMETIC] = [0xda, 0xd9, 0xc4, 0xc8, 0xcc];

/** throws where no end of image stands behind the start of the scan, or the file is too short for its size */
export function expectJpeg(b: Uint8Array): void {
  let at = 2;
  while (at + 4 <= b.length && b[at] === 0xff && b[at + 1] !== SCAN) {
    const marker = b[at + 1]!;
    // fill bytes, and markers that stand alone
    if (marker === 0xff) at++;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else {
      const isFrame = marker >= 0xc0 && marker <= 0xcf && ![TABLES, EXTENSION, ARITHMETIC].includes(marker);
      if (isFrame && at + 9 <= b.length) {
        const [height, width] = [5, 7].map(i => (b[at + i]! << 8) | b[at + i + 1]!) as [number, number]; // as: two of two
        if (height * width > PIXELS_OF_BYTE * b.length)
          throw new Error(`${b.length} bytes are no ${width} x ${height} pixels`);
      }
      at += 2 + ((b[at + 2]! << 8) | b[at + 3]!);
    }
  }
  for (; at + 1 < b.length; at++) if (b[at] === 0xff && b[at + 1] === END) return;
  throw new Error("the jpeg ends early");
}

const SIGNATURE = 8;
/** length and name before a chunk, its checksum behind it */
const AROUND = 12;
/** channels of a pixel, by the type of its colours (PNG specification, 11.2.1) */
const CHANNELS: { readonly [type: number]: number } = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** throws where a chunk is cut off or its checksum differs, or the file is too short for its size */
export function expectPng(b: Uint8Array): void {
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  let [pixels, packed, size] = [0, 0, ""];
  for (let at = SIGNATURE; ; ) {
    const length = at + AROUND <= b.length ? view.getUint32(at) : b.length;
    if (at + AROUND + length > b.length) throw new Error("the png ends early");
    const name = Buffer.from(b.subarray(at + 4, at + 8)).toString("latin1");
    if (crc32(b.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
      throw new Error(`the png is damaged: the checksum of ${JSON.stringify(name)} differs`);
    if (name === "IHDR" && length === 13) {
      const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      pixels = (width * height * b[at + 16]! * (CHANNELS[b[at + 17]!] ?? 1)) / 8;
      size = `${width} x ${height}`;
    }
    if (name === "IDAT") packed += length;
    if (name === "IEND") break;
    at += AROUND + length;
  }
  if (pixels > INFLATED * packed) throw new Error(`${packed} bytes are no ${size} pixels`);
}
