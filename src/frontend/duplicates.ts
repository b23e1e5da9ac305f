/** Names that are defined twice in one scope: of a file, a block, parameters, a record type. Knows no uses. */
import type * as Ast from "./ast.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";

export function duplicates(program: Ast.Program): readonly Diagnostic[] {
  const said: Diagnostic[] = [];
  const scope = (where: string, names: readonly Ast.Name[]): void => {
    const first = new Map<string, Ast.Span>();
    for (const { text, span } of names) {
      const before = first.get(text);
      if (before) said.push(syntax.defined({ name: text, where, first: before, span }));
      else first.set(text, span);
    }
  };
  scope("in this file", program.items.flatMap(defines));
  everyNode(program, n => {
    switch (n.k) {
      case "block":
        return scope(
          "in this block",
          n.items.map(i => i.name),
        );
      case "def":
        return scope(
          "in these parameters",
          n.params.map(p => p.name),
        );
      case "lambda":
        return scope("in these parameters", n.params);
      case "recordtype":
        return scope(
          "in this type",
          n.fields.map(f => f.name),
        );
      default:
        return undefined;
    }
  });
  return said;
}

function defines(item: Ast.Item): readonly Ast.Name[] {
  switch (item.k) {
    case "import":
      return [{ text: item.binds, span: item.path.span }];
    case "param":
    case "let":
    case "def":
      return [item.name];
    case "print":
    case "save":
      return [];
    default:
      return item satisfies never;
  }
}

export type AnyNode = Ast.Program | Ast.Item | Ast.Weight | Ast.State | Ast.Formal | Ast.Expr | Ast.Type;
/** every node of a tree in the order of the text, with an explicit stack */
export function everyNode(root: AnyNode, visit: (node: AnyNode) => void): void {
  const stack: unknown[] = [root];
  while (stack.length) {
    const x = stack.pop();
    if (typeof x !== "object" || x === null) continue;
    if (isNode(x)) visit(x);
    const parts = Object.values(x);
    for (let i = parts.length - 1; i >= 0; i--) stack.push(parts[i]);
  }
}
const parts = new Set(["field", "spread", "at", "slice", "rest", "dim"]);
/** everything with a `k` is a node, but for the parts of one: fields, items of an index, dims */
const isNode = (x: object): x is AnyNode => "k" in x && typeof x.k === "string" && !parts.has(x.k);
