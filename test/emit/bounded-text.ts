/**
 * The text of the JavaScript function that bounded.ts makes of a KERNEL: loops over its axes, each value a `v` with its error `e` beside
 * it. It calls the library `L` for what is rounded, and gets tensors by their names. Knows no memory.
 */
import type {
  Access,
  Axis,
  AxisExtent,
  Index,
  Item,
  Kernel,
  Part,
  Phase,
  Reduce,
  Tensor,
  Val,
} from "../../src/ir/kernel.ts";
import { elemOf as elemOfVal, elemsByName, resultOf } from "../../src/ir/kernel-elem.ts";
import { accessesOf } from "../../src/ir/kernel-walk.ts";
import { haloOf, width } from "../../src/ir/layout.ts";
import type { Prim } from "../../src/ir/prim.ts";
import { type Dim, type Elem, isFloat, loaded } from "../../src/ir/type.ts";
import { reads } from "../../src/passes/emit/value.ts";

export const kernelText = (k: Kernel): string => new Text(k).function();

/** a value in the text: names or constants; e: "0" where it is exact */
interface Term {
  readonly v: string;
  readonly e: string;
  readonly elem: Elem;
}
const dim = (d: Dim): string => (typeof d === "number" ? String(d) : `(${d.n} * n + ${d.plus})`);
const extentText = (e: AxisExtent): string =>
  typeof e === "object" && "of" in e ? `Math.ceil(${dim(e.of)} / ${e.by})` : dim(e);
const number = (v: number): string => (Object.is(v, -0) ? "-0" : String(v));
/** lives while one kernel is written */
class Text {
  private readonly k: Kernel;
  private readonly elem: (name: string) => Elem;
  private readonly lines: string[] = [];
  private readonly tensors = new Map<string, number>();
  private readonly written: ReadonlySet<string>;
  private readonly names = new Map<string, number>();
  private readonly axes = new Map<string, AxisExtent>();
  private serial = 0;
  private readonly record: string | undefined;
  constructor(k: Kernel) {
    this.k = k;
    this.elem = elemsByName(k);
    this.written = new Set(accessesOf(k).writes.map(a => a.of.name));
    for (const p of k.phases) for (const a of p.axes) this.axes.set(a.name, a.extent);
    // where records are swept, what is checked belongs to none of them
    this.record = k.phases[0]?.axes.find(
      a => a.role === "parallel" && typeof a.extent === "object" && !("of" in a.extent),
    )?.name;
  }
  function(): string {
    const body = this.apart(() => {
      const parallel = (p: Phase): readonly Axis[] => p.axes.filter(a => a.role === "parallel");
      const shared = this.k.phases.map(parallel).reduce((x, y) => x.filter(a => y.some(b => b.name === a.name)));
      this.loops(shared, () => {
        for (const p of this.k.phases) this.phase(p, new Set(shared.map(a => a.name)));
      });
    });
    const names = [...this.names.values()].flatMap(i => [`v_${i} = 0`, `e_${i} = 0`]);
    const tensors = [...this.tensors].map(([name, i]) => {
      const key = JSON.stringify(name);
      return this.written.has(name)
        ? `const { value: x${i}, error: d${i}, stored: w${i} } = output(${key});`
        : `const x${i} = input.get(${key});`;
    });
    const least = "const fail = (site, record) => faults.set(site, Math.min(record, faults.get(site) ?? Infinity));";
    return [...tensors, least, ...(names.length ? [`let ${names.join(", ")};`] : []), ...body].join("\n");
  }

  // ---- lines

  private emit(line: string): void {
    this.lines.push(line);
  }
  private apart(f: () => void): readonly string[] {
    const before = this.lines.splice(0);
    f();
    const made = this.lines.splice(0);
    this.lines.push(...before);
    return made;
  }
  private fresh(prefix: string): string {
    return `${prefix}${this.serial++}`;
  }
  private let(e: string): string {
    const name = this.fresh("t");
    this.emit(`const ${name} = ${e};`);
    return name;
  }
  private loops(axes: readonly Axis[], body: () => void): void {
    const [a, ...rest] = axes;
    if (!a) {
      body();
      return;
    }
    const i = axisName(a.name);
    this.emit(`for (let ${i} = 0; ${i} < ${extentText(a.extent)}; ${i}++) {`);
    this.loops(rest, body);
    this.emit("}");
  }

  // ---- accesses

  private tensor(t: Tensor): number {
    let i = this.tensors.get(t.name);
    if (i === undefined) this.tensors.set(t.name, (i = this.tensors.size));
    return i;
  }
  private coordinate(i: Index): { readonly c: string; readonly e: string } {
    const terms = i.terms.map(t => (t.by === 1 ? axisName(t.axis) : `${t.by} * ${axisName(t.axis)}`));
    if (!i.gather) return { c: [...terms, ...(i.base || !terms.length ? [String(i.base)] : [])].join(" + "), e: "0" };
    const g = this.value(i.gather);
    return { c: this.let([...terms, String(i.base), g.v].join(" + ")), e: g.e };
  }
  /** what must hold for the coordinate to be inside; undefined: it always is */
  private guard(i: Index, c: string, of: Dim): string | undefined {
    const [term, ...more] = i.terms;
    const whole = term && !more.length && !i.gather && term.by === 1 && i.base === 0 && this.axes.get(term.axis)!;
    if (
      whole &&
      typeof whole === "object" &&
      typeof of === "object" &&
      !("of" in whole) &&
      whole.n === of.n &&
      whole.plus === of.plus
    )
      return undefined;
    if (typeof of === "number" && !i.gather) {
      let [low, high] = [i.base, i.base];
      for (const t of i.terms) {
        const e = this.axes.get(t.axis)!;
        if (typeof e !== "number") return `${c} >= 0 && ${c} < ${dim(of)}`;
        const far = t.by * Math.max(0, e - 1);
        if (far < 0) low += far;
        else high += far;
      }
      if (low >= 0 && high < of) return undefined;
    }
    return `${c} >= 0 && ${c} < ${dim(of)}`;
  }
  /** where extents are numbers: else the point is none */
  private within(a: Access): readonly string[] {
    const of = (i: Index, d: number): string | undefined => {
      const size = a.of.shape[d]!;
      return typeof size === "number" && !i.gather ? this.guard(i, this.coordinate(i).c, size) : undefined;
    };
    return a.index.flatMap((i, d) => of(i, d) ?? []);
  }
  private place(a: Access): { readonly at: string; readonly guard: string; readonly e: string } {
    const coordinates = a.index.map(i => this.coordinate(i));
    const guards = a.index.flatMap((i, d) => this.guard(i, coordinates[d]!.c, a.of.shape[d]!) ?? []);
    const part = (p: Part): string => {
      const lo = haloOf(a.of, p.dim)[0];
      const c = `(${coordinates[p.dim]!.c}${lo ? ` + ${lo}` : ""})`;
      const x = p.div === 1 ? c : `Math.floor(${c} / ${p.div})`;
      return p.mod === undefined ? x : `(${x} % ${p.mod})`;
    };
    const at = a.of.layout.parts.reduce((s, p, i) => {
      const w = width(a.of, p);
      const by = typeof w === "number" ? String(w) : `Math.ceil(${dim(w.of)} / ${w.by})`;
      return i === 0 ? part(p) : `(${s}) * ${by} + ${part(p)}`;
    }, "0");
    const e = coordinates.find(c => c.e !== "0")?.e ?? "0";
    return { at, guard: guards.join(" && "), e };
  }
  private read(a: Access): Term {
    const elem = loaded(a.of.store);
    const i = this.tensor(a.of);
    const { at, guard, e } = this.place(a);
    const fill = number(elem === "f32" ? Math.fround(a.fill ?? 0) : (a.fill ?? 0));
    const where = this.let(guard ? `${guard} ? ${at} : -1` : at);
    const inside = (t: string, out: string): string => (guard ? `${where} < 0 ? ${out} : ${t}` : t);
    const cell = `x${i}[${where}]`;
    const load = a.of.store === "bool" ? `(${cell} ? 1 : 0)` : elem === "i64" ? `Number(${cell})` : cell;
    const v = this.let(inside(load, fill));
    const written = this.written.has(a.of.name) && this.let(inside(`d${i}[${where}]`, "0"));
    const own = written || (elem === "i64" ? this.let(`L.whole(${v})`) : "0");
    return { v, e: e === "0" ? own : this.let(`${e} === 0 ? ${own} : Infinity`), elem };
  }

  // ---- values

  private name(n: string): number {
    let i = this.names.get(n);
    if (i === undefined) this.names.set(n, (i = this.names.size));
    return i;
  }
  private value(v: Val): Term {
    switch (v.k) {
      case "read":
        return this.read(v.from);
      case "name":
        return { v: `v_${this.name(v.name)}`, e: `e_${this.name(v.name)}`, elem: this.elem(v.name) };
      case "const":
        return { v: number(v.elem === "f32" ? Math.fround(v.value) : v.value), e: "0", elem: v.elem };
      case "axis":
        return { v: axisName(v.axis), e: "0", elem: "i32" };
      case "n":
        return { v: "n", e: "0", elem: "i32" };
      case "prim":
        return this.prim(
          v.prim,
          v.elem,
          v.args.map(a => this.value(a)),
        );
      default:
        return v satisfies never;
    }
  }
  private prim(p: Prim, given: Elem | undefined, args: readonly Term[]): Term {
    const from = args.at(-1)!.elem;
    const elem = resultOf(
      p,
      given,
      args.map(a => a.elem),
    );
    const [a, b, c] = args as [Term, Term, Term]; // as: by the arity of p, whose others are not looked at
    const exact = args.every(x => x.e === "0");
    if (p === "select") {
      const v = this.let(`${a.v} ? ${b.v} : ${c.v}`);
      return { v, e: exact ? "0" : this.let(`L.chosen(${[a, b, c].flatMap(x => [x.v, x.e]).join(", ")})`), elem };
    }
    if (from === "f32" && (p === "add" || p === "sub")) {
      const v = this.let(`${a.v} ${p === "add" ? "+" : "-"} ${b.v}`);
      // what was computed may be a sum, too: its terms may be added in another order (WGSL 15.7.4), as lavapipe does to x @ w + b
      const moved = exact ? "0" : `L.reordered(${a.v}, ${b.v})`;
      return { v, e: this.let(`L.rounded(${v}, ${a.e} + ${b.e} + ${moved})`), elem };
    }
    if (from === "f32" && p === "mul") {
      const v = this.let(`${a.v} * ${b.v}`);
      return { v, e: this.let(`L.rounded(${v}, ${this.moved(a, b)})`), elem };
    }
    const [x, e] = [args.map(t => t.v).join(", "), args.map(t => t.e).join(", ")];
    const how = `${JSON.stringify(p)}, ${JSON.stringify(from)}, ${JSON.stringify(elem)}`;
    const v = this.let(`L.prim(${how}, [${x}])`);
    if (exact && elem === "i64") return { v, e: this.let(`L.whole(${v})`), elem };
    if (exact && !isFloat(elem)) return { v, e: "0", elem };
    return { v, e: this.let(`L.error(${how}, ${v}, [${x}], [${e}])`), elem };
  }
  /** the error of a product before it is rounded */
  private moved(a: Term, b: Term): string {
    if (a.e === "0" && b.e === "0") return "0";
    return `Math.abs(${a.v}) * ${b.e} + Math.abs(${b.v}) * ${a.e} + ${a.e} * ${b.e}`;
  }

  // ---- items and folds

  private item(t: Item): void {
    if ("fault" in t) {
      const ok = this.value(t.ok);
      const at = this.record === undefined ? "0" : axisName(this.record);
      this.emit(`if (!(${ok.e} < Infinity)) fail(${t.fault}, -1); else if (!${ok.v}) fail(${t.fault}, ${at});`);
    } else if ("name" in t) {
      const x = this.value(t.value);
      const i = this.name(t.name);
      this.emit(`v_${i} = ${x.v}; e_${i} = ${x.e};`);
    } else {
      const x = this.value(t.value);
      const { at, guard, e } = this.place(t.to);
      const i = this.tensor(t.to.of);
      const where = this.let(guard ? `${guard} ? ${at} : -1` : at);
      const put = `x${i}[${where}] = ${x.v}; d${i}[${where}] = ${e === "0" ? x.e : `${e} === 0 ? ${x.e} : Infinity`}; w${i}[${where}] = 1;`;
      this.emit(guard ? `if (${where} >= 0) { ${put} }` : put);
    }
  }
  private phase(p: Phase, outer: ReadonlySet<string>): void {
    const own = p.axes.filter(a => !outer.has(a.name));
    const swept = own.filter(a => a.role === "reduce");
    this.emit("{");
    this.loops(
      own.filter(a => a.role === "parallel"),
      () => {
        const folds = p.reduce.map(r => this.fold(r));
        if (folds.length || p.each?.length)
          this.loops(swept, () => {
            const skips = p.reduce.flatMap(r => reads(r.value)).filter(a => a.skip);
            const is = skips.flatMap(a => this.within(a));
            if (is.length) this.emit(`if (${is.join(" && ")}) {`);
            for (const t of p.each ?? []) this.item(t);
            // all see what the others were before
            for (const f of folds) f.value();
            for (const f of [...folds].sort((x, y) => Number(y.first) - Number(x.first))) f.add();
            if (is.length) this.emit("}");
          });
        for (const f of folds) f.end();
        for (const t of p.then) this.item(t);
      },
    );
    this.emit("}");
  }
  private readonly folding = new Map<string, Folding>();
  private fold(r: Reduce): Folding {
    const i = this.name(r.name);
    const elem = elemOfVal(r.value, this.elem);
    const [v, e] = [this.fresh("s"), this.fresh("s")];
    const [sizes, terms] = [this.fresh("z"), this.fresh("k")];
    const init = r.init && this.value(r.init);
    const float = isFloat(elem);
    const sum = r.op === "add" && float;
    const empty = init?.v ?? number(least(r.op, elem));
    this.emit(`let ${v} = ${empty}, ${e} = ${init?.e ?? "0"}, ${terms} = ${init ? 1 : 0};`);
    if (sum) this.emit(`let ${sizes} = ${init ? `Math.abs(${init.v}) + ${init.e}` : "0"};`);
    let now: Term = { v: "0", e: "0", elem };
    /** a product in a sum is rounded with it */
    let whole = true;
    const value = (): void => {
      const x = r.value;
      if (sum && x.k === "prim" && x.prim === "mul") {
        const [a, b] = x.args.map(y => this.value(y)) as [Term, Term]; // as: mul has two
        now = { v: this.let(`${a.v} * ${b.v}`), e: this.moved(a, b), elem };
        if (now.e !== "0") now = { ...now, e: this.let(now.e) };
        whole = false;
      } else now = this.value(x);
    };
    const add = (): void => {
      switch (r.op) {
        case "add":
          if (sum) {
            this.emit(
              `${v} += ${now.v}; ${sizes} += Math.abs(${now.v})${now.e === "0" ? "" : ` + ${now.e}`}; ${terms}++;`,
            );
            if (now.e !== "0") this.emit(`${e} += ${now.e};`);
            return;
          }
          this.combine(elem === "bool" ? "or" : "add", elem, v, e, now);
          return;
        case "mul":
          this.combine(elem === "bool" ? "and" : "mul", elem, v, e, now);
          return;
        case "max":
        case "min":
          if (elem === "bool") this.combine(r.op === "max" ? "or" : "and", elem, v, e, now);
          else
            this.emit(`${v} = ${terms}++ ? Math.${r.op}(${v}, ${now.v}) : ${now.v}; ${e} = Math.max(${e}, ${now.e});`);
          return;
        case "first": {
          // wins where it is clearly more; where it may be, the companion is not decided
          const top = this.folding.get(r.of!)!;
          const [t, et] = [top.state.v, top.state.e];
          const x = top.now();
          this.emit(`if (!${terms}++) { ${v} = ${now.v}; ${e} = ${now.e}; }`);
          this.emit(`else if (!Number.isNaN(${t})) {`);
          this.emit(`const more = Number.isNaN(${x.v}) || ${x.v} > ${t};`);
          this.emit(`const near = Math.abs(${x.v} - ${t}) <= ${x.e} + ${et} && ${x.e} + ${et} > 0;`);
          this.emit(`if (near && ${v} !== ${now.v}) ${e} = Infinity; else if (more) ${e} = ${now.e};`);
          this.emit(`if (more) ${v} = ${now.v};`);
          this.emit("}");
          return;
        }
        default:
          r.op satisfies never;
      }
    };
    const end = (): void => {
      this.emit(`v_${i} = ${v};`);
      const error = sum ? `L.summed(${e}, ${sizes}, ${terms}${whole ? "" : " + 1"}, ${JSON.stringify(elem)})` : e;
      this.emit(`e_${i} = ${error};`);
      this.folding.delete(r.name);
    };
    const folding: Folding = { first: r.op === "first", state: { v, e }, value, add, end, now: () => now };
    this.folding.set(r.name, folding);
    return folding;
  }
  private combine(p: Prim, elem: Elem, v: string, e: string, now: Term): void {
    const r = this.prim(p, undefined, [
      { v, e, elem },
      { ...now, elem },
    ]);
    this.emit(`${v} = ${r.v}; ${e} = ${r.e};`);
  }
}
interface Folding {
  readonly first: boolean;
  readonly state: { readonly v: string; readonly e: string };
  readonly value: () => void;
  readonly add: () => void;
  readonly end: () => void;
  readonly now: () => Term;
}
const axisName = (a: string): string => `i_${a.replace(/\W/g, "_")}`;
/** of an empty reduction */
function least(op: Reduce["op"], elem: Elem): number {
  if (op === "add" || op === "first") return 0;
  if (op === "mul") return 1;
  const most = op === "min";
  if (elem === "bool") return most ? 1 : 0;
  if (elem === "i32") return most ? 2147483647 : -2147483648;
  if (elem === "u32") return most ? 4294967295 : 0;
  if (elem === "i64") return most ? 2 ** 63 : -(2 ** 63);
  return most ? Infinity : -Infinity;
}
