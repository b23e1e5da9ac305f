/** When the parts of a start were done, in milliseconds since the process began: user timing marks, told by --time. Knows no part. */
const seen: string[] = [];

/** only the first time that something is done is marked */
export function mark(what: string): void {
  if (seen.includes(what)) return;
  seen.push(what);
  performance.mark(`hsc: ${what}`);
}
export const timeline = (): string =>
  seen
    .map(what => `${what}: ${performance.getEntriesByName(`hsc: ${what}`)[0]!.startTime.toFixed(1)} ms after the start`)
    .join("\n");
