/**
 * The names in definitions that nothing calls, and in branches that are not taken: each must mean something. What they are
 * used for is checked at each call. Knows no type; explicit stack.
 */
import type * as Ast from "../ast.ts";

/** names of one scope; undefined: outside of the definition */
interface Known {
  readonly names: ReadonlySet<string>;
  readonly around: Known | undefined;
}
const knows = (k: Known | undefined, name: string): boolean => {
  for (let s = k; s; s = s.around) if (s.names.has(name)) return true;
  return false;
};

/** names that stand alone in the dims of a type: they are bound by it */
function dimNames(t: Ast.Type | undefined, out: Set<string>): Set<string> {
  if (!t) return out;
  switch (t.k) {
    case "named":
      for (const d of t.dims ?? []) if (d.k === "dim" && d.value.k === "ref") out.add(d.value.name);
      return out;
    case "many":
      return dimNames(t.item, out);
    case "recordtype":
      for (const f of t.fields) dimNames(f.type, out);
      return out;
    default:
      return t satisfies never;
  }
}

/** the names that a definition reads and does not bind itself, each where it stands */
export function freeNames(def: Ast.Def): readonly Ast.Ref[] {
  const own = new Set(def.params.map(p => p.name.text));
  for (const p of def.params) dimNames(p.type, own);
  dimNames(def.result, own);
  const out: Ast.Ref[] = [];
  const stack: (readonly [node: unknown, known: Known])[] = [];
  const push = (node: unknown, known: Known): void => {
    stack.push([node, known]);
  };
  const top: Known = { names: own, around: undefined };
  push([def.params.map(p => p.value), def.body], top);
  while (stack.length) {
    const [x, known] = stack.pop()!;
    if (Array.isArray(x)) {
      for (const y of x) push(y, known);
      continue;
    }
    if (typeof x !== "object" || x === null) continue;
    const e = x as Ast.Expr | Ast.Let | Ast.Weight | Ast.State | { readonly k?: undefined };
    switch (e.k) {
      case "ref":
        if (!knows(known, e.name)) out.push(e);
        break;
      case "lambda":
        push(e.body, { names: new Set(e.params.map(p => p.text)), around: known });
        break;
      case "block": {
        const names = new Set(e.items.map(i => i.name.text));
        for (const i of e.items) dimNames(i.type, names);
        push([e.items, e.result], { names, around: known });
        break;
      }
      case "let":
        push(e.value, known);
        break;
      case "weight":
        push(e.init, known);
        break;
      case "state":
        push([e.init, e.next], known);
        break;
      default:
        for (const [name, child] of Object.entries(x)) if (name !== "span" && name !== "at") push(child, known);
    }
  }
  return out.sort((a, b) => a.span.start - b.span.start);
}
