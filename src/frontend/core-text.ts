/** Core as text, for `explain --level core` and tests: a line per node, functions indented. Knows no rule of typing. */
import { showDim } from "./check/dims.ts";
import { showTensor, showType } from "./check/types.ts";
import {
  type CoreProgram,
  type Expr,
  type Fn,
  fnsOfTrain,
  inputsOf,
  leaves,
  type Net,
  type Output,
  type Static,
  type Tree,
} from "./core.ts";

/** ends with a newline; numbers of nodes count from 1 in the order of printing */
export function coreText(program: CoreProgram): string {
  const out: string[] = [];
  for (const p of program.params)
    out.push(
      `param ${p.name}: ${p.type.k === "string" ? "string" : showTensor(p.type)} = ${JSON.stringify(p.value)}${p.fixed ? " fixed" : ""}`,
    );
  const numbers = new Map<Expr, number>();
  const nets = new Map<Net, string>();
  const cx: Printing = { out, numbers, nets, texts: program.texts };
  const seen = new Set<Expr>();
  for (const n of program.nets) net(cx, n, seen);
  for (const s of program.symbols) {
    const { from } = s;
    if (from.k === "file") out.push(`symbol ${s.id} = axis ${from.axis} of ${from.source.paths.join(" ")}`);
    else {
      const e = from.k === "rows" ? from.rdd : from.of;
      nodes(cx, [e], seen, "");
      out.push(`symbol ${s.id} = ${from.k} ${ref(cx, e)}`);
    }
  }
  for (const c of program.checks)
    out.push(`check ${showDim(c.a)} ${c.least ? ">=" : "=="} ${showDim(c.b)}: ${c.message}`);
  for (const e of program.effects) {
    nodes(cx, exprsOf(e.value), seen, "");
    const value = output(cx, e.value);
    out.push(
      e.k === "print"
        ? `print ${e.label ? `${e.label} = ` : ""}${value}`
        : `save ${value} to ${JSON.stringify(e.path)}`,
    );
  }
  return `${out.join("\n")}\n`;
}
interface Printing {
  readonly out: string[];
  readonly numbers: Map<Expr, number>;
  readonly nets: Map<Net, string>;
  readonly texts: readonly string[];
}
function number(cx: Printing, e: Expr): number {
  let n = cx.numbers.get(e);
  if (n === undefined) cx.numbers.set(e, (n = cx.numbers.size + 1));
  return n;
}
const ref = (cx: Printing, e: Expr): string =>
  e.k === "var" ? `${e.name || "it"}.${number(cx, e)}` : `%${number(cx, e)}`;

/** all nodes that the roots need and `seen` has not, arguments first; explicit stack */
function nodes(cx: Printing, roots: readonly Expr[], seen: Set<Expr>, indent: string): void {
  const stack = [...roots].reverse();
  const open = new Set<Expr>();
  while (stack.length) {
    const e = stack[stack.length - 1]!;
    if (seen.has(e) || e.k === "var") {
      stack.pop();
      continue;
    }
    if (open.has(e)) {
      stack.pop();
      seen.add(e);
      line(cx, e, seen, indent);
      continue;
    }
    open.add(e);
    for (const x of [...inputsOf(e)].reverse()) if (!seen.has(x)) stack.push(x);
  }
}
function line(cx: Printing, e: Expr, seen: Set<Expr>, indent: string): void {
  cx.out.push(`${indent}${ref(cx, e)} = ${said(cx, e)}: ${showType(e.type)}`);
  if (e.k === "op") for (const [name, f] of Object.entries(e.fns)) fn(cx, name, f, seen, `${indent}  `);
}
function said(cx: Printing, e: Expr): string {
  switch (e.k) {
    case "const":
      if (e.type.elem === "string") return `const ${JSON.stringify(cx.texts[e.value as number])}`; // as: its number
      return Array.isArray(e.value) ? `const ${shown(e.value)}` : `const ${shown(e.value as Static)}`;
    case "param":
      return `param ${e.name}`;
    case "var":
      return e.name;
    case "op": {
      const attrs = Object.entries(e.attrs).map(([n, v]) => `${n}: ${shown(v)}`);
      const at = e.place === undefined ? "" : ` at ${e.place}`;
      return `${e.op}(${[...e.args.map(a => ref(cx, a)), ...attrs].join(", ")})${at}`;
    }
    case "get":
      return `get ${e.index} of ${ref(cx, e.of)}`;
    case "check":
      return `check ${ref(cx, e.of)} in [${showDim(e.low)}, ${showDim(e.high)})`;
    case "weight":
      return `weight ${e.path} of ${cx.nets.get(e.net) ?? e.net.name}`;
    case "history":
      return `history of ${cx.nets.get(e.net) ?? e.net.name}`;
    case "source":
      return `source ${e.format} ${e.paths.map(p => JSON.stringify(p)).join(" ")}${e.tensor === undefined ? "" : ` ${e.tensor}`}`;
    default:
      return e satisfies never;
  }
}
function fn(cx: Printing, name: string, f: Fn, around: ReadonlySet<Expr>, indent: string): void {
  const params = f.params.map(p => `${ref(cx, p)}: ${showType(p.type)}`);
  const captures = f.captures.length ? ` with ${f.captures.map(c => ref(cx, c)).join(", ")}` : "";
  cx.out.push(`${indent}${name} (${params.join(", ")})${captures}${f.random ? " random" : ""}`);
  const seen = new Set([...around, ...f.captures]);
  nodes(
    cx,
    leaves(f.body).map(([, e]) => e),
    seen,
    `${indent}  `,
  );
  cx.out.push(`${indent}  => ${tree(cx, f.body)}`);
}
const tree = (cx: Printing, t: Tree<Expr>): string =>
  t.k === "leaf"
    ? ref(cx, t.of)
    : t.fields.length === 0
      ? "{ }"
      : `{ ${t.fields.map(([n, v]) => `${n}: ${tree(cx, v)}`).join(", ")} }`;
function shown(s: Static): string {
  if (s === null) return "none";
  if (typeof s !== "object") return JSON.stringify(s) === "null" ? String(s) : JSON.stringify(s);
  if (!("k" in s)) return `[${(s as readonly Static[]).map(shown).join(", ")}]`;
  return s.k === "poly" ? showDim(s) : `{ ${s.fields.map(([n, v]) => `${n}: ${shown(v)}`).join(", ")} }`;
}

function net(cx: Printing, n: Net, seen: Set<Expr>): void {
  const name = `${n.name}#${cx.nets.size + 1}`;
  cx.nets.set(n, name);
  nodes(
    cx,
    n.weights.map(w => w.init),
    seen,
    "",
  );
  if (n.k !== "train") {
    cx.out.push(
      n.k === "load" ? `load ${name} from ${JSON.stringify(n.path)}${n.partial ? " partial" : ""}` : `init ${name}`,
    );
    for (const w of n.weights) cx.out.push(`  ${w.path}: ${showTensor(w.type)} = ${ref(cx, w.init)}`);
    return;
  }
  const fns = fnsOfTrain(n);
  nodes(cx, [n.rows, ...(n.clip ? [n.clip] : []), ...(n.carry ?? []), ...fns.flatMap(([, f]) => f.captures)], seen, "");
  const many = n.epochs === undefined ? `steps ${showDim(n.steps ?? 0)}` : `epochs ${showDim(n.epochs)}`;
  const { strategy } = n;
  const options = Object.entries(strategy.options).map(([k, v]) => `${k}: ${shown(v)}`);
  const more = [
    n.shuffle ? " shuffle" : "",
    n.clip ? ` clip ${ref(cx, n.clip)}` : "",
    n.carry ? ` carry ${n.carry.map(c => ref(cx, c)).join(", ")}` : "",
    n.keep === "best" ? " keep best" : "",
    n.checkpoint === undefined ? "" : ` checkpoint ${JSON.stringify(n.checkpoint)}`,
  ];
  cx.out.push(
    `train ${name} over ${ref(cx, n.rows)} ${n.whole ? "whole" : `batch ${showDim(n.batch)}`} ${many}${more.join("")} ${strategy.name}(${options.join(", ")}) at ${n.place}`,
  );
  for (const w of n.weights) {
    const held = w.state ? " state" : w.optimizer || n.whole?.moved.includes(w.path) ? "" : " frozen";
    cx.out.push(`  ${w.path}: ${showTensor(w.type)} = ${ref(cx, w.init)}${held}`);
  }
  // weights of one type share their optimizer
  for (const [of, f] of fns) {
    const own = n.weights.find(w => w.optimizer?.init === f || w.optimizer?.step === f);
    fn(cx, own ? `${of} ${showTensor(own.type)}` : of, f, seen, "  ");
  }
}
function exprsOf(o: Output): readonly Expr[] {
  switch (o.k) {
    case "tensor":
    case "utf8":
      return [o.of];
    case "record":
      return o.fields.flatMap(([, x]) => exprsOf(x));
    case "list":
      return o.of.flatMap(exprsOf);
    case "oneOf":
      return [o.index, ...o.of.flatMap(exprsOf)];
    case "text":
    case "net":
      return [];
    default:
      return o satisfies never;
  }
}
function output(cx: Printing, o: Output): string {
  switch (o.k) {
    case "tensor":
      return ref(cx, o.of);
    case "utf8":
      return `utf8 ${ref(cx, o.of)}`;
    case "text":
      return JSON.stringify(o.text);
    case "record":
      return `{ ${o.fields.map(([n, x]) => `${n}: ${output(cx, x)}`).join(", ")} }`;
    case "list":
      return `[${o.of.map(x => output(cx, x)).join(", ")}]`;
    case "oneOf":
      return `[${o.of.map(x => output(cx, x)).join(", ")}][${ref(cx, o.index)}]`;
    case "net":
      return `net ${cx.nets.get(o.net) ?? o.net.name}${o.part === undefined ? "" : ` ${o.part}`}`;
    default:
      return o satisfies never;
  }
}
/** the weights of all nets, a line each, below the place of the net where there are several: `hsc explain --weights` */
export function weightsText(program: CoreProgram): string {
  const lists = program.nets.map(n => ({
    place: `${n.name} (${n.span.file}:${n.span.line}:${n.span.column})\n`,
    lines: n.weights.map(w => `${w.path}: ${showTensor(w.type)}\n`).join(""),
  }));
  // the nets of a sweep stand at one place, and most are alike
  const told = new Set(lists.map(l => (lists.length > 1 ? l.place : "") + l.lines));
  return [...told].join("\n");
}
