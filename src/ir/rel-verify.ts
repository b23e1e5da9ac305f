/** Types of REL: the columns of each node, the cell of each expression; what is ill-typed is refused, with the node that is. Knows no engine. */
import type { Cell, CellElem, Columns, Fields, Inner, Rel, RelExpr } from "./rel.ts";
import type { Operand } from "./rel-ops/record.ts";
import { aggregateElem, maker, relOp } from "./rel-ops.ts";

/** what expressions see: the columns of a row, and the fields of an element per `each` around, the innermost first */
export interface Scope {
  readonly columns: Columns;
  readonly elements: readonly Fields[];
}
const refuse = (where: string, what: string): never => {
  throw new Error(`internal: rel: ${where}: ${what}`);
};
const scalar = (elem: CellElem): Cell => ({ k: "scalar", elem });
const sameCell = (a: Cell, b: Cell): boolean => JSON.stringify(a) === JSON.stringify(b);
const showCell = (c: Cell): string =>
  c.k === "scalar"
    ? c.elem
    : c.k === "tensor"
      ? `${c.elem}[${c.shape.join(", ")}]`
      : `list { ${c.of.map(([n, e]) => `${n}: ${showCell(cellIn(e))}`).join(", ")} }`;

export function cellOf(e: RelExpr, scope: Scope): Cell {
  switch (e.k) {
    case "column":
      return scope.columns.find(([n]) => n === e.name)?.[1] ?? refuse("column", `no column ${JSON.stringify(e.name)}`);
    case "const":
      return literal(e.elem, e.value) ? scalar(e.elem) : refuse("const", `${JSON.stringify(e.value)} is no ${e.elem}`);
    case "given":
      return e.list ? { k: "list", of: [["", e.elem]] } : scalar(e.elem);
    case "check":
      expect(e.holds, scope, "bool", "check");
      return cellOf(e.of, scope);
    case "element": {
      const fields = scope.elements[e.depth] ?? refuse("element", `no each at depth ${e.depth}`);
      return cellIn(fields.find(([n]) => n === e.name)?.[1] ?? refuse("element", `no field ${JSON.stringify(e.name)}`));
    }
    case "op":
      return opCell(e, scope);
    case "each": {
      const list = listOf(e.list, scope, "each");
      const inner = { ...scope, elements: [list, ...scope.elements] };
      if (e.where) expect(e.where, inner, "bool", "each");
      return { k: "list", of: fieldsOf(e.of, inner) };
    }
    case "fold":
      return folded(e, scope);
    case "list": {
      const all = e.items.map(item => fieldsOf(item, scope));
      const [first, ...rest] = all;
      if (!first) return refuse("list", "without elements has no type");
      if (rest.some(f => JSON.stringify(f) !== JSON.stringify(first))) refuse("list", "elements differ");
      return { k: "list", of: first };
    }
    case "listOp": {
      const args = e.args.map(a => {
        const c = cellOf(a, scope);
        return c.k === "list" ? c.of : innerOf(c);
      });
      const made = maker(e.op)?.type(args, e.attrs ?? {}) ?? refuse(e.op, "is no list op of these");
      if (JSON.stringify(made) !== JSON.stringify(e.of)) refuse(e.op, `gives ${JSON.stringify(made)}`);
      return { k: "list", of: made };
    }
    default:
      return e satisfies never;
  }
}
/** as a constant of the element stands in JSON */
function literal(elem: CellElem, value: unknown): boolean {
  switch (elem) {
    case "bool":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "i32":
      return Number.isInteger(value) && Object.is(Number(value) | 0, value);
    case "i64":
    case "time":
      return typeof value === "string"
        ? /^-?[0-9]{1,19}$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)
        : Number.isSafeInteger(value);
    case "f32":
    case "f64":
      return typeof value === "string"
        ? ["NaN", "Infinity", "-Infinity", "-0"].includes(value)
        : Number.isFinite(value);
    default:
      return elem satisfies never;
  }
}
function opCell(e: Extract<RelExpr, { k: "op" }>, scope: Scope): Cell {
  const record = relOp(e.op) ?? refuse(e.op, "is no op");
  const args = e.args.map((a, i): Operand => {
    if (a.k === "given" && record.signatures.every(s => s.args[i] === "table")) return "table";
    const c = cellOf(a, scope);
    if (c.k === "scalar") return c.elem;
    if (c.k === "tensor") return `tensor ${c.elem}`;
    const [only] = c.of;
    return c.of.length === 1 && typeof only![1] === "string" ? `list ${only![1]}` : "list";
  });
  const fits = (have: Operand, want: Operand | undefined): boolean =>
    have === want || (want === "list" && have.startsWith("list"));
  const found = record.signatures.find(
    s =>
      (s.to === e.elem || s.to === `tensor ${e.elem}`) &&
      s.args.length === args.length &&
      args.every((a, i) => fits(a, s.args[i])),
  );
  if (!found) return refuse(e.op, `(${args.join(", ")}) gives no ${e.elem}`);
  const wrong = record.refuse?.(e.attrs ?? {});
  if (wrong !== undefined) refuse(e.op, wrong);
  if (found.to === e.elem) return scalar(e.elem);
  if (e.elem === "string" || e.elem === "time") return refuse(e.op, "no tensor holds it");
  const n = Number(e.attrs?.["n"]);
  const shape = e.attrs?.["shape"] === undefined ? [n] : (e.attrs["shape"] as readonly number[]); // as: its size is looked at
  if (shape.reduce((a, b) => a * b, 1) !== n) refuse(e.op, `[${shape}] has no ${n} elements`);
  return { k: "tensor", elem: e.elem, shape };
}
/** `init` and `step` have the same fields */
function folded(e: Extract<RelExpr, { k: "fold" }>, scope: Scope): Cell {
  const of = fieldsOf(e.init, scope);
  const next = fieldsOf(e.step, {
    ...scope,
    elements: [foldFields(of, listOf(e.list, scope, "fold")), ...scope.elements],
  });
  if (JSON.stringify(of) !== JSON.stringify(next)) refuse("fold", "a state that changes its type");
  return { k: "list", of };
}
/** what `step` of a fold sees */
export const foldFields = (state: Fields, element: Fields): Fields => [
  ...state.map(([n, of]) => [`s.${n}`, of] as const),
  ...element.map(([n, of]) => [`x.${n}`, of] as const),
];
/** a field of an element as a cell, and back */
const cellIn = (of: Inner): Cell => (typeof of === "string" ? scalar(of) : of);
export const innerOf = (c: Cell): Inner => (c.k === "scalar" ? c.elem : c);
export const elemOf = (e: RelExpr, scope: Scope, where: string): CellElem => {
  const c = cellOf(e, scope);
  return c.k === "scalar" ? c.elem : refuse(where, `${showCell(c)} where a scalar is read`);
};
const expect = (e: RelExpr, scope: Scope, elem: CellElem, where: string): void => {
  const found = elemOf(e, scope, where);
  if (found !== elem) refuse(where, `${found} where ${elem} is read`);
};
export const listOf = (e: RelExpr, scope: Scope, where: string): Fields => {
  const c = cellOf(e, scope);
  return c.k === "list" ? c.of : refuse(where, `${showCell(c)} where a list is read`);
};
const fieldsOf = (of: readonly (readonly [name: string, value: RelExpr])[], scope: Scope): Fields =>
  unique(
    "list",
    of.map(([n, v]) => [n, innerOf(cellOf(v, scope))] as const),
  );
function unique<T extends readonly (readonly [string, unknown])[]>(where: string, named: T): T {
  const names = named.map(([n]) => n);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  return twice === undefined ? named : refuse(where, `two columns ${JSON.stringify(twice)}`);
}

/** the other half of `x.value`, `x.present` */
export const partner = (name: string, columns: Columns): string | undefined => {
  const base = /^(.*)\.(value|present)$|^(value|present)$/s.exec(name);
  if (!base) return undefined;
  const prefix = base[1] === undefined ? "" : `${base[1]}.`;
  const own = base[2] ?? base[3];
  const other = `${prefix}${own === "value" ? "present" : "value"}`;
  const present = columns.find(([n]) => n === `${prefix}present`)?.[1];
  return present?.k === "scalar" && present.elem === "bool" && columns.some(([n]) => n === other) ? other : undefined;
};
/** columns as a side without a partner has them: `x` that may not be missing becomes a pair, but for those of `keys` */
export const optional = (columns: Columns, keys: readonly string[]): Columns =>
  columns.flatMap(
    ([n, c]): Columns =>
      keys.includes(n) || partner(n, columns)
        ? [[n, c]]
        : [
            [under(n, "value"), c],
            [under(n, "present"), scalar("bool")],
          ],
  );
const under = (name: string, field: string): string => (name === "" ? field : `${name}.${field}`);

export function columnsOf(r: Rel): Columns {
  const known = cache.get(r);
  if (known) return known;
  const columns = unique(r.k, derived(r));
  cache.set(r, columns);
  return columns;
}
/** trees are immutable: a node has one type */
const cache = new WeakMap<Rel, Columns>();
const over = (of: Rel): Scope => ({ columns: columnsOf(of), elements: [] });
function derived(r: Rel): Columns {
  switch (r.k) {
    case "scan":
    case "given":
      return r.columns;
    case "map":
      return r.columns.map(([n, v]) => [n, cellOf(v, over(r.of))]);
    case "filter":
      expect(r.where, over(r.of), "bool", "filter");
      return columnsOf(r.of);
    case "flat":
      return listOf(r.list, over(r.of), "flat").map(([n, e]) => [n, cellIn(e)]);
    case "join":
      return joined(r);
    case "group": {
      const scope = over(r.of);
      const keys = r.keys.map(([n, v]): Columns[number] => [n, scalar(elemOf(v, scope, "group"))]);
      const aggregates = r.aggregates.map(([n, a]): Columns[number] => {
        if (a.where) expect(a.where, scope, "bool", "group");
        if (a.op === "concat") {
          if (!a.value) return refuse("group", "concat of nothing");
          return [n, { k: "list", of: listOf(a.value, scope, "group") }];
        }
        const of = a.value && elemOf(a.value, scope, "group");
        return [n, scalar(aggregateElem(a.op, of) ?? refuse("group", `no ${a.op} of ${of}`))];
      });
      return [...keys, ...aggregates];
    }
    case "distinct":
      for (const e of r.by) elemOf(e, over(r.of), "distinct");
      return columnsOf(r.of);
    case "sort":
      for (const { key } of r.by) elemOf(key, over(r.of), "sort");
      return columnsOf(r.of);
    case "union": {
      const [a, b] = [columnsOf(r.a), columnsOf(r.b)];
      const same = a.length === b.length && a.every(([n, c], i) => n === b[i]![0] && sameCell(c, b[i]![1]));
      return same ? a : refuse("union", "columns differ");
    }
    case "take":
      return Number.isSafeInteger(r.count) && r.count >= 0 ? columnsOf(r.of) : refuse("take", `of ${r.count}`);
    case "number":
      return [...columnsOf(r.of), [r.column, scalar("i64")]];
    case "window":
      return windowed(r);
    case "split":
    case "word": {
      if (r.by && ["f32", "f64"].includes(elemOf(r.by, over(r.of), r.k))) refuse(r.k, "by a float");
      return r.k === "split" ? columnsOf(r.of) : [...columnsOf(r.of), [r.column, scalar("i64")]];
    }
    case "shuffle":
      return columnsOf(r.of);
    default:
      return r satisfies never;
  }
}
function joined(r: Extract<Rel, { k: "join" }>): Columns {
  const [left, right] = [columnsOf(r.left), columnsOf(r.right)];
  for (const name of r.on) {
    const [a, b] = [left, right].map(side => side.find(([n]) => n === name)?.[1]);
    if (!a || !b || a.k !== "scalar" || !sameCell(a, b)) refuse("join", `no common column ${JSON.stringify(name)}`);
  }
  if (r.how === "semi" || r.how === "anti") return left;
  const rest = right.filter(([n]) => !r.on.includes(n));
  if (r.how === "inner" || r.how === "one") return [...left, ...rest];
  return [...(r.how === "left" ? left : optional(left, r.on)), ...optional(rest, [])];
}
function windowed(r: Extract<Rel, { k: "window" }>): Columns {
  const columns = columnsOf(r.of);
  if (![r.size, r.stride].every(n => Number.isInteger(n) && n > 0))
    refuse("window", "size and stride are numbers above 0");
  if (r.by !== undefined && columns.find(([n]) => n === r.by)?.[1].k !== "scalar") refuse("window", `by ${r.by}`);
  return columns.map(([n, c]) => {
    if (n === r.by) return [n, c];
    if (c.k === "list" || (c.k === "scalar" && (c.elem === "string" || c.elem === "time")))
      return refuse("window", `of ${showCell(c)}`);
    const elem = c.elem as Exclude<CellElem, "string" | "time">; // as: looked at above
    return [n, { k: "tensor", elem, shape: [r.size, ...(c.k === "tensor" ? c.shape : [])] }];
  });
}

/** refuses a tree that is ill-typed in any node, and one whose result holds lists, which never leave an engine */
export function verifyRel(r: Rel): void {
  const list = columnsOf(r).find(([, c]) => c.k === "list");
  if (list) refuse("result", `${JSON.stringify(list[0])} is a list`);
}
