/**
 * KERNEL, Layout and Schedule as text for people: index maps as sums, layouts as parts, schedules in one line. Not read back.
 *
 *   kernel dense
 *     x: f32[N, 800] as n0/16 1 n0%16
 *     phase n<N> o<500> | c<800>
 *       s = add x[n, c] * w[o, c], from b[o]
 *       y[n, o] = max(s, 0)
 */
import type {
  Access,
  AxisExtent,
  Index,
  Item,
  Kernel,
  Layout,
  Nest,
  Phase,
  Schedule,
  Step,
  Tensor,
  Val,
} from "./kernel.ts";
import { tensorsOf } from "./kernel-walk.ts";
import { showDim, showShape } from "./type.ts";

export function printKernel(k: Kernel, s?: Schedule): string {
  const tensors = tensorsOf(k).map(
    t => `  ${t.name}: ${t.store}${showShape(t.shape)}${t.local ? " local" : ""}${showLayout(t)}`,
  );
  const phases = k.phases.flatMap((p, i) => [
    ...phaseLines(p),
    ...(s?.phases[i] ? [`    by ${showNest(s.phases[i])}`] : []),
  ]);
  const shared = s?.shared.length ? [`  shared ${s.shared.map(showStep).join(" ")}`] : [];
  return [`kernel ${k.name}`, ...tensors, ...shared, ...phases].join("\n");
}
function phaseLines(p: Phase): readonly string[] {
  const axes = (role: "parallel" | "reduce"): string =>
    p.axes
      .filter(a => a.role === role)
      .map(a => ` ${a.name}<${showExtent(a.extent)}>`)
      .join("");
  const reduced = axes("reduce");
  return [
    `  phase${axes("parallel")}${reduced ? ` |${reduced}` : ""}`,
    ...(p.each ?? []).map(t => `    each ${showItem(t)}`),
    ...p.reduce.map(r => {
      const what = r.of === undefined ? r.op : `${r.op} of ${r.of}`;
      return `    ${r.name} = ${what} ${showVal(r.value)}${r.init ? `, from ${showVal(r.init)}` : ""}`;
    }),
    ...p.then.map(t => `    ${showItem(t)}`),
  ];
}
const showExtent = (e: AxisExtent): string =>
  typeof e === "object" && "of" in e ? `ceil(${showDim(e.of)} / ${e.by})` : showDim(e);
/** nothing for row major; else the parts, dims by number, d/16 and d%16 for blocks, and the halo */
function showLayout(t: Tensor): string {
  const { parts, halo }: Layout = t.layout;
  const cells = halo.flatMap(([lo, hi], d) => (lo || hi ? [` halo ${d}:${lo}..${hi}`] : [])).join("");
  const plain =
    parts.length === t.shape.length && parts.every((p, d) => p.dim === d && p.div === 1 && p.mod === undefined);
  const part = (p: Layout["parts"][number]): string =>
    `${p.dim}${p.div === 1 ? "" : `/${p.div}`}${p.mod === undefined ? "" : `%${p.mod}`}`;
  return (plain ? "" : ` as ${parts.map(part).join(" ")}`) + cells;
}
function showIndex(i: Index): string {
  const terms = i.terms.map(t => `${t.by < 0 ? "-" : "+"}${Math.abs(t.by) === 1 ? "" : `${Math.abs(t.by)}*`}${t.axis}`);
  const base = i.base === 0 ? "" : i.base < 0 ? String(i.base) : `+${i.base}`;
  const sum = [...terms, base, i.gather ? `+${showVal(i.gather)}` : ""].join("");
  return sum === "" ? "0" : sum.replace(/^\+/, "");
}
const showAccess = (a: Access): string =>
  `${a.of.name}[${a.index.map(showIndex).join(", ")}]${a.skip ? " else skip" : a.fill ? ` else ${a.fill}` : ""}`;
const INFIX: Readonly<Record<string, string>> = { add: "+", sub: "-", mul: "*", div: "/", lt: "<", le: "<=", eq: "==" };
function showVal(v: Val, nested = false): string {
  switch (v.k) {
    case "read":
      return showAccess(v.from);
    case "name":
      return v.name;
    case "const":
      return `${Object.is(v.value, -0) ? "-0" : v.value}${v.elem === "f32" ? "" : `:${v.elem}`}`;
    case "axis":
      return v.axis;
    case "n":
      return "N";
    case "prim": {
      const sign = INFIX[v.prim];
      const [a, b] = v.args;
      if (sign && a && b) {
        const sum = `${showVal(a, true)} ${sign} ${showVal(b, true)}`;
        return nested ? `(${sum})` : sum;
      }
      return `${v.prim}${v.elem ? `:${v.elem}` : ""}(${v.args.map(x => showVal(x)).join(", ")})`;
    }
    default:
      return v satisfies never;
  }
}
const showItem = (t: Item): string =>
  "fault" in t
    ? `fault ${t.fault} unless ${showVal(t.ok)}`
    : `${"to" in t ? showAccess(t.to) : t.name} = ${showVal(t.value)}`;
/** n:16@grid co:6~ =dy | ky:1 */
function showStep(s: Step): string {
  if ("tile" in s) return "|";
  if ("pack" in s) return `=${s.pack}`;
  return `${s.axis}:${s.size}${s.even ? "~" : ""}${s.at === "loop" ? "" : `@${s.at}`}`;
}
const showNest = (n: Nest): string =>
  `${n.steps.map(showStep).join(" ")}${n.vector.lanes > 1 ? `, ${n.vector.axis} in ${n.vector.lanes} lanes` : ""}`;
