/** The kernels of a training step as KERNELs with schedules, in a short notation. What an op means stands here; how it is emitted does not. */
import type {
  Access,
  Axis,
  AxisExtent,
  Index,
  Item,
  Kernel,
  Lanes,
  Layout,
  Nest,
  Part,
  Schedule,
  Step,
  Tensor,
  Val,
} from "../../src/ir/kernel.ts";
import type { Prim } from "../../src/ir/prim.ts";
import { type Dim, type Elem, N, type Stored } from "../../src/ir/type.ts";
import { merge as tryMerge } from "../../src/passes/emit/index.ts";

export type Pair = readonly [Kernel, Schedule];
/** tensor("x", { n: 16, y: 12 }, "n/16 y n%16", { y: [1, 1] }) */
export function tensor(
  name: string,
  dims: Readonly<Record<string, Dim>>,
  parts: string,
  halo: Readonly<Record<string, readonly [number, number]>> = {},
  more: { store?: Stored; local?: boolean } = {},
): Tensor {
  const names = Object.keys(dims);
  const part = (s: string): Part => {
    const [, d, op, n] = /^(\w+?)(?:([/%])(\d+))?$/.exec(s)!;
    const dim = names.indexOf(d!);
    return op === "/" ? { dim, div: Number(n) } : op === "%" ? { dim, div: 1, mod: Number(n) } : { dim, div: 1 };
  };
  const layout: Layout = {
    parts: parts.split(" ").filter(Boolean).map(part),
    halo: names.map(n => halo[n] ?? [0, 0]),
  };
  return {
    name,
    store: more.store ?? "f32",
    shape: Object.values(dims),
    layout,
    ...(more.local ? { local: true } : {}),
  };
}
export function index(s: string): Index {
  let base = 0;
  const terms: { axis: string; by: number }[] = [];
  for (const [, sign, a, b] of s.matchAll(/([+-]?)([\w.]+)(?:\*(\d+))?/g)) {
    const k = sign === "-" ? -1 : 1;
    if (/^\d/.test(a!)) base += k * Number(a);
    else terms.push({ axis: a!, by: k * Number(b ?? 1) });
  }
  return { base, terms };
}
export const access = (of: Tensor, ...at: string[]): Access => ({ of, index: at.map(index) });
export const read = (of: Tensor, ...at: string[]): Val => ({ k: "read", from: access(of, ...at) });
export const p = (prim: Prim, ...args: Val[]): Val => ({ k: "prim", prim, args });
export const cast = (elem: Elem, x: Val): Val => ({ k: "prim", prim: "cast", args: [x], elem });
export const name = (n: string): Val => ({ k: "name", name: n });
export const num = (value: number, elem: Elem = "f32"): Val => ({ k: "const", value, elem });
export const int = (value: number): Val => num(value, "i32");
export const axis = (a: string): Val => ({ k: "axis", axis: a });
export const axes = (
  parallel: Readonly<Record<string, AxisExtent>>,
  reduce: Readonly<Record<string, AxisExtent>> = {},
): Axis[] => [
  ...Object.entries(parallel).map(([n, extent]) => ({ name: n, extent, role: "parallel" as const })),
  ...Object.entries(reduce).map(([n, extent]) => ({ name: n, extent, role: "reduce" as const })),
];
export const to = (of: Tensor, at: readonly string[], value: Val): Item => ({ to: access(of, ...at), value });
/** "n:16@grid co:5 co:6~ | ky:1" : size, ~ even, @ where, | the register tile, =name pack */
export const steps = (s: string): Step[] =>
  s
    .split(" ")
    .filter(Boolean)
    .map(t => {
      if (t === "|") return { tile: true };
      if (t[0] === "=") return { pack: t.slice(1) };
      const [, a, n, even, at] = /^([\w.]+):(\d+)(~?)(?:@(\w+))?$/.exec(t)!;
      return { axis: a!, size: Number(n), even: even === "~", at: (at ?? "loop") as "loop" | "grid" | "lane" };
    });
export const nest = (axisName: string, lanes: Lanes, s: string): Nest => ({
  vector: { axis: axisName, lanes },
  steps: steps(s),
});
export const single = (n: Nest): Schedule => ({ shared: [], phases: [n] });
export const kernel = (n: string, ...phases: Kernel["phases"]): Kernel => ({ name: n, phases, covers: [] });
const merge = (k: Kernel, a: string, b: string): Kernel => {
  const m = tryMerge(k, a, b);
  if (!m) throw new Error(`${k.name}: ${a} and ${b} cannot be merged`);
  return m;
};
const PANELS: AxisExtent = { of: N, by: 16 };

// ---- convolution
export interface Conv {
  /** N, or a number */
  n: Dim;
  h: number;
  w: number;
  ci: number;
  co: number;
  k: number;
  p: number;
  BO: number;
  KT?: number;
  CT?: number;
  R?: number;
  halo?: boolean;
}
export const outSize = (c: Conv): readonly [number, number] => [c.h + 2 * c.p - c.k + 1, c.w + 2 * c.p - c.k + 1];
const image = (nm: string, v: Conv, y: number, x: number, c: number, halo = 0, store: Stored = "f32"): Tensor =>
  tensor(
    nm,
    { n: v.n, y, x, c },
    "n/16 y x c n%16",
    halo && v.halo !== false ? { y: [halo, halo], x: [halo, halo] } : {},
    { store },
  );
const weight = (nm: string, c: Conv): Tensor =>
  tensor(nm, { ky: c.k, kx: c.k, ci: c.ci, co: c.co }, `co/${c.BO} ky kx ci co%${c.BO}`);

export function convForward(c: Conv, relu = false): Pair {
  const [oh, ow] = outSize(c);
  const x = image("x", c, c.h, c.w, c.ci, c.p);
  const [w, b, y] = [weight("w", c), tensor("b", { co: c.co }, "co"), image("y", c, oh, ow, c.co)];
  const k = kernel("fwd", {
    axes: axes({ n: c.n, oy: oh, ox: ow, co: c.co }, { ky: c.k, kx: c.k, ci: c.ci }),
    reduce: [
      {
        name: "s",
        op: "add",
        init: read(b, "co"),
        value: p("mul", read(x, "n", `oy+ky-${c.p}`, `ox+kx-${c.p}`, "ci"), read(w, "ky", "kx", "ci", "co")),
      },
    ],
    then: [to(y, ["n", "oy", "ox", "co"], relu ? p("max", num(0), name("s")) : name("s"))],
  });
  if (c.halo === false) return [k, single(nest("n", 16, `n:16@grid co:${c.BO} co:6~ oy:1 ox:1 | ky:1 kx:1 ci:1`))];
  const inner = c.k * c.k * c.ci <= 30 ? "" : " ky:1 kx.ci:1";
  return [merge(k, "kx", "ci"), single(nest("n", 16, `n:16@grid co:${c.BO} co:6~ oy:1 ox:1 |${inner}`))];
}
/** gather form; windows are cut at the border by loop bounds */
export function convInput(c: Conv, mask = false): Pair {
  const [oh, ow] = outSize(c);
  const [dy, w] = [image("dy", c, oh, ow, c.co), weight("w", c)];
  const [dx, act] = [image("dx", c, c.h, c.w, c.ci), image("act", c, c.h, c.w, c.ci, c.p)];
  const s = mask ? p("select", p("lt", num(0), read(act, "n", "iy", "ix", "ci")), name("s"), num(0)) : name("s");
  const k = kernel("dx", {
    axes: axes({ n: c.n, iy: c.h, ix: c.w, ci: c.ci }, { ky: c.k, kx: c.k, co: c.co }),
    reduce: [
      {
        name: "s",
        op: "add",
        value: p("mul", read(dy, "n", `iy-ky+${c.p}`, `ix-kx+${c.p}`, "co"), read(w, "ky", "kx", "ci", "co")),
      },
    ],
    then: [to(dx, ["n", "iy", "ix", "ci"], s)],
  });
  return [k, single(nest("n", 16, `n:16@grid ci:6~ iy:1 ix:1 | ky:1 kx:1 co:${c.BO}`))];
}
/** dot form: the 16 records of a panel are reduced; the panels stay apart */
export function convWeight(c: Conv): Pair {
  const [oh, ow] = outSize(c);
  const [x, dy] = [image("x", c, c.h, c.w, c.ci, c.p), image("dy", c, oh, ow, c.co)];
  const dw = tensor("dw", { n: c.n, ky: c.k, kx: c.k, ci: c.ci, co: c.co }, `n/16 co/${c.BO} ky kx ci co%${c.BO}`);
  const k = kernel("dw", {
    axes: axes({ panel: { of: c.n, by: 16 }, ky: c.k, kx: c.k, ci: c.ci, co: c.co }, { oy: oh, ox: ow, r: 16 }),
    reduce: [
      {
        name: "s",
        op: "add",
        value: p(
          "mul",
          read(x, "panel*16+r", `oy+ky-${c.p}`, `ox+kx-${c.p}`, "ci"),
          read(dy, "panel*16+r", "oy", "ox", "co"),
        ),
      },
    ],
    then: [to(dw, ["panel*16", "ky", "kx", "ci", "co"], name("s"))],
  });
  return [
    merge(k, "kx", "ci"),
    single(nest("r", 8, `panel:1@grid co:${c.BO} co:${c.CT}~ oy:${c.R} =dy ky:1 kx.ci:${c.KT} | oy:1 ox:1`)),
  ];
}

// ---- dense
export interface Dense {
  n: Dim;
  ci: number;
  co: number;
}
const vec = (nm: string, d: Dense, c: number): Tensor => tensor(nm, { n: d.n, c }, "n/16 c n%16");
const matrix = (nm: string, d: Dense): Tensor => tensor(nm, { ci: d.ci, co: d.co }, "co/16 ci co%16");
/** units in lanes: [N/16][units/16][16 records][16 units] */
const turned = (nm: string, d: Dense): Tensor => tensor(nm, { n: d.n, co: d.co }, "n/16 co/16 n%16 co%16");
export function denseForward(d: Dense, relu = false): Pair {
  const [x, w, b, y] = [vec("x", d, d.ci), matrix("w", d), tensor("b", { co: d.co }, "co"), vec("y", d, d.co)];
  const k = kernel("fwd", {
    axes: axes({ n: d.n, co: d.co }, { ci: d.ci }),
    reduce: [{ name: "s", op: "add", init: read(b, "co"), value: p("mul", read(x, "n", "ci"), read(w, "ci", "co")) }],
    then: [to(y, ["n", "co"], relu ? p("max", num(0), name("s")) : name("s"))],
  });
  return [k, single(nest("n", 16, "n:16@grid co:16 co:6~ | ci:1"))];
}
export function denseInput(d: Dense, mask = false): Pair {
  const [dy, w, dx, act] = [vec("dy", d, d.co), matrix("w", d), vec("dx", d, d.ci), vec("act", d, d.ci)];
  const s = mask ? p("select", p("lt", num(0), read(act, "n", "ci")), name("s"), num(0)) : name("s");
  const k = kernel("dx", {
    axes: axes({ n: d.n, ci: d.ci }, { co: d.co }),
    reduce: [{ name: "s", op: "add", value: p("mul", read(dy, "n", "co"), read(w, "ci", "co")) }],
    then: [to(dx, ["n", "ci"], s)],
  });
  return [k, single(nest("n", 16, "n:16@grid ci:6~ | co:16"))];
}
const hyper = tensor("hyper", { i: 2 }, "i");
/** v = mu m + s; w -= lr v */
const momentum = (w: Tensor, m: Tensor, ...at: string[]): Item[] => [
  { name: "v", value: p("add", p("mul", read(hyper, "1"), read(m, ...at)), name("s")) },
  to(m, at, name("v")),
  to(w, at, p("sub", read(w, ...at), p("mul", read(hyper, "0"), name("v")))),
];
/** splat form, units in lanes, with the momentum step in the epilogue */
export function denseWeight(d: Dense, form: "splat" | "dot" = "splat"): Pair {
  const x = vec("x", d, d.ci);
  const dy = form === "splat" ? turned("dy", d) : vec("dy", d, d.co);
  const k = kernel("dw", {
    axes: axes({ ci: d.ci, co: d.co }, { n: d.n }),
    reduce: [{ name: "s", op: "add", value: p("mul", read(x, "n", "ci"), read(dy, "n", "co")) }],
    then: momentum(matrix("w", d), matrix("m", d), "ci", "co"),
  });
  return [k, single(form === "splat" ? nest("co", 16, "co:16@grid ci:6~ | n:16") : nest("n", 8, "co:3~ ci:2~ | n:16"))];
}
/** the same on plain weights */
export function plainWeight(d: Dense): Pair {
  const plainMatrix = (nm: string): Tensor => tensor(nm, { ci: d.ci, co: d.co }, "ci co");
  const k = kernel("dw", {
    axes: axes({ ci: d.ci, co: d.co }, { n: d.n }),
    reduce: [
      { name: "s", op: "add", value: p("mul", read(vec("x", d, d.ci), "n", "ci"), read(turned("dy", d), "n", "co")) },
    ],
    then: momentum(plainMatrix("w"), plainMatrix("m"), "ci", "co"),
  });
  return [k, single(nest("co", 16, "co:16@grid ci:6~ | n:16"))];
}

// ---- the rest
/** softmax cross-entropy and its gradient: three phases, records in lanes */
export function softmaxLoss(d: { n: Dim; c: number; scale: number }): Pair {
  const v = { n: d.n, ci: d.c, co: d.c };
  const [z, dz, stat] = [vec("z", v, d.c), vec("dz", v, d.c), vec("stat", v, 2)];
  const label = tensor("label", { n: d.n }, "n", {}, { store: "i32" });
  const hit = p("eq", read(label, "n"), axis("c"));
  const k = kernel(
    "loss",
    { axes: axes({ n: d.n }, { c: d.c }), reduce: [{ name: "m", op: "max", value: read(z, "n", "c") }], then: [] },
    {
      axes: axes({ n: d.n }, { c: d.c }),
      each: [
        { name: "t", value: p("sub", read(z, "n", "c"), name("m")) },
        { name: "e", value: p("exp2", p("mul", name("t"), num(Math.LOG2E))) },
        to(dz, ["n", "c"], name("e")),
      ],
      reduce: [
        { name: "sum", op: "add", value: name("e") },
        { name: "own", op: "add", value: p("select", hit, name("t"), num(0)) },
      ],
      then: [
        to(stat, ["n", "0"], name("sum")),
        to(stat, ["n", "1"], name("own")),
        { name: "f", value: p("div", num(d.scale), name("sum")) },
      ],
    },
    {
      axes: axes({ n: d.n, c: d.c }),
      reduce: [],
      then: [
        to(dz, ["n", "c"], p("sub", p("mul", read(dz, "n", "c"), name("f")), p("select", hit, num(d.scale), num(0)))),
      ],
    },
  );
  return [
    k,
    { shared: steps("n:16@grid"), phases: [nest("n", 16, "| c:1"), nest("n", 16, "| c:1"), nest("n", 16, "c:1 |")] },
  ];
}
/** convolution and 2x2 max pooling: two rows at a time in scratch, the winner's index kept for the gradient (4: cut by relu) */
export function convPool(c: Conv, relu = false): Pair {
  const [oh, ow] = outSize(c);
  const x = image("x", c, c.h, c.w, c.ci, c.p);
  const [w, b] = [weight("w", c), tensor("b", { co: c.co }, "co")];
  const rows = tensor("rows", { n: c.n, qy: 2, x: ow, c: c.co }, "qy x c n%16", {}, { local: true });
  const [y, win] = [image("y", c, oh / 2, ow / 2, c.co), image("win", c, oh / 2, ow / 2, c.co, 0, "i32")];
  const cell = ["n", "py", "px", "co"];
  const winner = p("add", p("mul", axis("qy"), int(2)), axis("qx"));
  const k = kernel(
    "pool",
    {
      axes: axes({ n: c.n, py: oh / 2, qy: 2, ox: ow, co: c.co }, { ky: c.k, kx: c.k, ci: c.ci }),
      reduce: [
        {
          name: "s",
          op: "add",
          init: read(b, "co"),
          value: p("mul", read(x, "n", `py*2+qy+ky-${c.p}`, `ox+kx-${c.p}`, "ci"), read(w, "ky", "kx", "ci", "co")),
        },
      ],
      then: [to(rows, ["n", "qy", "ox", "co"], name("s"))],
    },
    {
      axes: axes({ n: c.n, py: oh / 2, px: ow / 2, co: c.co }, { qy: 2, qx: 2 }),
      reduce: [
        { name: "m", op: "max", value: read(rows, "n", "qy", "px*2+qx", "co") },
        { name: "i", op: "first", of: "m", value: winner },
      ],
      then: relu
        ? [
            to(y, cell, p("max", num(0), name("m"))),
            to(win, cell, p("select", p("lt", num(0), name("m")), name("i"), int(4))),
          ]
        : [to(y, cell, name("m")), to(win, cell, name("i"))],
    },
  );
  const inner = c.k * c.k * c.ci <= 30 ? "" : " ky:1 kx.ci:1";
  const phases = [nest("n", 16, `co:${c.BO} co:6~ qy:1 ox:1 |${inner}`), nest("n", 16, "px:1 co:1 |")];
  return [merge(k, "kx", "ci"), { shared: steps("n:16@grid py:1"), phases }];
}
/** gradient of pooling: the winner takes all */
export function unpool(c: Conv): Pair {
  const [oh, ow] = outSize(c);
  const [dout, win] = [image("dout", c, oh / 2, ow / 2, c.co), image("win", c, oh / 2, ow / 2, c.co, 0, "i32")];
  const cell = ["n", "py", "px", "co"];
  const here = p("eq", read(win, ...cell), p("add", p("mul", axis("qy"), int(2)), axis("qx")));
  const k = kernel("unpool", {
    axes: axes({ n: c.n, py: oh / 2, px: ow / 2, co: c.co, qy: 2, qx: 2 }),
    reduce: [],
    then: [
      to(
        image("dy", c, oh, ow, c.co),
        ["n", "py*2+qy", "px*2+qx", "co"],
        p("select", here, read(dout, ...cell), num(0)),
      ),
    ],
  });
  return [k, single(nest("n", 16, "n:16@grid py:1 px:1 co:1 |"))];
}
/** db[panel, co] = sum of dy: a reduction that is not a product */
export function biasSum(c: Conv): Pair {
  const [oh, ow] = outSize(c);
  const k = kernel("db", {
    axes: axes({ panel: { of: c.n, by: 16 }, co: c.co }, { oy: oh, ox: ow, r: 16 }),
    reduce: [{ name: "s", op: "add", value: read(image("dy", c, oh, ow, c.co), "panel*16+r", "oy", "ox", "co") }],
    then: [to(tensor("db", { n: c.n, co: c.co }, "n/16 co"), ["panel*16", "co"], name("s"))],
  });
  return [k, single(nest("r", 8, `panel:1@grid co:4 oy:${oh} | oy:1 ox:1`))];
}
/** panels' gradients summed in order, then the momentum step, on a flat stretch of weights */
export function update(d: { n: Dim; count: number }): Pair {
  const lanes = ([16, 8, 4] as const).find(l => d.count % l === 0) ?? 1;
  const g = tensor("g", { n: d.n, i: d.count }, "n/16 i");
  const k = kernel("update", {
    axes: axes({ i: d.count }, { panel: { of: d.n, by: 16 } }),
    reduce: [{ name: "s", op: "add", value: read(g, "panel*16", "i") }],
    then: momentum(tensor("w", { i: d.count }, "i"), tensor("m", { i: d.count }, "i"), "i"),
  });
  return [k, single(nest("i", lanes, `i:${lanes}@grid | panel:1`))];
}
export function biasDense(d: { n: Dim; co: number }): Pair {
  const k = kernel("bias", {
    axes: axes({ co: d.co }, { n: d.n }),
    reduce: [{ name: "s", op: "add", value: read(turned("dy", { ...d, ci: 1 }), "n", "co") }],
    then: momentum(tensor("w", { i: d.co }, "i"), tensor("m", { i: d.co }, "i"), "co"),
  });
  return [k, single(nest("co", 16, "co:16@grid | n:1"))];
}
/** dy as dense dW wants it */
export function transpose(d: { n: Dim; c: number }): Pair {
  const k = kernel("turn", {
    axes: axes({ n: d.n, c: d.c }),
    reduce: [],
    then: [
      to(
        turned("turned", { n: d.n, ci: 1, co: d.c }),
        ["n", "c"],
        read(vec("dy", { n: d.n, ci: 1, co: d.c }, d.c), "n", "c"),
      ),
    ],
  });
  return [k, single(nest("n", 1, "n:16@grid c:16 n:1 |"))];
}
export { N, PANELS };
