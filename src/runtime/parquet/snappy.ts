/** Snappy's raw format, in which most parquet files hold their pages. Source: google/snappy format_description.txt. Knows no parquet. */

/** puts what `from` holds into `to`, which must be as long as it is; throws where it is none */
export function unpackSnappy(from: Uint8Array, to: Uint8Array): void {
  const wrong = (): never => {
    throw new Error("damaged: snappy");
  };
  let at = 0;
  let length = 0;
  for (let scale = 1; ; scale *= 128) {
    const b = from[at++] ?? wrong();
    length += (b & 127) * scale;
    if (b < 128) break;
  }
  if (length !== to.length) wrong();
  let done = 0;
  while (at < from.length) {
    const tag = from[at++]!;
    if ((tag & 3) === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const bytes = size - 59;
        size = 0;
        for (let i = 0; i < bytes; i++) size += from[at++]! * 256 ** i;
      }
      size++;
      if (!(at + size <= from.length && done + size <= length)) wrong();
      if (size > 32) to.set(from.subarray(at, at + size), done);
      else for (let i = 0; i < size; i++) to[done + i] = from[at + i]!;
      at += size;
      done += size;
      continue;
    }
    let size = (tag >> 2) + 1;
    let back = 0;
    if ((tag & 3) === 1) {
      size = ((tag >> 2) & 7) + 4;
      back = ((tag >> 5) << 8) | from[at]!;
      at += 1;
    } else {
      const wide = (tag & 3) === 3;
      back = from[at]! | (from[at + 1]! << 8);
      if (wide) back += from[at + 2]! * 65536 + from[at + 3]! * 16777216;
      at += wide ? 4 : 2;
    }
    if (at > from.length || back === 0 || back > done || done + size > length) wrong();
    // they may overlap: byte by byte
    for (let i = 0; i < size; i++) to[done + i] = to[done + i - back]!;
    done += size;
  }
  if (done !== length) wrong();
}
