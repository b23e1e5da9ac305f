/** The texts of the prelude, which are part of the package. Knows nothing of the language. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** name that messages show -> text; beside the code in a checkout, in src/ of a package that ships dist/ */
export function preludeTexts(): Readonly<Record<string, string>> {
  const folders = ["../frontend/prelude/", "../../src/frontend/prelude/"].map(f =>
    fileURLToPath(new URL(f, import.meta.url)),
  );
  const folder = folders.find(existsSync);
  if (!folder) throw new Error(`internal: no prelude in ${folders.join(" or ")}`);
  const names = readdirSync(folder)
    .filter(n => n.endsWith(".hs"))
    .sort();
  return Object.fromEntries(names.map(n => [`prelude/${n}`, readFileSync(join(folder, n), "utf8")]));
}
