/** The pixels of jpeg and png files, which are told apart by their first bytes. Knows no size but theirs. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Picture } from "./resize.ts";

type Decoder = (bytes: Uint8Array<ArrayBuffer>) => Promise<Picture>;
const module = (path: string): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve(path)));
let jpeg: Promise<Decoder> | undefined;
let png: Promise<Decoder> | undefined;
async function jpegDecoder(): Promise<Decoder> {
  const { default: decode, init } = await import("@jsquash/jpeg/decode.js");
  // what the decoder has to say of a file is said below, or by what it gives
  const quiet = { print: () => {}, printErr: () => {} };
  const start = init as (module: WebAssembly.Module, options: object) => Promise<void>; // as: its types leave out the second
  await start(module("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"), quiet);
  return async b => (await decode(b.buffer)) as Picture; // as: it gives the browser's ImageData
}
async function pngDecoder(): Promise<Decoder> {
  const { default: decode, init } = await import("@jsquash/png/decode.js");
  await init(module("@jsquash/png/codec/pkg/squoosh_png_bg.wasm"));
  return async b => (await decode(b.buffer)) as Picture; // as above
}

const begins = (b: Uint8Array, ...with_: readonly number[]): boolean => with_.every((c, i) => b[i] === c);
/** throws where the file is none, or ends early */
export async function decode(path: string): Promise<Picture> {
  const bytes = new Uint8Array(readFileSync(path)); // a buffer of its own
  if (begins(bytes, 0xff, 0xd8, 0xff)) {
    if (!isWhole(bytes)) throw new Error("the jpeg ends early");
    return (await (jpeg ??= jpegDecoder()))(bytes);
  }
  if (begins(bytes, 0x89, 0x50, 0x4e, 0x47)) return (await (png ??= pngDecoder()))(bytes);
  throw new Error(bytes.length === 0 ? "the file is empty" : "neither jpeg nor png");
}
/** the decoder paints grey what is not there: an end of image stands behind the start of the scan */
function isWhole(b: Uint8Array): boolean {
  let at = 2;
  while (at + 4 <= b.length && b[at] === 0xff && b[at + 1] !== 0xda) {
    const marker = b[at + 1]!;
    // fill bytes, and markers that stand alone
    if (marker === 0xff) at++;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + ((b[at + 2]! << 8) | b[at + 3]!);
  }
  for (; at + 1 < b.length; at++) if (b[at] === 0xff && b[at + 1] === 0xd9) return true;
  return false;
}
