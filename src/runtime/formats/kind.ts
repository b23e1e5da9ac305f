/** What a file is that is not what its name says, by its first bytes. Knows no format that is read. */

/** how many of them suffice */
export const BEGIN = 64;
const KINDS: readonly (readonly [begin: string, kind: string])[] = [
  ["PAR1", "parquet"],
  ["ARROW1", "Arrow"],
  ["FEA1", "Feather of version 1, which was before Arrow's files"],
  ["\x93NUMPY", "npy"],
  ["PK\x03\x04", "zip (or npz)"],
  ["\x1f\x8b", "gzip"],
  ["\x28\xb5\x2f\xfd", "zstd"],
  ["\x89PNG", "PNG"],
  ["\xff\xd8\xff", "JPEG"],
  ["\x89HDF", "HDF5"],
  ["ORC", "ORC"],
  ["Obj\x01", "Avro"],
];
/** no control characters but tabs and those that end lines */
const isText = (begin: Uint8Array): boolean => begin.every(c => c >= 32 || (c >= 9 && c <= 13));

/** undefined: of no kind that is known here */
export function kindOf(begin: Uint8Array): string | undefined {
  const latin = Buffer.from(begin).toString("latin1");
  const known = KINDS.find(([b]) => latin.startsWith(b));
  if (known) return known[1];
  return isText(begin) ? (/^\s*[[{]/.test(latin) ? "JSON" : "text (csv?)") : undefined;
}
