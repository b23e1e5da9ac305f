/** The registry of file formats: the only list of them. */
import { HostError } from "../../ir/host.ts";
import { arrow } from "./arrow.ts";
import { binary } from "./binary.ts";
import { bytes } from "./bytes.ts";
import { csv } from "./csv.ts";
import { engine } from "./engine.ts";
import type { Format } from "./format.ts";
import { idx } from "./idx.ts";
import { images } from "./images.ts";
import { json } from "./json.ts";
import { libsvm } from "./libsvm.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";
import { parquet } from "./parquet.ts";
import { safetensors } from "./safetensors.ts";
import { text } from "./text.ts";
import { txt } from "./txt.ts";

export const FORMATS: readonly Format[] = [
  idx,
  binary,
  bytes,
  npy,
  npz,
  safetensors,
  csv,
  json,
  parquet,
  arrow,
  libsvm,
  text,
  images,
  txt,
  engine(name => formatOf(name)),
];

export function formatOf(name: string): Format {
  const f = FORMATS.find(f => f.name === name);
  if (!f)
    throw new HostError(`this hsc cannot read or write ${name} files; it knows ${FORMATS.map(f => f.name).join(", ")}`);
  return f;
}
