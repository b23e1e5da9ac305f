/** Tensors as --set writes them. Knows no element type, param or plan. */

/** `[[1, 2], [3, 4]]`: its sides, and its elements as text; undefined: it is none, or its rows differ */
export function listIn(
  text: string,
): { readonly shape: readonly number[]; readonly items: readonly string[] } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/[^[\],\s]+/g, token => JSON.stringify(token)));
  } catch {
    return undefined;
  }
  const shape: number[] = [];
  let level: readonly unknown[] = [parsed];
  while (level.every(x => Array.isArray(x))) {
    const rows = level as readonly (readonly unknown[])[]; // as: seen
    const [first] = rows;
    if (!first || rows.some(r => r.length !== first.length)) return undefined;
    shape.push(first.length);
    level = rows.flat();
    if (!level.length) break;
  }
  if (!shape.length || !level.every(x => typeof x === "string")) return undefined;
  return { shape, items: level as readonly string[] }; // as: seen
}
