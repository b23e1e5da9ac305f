/**
 * What the rules of architecture ask of one source file: its imports, exports, string literals, names, opening comment.
 * Knows no rule, and of the tree of files only what a path `./x.ts` means.
 */
import { posix } from "node:path";
import { parseAst } from "vite";

/** type: erased when the file runs; static: loaded with it; dynamic: loaded by `import()` */
export interface Import {
  readonly kind: "type" | "static" | "dynamic";
  /** a path from the root of the checkout, `node:x`, or the name of a package */
  readonly from: string;
  /** imported names; "*": all of them */
  readonly names: readonly string[];
  /** what the file calls all of them: `import * as x` */
  readonly namespace?: string;
  /** `export * from`: they are exports of this file, too */
  readonly handedOn?: boolean;
}
export interface Place {
  readonly text: string;
  readonly line: number;
}
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** opens with a doc comment that is not empty */
  readonly documented: boolean;
  readonly imports: readonly Import[];
  /** what other files can import by name; those of `export *` are not among them */
  readonly exports: readonly { readonly name: string; readonly kind: "type" | "value" }[];
  /** string literals, but for the paths of imports and for types */
  readonly strings: readonly Place[];
  /** the words of closed choices: string literals in types */
  readonly words: readonly string[];
  /** identifiers that are not names of properties, and members of identifiers as `Math.random` */
  readonly names: readonly Place[];
}

/** text must be legal TypeScript; path is from the root of the checkout */
export function scan(path: string, text: string): Source {
  const source = {
    path,
    text,
    lines: text.split("\n").length - 1,
    documented: /^(#!.*\n|\/\/\/.*\n)*\/\*\*[\s*]*[^\s*/]/.test(text),
    imports: [] as Import[],
    exports: [] as { name: string; kind: "type" | "value" }[],
    strings: [] as Place[],
    words: [] as string[],
    names: [] as Place[],
  };
  const note = (places: Place[], t: Tree, text: string): number => places.push({ text, line: lineAt(t.start) });
  const lineAt = (at: number): number => text.slice(0, at).split("\n").length;
  const visit = (t: Tree): void => {
    if (t.type === "TSLiteralType") {
      source.words.push(String(tree(t, "literal")["value"]));
      return;
    }
    if (t.type === "Literal" && typeof t["value"] === "string") note(source.strings, t, t["value"]);
    if (t.type === "TemplateLiteral" && !trees(t, "expressions").length)
      note(source.strings, t, (trees(t, "quasis")[0]!["value"] as { cooked: string }).cooked);
    if (t.type === "Identifier") note(source.names, t, nameOf(t));
    const member = MEMBER[t.type];
    if (member && !t["computed"] && tree(t, member.of).type === "Identifier")
      note(source.names, t, `${nameOf(tree(t, member.of))}.${nameOf(tree(t, member.name))}`);
    const from = importOf(t);
    if (from) source.imports.push({ ...from, from: resolve(path, from.from) });
    source.exports.push(...exportsOf(t));
    for (const [slot, value] of Object.entries(t))
      if (!(from && slot === "source") && !isPropertyName(t, slot))
        for (const child of Array.isArray(value) ? value : [value]) if (isTree(child)) visit(child);
  };
  visit(parseAst(text, { lang: "ts" }) as unknown as Tree); // as: one walk for all kinds of nodes
  return source;
}

type Tree = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>;
const isTree = (x: unknown): x is Tree => typeof x === "object" && x !== null && "type" in x;
const tree = (t: Tree, slot: string): Tree => t[slot] as Tree; // as: the caller knows the kind of t
const trees = (t: Tree, slot: string): readonly Tree[] => (t[slot] ?? []) as readonly Tree[]; // as: likewise
const nameOf = (t: Tree): string => String(t["name"] ?? t["value"]);

const MEMBER: Readonly<Record<string, { readonly of: string; readonly name: string }>> = {
  MemberExpression: { of: "object", name: "property" },
  TSQualifiedName: { of: "left", name: "right" },
};
const isPropertyName = (t: Tree, slot: string): boolean =>
  !t["computed"] &&
  (MEMBER[t.type]?.name === slot || (slot === "key" && tree(t, "key").type === "Identifier") || slot === "label");

function importOf(t: Tree): Import | undefined {
  const isType = t["importKind"] === "type" || t["exportKind"] === "type";
  switch (t.type) {
    case "ImportDeclaration": {
      const namespace = trees(t, "specifiers").find(s => s.type === "ImportNamespaceSpecifier");
      return {
        // `import { type A }` is not erased: the module is loaded all the same
        kind: isType ? "type" : "static",
        from: nameOf(tree(t, "source")),
        names: namespace
          ? ["*"]
          : trees(t, "specifiers").map(s => (s["imported"] ? nameOf(tree(s, "imported")) : "default")),
        ...(namespace ? { namespace: nameOf(tree(namespace, "local")) } : {}),
      };
    }
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration": {
      if (!t["source"]) return undefined;
      const all = t.type === "ExportAllDeclaration";
      return {
        kind: isType ? "type" : "static",
        from: nameOf(tree(t, "source")),
        names: all ? ["*"] : trees(t, "specifiers").map(s => nameOf(tree(s, "local"))),
        ...(all && !t["exported"] ? { handedOn: true } : {}),
      };
    }
    case "ImportExpression":
    case "TSImportType": {
      const source = tree(t, "source");
      if (source.type !== "Literal") return undefined;
      return { kind: t.type === "TSImportType" ? "type" : "dynamic", from: nameOf(source), names: ["*"] };
    }
    default:
      return undefined;
  }
}
function exportsOf(t: Tree): Source["exports"] {
  const isType = (x: Tree): boolean => x["exportKind"] === "type";
  const types = trees(t, "specifiers")
    .filter(isType)
    .map(s => nameOf(tree(s, "exported")));
  return exportedNames(t).map(name => ({ name, kind: isType(t) || types.includes(name) ? "type" : "value" }));
}
function exportedNames(t: Tree): readonly string[] {
  if (t.type === "ExportDefaultDeclaration") return ["default"];
  if (t.type === "ExportAllDeclaration") return t["exported"] ? [nameOf(tree(t, "exported"))] : [];
  if (t.type !== "ExportNamedDeclaration") return [];
  const declaration = t["declaration"];
  if (!isTree(declaration)) return trees(t, "specifiers").map(s => nameOf(tree(s, "exported")));
  const ids = declaration["id"]
    ? [tree(declaration, "id")]
    : trees(declaration, "declarations").map(d => tree(d, "id"));
  return ids.flatMap(bound);
}
/** the names that a pattern binds */
const bound = (pattern: Tree): readonly string[] => {
  if (pattern.type === "ObjectPattern") return trees(pattern, "properties").flatMap(p => bound(tree(p, "value")));
  if (pattern.type === "ArrayPattern") return trees(pattern, "elements").filter(isTree).flatMap(bound);
  return [nameOf(pattern)];
};
const resolve = (path: string, from: string): string =>
  from.startsWith(".")
    ? posix.join(posix.dirname(path), from)
    : from.startsWith("node:")
      ? from
      : from
          .split("/")
          .slice(0, from.startsWith("@") ? 2 : 1)
          .join("/");
