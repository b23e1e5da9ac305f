/** Pictures: a row per file, all brought to one size; the label is the name of the folder that a file is in. */
import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, relative } from "node:path";
import { HostError } from "../../ir/host.ts";
import type { Column } from "../../ir/type.ts";
import { head, withInput } from "../files.ts";
import { readImages } from "../images/read.ts";
import type { Format, Options } from "./format.ts";

function sidesOf(options: Options): readonly [height: number, width: number] {
  const sides = options["size"];
  if (!Array.isArray(sides) || sides.length !== 2) throw new Error("internal: pictures without a size");
  return [Number(sides[0]), Number(sides[1])];
}
function columnsOf(options: Options): Record<string, Column> {
  const [height, width] = sidesOf(options);
  const text: Column = { store: "string", shape: [], nullable: false };
  return { image: { store: "u8", shape: [3, height, width], nullable: false }, label: text, path: text };
}
export const images: Format = {
  name: "images",
  doc: "jpeg and png files: planes of red, green and blue, resized as Pillow's BILINEAR does",
  extensions: [".jpg", ".jpeg", ".png"],
  schema: (files, options) => {
    // that it is there, and can be read
    for (const path of files) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
        throw new HostError(
          `${path} is a folder, not a picture: "${dirname(path)}/*/*" are the files of all folders there`,
        );
      withInput(path, f => head(f, 1));
    }
    return { columns: columnsOf(options), rows: files.length };
  },
  rows: (files, options, allocate, strings) => {
    const [height, width] = sidesOf(options);
    const only = options["only"] as readonly string[] | undefined;
    const wants = (name: string): boolean => only?.includes(name) ?? true;
    const rows = files.length;
    // paths as the program has them
    const folder = options["folder"] === undefined ? undefined : String(options["folder"]);
    const texts = {
      label: files.map(f => basename(dirname(f))),
      path: files.map(f => (folder === undefined ? f : relative(folder, f))),
    };
    for (const [name, all] of Object.entries(texts))
      if (wants(name)) {
        const room = allocate(name, 4 * rows);
        new Int32Array(room.buffer, room.byteOffset, rows).set(all.map(strings.number));
      }
    if (wants("image")) {
      const bytes = rows * 3 * height * width;
      const room = allocate("image", bytes);
      const { buffer, byteOffset } = room;
      const threads = Number(options["threads"] ?? availableParallelism());
      const shared = buffer instanceof SharedArrayBuffer ? buffer : new SharedArrayBuffer(bytes);
      const out = new Uint8Array(shared, shared === buffer ? byteOffset : 0, bytes);
      readImages(files, height, width, out, threads);
      if (shared !== buffer) room.set(out);
    }
    return { rows, columns: columnsOf(options) };
  },
};
