/**
 * The prelude as it lies beside the code: in src its texts, in the packed form the trees of them, too, for to parse it takes longer than most
 * programs. Knows nothing of the language.
 */
import { readdirSync, readFileSync } from "node:fs";

/** in the packed form: a `Prelude` */
export const PRELUDE = "prelude.json";
export interface Prelude {
  /** by the name that messages show */
  readonly texts: Readonly<Record<string, string>>;
  /** of these texts, as the parser beside them makes them */
  readonly trees?: unknown;
}
const own = import.meta.url;

export const prelude = (): Prelude =>
  own.endsWith(".ts")
    ? { texts: preludeTexts() }
    : (JSON.parse(readFileSync(new URL(`./${PRELUDE}`, own), "utf8")) as Prelude); // as: bin/pack.ts wrote it
/** of the sources */
export function preludeTexts(): Prelude["texts"] {
  const folder = new URL("../frontend/prelude/", own);
  const names = readdirSync(folder)
    .filter(n => n.endsWith(".hs"))
    .sort();
  return Object.fromEntries(names.map(n => [`prelude/${n}`, readFileSync(new URL(n, folder), "utf8")]));
}
