/** Numbers that --set gives. Knows no param. */

/** as a program writes numbers, and the names of those that are none; what `hsc run out/` takes, too */
export function numberIn(given: string, float: boolean): number | undefined {
  const named = { inf: Infinity, "-inf": -Infinity, nan: Number.NaN }[given];
  if (named !== undefined) return float ? named : undefined;
  const digits = given.replaceAll("_", "");
  const n = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits) ? Number(digits) : Number.NaN;
  return Number.isNaN(n) || (!float && !Number.isInteger(n)) ? undefined : n;
}
