/** The tables of a program that engines make: which are read several times, and what `hsc explain --level sql` shows. Knows no SQL but its comments. */
import type { Rel } from "../../ir/rel.ts";
import { showDim } from "../check/dims.ts";
import {
  type CoreProgram,
  type Expr,
  type Fn,
  fnsOfTrain,
  inputsOf,
  leaves,
  type Net,
  OPEN,
  type Output,
  type Source,
} from "../core.ts";
import { dimsHeld, released } from "./held.ts";
import { isRdd } from "./kinds.ts";

type Engine = Source & { readonly query: Rel };

export type Thing = Expr | Net;
function exprsOf(o: Output): readonly Expr[] {
  if (o.k === "record") return o.fields.flatMap(([, x]) => exprsOf(x));
  if (o.k === "list") return o.of.flatMap(exprsOf);
  if (o.k === "oneOf") return [o.index, ...o.of.flatMap(exprsOf)];
  if (o.k === "text" || o.k === "net") return [];
  return o.k === "tensor" && o.present ? [o.of, o.present] : [o.of];
}
function partsOf(x: Thing): readonly Thing[] {
  const inside = (f: Fn): readonly Expr[] => leaves(f.body).map(([, e]) => e);
  if (x.k === "weight" || x.k === "history") return [x.net];
  if (x.k !== "init" && x.k !== "load" && x.k !== "train")
    return x.k === "op" ? [...inputsOf(x), ...Object.values(x.fns).flatMap(inside)] : inputsOf(x);
  const inits = x.weights.map(w => w.init);
  if (x.k !== "train") return inits;
  const fns = fnsOfTrain(x).flatMap(([, f]) => [...f.captures, ...inside(f)]);
  return [...inits, ...fns, x.rows, ...(x.carry ?? []), ...(x.clip ? [x.clip] : [])];
}
/** all that a program computes, and who reads each: `undefined` stands for an effect or a symbol */
export function readersOf(program: CoreProgram): ReadonlyMap<Thing, readonly (Thing | undefined)[]> {
  const readers = new Map<Thing, (Thing | undefined)[]>();
  const stack: Thing[] = [];
  const read = (x: Thing, by: Thing | undefined): void => {
    const all = readers.get(x);
    if (all) return void all.push(by);
    readers.set(x, [by]);
    stack.push(x);
  };
  for (const n of program.nets) read(n, undefined);
  for (const e of program.effects) for (const x of exprsOf(e.value)) read(x, undefined);
  for (const { from } of program.symbols)
    if (from.k !== "file") read(from.k === "rows" ? from.rdd : from.of, undefined);
  while (stack.length) {
    const x = stack.pop()!;
    for (const part of new Set(partsOf(x))) read(part, x);
  }
  return readers;
}
const isEngine = (x: Thing): x is Engine => x.k === "source" && x.query !== undefined;
/** in the order of the program's text */
const enginesOf = (program: CoreProgram): readonly Engine[] =>
  [...readersOf(program).keys()].filter(isEngine).sort((a, b) => a.span.start - b.span.start || a.id - b.id);
/** those whose rows are read several times, as when they are counted first: stages, which are compiled one by one, would make them anew */
export function madeAgain(program: CoreProgram): readonly Source[] {
  // what a training makes in each epoch is another one each time
  const readers = readersOf(program);
  const ends = new Map<Thing, number>();
  /** how often rows are read: an rdd that is made of them hands them on */
  const count = (x: Thing): number => {
    let n = ends.get(x);
    if (n === undefined) {
      n = (readers.get(x) ?? []).reduce((sum, by) => sum + (by && "type" in by && isRdd(by) ? count(by) : 1), 0);
      ends.set(x, n);
    }
    return n;
  };
  return [...readers.keys()].filter(isEngine).filter(x => !x.anew && count(x) > 1);
}
/** those that read files which another one reads, too, in the same way */
export function sharingFiles(program: CoreProgram): readonly Source[] {
  const engines = enginesOf(program);
  const keys = engines.map(
    s => new Set(scansOf(s.query).map(({ format, paths, options }) => JSON.stringify([format, paths, options]))),
  );
  return engines.filter((_, i) => keys.some((other, k) => k !== i && [...keys[i]!].some(key => other.has(key))));
}
type Scan = Extract<Rel, { k: "scan" }>;
export function scansOf(r: Rel): readonly Scan[] {
  switch (r.k) {
    case "scan":
      return [r];
    case "given":
      return [];
    case "join":
      return [...scansOf(r.left), ...scansOf(r.right)];
    case "union":
      return [...scansOf(r.a), ...scansOf(r.b)];
    default:
      return scansOf(r.of);
  }
}
/** whether what it makes changes with the epoch, apart from what it is given */
export function isRenewed(r: Rel): boolean {
  switch (r.k) {
    case "scan":
    case "given":
      return false;
    case "join":
      return isRenewed(r.left) || isRenewed(r.right);
    case "union":
      return isRenewed(r.a) || isRenewed(r.b);
    default:
      return ("renewed" in r && r.renewed === true) || isRenewed(r.of);
  }
}
const named = (e: Expr): string =>
  e.k === "op"
    ? e.op
    : e.k === "get"
      ? named(e.of)
      : e.k === "source" && e.format === OPEN
        ? "a table of the trip"
        : e.k;

/** each table: where it stands, what it is given, and its text by `sql` */
export function enginesText(program: CoreProgram, sql: (query: Rel) => string): string {
  const texts = enginesOf(program).map(s => {
    const given = (s.given ?? []).map(
      (g, i) => `\n-- given ${i}: ${named(g)}, ${g.span.file}:${g.span.line}:${g.span.column}`,
    );
    const at = `${s.span.file}:${s.span.line}:${s.span.column}`;
    const open = [...new Set(dimsHeld(s.query).map(showDim))];
    const note = open.length ? `\n-- for 1 stands what data decide: ${open.join(", ")}` : "";
    const files = s.paths.length ? `, from ${s.paths.join(", ")}` : "";
    return `-- ${at}${files}${given.join("")}${note}\n${sql(released(s.query, () => 1))}\n`;
  });
  return texts.length ? texts.join("\n") : "-- no engine: files are read, and all else is computed in kernels\n";
}
