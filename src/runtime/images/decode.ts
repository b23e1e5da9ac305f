/** The pixels of jpeg and png files, which are told apart by their first bytes. Knows no size but theirs. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Picture } from "./resize.ts";
import { expectJpeg, expectPng, isJpeg, isPng } from "./whole.ts";

type Decoder = (bytes: Uint8Array<ArrayBuffer>) => Promise<Picture>;
const module = (path: string): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve(path)));
/**
 * What the jpeg decoder said first of the file that it is at, and what of that means pixels that it made up. Bytes that are too many before the end are
 * none: cameras write them
 */
let said = "";
const LOST =
  /premature end|bad Huffman code|instead of RST|Inconsistent progression|extraneous bytes before marker 0x(?!d9)/i;
let jpeg: Promise<Decoder> | undefined;
let png: Promise<Decoder> | undefined;
async function jpegDecoder(): Promise<Decoder> {
  const { default: decode, init } = await import("@jsquash/jpeg/decode.js");
  const listening = {
    print: () => {},
    printErr: (text: string) => {
      said ||= text;
    },
  };
  const start = init as (module: WebAssembly.Module, options: object) => Promise<void>; // as: its types leave out the second
  await start(module("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"), listening);
  return async b => (await decode(b.buffer)) as Picture; // as: it gives the browser's ImageData
}
async function pngDecoder(): Promise<Decoder> {
  const { default: decode, init } = await import("@jsquash/png/decode.js");
  await init(module("@jsquash/png/codec/pkg/squoosh_png_bg.wasm"));
  return async b => (await decode(b.buffer)) as Picture; // as above
}

/** throws where the file is none, or not all there */
export async function decode(path: string): Promise<Picture> {
  const bytes = new Uint8Array(readFileSync(path)); // a buffer of its own
  if (isJpeg(bytes)) {
    expectJpeg(bytes);
    const decoder = await (jpeg ??= jpegDecoder());
    said = "";
    const picture = await decoder(bytes);
    if (LOST.test(said)) throw new Error(`the jpeg is damaged: ${said.replace(/^Corrupt JPEG data: /, "")}`);
    return picture;
  }
  if (isPng(bytes)) {
    expectPng(bytes);
    return (await (png ??= pngDecoder()))(bytes);
  }
  throw new Error(bytes.length === 0 ? "the file is empty" : "neither jpeg nor png");
}
