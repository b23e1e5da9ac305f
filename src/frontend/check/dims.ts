/**
 * Dims: polynomials with integer coefficients over symbols, `div` (floors) and `max`, kept in normal form, so that two
 * dims are equal exactly if their keys are. Knows nothing of types or programs.
 */

/** a name for a number that is known only when data has been seen; identity is `id`, `name` is what the user wrote */
export interface DimSymbol {
  readonly k: "symbol";
  readonly id: string;
  readonly name: string;
}
/** what a polynomial is over: div(a, b) floors, b > 0 */
export type Atom = DimSymbol | { readonly k: "div" | "max"; readonly a: Dim; readonly b: Dim };
export interface Term {
  readonly by: number;
  /** sorted by key; a power repeats its atom; empty: the constant term */
  readonly atoms: readonly Atom[];
}
/** two terms and more, or one that is not constant; sorted by key, no zero coefficient */
export interface Poly {
  readonly k: "poly";
  readonly terms: readonly Term[];
}
/** a constant is the number itself */
export type Dim = number | Poly;

const keys = new WeakMap<Poly, string>();
const atomKey = (a: Atom): string => (a.k === "symbol" ? a.id : `${a.k}(${dimKey(a.a)},${dimKey(a.b)})`);
const atomsKey = (atoms: readonly Atom[]): string => atoms.map(atomKey).join("*");
/** equal for equal dims only */
export function dimKey(d: Dim): string {
  if (typeof d === "number") return String(d);
  let k = keys.get(d);
  if (k === undefined) {
    k = d.terms.map(t => `${t.by}${t.atoms.length ? `*${atomsKey(t.atoms)}` : ""}`).join("+");
    keys.set(d, k);
  }
  return k;
}
export const sameDim = (a: Dim, b: Dim): boolean => a === b || dimKey(a) === dimKey(b);
export const sameDims = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((d, i) => sameDim(d, b[i]!));

const termsOf = (d: Dim): readonly Term[] =>
  typeof d === "number" ? (d === 0 ? [] : [{ by: d, atoms: [] }]) : d.terms;
function poly(terms: Iterable<Term>): Dim {
  const sums = new Map<string, Term>();
  for (const t of terms) {
    const k = atomsKey(t.atoms);
    const old = sums.get(k);
    sums.set(k, { by: t.by + (old?.by ?? 0), atoms: t.atoms });
  }
  // constants last, products of more atoms first: as people write polynomials
  const kept = [...sums.entries()]
    .filter(([, t]) => t.by !== 0)
    .sort(([a, x], [b, y]) => y.atoms.length - x.atoms.length || (a < b ? -1 : 1))
    .map(([, t]) => t);
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0]!.atoms.length === 0) return kept[0]!.by;
  return { k: "poly", terms: kept };
}
const atom = (a: Atom): Dim => ({ k: "poly", terms: [{ by: 1, atoms: [a] }] });
export const symbol = (id: string, name = id): Dim => atom({ k: "symbol", id, name });

/** the number of records of a batch: the one symbol that is a number only inside of a step */
export const BATCH: Dim = symbol("<batch>", "batch");
export const isBatch = (id: string): boolean => id === "<batch>";

export const addDims = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a + b : poly([...termsOf(a), ...termsOf(b)]);
export const negDim = (a: Dim): Dim => mulDims(a, -1);
export const subDims = (a: Dim, b: Dim): Dim => addDims(a, negDim(b));
export function mulDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b + 0; // no -0
  const out: Term[] = [];
  for (const s of termsOf(a))
    for (const t of termsOf(b)) {
      const atoms = [...s.atoms, ...t.atoms].sort((x, y) => (atomKey(x) < atomKey(y) ? -1 : 1));
      out.push({ by: s.by * t.by, atoms });
    }
  return poly(out);
}
/** b into a, where every term of a is a multiple of the one term b; undefined where it is not exact */
function exact(a: Dim, b: Dim): Dim | undefined {
  const of = termsOf(b);
  if (of.length !== 1) {
    // (x + y) * q divided by (x + y): only the common case of a multiple of the whole
    const lead = termsOf(a)[0];
    const first = of[0];
    if (!lead || !first) return undefined;
    const q = divideTerm(lead, first);
    if (!q) return undefined;
    const by = poly([q]);
    return sameDim(mulDims(by, b), a) ? by : undefined;
  }
  const out: Term[] = [];
  for (const t of termsOf(a)) {
    const q = divideTerm(t, of[0]!);
    if (!q) return undefined;
    out.push(q);
  }
  return poly(out);
}
function divideTerm(t: Term, by: Term): Term | undefined {
  if (t.by % by.by !== 0) return undefined;
  const rest = [...t.atoms];
  for (const a of by.atoms) {
    const i = rest.findIndex(r => atomKey(r) === atomKey(a));
    if (i < 0) return undefined;
    rest.splice(i, 1);
  }
  return { by: t.by / by.by, atoms: rest };
}
/** floor(a / b); folds when exact, and takes the multiples of b out: div(2 * b + r, b) is 2 + div(r, b) */
export function divDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b) + 0;
  const whole = exact(a, b);
  if (whole !== undefined) return whole;
  const out: Term[] = [];
  const rest: Term[] = [];
  if (termsOf(b).length === 1) {
    for (const t of termsOf(a)) {
      const q = divideTerm(t, termsOf(b)[0]!);
      if (q) out.push(q);
      else if (t.atoms.length === 0 && typeof b === "number" && (t.by >= b || t.by < 0)) {
        const n = Math.floor(t.by / b);
        out.push({ by: n, atoms: [] });
        rest.push({ by: t.by - n * b, atoms: [] });
      } else rest.push(t);
    }
  } else rest.push(...termsOf(a));
  const left = poly(rest);
  if (typeof left === "number" && typeof b === "number") return poly([...out, { by: Math.floor(left / b), atoms: [] }]);
  return addDims(poly(out), atom({ k: "div", a: left, b }));
}
/** a - b * div(a, b) */
export const modDims = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a - b * Math.floor(a / b) : subDims(a, mulDims(b, divDims(a, b)));
export function maxDims(a: Dim, b: Dim): Dim {
  const order = compareDims(a, b);
  if (order === ">" || order === "=" || order === ">=") return a;
  if (order === "<" || order === "<=") return b;
  return dimKey(a) < dimKey(b) ? atom({ k: "max", a, b }) : atom({ k: "max", a: b, b: a });
}

/**
 * What is known of a against b when every symbol is at least 0: "<" and "=" and ">" are proved, as are "<=" and ">=";
 * "?" is undecided.
 */
export function compareDims(a: Dim, b: Dim): "<" | "=" | ">" | "<=" | ">=" | "?" {
  const d = subDims(a, b);
  if (typeof d === "number") return d === 0 ? "=" : d < 0 ? "<" : ">";
  const constant = d.terms.find(t => t.atoms.length === 0)?.by ?? 0;
  const signs = d.terms.filter(t => t.atoms.length > 0).map(t => (t.atoms.every(nonNegative) ? Math.sign(t.by) : NaN));
  if (signs.every(s => s > 0) && constant >= 0) return constant > 0 ? ">" : ">=";
  if (signs.every(s => s < 0) && constant <= 0) return constant < 0 ? "<" : "<=";
  return "?";
}
const nonNegative = (a: Atom): boolean => {
  if (a.k === "symbol") return true;
  const positive = (d: Dim): boolean => {
    const c = compareDims(d, 0);
    return c === ">" || c === ">=" || c === "=";
  };
  return a.k === "max" ? positive(a.a) || positive(a.b) : positive(a.a);
};
/** equal | different: provably; "unknown": a run-time check */
export function relate(a: Dim, b: Dim): "equal" | "different" | "unknown" {
  const c = compareDims(a, b);
  return c === "=" ? "equal" : c === "<" || c === ">" ? "different" : "unknown";
}

export const symbolsOf = (d: Dim): readonly DimSymbol[] => {
  const out = new Map<string, DimSymbol>();
  const visit = (d: Dim): void => {
    for (const t of termsOf(d))
      for (const a of t.atoms)
        if (a.k === "symbol") out.set(a.id, a);
        else {
          visit(a.a);
          visit(a.b);
        }
  };
  visit(d);
  return [...out.values()];
};
/** the dim with numbers for some of its symbols; a number once all are known */
export function substitute(d: Dim, known: (id: string) => Dim | undefined): Dim {
  if (typeof d === "number") return d;
  let sum: Dim = 0;
  for (const t of d.terms) {
    let product: Dim = t.by;
    for (const a of t.atoms) {
      let f: Dim;
      if (a.k === "symbol") f = known(a.id) ?? atom(a);
      else {
        const [x, y] = [substitute(a.a, known), substitute(a.b, known)];
        f = a.k === "div" ? divDims(x, y) : maxDims(x, y);
      }
      product = mulDims(product, f);
    }
    sum = addDims(sum, product);
  }
  return sum;
}

const showAtom = (a: Atom): string => (a.k === "symbol" ? a.name : `${a.k}(${showDim(a.a)}, ${showDim(a.b)})`);
/** as a user writes it: 2 * n + 1 */
export function showDim(d: Dim): string {
  if (typeof d === "number") return String(d);
  let out = "";
  for (const t of d.terms) {
    const by = Math.abs(t.by);
    const factors = [...(by === 1 && t.atoms.length ? [] : [String(by)]), ...t.atoms.map(showAtom)];
    const sign = t.by < 0 ? (out ? " - " : "-") : out ? " + " : "";
    out += sign + factors.join(" * ");
  }
  return out;
}
export const productOf = (ds: readonly Dim[]): Dim => ds.reduce<Dim>(mulDims, 1);
