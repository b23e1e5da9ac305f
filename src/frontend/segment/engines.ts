/** The tables of a program that engines make, as `hsc explain --level sql` shows them. Knows no SQL but how it writes a comment. */
import type { Rel } from "../../ir/rel.ts";
import {
  type CoreProgram,
  type Expr,
  fnsOfTrain,
  inputsOf,
  leaves,
  type Net,
  type Output,
  type Source,
} from "../core.ts";

type Engine = Source & { readonly query: Rel };

/** in the order of the program's text */
function enginesOf(program: CoreProgram): readonly Engine[] {
  const found: Engine[] = [];
  const seen = new Set<Expr | Net>();
  const stack: (Expr | Net)[] = [...program.nets];
  const output = (o: Output): void => {
    if (o.k === "tensor" || o.k === "utf8") stack.push(o.of);
    else if (o.k === "record") for (const [, x] of o.fields) output(x);
    else if (o.k === "list" || o.k === "oneOf") for (const x of o.of) output(x);
    if (o.k === "oneOf") stack.push(o.index);
  };
  for (const e of program.effects) output(e.value);
  for (const { from } of program.symbols) if (from.k !== "file") stack.push(from.k === "rows" ? from.rdd : from.of);
  while (stack.length) {
    const x = stack.pop()!;
    if (seen.has(x)) continue;
    seen.add(x);
    if (x.k === "init" || x.k === "load" || x.k === "train") {
      stack.push(...x.weights.map(w => w.init));
      if (x.k === "train") stack.push(x.rows, ...(x.carry ?? []), ...(x.clip ? [x.clip] : []));
      if (x.k === "train") for (const [, f] of fnsOfTrain(x)) stack.push(...leaves(f.body).map(([, e]) => e));
      continue;
    }
    if (x.k === "source" && x.query) found.push(x as Engine); // as: it has a query
    stack.push(...inputsOf(x));
    if (x.k === "op") for (const f of Object.values(x.fns)) stack.push(...leaves(f.body).map(([, e]) => e));
  }
  return found.sort((a, b) => a.span.start - b.span.start || a.id - b.id);
}
const named = (e: Expr): string => (e.k === "op" ? e.op : e.k === "get" ? named(e.of) : e.k);

/** each table: where it stands, what it is given, and its text by `sql` */
export function enginesText(program: CoreProgram, sql: (query: Rel) => string): string {
  const texts = enginesOf(program).map(s => {
    const given = (s.given ?? []).map(
      (g, i) => `\n-- given ${i}: ${named(g)}, ${g.span.file}:${g.span.line}:${g.span.column}`,
    );
    const at = `${s.span.file}:${s.span.line}:${s.span.column}`;
    return `-- ${at}${s.paths.length ? `, from ${s.paths.join(", ")}` : ""}${given.join("")}\n${sql(s.query)}\n`;
  });
  return texts.length ? texts.join("\n") : "-- no engine: files are read, and all else is computed in kernels\n";
}
