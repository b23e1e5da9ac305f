/** The texts of a piece as kernel.wat numbers them: room for them, and what they are. Knows no column. */

/** bytes of a dictionary of as many texts as a piece has rows */
export const dictionaryBytes = (rows: number): number => HEAD + 4 * slots(rows) + 16 * rows;
const HEAD = 16;
const slots = (rows: number): number => 2 ** Math.ceil(Math.log2(Math.max(8, 2 * rows)));

/** without texts */
export function clear(memory: WebAssembly.Memory, at: number, rows: number): void {
  const words = new Uint32Array(memory.buffer, at, HEAD / 4 + slots(rows));
  words.fill(0);
  words[1] = slots(rows) - 1;
}
/** in the order in which the rows have them; undefined: a zero byte is in one, which ends texts elsewhere */
export function textsOf(memory: WebAssembly.Memory, at: number, ascii: boolean): readonly string[] | undefined {
  const [count, mask] = new Uint32Array(memory.buffer, at, 2) as unknown as [number, number]; // as: two of them
  const entries = new Uint32Array(memory.buffer, at + HEAD + 4 * (mask + 1), 4 * count);
  const all = Buffer.from(memory.buffer);
  const out: string[] = [];
  for (let i = 0; i < count; i++) {
    const [from, bytes] = [entries[4 * i]!, entries[4 * i + 1]!];
    const text = all.toString(ascii ? "latin1" : "utf8", from, from + bytes);
    if (text.includes("\0")) return undefined;
    out.push(entries[4 * i + 3] ? text.replaceAll('""', '"') : text);
  }
  return out;
}
