/** The registry of file formats: the only list of them. */
import { HostError } from "../../ir/host.ts";
import type { Format } from "./format.ts";
import { idx } from "./idx.ts";
import { npy } from "./npy.ts";
import { safetensors } from "./safetensors.ts";

export const FORMATS: readonly Format[] = [idx, npy, safetensors];

export function formatOf(name: string): Format {
  const f = FORMATS.find(f => f.name === name);
  if (!f)
    throw new HostError(`this hsc cannot read or write ${name} files; it knows ${FORMATS.map(f => f.name).join(", ")}`);
  return f;
}
