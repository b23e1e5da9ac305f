/** Expressions of REL as DuckDB's SQL over the columns c0, c1 .. of a table; pieces that are wanted twice become columns t0, t1 .. below. */
import type { Fields, RelExpr } from "../../ir/rel.ts";
import { literalValue } from "../../ir/rel-eval.ts";
import type { MakerName, OpName } from "../../ir/rel-ops.ts";
import { FAULT, type Fault } from "../../ir/rel-query.ts";
import { cellOf, foldFields, listOf, type Scope as Types } from "../../ir/rel-verify.ts";
import { MAKER_SQL, SQL } from "./duckdb-ops.ts";
import { elementType, fieldType, literal, quoted, typeOf } from "./text.ts";

interface Scope extends Types {
  /** of the levels that are steps of a fold: how many fields the state has */
  readonly folds?: ReadonlyMap<number, number>;
}

/** what a text needs of the world besides its tables */
export interface Needs {
  readonly scalar: (index: number, elem: Extract<RelExpr, { k: "given" }>["elem"], list: boolean) => void;
  readonly lookup: (index: number) => void;
}
export interface Expressions {
  readonly sql: (e: RelExpr) => string;
  /** a name for a piece of SQL */
  readonly bind: (sql: string) => string;
  /** layers of columns, each over those before */
  readonly layers: () => readonly (readonly string[])[];
}
/** whether it reads elements of levels around it, of which `own` are inside of it */
function readsAround(e: RelExpr, own: number): boolean {
  const any = (all: readonly RelExpr[], level: number): boolean => all.some(x => readsAround(x, level));
  const values = (of: readonly (readonly [string, RelExpr])[]): readonly RelExpr[] => of.map(([, v]) => v);
  switch (e.k) {
    case "column":
    case "const":
    case "given":
      return false;
    case "element":
      return e.depth >= own;
    case "op":
    case "listOp":
      return any(e.args, own);
    case "check":
      return any([e.of, e.holds], own);
    case "fold":
      return any([e.list, ...values(e.init)], own) || any(values(e.step), own + 1);
    case "each":
      return any([e.list], own) || any([...values(e.of), ...(e.where ? [e.where] : [])], own + 1);
    case "list":
      return any(e.items.flatMap(values), own);
    default:
      return e satisfies never;
  }
}
const SIMPLE = /^(\w+|e\d+\.f\d+|'[^']*'(::\w+)?|\d+::\w+)$/;

export function expressions(scope: Scope, needs: Needs): Expressions {
  const names = new Map<string, string>();
  const layers: string[][] = [];
  const levels = new Map<string, number>();

  const inline = (sql: string): string => (/^(CASE|NOT) /.test(sql) ? `(${sql})` : sql);
  function bind(sql: string): string {
    if (SIMPLE.test(sql)) return sql;
    const known = names.get(sql);
    if (known !== undefined) return known;
    const level = Math.max(-1, ...[...sql.matchAll(/\bt\d+\b/g)].map(([t]) => levels.get(t) ?? -1)) + 1;
    const name = `t${names.size}`;
    names.set(sql, name);
    levels.set(name, level);
    (layers[level] ??= []).push(`${sql} AS ${name}`);
    return name;
  }
  /** an element is known within its list only */
  const binding = (s: Scope): ((sql: string) => string) => (s.elements.length ? inline : bind);
  const field = (list: Fields, level: number, name: string, states = 0): string => {
    const i = list.findIndex(([n]) => n === name);
    // the state of a fold and the element have all fields of both
    return list.length === 1 ? `e${level}` : i < states || states === 0 ? `e${level}.f${i}` : `ex${level}.f${i}`;
  };
  /** an element: a scalar where it has one field */
  const record = (of: readonly (readonly [string, RelExpr])[], s: Scope): string => {
    const values = of.map(([, v]) => expr(v, s));
    return values.length === 1 ? values[0]! : `struct_pack(${values.map((v, i) => `f${i} := ${v}`).join(", ")})`;
  };
  /** what reads no element of a list around it is made once, beside the lists */
  function expr(e: RelExpr, s: Scope): string {
    const isMade = e.k === "op" || e.k === "each" || e.k === "listOp" || e.k === "fold";
    if (s.elements.length && isMade && !readsAround(e, 0))
      return bind(expr(e, { ...s, elements: [], folds: new Map() }));
    switch (e.k) {
      case "column":
        return `c${s.columns.findIndex(([n]) => n === e.name)}`;
      case "const":
        return literal(e.elem, literalValue(e.elem, e.value));
      case "given":
        needs.scalar(e.index, e.elem, e.list === true);
        return `getvariable('hsc_given${e.index}')`;
      case "element":
        return field(
          s.elements[e.depth]!,
          s.elements.length - 1 - e.depth,
          e.name,
          s.folds?.get(s.elements.length - 1 - e.depth),
        );
      case "check": {
        const fault: Fault = { message: e.message, span: e.span };
        // a text that hangs on the row: what does not is raised before there is one
        const raised = `error(${quoted(FAULT + JSON.stringify(fault))} || left((${expr(e.holds, s)})::VARCHAR, 0))`;
        return `CASE WHEN ${expr(e.holds, s)} THEN ${expr(e.of, s)} ELSE ${raised}::${typeOf(cellOf(e.of, s))} END`;
      }
      case "fold":
        return folded(e, s);
      case "op":
        return applied(e, s);
      case "each": {
        const list = listOf(e.list, s, "each");
        const inner = { ...s, elements: [list, ...s.elements] };
        const name = `e${s.elements.length}`;
        const from = expr(e.list, s);
        const kept = e.where ? `list_filter(${from}, lambda ${name}: ${expr(e.where, inner)})` : from;
        const made = record(e.of, inner);
        return made === name ? kept : `list_transform(${kept}, lambda ${name}: ${made})`;
      }
      case "list": {
        const made = cellOf(e, s);
        if (made.k !== "list") throw new Error("internal: a list that is none");
        return `[${e.items.map(item => record(item, s)).join(", ")}]::${elementType(made.of)}[]`;
      }
      case "listOp":
        return MAKER_SQL[e.op as MakerName](
          // as: verified
          e.args.map(a => binding(s)(expr(a, s))),
          e.attrs ?? {},
          // names of what lambdas see differ from those of the lambdas around
          { fields: e.args.map(a => widthOf(a, s)), level: s.elements.length },
        );
      default:
        return e satisfies never;
    }
  }
  /** DuckDB's list_reduce takes states and elements of one type: a struct of the fields of both */
  function folded(e: Extract<RelExpr, { k: "fold" }>, s: Scope): string {
    const [made, list] = [cellOf(e, s), listOf(e.list, s, "fold")];
    if (made.k !== "list") throw new Error("internal: a fold that gives no list");
    const level = s.elements.length;
    const both = foldFields(made.of, list);
    const states = made.of.length;
    const inner = { ...s, elements: [both, ...s.elements], folds: new Map([...(s.folds ?? []), [level, states]]) };
    const packed = (state: (i: number) => string, element: (i: number) => string): string =>
      `struct_pack(${both.map(([, of], i) => `f${i} := (${i < states ? state(i) : element(i - states)})::${fieldType(of)}`).join(", ")})`;
    const none = (): string => "NULL";
    const items = `list_transform(${expr(e.list, s)}, lambda ey${level}: ${packed(none, i => (list.length === 1 ? `ey${level}` : `ey${level}.f${i}`))})`;
    const next = packed(
      i => expr(e.step[i]![1], inner),
      i => `ex${level}.f${i + states}`,
    );
    const start = packed(i => expr(e.init[i]![1], s), none);
    const end = `list_reduce(${items}, lambda e${level}, ex${level}: ${next}, ${start})`;
    const only =
      states === 1 ? `ez${level}.f0` : `struct_pack(${made.of.map((_, i) => `f${i} := ez${level}.f${i}`).join(", ")})`;
    return `list_transform([${end}], lambda ez${level}: ${only})`;
  }
  function applied(e: Extract<RelExpr, { k: "op" }>, s: Scope): string {
    const bind = binding(s);
    const make = SQL[e.op as OpName]; // as: verified
    if (e.op === "lookup") {
      const [text, table] = e.args;
      if (table?.k !== "given") throw new Error("internal: lookup in what is not given");
      needs.lookup(table.index);
      return make([expr(text!, s), `hsc_lookup${table.index}`], { of: "string", to: "i32", attrs: {}, bind });
    }
    const cells = e.args.map(a => cellOf(a, s));
    const first = cells[0]!;
    const [own] = first.k === "list" ? first.of : [];
    const inner = own && typeof own[1] === "string" ? own[1] : "i32"; // of other lists an op asks for the length
    const of = first.k === "list" ? inner : first.elem;
    const how = { of, to: e.elem, attrs: e.attrs ?? {}, bind };
    const args = e.args.map(a => expr(a, s));
    // what is said once may stand in its place
    const seen: string[] = [];
    const draft = make(
      args.map((_, i) => `\u0001${i}\u0001`),
      { ...how, bind: sql => `\u0002${seen.push(sql)}\u0002` },
    );
    const all = [draft, ...seen].join("");
    return make(
      args.map((a, i) => (all.split(`\u0001${i}\u0001`).length > 2 ? bind(a) : inline(a))),
      how,
    );
  }
  const widthOf = (e: RelExpr, s: Scope): number => {
    const c = e.k === "given" ? undefined : cellOf(e, s);
    return c?.k === "list" ? c.of.length : 0;
  };
  return { sql: e => expr(e, scope), bind, layers: () => layers };
}
