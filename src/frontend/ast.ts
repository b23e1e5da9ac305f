/** The tree that the parser makes: what was written, each node with its place. Knows no types, no values, no scopes.
 *
 * Long things are flat, so that no walk of the tree has to go deep: a pipeline is a list of stages, and operators of one
 * level (`a + b - c`) are one `chain`, to be read from the left. What nests is limited by the parser (`deepest`).
 * Parentheses leave no node: they widen the span of what they hold. */
import type { Span } from "../ir/node.ts";

export type { Span };

/** a name where it is written: of a definition, an argument, a field */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

export interface Program {
  readonly k: "program";
  readonly file: string;
  /** in the order of the text; a definition that could not be read is left out, and a diagnostic says so */
  readonly items: readonly Item[];
  readonly span: Span;
}

// --- definitions and effects

export type Item = Import | Param | Let | Def | Print | Save;
/** `import "lib/blocks.hs"` binds `blocks`; `import "models/churn/"` binds `churn` */
export interface Import {
  readonly k: "import";
  readonly path: Text;
  readonly binds: string;
  readonly span: Span;
}
export interface Param {
  readonly k: "param";
  readonly name: Name;
  readonly type: Type | undefined;
  readonly value: Expr | undefined;
  /** the comment at the end of its line */
  readonly help: string | undefined;
  readonly span: Span;
}
export interface Let {
  readonly k: "let";
  readonly name: Name;
  readonly type: Type | undefined;
  readonly value: Expr;
  readonly span: Span;
}
export interface Def {
  readonly k: "def";
  readonly kind: "fn" | "layer" | "model";
  readonly name: Name;
  readonly params: readonly Formal[];
  readonly result: Type | undefined;
  readonly body: Expr;
  readonly span: Span;
}
export interface Formal {
  readonly k: "formal";
  readonly name: Name;
  readonly type: Type | undefined;
  /** the default */
  readonly value: Expr | undefined;
  readonly span: Span;
}
/** `print e`, `print label = e` */
export interface Print {
  readonly k: "print";
  readonly label: Name | undefined;
  readonly value: Expr;
  readonly span: Span;
}
export interface Save {
  readonly k: "save";
  readonly value: Expr;
  readonly path: Expr;
  readonly span: Span;
}
/** only in blocks */
export interface Weight {
  readonly k: "weight";
  readonly name: Name;
  readonly type: Type;
  readonly init: Expr;
  readonly span: Span;
}
/** only in blocks: `state m: T = init then next` */
export interface State {
  readonly k: "state";
  readonly name: Name;
  readonly type: Type;
  readonly init: Expr;
  readonly next: Expr;
  readonly span: Span;
}

// --- expressions

export type Expr =
  | Num
  | Text
  | Bool
  | None
  | Ref
  | Selector
  | List
  | Block
  | RecordLiteral
  | Lambda
  | If
  | Pipe
  | Chain
  | Compare
  | Not
  | Negate
  | Power
  | Member
  | Call
  | Index;

export interface Num {
  readonly k: "number";
  readonly value: number;
  /** without `_`: an i64 beyond 2^53 is read from here */
  readonly text: string;
  /** neither point nor exponent */
  readonly integer: boolean;
  readonly span: Span;
}
/** a string, escapes resolved */
export interface Text {
  readonly k: "text";
  readonly value: string;
  readonly span: Span;
}
export interface Bool {
  readonly k: "bool";
  readonly value: boolean;
  readonly span: Span;
}
export interface None {
  readonly k: "none";
  readonly span: Span;
}
/** a name that stands for a value */
export interface Ref {
  readonly k: "ref";
  readonly name: string;
  readonly span: Span;
}
/** `.user.age`: the lambda `r => r.user.age` */
export interface Selector {
  readonly k: "selector";
  readonly fields: readonly Name[];
  readonly span: Span;
}
/** `[a, b]` */
export interface List {
  readonly k: "list";
  readonly items: readonly Expr[];
  readonly span: Span;
}
/** `{ let a = .. weight w: .. = .. state s: .. = .. then ..  result }`, at least one declaration */
export interface Block {
  readonly k: "block";
  readonly items: readonly (Let | Weight | State)[];
  readonly result: Expr;
  readonly span: Span;
}
export interface RecordLiteral {
  readonly k: "record";
  readonly fields: readonly Field[];
  readonly span: Span;
}
/** `{ r.user }` is the field `user` with the value `r.user` */
export type Field =
  | { readonly k: "field"; readonly name: Name; readonly value: Expr; readonly span: Span }
  | { readonly k: "spread"; readonly value: Expr; readonly span: Span };
export interface Lambda {
  readonly k: "lambda";
  readonly params: readonly Name[];
  readonly body: Expr;
  readonly span: Span;
}
export interface If {
  readonly k: "if";
  readonly condition: Expr;
  readonly then: Expr;
  readonly else: Expr;
  readonly span: Span;
}
/** `first |> stages[0] |> stages[1]`: a stage that is a Call gets what is left of it as its first argument, any other
 *  stage is called with it. At least one stage */
export interface Pipe {
  readonly k: "pipe";
  readonly first: Expr;
  readonly stages: readonly Expr[];
  readonly span: Span;
}
/** operators of one level, read from the left: `(first op rest[0]) op rest[1]`. All of one row of the table below */
export interface Chain {
  readonly k: "chain";
  readonly first: Expr;
  readonly rest: readonly Link[];
  readonly span: Span;
}
export interface Link {
  readonly op: ChainOp;
  /** of the operator itself */
  readonly at: Span;
  readonly right: Expr;
}
/** loosest first; the operators of one row mix freely in one chain */
export const levels = [["or"], ["and"], ["??"], ["+", "-"], ["*", "/", "%", "@"]] as const;
export type ChainOp = (typeof levels)[number][number];
export const comparisons = ["==", "!=", "<", "<=", ">", ">="] as const;
export type CompareOp = (typeof comparisons)[number];
export interface Compare {
  readonly k: "compare";
  readonly op: CompareOp;
  readonly at: Span;
  readonly left: Expr;
  readonly right: Expr;
  readonly span: Span;
}
export interface Not {
  readonly k: "not";
  readonly value: Expr;
  readonly span: Span;
}
export interface Negate {
  readonly k: "negate";
  readonly value: Expr;
  readonly span: Span;
}
/** `base ^ exponent` */
export interface Power {
  readonly k: "power";
  readonly at: Span;
  readonly base: Expr;
  readonly exponent: Expr;
  readonly span: Span;
}
/** `value.field` */
export interface Member {
  readonly k: "member";
  readonly value: Expr;
  readonly field: Name;
  readonly span: Span;
}
export interface Call {
  readonly k: "call";
  readonly callee: Expr;
  /** positional ones come first */
  readonly args: readonly Arg[];
  readonly span: Span;
}
export interface Arg {
  readonly name: Name | undefined;
  readonly value: Expr;
  /** with its name */
  readonly span: Span;
}
/** `value[items]` */
export interface Index {
  readonly k: "index";
  readonly value: Expr;
  readonly items: readonly IndexItem[];
  readonly span: Span;
}
export type IndexItem =
  | { readonly k: "at"; readonly value: Expr; readonly span: Span }
  | { readonly k: "slice"; readonly from: Expr | undefined; readonly to: Expr | undefined; readonly span: Span }
  | { readonly k: "rest"; readonly span: Span };

// --- types

export type Type = NamedType | ManyType | RecordType;
/** `f32[n, 28]`, `string?`, `float[...s, k]` */
export interface NamedType {
  readonly k: "named";
  readonly name: Name;
  /** undefined: no brackets */
  readonly dims: readonly Dim[] | undefined;
  readonly optional: boolean;
  readonly span: Span;
}
/** `rdd T`, `list T` */
export interface ManyType {
  readonly k: "many";
  readonly of: "rdd" | "list";
  readonly item: Type;
  readonly span: Span;
}
export interface RecordType {
  readonly k: "recordtype";
  readonly fields: readonly FieldType[];
  readonly span: Span;
}
export interface FieldType {
  readonly name: Name;
  readonly type: Type;
  readonly span: Span;
}
/** `...`, `...s`, or a sum: an expression of names, numbers, `+ - * / %` and calls */
export type Dim =
  | { readonly k: "rest"; readonly name: Name | undefined; readonly span: Span }
  | { readonly k: "dim"; readonly value: Expr; readonly span: Span };

/** `conv(x: float[c, h, w], filters: int) -> float[filters]`: how the registry of builtins writes a signature */
export interface Signature {
  readonly name: Name;
  readonly params: readonly Formal[];
  readonly result: Type | undefined;
  readonly span: Span;
}
