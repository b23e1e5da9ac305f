/**
 * Functions that a kernel's text calls: the sequences of ir/math.ts, the exact remainder, casts that saturate. Written into a module
 * when first needed, one for each number of lanes. Knows nothing of kernels.
 *
 * A compiler of WGSL may reassociate (WGSL 15.7.4): what relies on x + c - c takes `round` instead, and what relies on n * a + n * b is `firm`.
 */
import { type LoopPrim, type Ty, ty } from "../../ir/loop.ts";
import { type Builder, MATH, type MathPrim } from "../../ir/math.ts";
import type { Elem } from "../../ir/type.ts";
import { type Cx, exactLiteral, type Site, spread, typeOf } from "./text.ts";

interface Step {
  readonly text: string;
  readonly elem: Elem;
}
export function declare(cx: Cx, name: string, text: () => string): void {
  if (!cx.module.has(name)) cx.module.set(name, text());
}
export function mathHelper({ cx, t, args }: Site, name: MathPrim): string {
  const helper = `${name}_x${t.lanes}`;
  declare(cx, helper, () => sequence(cx, helper, name, ty("f32", t.lanes)));
  return `${helper}(${args[0]})`;
}
/** the name of the function of one f64 */
export function wideMath(cx: Cx, name: MathPrim): string {
  const helper = `${name}_f64`;
  declare(cx, helper, () => sequence(cx, helper, name, ty("f64")));
  return helper;
}
function sequence(cx: Cx, helper: string, name: MathPrim, of: Ty): string {
  const { lanes } = of;
  const type = typeOf(of);
  const lines: string[] = [];
  const step = (text: string, elem: Elem): Step => {
    const v = `s${lines.length}`;
    lines.push(`  let ${v} = ${text};`);
    return { text: v, elem };
  };
  const prim = (p: LoopPrim, to: Elem, ...args: readonly Step[]): Step => {
    const of = args.at(-1)?.elem ?? to;
    return step(cx.prim(p, { cx, t: ty(to, lanes), of, args: args.map(a => a.text) }), to);
  };
  const builder: Builder<Step> = {
    constant: (value, elem) => ({ text: spread(ty(elem, lanes), exactLiteral(cx, value, elem)), elem }),
    prim,
  };
  const nearest = (x: Step): ReturnType<NonNullable<Builder<Step>["nearest"]>> => {
    const whole = prim("rint", "f32", x);
    // the argument is small: no saturation is needed
    return { whole, word: step(`${typeOf(ty("i32", lanes))}(${whole.text})`, "i32") };
  };
  const firm = (x: Step): Step => {
    const words = typeOf(ty("u32", lanes));
    // a sum of finite numbers is not this
    return step(`select(${x.text}, ${type}(), bitcast<${words}>(${x.text}) == ${words}(0xff800000u))`, "f32");
  };
  // in a loop: drivers write each call out, and a step of f64 is hundreds of instructions
  const poly = (x: Step, coefficients: readonly number[]): Step => {
    const v = `s${lines.length}`;
    const all = coefficients.map(c => exactLiteral(cx, c, "f64"));
    const next = cx.prim("fma", { cx, t: of, of: "f64", args: [v, x.text, `${v}_of[i]`] });
    lines.push(
      `  const ${v}_of = array<${typeOf(of)}, ${all.length}>(${all.join(", ")});`,
      `  var ${v} = ${v}_of[${all.length - 1}];`,
      `  for (var i = ${all.length - 2}; i >= 0; i--) { ${v} = ${next}; }`,
    );
    return { text: v, elem: "f64" };
  };
  // sums of f64 are functions of integers: no compiler reassociates them
  const result =
    of.elem === "f64"
      ? MATH[name].f64<Step>({ ...builder, poly }, { text: "x", elem: "f64" })
      : MATH[name].f32<Step>({ ...builder, nearest, firm }, { text: "x", elem: "f32" });
  return [`fn ${helper}(x: ${type}) -> ${type} {`, ...lines, `  return ${result.text};`, "}"].join("\n");
}

/** a function of scalars, on each lane */
export function lanewise({ cx, t, args }: Site, name: string, of: readonly Elem[]): string {
  if (t.lanes === 1) return `${name}(${args.join(", ")})`;
  const helper = `${name}_x${t.lanes}`;
  const params = args.map((_, i) => `a${i}: ${typeOf(ty(of[i]!, t.lanes))}`);
  const lane = (l: number): string => `${name}(${args.map((_, i) => `a${i}[${l}]`).join(", ")})`;
  declare(
    cx,
    helper,
    () =>
      `fn ${helper}(${params.join(", ")}) -> ${typeOf(t)} {\n  return ${typeOf(t)}(${Array.from({ length: t.lanes }, (_, l) => lane(l)).join(", ")});\n}`,
  );
  return `${helper}(${args.join(", ")})`;
}
/** |b| doubled as long as it is not above |a|, then halved back and taken from what remains: each step is exact (as codegen/wasm/helper.ts) */
export function remainderHelper(s: Site): string {
  declare(s.cx, "rem_f32", () =>
    [
      "fn rem_f32(a: f32, b: f32) -> f32 {",
      "  let size = abs(b);",
      "  var rest = abs(a);",
      "  if (!(size > 0.0f)) { return a / b; }",
      "  var part = size;",
      "  for (var i = 0; i < 280 && part <= rest - part; i++) { part = part + part; }",
      "  for (var i = 0; i < 281; i++) {",
      "    if (rest >= part) { rest = rest - part; }",
      "    if (part <= size) { break; }",
      "    part = part * 0.5f;",
      "  }",
      "  return select(rest, -rest, (bitcast<u32>(a) >> 31u) == 1u);",
      "}",
    ].join("\n"),
  );
  return lanewise(s, "rem_f32", ["f32", "f32"]);
}
export function saturatingHelper(s: Site): string {
  const to = s.t.elem === "i32" ? "i32" : "u32";
  const [end, above] = to === "i32" ? ["2147483647", "2147483648.0f"] : ["4294967295u", "4294967296.0f"];
  declare(
    s.cx,
    `saturate_${to}`,
    () => `fn saturate_${to}(x: f32) -> ${to} {\n  return select(${to}(x), ${end}, x >= ${above});\n}`,
  );
  return lanewise(s, `saturate_${to}`, ["f32"]);
}
