/**
 * Check: a program's tree to Core, and every message about what it means. A partial evaluator: calls are inlined, known
 * branches taken, lists unrolled; what remains is typed. Knows the outside world through Host only.
 */
import { type Host, HostError } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import {
  type CoreProgram,
  type DimCheck,
  type Effect,
  type Expr,
  inputsOf,
  leaves,
  type Net,
  type Output,
  type Param,
  type TensorType,
  type Unknown,
} from "../core.ts";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import { parse, parseSignature } from "../parser.ts";
import * as build from "./build.ts";
import { builtins as tensorBuiltins } from "./builtins/index.ts";
import { call } from "./call.ts";
import { Exhausted, ends, fail, newSymbol, Reported, say, warn } from "./context.ts";
import { type Dim, dimKey, symbolsOf } from "./dims.ts";
import { print, save } from "./effect.ts";
import { evaluate, stack, typedLet } from "./eval.ts";
import { collector, visit } from "./model.ts";
import { rddSpecials } from "./rdd.ts";
import { childScope, lazily } from "./scope.ts";
import { fit, type Later } from "./signature.ts";
import { NOT_BUILT, otherSpecials } from "./special.ts";
import { trainSpecials } from "./train.ts";
import { describe, isFloat, isInteger, showTensor } from "./types.ts";
import {
  type Cx,
  type Frame,
  isTensor,
  knownOf,
  NONE,
  number,
  POISON,
  type Scope,
  type Special,
  settled,
  tensorValue,
  text,
  typeOf,
  type Value,
} from "./value.ts";

export interface CheckOptions {
  /** `--set name=value`, module params as blocks.width=2 */
  readonly set?: Readonly<Record<string, string>>;
  /** texts of the prelude's .hs files, by the name that notes show: prelude/layers.hs */
  readonly prelude: Readonly<Record<string, string>>;
}
export interface Checked {
  /** undefined where something is wrong */
  readonly core: CoreProgram | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** every file that was read: frames show their lines */
  readonly texts: ReadonlyMap<string, string>;
}
const specials: ReadonlyMap<string, Special> = new Map([...rddSpecials, ...otherSpecials, ...trainSpecials]);
const NOWHERE: Ast.Expr = { k: "none", span: { file: "", start: 0, end: 0, line: 1, column: 1 } };

export function check(file: string, host: Host, options: CheckOptions): Checked {
  build.resetIds();
  const cx = context(host);
  let effects: readonly Effect[] | undefined;
  try {
    loadPrelude(cx, options.prelude);
    effects = program(cx, file, options.set ?? {});
  } catch (e) {
    if (e instanceof RangeError || e instanceof Exhausted) {
      const span = e instanceof Exhausted ? e.span : { ...NOWHERE.span, file };
      const message = e instanceof Exhausted ? e.message : "this program nests too deep for hsc";
      cx.diagnostics.push(
        diagnostic("limit", message, span, { severity: "limit", help: "give parts of it names with `let`" }),
      );
    } else if (!(e instanceof Reported)) throw e;
  }
  const wrong = cx.diagnostics.some(d => d.severity !== "warning");
  const diagnostics = [...cx.diagnostics].sort(
    (a, b) => order(file, a.span) - order(file, b.span) || a.span.start - b.span.start,
  );
  return { core: wrong || !effects ? undefined : finish(cx, file, effects), diagnostics, texts: cx.texts };
}
const order = (file: string, s: Span): number => (s.file === file ? 0 : 1);

function context(host: Host): Cx {
  const texts = new Map<string, string>();
  const signatures = new Map<string, Ast.Signature>();
  const symbols: Cx["symbols"] = new Map();
  return {
    host,
    texts,
    specials,
    notBuilt: NOT_BUILT,
    symbols,
    diagnostics: [],
    builtins: new Map(Object.entries(tensorBuiltins)),
    prelude: childScope(undefined),
    preludeFiles: new Set<string>(),
    params: new Map(),
    fixed: new Set(),
    inlined: 0,
    checks: [],
    nets: [],
    text: s => texts.get(s.file)?.slice(s.start, s.end) ?? "",
    signature: t => {
      let s = signatures.get(t);
      if (!s) {
        const file = `<builtin ${t.slice(0, t.indexOf("("))}>`;
        texts.set(file, t);
        const parsed = parseSignature(t, file);
        if (!parsed.value)
          throw new Error(`internal: the signature ${t} does not parse: ${parsed.diagnostics[0]?.message}`);
        signatures.set(t, (s = parsed.value));
      }
      return s;
    },
    evaluate,
    call,
    stack,
    bind: (d, from) => {
      for (const s of symbolsOf(d)) {
        const old = symbols.get(s.id);
        if (old) symbols.set(s.id, { ...old, from });
      }
    },
  };
}
const frameOf = (cx: Cx, scope: Scope): Frame => ({
  cx,
  scope,
  depth: 0,
  place: "",
  root: NOWHERE,
  instances: undefined,
  outside: "program",
  over: undefined,
  classes: new Map(),
  rests: new Map(),
  user: undefined,
  calls: 0,
  seed: undefined,
  wanted: undefined,
  naming: undefined,
});

/** all files of the prelude are one scope, in which every name is seen from everywhere */
function loadPrelude(cx: Cx, files: Readonly<Record<string, string>>): void {
  for (const [file, source] of Object.entries(files)) {
    cx.texts.set(file, source);
    (cx.preludeFiles as Set<string>).add(file);
    for (const item of preludeItems(file, source)) {
      if (item.k !== "def" && item.k !== "let") throw new Error(`internal: ${file} holds more than definitions`);
      const f = frameOf(cx, cx.prelude);
      const value =
        item.k === "def"
          ? lazily(() => definition(f, item))
          : lazily(() => typedLet({ ...f, root: item.value, place: item.name.text }, item));
      cx.prelude.names.set(item.name.text, {
        name: item.name.text,
        span: item.name.span,
        after: undefined,
        whole: item.span,
        value,
      });
    }
  }
}
/** the prelude is the same in every check of a process */
const parsedPrelude = new Map<string, { source: string; items: readonly Ast.Item[] }>();
function preludeItems(file: string, source: string): readonly Ast.Item[] {
  const old = parsedPrelude.get(file);
  if (old?.source === source) return old.items;
  const { program, diagnostics } = parse(source, file);
  if (diagnostics.length) throw new Error(`internal: ${file}:${diagnostics[0]!.span.line}: ${diagnostics[0]!.message}`);
  parsedPrelude.set(file, { source, items: program.items });
  return program.items;
}
const definition = (f: Frame, item: Ast.Def): Value => ({
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

// --- the program and what it imports

interface Loading {
  readonly set: Readonly<Record<string, string>>;
  readonly used: Set<string>;
  /** files being read, to find cycles */
  readonly open: readonly string[];
  readonly done: Map<string, Scope>;
}
function program(cx: Cx, file: string, set: Readonly<Record<string, string>>): readonly Effect[] {
  const loading: Loading = { set, used: new Set(), open: [], done: new Map() };
  const { scope, effects, lets, defs } = readFile(cx, file, "", loading, undefined);
  const f = frameOf(cx, scope);
  for (const name of Object.keys(set))
    if (!loading.used.has(name)) {
      const names = [...cx.params.keys()];
      say(
        f,
        diagnostic(
          "set",
          `--set ${name}: the program has no param \`${name}\``,
          { ...NOWHERE.span, file },
          { notes: names.length ? [{ message: `params: ${names.join(", ")}` }] : [] },
        ),
      );
    }
  // in the order of the text: every definition that has a value, and models, whose types say what they take
  for (const l of lets) l();
  for (const d of defs) modelAlone(frameOf(cx, scope), d);
  const out = effects();
  unusedTrains(f, file, out);
  return out;
}
/** errors of a model are said even if nothing calls it */
function modelAlone(f: Frame, item: Ast.Def): void {
  if (item.kind !== "model") return;
  const [nets, symbols] = [f.cx.nets.length, new Map(f.cx.symbols)];
  const model = f.scope.names.get(item.name.text)?.value();
  if (model?.k !== "closure") return;
  guarded(f, () => {
    const store = collector("alone", (path, type, span) => build.variable(path, type, 1, span));
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
const guarded = (f: Frame, compute: () => Value): Value => {
  try {
    return compute();
  } catch (e) {
    if (ends(f, e)) return POISON;
    throw e;
  }
};
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
        const value = lazily(() => guarded(f, () => paramValue(f, item, prefix, loading)));
        define(scope, item.name, item.span, value);
        value();
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

// --- params

function paramValue(f: Frame, item: Ast.Param, prefix: string, loading: Loading): Value {
  const name = prefix + item.name.text;
  const given = loading.set[name];
  if (given !== undefined) loading.used.add(name);
  const frame = { ...f, place: name, root: item.value ?? NOWHERE };
  let v = item.value ? evaluate(item.value, frame) : NONE;
  if (v.k === "poison") return v;
  if (item.type && item.value) {
    const later: Later = [];
    v = fit(
      { ...frame, classes: new Map(), rests: new Map() },
      v,
      item.type,
      { formal: item.name.text, callee: "param", span: item.value.span, type: item.type },
      later,
      new Set(),
    );
  }
  const kind = kindOf(f, item, v);
  if (kind.k === "string") {
    const value = given ?? (v.k === "text" ? v.text : undefined);
    if (value === undefined) return missing(f, item, name);
    f.cx.params.set(name, { name, type: kind, value, fixed: true, span: item.span });
    f.cx.fixed.add(name);
    return text(value);
  }
  const own = isTensor(v) ? knownOf(v)?.constant.data[0] : undefined;
  if (item.value && typeof own !== "number")
    return fail(f, {
      message: `the default of a param is known when compiling, this is ${describe(v)}`,
      span: item.value.span,
    });
  const value = given === undefined ? (own as number | undefined) : setValue(f, item, kind, given, name);
  if (value === undefined) return missing(f, item, name);
  f.cx.params.set(name, { name, type: kind, value, fixed: false, span: item.span });
  const constant = {
    k: "constant",
    elem: kind.elem,
    shape: [],
    data: [kind.elem === "f32" ? Math.fround(value) : value],
  } as const;
  return tensorValue(build.paramLeaf(name, kind, item.name.span), { known: { constant, params: [name] } });
}
function kindOf(f: Frame, item: Ast.Param, v: Value): Param["type"] {
  if (isTensor(v)) {
    const t = typeOf(v);
    if (t.shape.length)
      return fail(
        f,
        diagnostic("limit", "a param that is a tensor is not built yet", item.span, {
          severity: "limit",
          help: "a number, or `let`",
        }),
      );
    return { k: "tensor", elem: v.k === "constant" ? settled(v.elem) : t.elem, shape: [] };
  }
  if (v.k === "text") return { k: "string" };
  const t = item.type;
  if (v.k === "none" && t?.k === "named" && !t.optional && !t.dims) {
    if (t.name.text === "string") return { k: "string" };
    const elem = t.name.text === "float" ? "f32" : t.name.text === "int" ? "i32" : t.name.text;
    if (["bool", "u8", "i32", "i64", "f16", "f32", "f64"].includes(elem))
      return { k: "tensor", elem: elem as TensorType["elem"], shape: [] };
  }
  if (!item.value && !t)
    return fail(f, {
      message: `the param \`${item.name.text}\` has no type`,
      span: item.span,
      help: `param ${item.name.text}: f32, or with a default: param ${item.name.text} = 0.01`,
    });
  return fail(f, {
    message: `a param is a number, a bool or a string, this is ${describe(v)}`,
    span: item.value?.span ?? item.span,
  });
}
const missing = (f: Frame, item: Ast.Param, name: string): Value =>
  fail(f, { message: `the param \`${name}\` has no value`, span: item.span, help: `--set ${name}=..` });
/** the text of --set as the type of the param wants it */
function setValue(f: Frame, item: Ast.Param, type: TensorType, given: string, name: string): number {
  if (type.elem === "bool") {
    if (given === "true" || given === "false") return given === "true" ? 1 : 0;
    return fail(f, { message: `--set ${name}=${given}: \`${name}\` is true or false`, span: item.span });
  }
  const n = given.trim() === "" ? Number.NaN : Number(given.replaceAll("_", ""));
  if (Number.isNaN(n) || (!isFloat(type.elem) && !Number.isInteger(n)))
    return fail(f, { message: `--set ${name}=${given}: \`${name}\` is ${showTensor(type)}`, span: item.span });
  return n;
}

// --- what the effects need

function reach(effects: readonly Effect[]): { exprs: ReadonlySet<Expr>; nets: ReadonlySet<Net> } {
  const exprs = new Set<Expr>();
  const nets = new Set<Net>();
  const stack: Expr[] = [];
  const net = (n: Net): void => {
    if (nets.has(n)) return;
    nets.add(n);
    for (const w of n.weights) stack.push(w.init);
    if (n.k !== "train") return;
    stack.push(n.rows, ...n.loss.captures, ...leaves(n.loss.body).map(([, e]) => e));
    for (const w of n.weights)
      for (const fn of [w.optimizer.init, w.optimizer.step])
        stack.push(...fn.captures, ...leaves(fn.body).map(([, e]) => e));
  };
  const output = (o: Output): void => {
    if (o.k === "tensor") stack.push(o.of);
    else if (o.k === "net") net(o.net);
    else if (o.k === "record") for (const [, x] of o.fields) output(x);
    else if (o.k === "list") for (const x of o.of) output(x);
  };
  for (const e of effects) output(e.value);
  while (stack.length) {
    const e = stack.pop()!;
    if (exprs.has(e)) continue;
    exprs.add(e);
    if (e.k === "weight") net(e.net);
    stack.push(...inputsOf(e));
    if (e.k === "op") for (const fn of Object.values(e.fns)) stack.push(...leaves(fn.body).map(([, x]) => x));
  }
  return { exprs, nets };
}
function unusedTrains(f: Frame, file: string, effects: readonly Effect[]): void {
  const { nets } = reach(effects);
  for (const n of f.cx.nets)
    if (n.k === "train" && !nets.has(n) && n.span.file === file)
      warn(
        f,
        `nothing uses this training of ${n.name}: it will not run`,
        n.span,
        `save ${n.name} to "${n.name}.safetensors"`,
      );
}
function finish(cx: Cx, file: string, effects: readonly Effect[]): CoreProgram {
  const { exprs, nets } = reach(effects);
  const used = new Set<string>();
  const dims = (ds: readonly Dim[]): void => {
    for (const d of ds) for (const s of symbolsOf(d)) used.add(s.id);
  };
  for (const e of exprs) {
    if (e.type.k === "tensor") dims(e.type.shape);
    if (e.k === "const") dims(Array.isArray(e.value) ? e.value : [e.value as Dim]);
    if (e.k === "op") symbolsIn(e.attrs, used);
  }
  const files = (from: Unknown["from"]): boolean => from.k !== "file" || exprs.has(from.source);
  const checks: DimCheck[] = [];
  const seen = new Set<string>();
  for (const c of cx.checks) {
    const known = [c.a, c.b].every(d =>
      symbolsOf(d).every(s => {
        const from = cx.symbols.get(s.id)?.from;
        return from !== undefined && files(from);
      }),
    );
    const key = `${dimKey(c.a)}=${dimKey(c.b)}@${c.span.file}:${c.span.start}`;
    if (!known || seen.has(key)) continue;
    seen.add(key);
    checks.push(c);
    dims([c.a, c.b]);
  }
  const symbols: Unknown[] = [];
  for (const s of cx.symbols.values()) if (used.has(s.id) && s.from) symbols.push({ ...s, from: s.from });
  return {
    file,
    params: [...cx.params.values()].map(p => ({ ...p, fixed: p.fixed || cx.fixed.has(p.name) })),
    symbols,
    checks,
    nets: cx.nets.filter(n => nets.has(n)),
    effects,
  };
}
function symbolsIn(x: unknown, out: Set<string>): void {
  if (typeof x !== "object" || x === null) return;
  if ((x as { k?: unknown }).k === "poly") for (const s of symbolsOf(x as Dim)) out.add(s.id);
  else for (const v of Object.values(x)) symbolsIn(v, out);
}
