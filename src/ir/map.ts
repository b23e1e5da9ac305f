/** Index maps: what a view reads where. They compose; their adjoints stay in the set of views. Knows no op and no layout. */
import { addDim, type Dim, dim } from "./type.ts";

/** base + sum of by * out[axis] */
export interface Form {
  readonly base: number;
  readonly terms: readonly { readonly axis: number; readonly by: number }[];
}
/** one coordinate of the input: floor(form / div) mod `mod`; div 1 and no mod is affine */
export interface Coordinate extends Form {
  readonly div: number;
  readonly mod?: number;
}
/** the form must lie in [0, below) and, with `by`, be divisible by it; else the view reads `fill` */
export interface Guard {
  readonly form: Form;
  readonly below: Dim;
  readonly by?: number;
}
/** out coordinates -> input coordinates */
export interface IndexMap {
  readonly in: readonly Coordinate[];
  readonly guards: readonly Guard[];
  readonly fill: number;
}

// ---- forms

export const along = (axis: number, by = 1, base = 0): Form => ({ base, terms: by === 0 ? [] : [{ axis, by }] });
/** equal axes united, zero terms dropped, axes ascending: equal forms are equal in every field */
function normal(base: number, terms: Form["terms"]): Form {
  const by = new Map<number, number>();
  for (const t of terms) by.set(t.axis, (by.get(t.axis) ?? 0) + t.by);
  const kept = [...by].filter(([, x]) => x !== 0).sort(([a], [b]) => a - b);
  return { base: base + 0, terms: kept.map(([axis, x]) => ({ axis, by: x })) };
}
const add = (a: Form, b: Form, scale = 1): Form =>
  normal(a.base + scale * b.base, [...a.terms, ...b.terms.map(t => ({ axis: t.axis, by: scale * t.by }))]);
const equal = (a: Form, b: Form): boolean =>
  a.base === b.base &&
  a.terms.length === b.terms.length &&
  a.terms.every((t, i) => t.axis === b.terms[i]!.axis && t.by === b.terms[i]!.by);
export const isAffine = (c: Coordinate): boolean => c.div === 1 && c.mod === undefined;
const evaluateForm = (f: Form, at: readonly number[]): number =>
  f.terms.reduce((x, t) => x + t.by * at[t.axis]!, f.base);
/** the modulus that is never negative */
const modulo = (a: number, m: number): number => ((a % m) + m) % m;

const scaled = (d: Dim, by: number): Dim => (typeof d === "number" ? d * by : dim(d.n * by, d.plus * by));
/** a <= b for every N >= 1 */
function atMost(a: Dim, b: Dim): boolean {
  const [x, y] = [a, b].map(d => (typeof d === "number" ? { n: 0, plus: d } : d)) as [
    { n: number; plus: number },
    { n: number; plus: number },
  ]; // as: two in, two out
  return y.n - x.n >= 0 && y.n - x.n + y.plus - x.plus >= 0;
}

/** least and largest value of the form over a box that is not empty */
export function bounds(f: Form, shape: readonly Dim[]): { readonly low: Dim; readonly high: Dim } {
  let [low, high]: [Dim, Dim] = [f.base, f.base];
  for (const t of f.terms) {
    const last = scaled(addDim(shape[t.axis]!, -1), t.by);
    if (t.by > 0) high = addDim(high, last);
    else low = addDim(low, last);
  }
  return { low, high };
}
const within = (f: Form, below: Dim, shape: readonly Dim[]): boolean => {
  const b = bounds(f, shape);
  return atMost(0, b.low) && atMost(addDim(b.high, 1), below);
};

/** floor(form / div) mod `mod` over a box, without what the box makes superfluous */
export function coordinate(f: Form, div: number, mod: number | undefined, shape: readonly Dim[]): Coordinate {
  let form = normal(f.base, f.terms);
  if (mod !== undefined) {
    const period = div * mod;
    if (within(form, period, shape)) mod = undefined;
    else
      form = normal(
        modulo(form.base, period),
        form.terms.filter(t => t.by % period !== 0),
      );
  }
  if (mod !== undefined && within(form, div * mod, shape)) mod = undefined;
  if (div > 1) {
    const base = modulo(form.base, div);
    const rest = normal(
      base,
      form.terms.filter(t => t.by % div !== 0),
    );
    if (within(rest, div, shape)) {
      const whole = form.terms.filter(t => t.by % div === 0).map(t => ({ axis: t.axis, by: t.by / div }));
      form = normal((form.base - base) / div, whole);
      div = 1;
    }
  }
  return { ...form, div, ...(mod === undefined ? {} : { mod }) };
}
/** the map without guards that always hold */
export function tidy(map: IndexMap, shape: readonly Dim[]): IndexMap {
  const guards = map.guards.filter(
    g => !within(g.form, g.below, shape) || (g.by !== undefined && !divides(g.by, g.form)),
  );
  return { in: map.in.map(c => coordinate(c, c.div, c.mod, shape)), guards, fill: guards.length ? map.fill : 0 };
}
const divides = (by: number, f: Form): boolean => f.base % by === 0 && f.terms.every(t => t.by % by === 0);

export const identity = (rank: number): IndexMap => ({
  in: Array.from({ length: rank }, (_, d) => ({ ...along(d), div: 1 })),
  guards: [],
  fill: 0,
});

// ---- composition

interface Part {
  readonly by: number;
  readonly c: Coordinate;
}
/** k * floor(f / d) mod m  +  k * m * floor(f / (d * m)) [mod q]   -->   k * floor(f / d) [mod m * q] */
function joinParts(parts: readonly Part[]): readonly Part[] {
  for (const low of parts) {
    const m = low.c.mod;
    if (m === undefined) continue;
    for (const high of parts) {
      if (high === low || high.by !== low.by * m || high.c.div !== low.c.div * m || !equal(high.c, low.c)) continue;
      const { mod: _, ...whole } = low.c;
      const joined = high.c.mod === undefined ? whole : { ...whole, mod: m * high.c.mod };
      return joinParts([...parts.filter(p => p !== low && p !== high), { by: low.by, c: joined }]);
    }
  }
  return parts;
}
/** sum of parts as an affine form, and what is not affine */
function split(base: number, parts: readonly Part[]): { form: Form; rest: readonly Part[] } {
  const affine = parts.filter(p => isAffine(p.c));
  return {
    form: affine.reduce((f, p) => add(f, p.c, p.by), normal(base, [])),
    rest: parts.filter(p => !isAffine(p.c)),
  };
}
const substitute = (f: Form, by: IndexMap): ReturnType<typeof split> =>
  split(f.base, joinParts(f.terms.map(t => ({ by: t.by, c: by.in[t.axis]! }))));

/**
 * `inner` read at the coordinates that `outer` reads: (out -> mid) and (mid -> in) give (out -> in). Undefined where the result is no
 * map: two fills, or a floor of a sum with a floor in it.
 */
export function compose(outer: IndexMap, inner: IndexMap, out: readonly Dim[]): IndexMap | undefined {
  if (outer.guards.length && inner.guards.length && !Object.is(outer.fill, inner.fill)) return undefined;
  const coordinates: Coordinate[] = [];
  for (const c of inner.in) {
    const next = composeCoordinate(c, outer, out);
    if (!next) return undefined;
    coordinates.push(next);
  }
  const guards: Guard[] = [...outer.guards];
  for (const g of inner.guards) {
    const { form, rest } = substitute(g.form, outer);
    if (rest.length) return undefined;
    guards.push({ ...g, form });
  }
  return tidy({ in: coordinates, guards, fill: outer.guards.length ? outer.fill : inner.fill }, out);
}
function composeCoordinate(c: Coordinate, outer: IndexMap, out: readonly Dim[]): Coordinate | undefined {
  const { form, rest } = substitute(c, outer);
  if (rest.length === 0) return coordinate(form, c.div, c.mod, out);
  const [only] = rest;
  if (rest.length > 1 || only!.by !== 1) return undefined;
  const { div, mod } = only!.c;
  // floor((floor(f / d) + g) / e) = floor((f + d * g) / (d * e)) for integers g
  if (mod === undefined) return coordinate(add(only!.c, form, div), div * c.div, c.mod, out);
  if (form.base !== 0 || form.terms.length || mod % c.div !== 0) return undefined;
  // floor((x mod m) / e) = floor(x / e) mod (m / e) where e divides m
  const left = mod / c.div;
  if (c.mod !== undefined && left % c.mod !== 0 && c.mod < left) return undefined;
  return coordinate(only!.c, div * c.div, c.mod === undefined ? left : Math.min(left, c.mod), out);
}

/**
 * The map back, for maps that read each input element at most once, by affine coordinates of one axis each: slice and pad, transpose,
 * diagonal, a dim of 1 added or dropped. An input element that is read nowhere reads 0. `out`: the shape of the map's result.
 */
export function adjoint(map: IndexMap, out: readonly Dim[], input: readonly Dim[]): IndexMap | undefined {
  const back = new Map<number, Coordinate>();
  const guards: Guard[] = [];
  for (const [d, c] of map.in.entries()) {
    if (!isAffine(c) || c.terms.length > 1) return undefined;
    const t = c.terms[0];
    if (!t) {
      guards.push({ form: along(d, 1, -c.base), below: 1 });
      continue;
    }
    // c = base + by * o: o = (c - base) / by
    const sign = Math.sign(t.by);
    const form = along(d, sign, -sign * c.base);
    const size = Math.abs(t.by);
    const old = back.get(t.axis);
    if (old) {
      if (old.div !== 1 || size !== 1) return undefined;
      guards.push({ form: add(form, old, -1), below: 1 });
      continue;
    }
    back.set(t.axis, { ...form, div: size });
    const extent = out[t.axis]!;
    const below = size === 1 ? extent : addDim(scaled(addDim(extent, -1), size), 1);
    guards.push({ form, below, ...(size === 1 ? {} : { by: size }) });
  }
  const coordinates: Coordinate[] = [];
  for (const [axis, extent] of out.entries()) {
    const c = back.get(axis);
    if (!c && extent !== 1) return undefined;
    coordinates.push(c ?? { ...along(0, 0), div: 1 });
  }
  if (map.guards.length && map.in.some(c => !c.terms.length)) return undefined;
  return tidy({ in: coordinates, guards, fill: 0 }, input);
}

// ---- reading

/** flat index into a row-major tensor of shape `input` for each element of shape `out` in row-major order; -1: the fill */
export function flatIndices(map: IndexMap, out: readonly number[], input: readonly number[]): Int32Array {
  const size = out.reduce((a, b) => a * b, 1);
  const flat = new Int32Array(size);
  const strides = rowMajor(input);
  const coordinates = map.in.map((c, d) => ({ c, stride: strides[d]! }));
  const affine = coordinates
    .filter(({ c }) => isAffine(c))
    .reduce<Form>((f, { c, stride }) => add(f, c, stride), { base: 0, terms: [] });
  const rest = coordinates.filter(({ c }) => !isAffine(c));
  const guards = map.guards.map(g => ({ ...g, below: g.below as number })); // as: the caller resolved N
  const at = out.map(() => 0);
  for (let i = 0; i < size; i++) {
    let p = evaluateForm(affine, at);
    for (const { c, stride } of rest) {
      const q = Math.floor(evaluateForm(c, at) / c.div);
      p += stride * (c.mod === undefined ? q : modulo(q, c.mod));
    }
    for (const g of guards) {
      const x = evaluateForm(g.form, at);
      if (!(x >= 0 && x < g.below && (g.by === undefined || x % g.by === 0))) p = -1;
    }
    flat[i] = p;
    step(at, out);
  }
  return flat;
}
/** the next coordinates in row-major order */
export function step(at: number[], shape: readonly number[]): void {
  for (let d = shape.length - 1; d >= 0; d--) {
    if (++at[d]! < shape[d]!) return;
    at[d] = 0;
  }
}
export function rowMajor(shape: readonly number[]): readonly number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * shape[d + 1]!;
  return strides;
}
