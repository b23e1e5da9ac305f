/** A whole file as a vector of its bytes. Knows nothing of what they mean. */
import { readAll, withInput } from "../files.ts";
import type { Format } from "./format.ts";

export const bytes: Format = {
  name: "bytes",
  doc: "any file, as u8[its size]",
  extensions: [],
  schema: ([path]) => ({
    columns: { value: { store: "u8", shape: [withInput(path!, f => f.size)], nullable: false } },
  }),
  tensor: path => {
    const all = readAll(path);
    return { store: "u8", shape: [all.length], bytes: all };
  },
};
