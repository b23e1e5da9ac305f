/** What a source is told of: the columns that its files have, and the type that the program writes for it. */
import { HostError, type Schema } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Static } from "../core.ts";
import { fail, limit } from "./context.ts";
import type { Frame } from "./value.ts";

/** said when compiling: a run would find at its end that it cannot save there */
export function onThisMachine(f: Frame, path: string, span: Span): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1];
  if (scheme) limit(f, `\`${scheme}:\` in a path`, "the path of a file on this machine", span);
}
export function schemaOf(
  f: Frame,
  format: string,
  paths: readonly string[],
  options: Readonly<Record<string, Static>>,
  /** of each path */
  spans: readonly [Span, ...Span[]],
): Schema {
  paths.forEach((path, i) => {
    onThisMachine(f, path, spans[i] ?? spans[0]);
  });
  try {
    return f.cx.host.schema(format, paths, options);
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    const span = spans[e.path ?? 0] ?? spans[0];
    return fail(f, {
      message: e.message,
      span,
      help: /: no such file|^no file /.test(e.message) ? made(f, span) : undefined,
    });
  }
}
/** the command that makes the data, where the program begins with a comment that names it: `// .. (data: npx node make.ts)` */
function made(f: Frame, { file }: Span): string | undefined {
  const [first = ""] = f.cx.texts.get(file)?.split("\n") ?? [];
  return /^\/\/.*\(data: ([^)]+)\)/.exec(first)?.[1];
}
/** what the written type of the `let` says of this source; the names in it are bound in the scope of the `let` */
export const wanted = (f: Frame, site: Ast.Expr): Ast.Type | undefined =>
  f.wanted?.site === site ? f.wanted.type : undefined;
