/** Text, written as it is. Knows nothing. */
import { HostError } from "../../ir/host.ts";
import type { Format } from "./format.ts";

export const txt: Format = {
  name: "txt",
  doc: "a string in UTF-8, and nothing else",
  extensions: [".txt"],
  schema: ([path]) => {
    throw new HostError(`cannot read ${path}: text files are only written yet`);
  },
  encodeText: text => [Buffer.from(text)],
};
