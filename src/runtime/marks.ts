/** When the parts of a start were done, in milliseconds since the process began: user timing marks, told by --time. Knows no part. */
const seen = new Set<string>();
let say: ((line: string) => void) | undefined;

/** each mark from now on as a line, when it is made */
export const tellMarks = (to: (line: string) => void): void => {
  say = to;
};
/** only the first time that something is done is marked */
export function mark(what: string): void {
  if (seen.has(what)) return;
  seen.add(what);
  const { startTime } = performance.mark(`hsc: ${what}`);
  say?.(`${what}: ${startTime.toFixed(1)} ms after the start`);
}
