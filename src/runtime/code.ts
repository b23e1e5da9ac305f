/**
 * Where the code of a thread lies: beside the others of its folder in src, or, in the packed form, which has no folders, under its
 * path with dashes. Knows nothing of what threads do.
 */

/** paths in src/ of what is run as a thread: the packed form has a file for each */
export const THREADS = [
  "assembler-thread",
  "runtime/crew-thread",
  "runtime/csv/thread",
  "runtime/engine/duckdb-thread",
  "runtime/images/thread",
  "runtime/worker",
] as const;

export function codeOf(thread: (typeof THREADS)[number]): URL {
  const own = import.meta.url;
  return own.endsWith(".ts") ? new URL(`../${thread}.ts`, own) : new URL(`./${thread.replaceAll("/", "-")}.js`, own);
}
