/** The files of a program: definitions in their order, imports, effects. Knows no expression. */
import { HostError } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Effect } from "../core.ts";
import { diagnostic, didYouMean } from "../diagnostics/diagnostic.ts";
import { parse } from "../parser.ts";
import * as build from "./build.ts";
import { partial } from "./call.ts";
import { ends, fail, newSymbol, Reported, say } from "./context.ts";
import { print, save } from "./effect.ts";
import { guarded, typedLet } from "./eval.ts";
import { collector, visit } from "./model.ts";
import { freeNames } from "./names.ts";
import { NOWHERE, type ParamSet, paramValue } from "./param.ts";
import { unusedTrains } from "./reach.ts";
import { childScope, lazily, lookup } from "./scope.ts";
import { isInteger } from "./types.ts";
import { type Cx, type Frame, number, POISON, type Scope, type Value } from "./value.ts";

export const frameOf = (cx: Cx, scope: Scope): Frame => ({
  cx,
  scope,
  depth: 0,
  place: "",
  root: NOWHERE,
  instances: undefined,
  outside: "program",
  batch: undefined,
  over: undefined,
  classes: new Map(),
  rests: new Map(),
  user: undefined,
  calls: 0,
  seed: undefined,
  wanted: undefined,
  naming: undefined,
});

export const definition = (f: Frame, item: Ast.Def): Value => ({
  k: "closure",
  kind: item.kind,
  name: item.name.text,
  formals: item.params,
  result: item.result,
  body: item.body,
  scope: f.scope,
  instances: undefined,
  outside: "program",
  span: item.span,
});

interface Loading {
  readonly set: ParamSet;
  /** files being read, to find cycles */
  readonly open: readonly string[];
  readonly done: Map<string, Scope>;
}
export function program(cx: Cx, file: string, set: Readonly<Record<string, string>>): readonly Effect[] {
  const loading: Loading = { set: { values: set, used: new Set() }, open: [], done: new Map() };
  const { scope, effects, lets, defs } = readFile(cx, file, "", loading, undefined);
  const f = frameOf(cx, scope);
  for (const name of Object.keys(set))
    if (!loading.set.used.has(name)) {
      const names = [...cx.params.keys()];
      say(
        f,
        diagnostic(
          "set",
          `--set ${name}: the program has no param \`${name}\``,
          { ...NOWHERE.span, file },
          { notes: names.length ? [{ message: `params: ${names.join(", ")}` }] : [], help: didYouMean(name, names) },
        ),
      );
    }
  // in the order of the text: every definition that has a value, and models, whose types say what they take
  for (const l of lets) l();
  for (const d of defs) modelAlone(frameOf(cx, scope), d);
  const out = effects();
  for (const d of defs) namesOf(f, d);
  // what is wrong elsewhere may be its use
  if (cx.diagnostics.every(d => d.severity === "warning")) unusedTrains(f, file, out);
  return out;
}
/** names that mean nothing are said, also where nothing calls the definition */
function namesOf(f: Frame, item: Ast.Def): void {
  for (const ref of freeNames(item)) {
    const known = lookup(f.scope, ref.name, ref.span) ?? partial(f, ref.name);
    if (!known && ref.name !== "training") guarded(f, () => f.cx.evaluate(ref, f));
  }
}
/** errors of a model are said even if nothing calls it */
function modelAlone(f: Frame, item: Ast.Def): void {
  if (item.kind !== "model") return;
  const [nets, symbols] = [f.cx.nets.length, new Map(f.cx.symbols)];
  const model = f.scope.names.get(item.name.text)?.value();
  if (model?.k !== "closure") return;
  guarded(f, () => {
    const store = collector("alone", 0, (path, type, span) => build.variable(path, type, 1, span));
    visit(
      { ...f, place: item.name.text, root: item.body },
      model,
      { prefix: "", root: model.body, store },
      item.span,
      item.body,
    );
    return POISON;
  });
  f.cx.nets.length = nets;
  for (const id of [...f.cx.symbols.keys()]) if (!symbols.has(id)) f.cx.symbols.delete(id);
}
interface Read {
  readonly scope: Scope;
  /** evaluate what is named, and what is done, in the order of the text */
  readonly lets: readonly (() => Value)[];
  readonly defs: readonly Ast.Def[];
  readonly effects: () => readonly Effect[];
}
function readFile(cx: Cx, file: string, prefix: string, loading: Loading, from: Ast.Import | undefined): Read {
  const scope = childScope(cx.prelude);
  const f = frameOf(cx, scope);
  const source = textOf(cx, f, file, from);
  cx.texts.set(file, source);
  const parsed = parse(source, file);
  for (const d of parsed.diagnostics) cx.diagnostics.push(d);
  if (parsed.diagnostics.some(d => d.severity === "error")) throw new Reported();
  const lets: (() => Value)[] = [];
  const defs: Ast.Def[] = [];
  const effects: ((i: number) => Effect)[] = [];
  const nested: Loading = { ...loading, open: [...loading.open, file] };
  for (const item of parsed.program.items) {
    switch (item.k) {
      case "import": {
        const value = lazily(() => guarded(f, () => imported(cx, f, item, file, nested)));
        value();
        scope.names.set(item.binds, { name: item.binds, span: item.path.span, after: item.span.end, value });
        break;
      }
      case "param": {
        const value = lazily(() => guarded(f, () => paramValue(f, item, prefix, loading.set)));
        define(scope, item.name, item.span, value);
        if (value().k === "poison") withoutSides(scope, item);
        break;
      }
      case "let": {
        const value = lazily(() =>
          asSymbol(f, item, typedLet({ ...f, root: item.value, place: prefix + item.name.text }, item)),
        );
        define(scope, item.name, item.span, value);
        lets.push(value);
        break;
      }
      case "def":
        define(
          scope,
          item.name,
          item.span,
          lazily(() => definition(f, item)),
        );
        defs.push(item);
        break;
      case "print":
      case "save":
        if (from)
          guarded(f, () =>
            fail(f, {
              message: `an imported file has no effects: \`${item.k}\``,
              span: item.span,
              notes: [{ message: "imported here", span: from.span }],
              help: "leave it to the program",
            }),
          );
        else effects.push(i => effectOf(f, item, i));
        break;
      default:
        item satisfies never;
    }
  }
  return { scope, lets, defs, effects: () => effects.flatMap((e, i) => collectEffect(f, () => e(i + 1))) };
}
const define = (scope: Scope, name: Ast.Name, whole: Span, value: () => Value): void => {
  if (!scope.names.has(name.text))
    scope.names.set(name.text, { name: name.text, span: name.span, after: whole.end, whole, value });
};
/** the names of the sides of a param that is wrong, which says so itself */
function withoutSides(scope: Scope, { name, type }: Ast.Param): void {
  for (const d of type?.k === "named" ? (type.dims ?? []) : [])
    if (d.k === "dim" && d.value.k === "ref" && !lookup(scope, d.value.name, name.span))
      define(scope, { text: d.value.name, span: d.span }, name.span, () => POISON);
}
function collectEffect(f: Frame, make: () => Effect): readonly Effect[] {
  try {
    return [make()];
  } catch (e) {
    if (ends(f, e)) return [];
    throw e;
  }
}
function effectOf(f: Frame, item: Ast.Print | Ast.Save, i: number): Effect {
  if (item.k === "save") return save({ ...f, root: item.value, place: `save${i}` }, item);
  return print({ ...f, root: item.value, place: item.label?.text ?? `print${i}` }, item);
}
function textOf(cx: Cx, f: Frame, file: string, from: Ast.Import | undefined): string {
  try {
    return cx.host.text(file);
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    return fail(f, { message: e.message, span: from?.path.span ?? { ...NOWHERE.span, file } });
  }
}
function imported(cx: Cx, f: Frame, item: Ast.Import, by: string, loading: Loading): Value {
  if (item.path.value.endsWith("/"))
    return fail(
      f,
      diagnostic("limit", "importing a bundle is not built yet", item.span, {
        severity: "limit",
        help: "import its .hs file, and load the weights",
      }),
    );
  const file = joined(by, item.path.value);
  if (loading.open.includes(file))
    return fail(f, {
      message: `${item.path.value} imports this file: a cycle`,
      span: item.path.span,
      notes: [{ message: [...loading.open, file].join(" imports ") }],
    });
  const old = loading.done.get(file);
  if (old) return { k: "module", name: item.binds, scope: old };
  const { scope, lets, defs } = readFile(cx, file, `${item.binds}.`, loading, item);
  loading.done.set(file, scope);
  for (const l of lets) l();
  for (const d of defs) modelAlone(frameOf(cx, scope), d);
  for (const d of defs) namesOf(frameOf(cx, scope), d);
  return { k: "module", name: item.binds, scope };
}
/** `path` as seen from the file that imports it */
function joined(by: string, path: string): string {
  const folder = by.includes("/") ? by.slice(0, by.lastIndexOf("/") + 1) : "";
  const out: string[] = [];
  for (const part of (path.startsWith("/") ? path : folder + path).split("/")) {
    if (part === "." || (part === "" && out.length > 0)) continue;
    if (part === ".." && out.length > 0 && out[out.length - 1] !== "..") out.pop();
    else out.push(part);
  }
  return out.join("/");
}

/** a `let` of an integer that data decide is a symbol where a dim needs it */
function asSymbol(f: Frame, item: Ast.Let, v: Value): Value {
  if (v.k !== "tensor" || v.known || v.expr.depth > 0 || v.expr.type.shape.length || !isInteger(v.expr.type.elem))
    return v;
  const dim = newSymbol(f, item.name.text, item.name.span, { k: "value", of: v.expr });
  return { ...v, known: { constant: number(dim, "i32"), params: [] } };
}
