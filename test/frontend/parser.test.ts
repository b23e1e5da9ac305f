/** What parses, to what tree; that every node's span is its text; that neither length nor depth breaks the parser. */
import { describe, expect, test } from "vitest";
import type * as Ast from "../../src/frontend/ast.ts";
import { render } from "../../src/frontend/diagnostics/render.ts";
import { everyNode } from "../../src/frontend/duplicates.ts";
import { deepest } from "../../src/frontend/explain.ts";
import { Grammar } from "../../src/frontend/grammar.ts";
import { parse, parseExpression, parseSignature, parseType } from "../../src/frontend/parser.ts";
import { programs } from "./programs.ts";

const messages = (text: string): readonly string[] =>
  parse(text, "a.hs").diagnostics.map(d => `${d.span.line}:${d.span.column} ${d.message}`);
/** the tree as text, every operation in brackets */
function show(e: Ast.Expr): string {
  const all = (xs: readonly Ast.Expr[]) => xs.map(show).join(", ");
  switch (e.k) {
    case "number":
      return e.text;
    case "text":
      return JSON.stringify(e.value);
    case "bool":
      return String(e.value);
    case "none":
      return "none";
    case "ref":
      return e.name;
    case "selector":
      return e.fields.map(f => `.${f.text}`).join("");
    case "list":
      return `[${all(e.items)}]`;
    case "block":
      return `{${e.items.map(i => `${i.k} ${i.name.text}`).join("; ")}; ${show(e.result)}}`;
    case "record":
      return `{${e.fields.map(f => (f.k === "spread" ? `...${show(f.value)}` : `${f.name.text}: ${show(f.value)}`)).join(", ")}}`;
    case "lambda":
      return `(${e.params.map(p => p.text).join(", ")} => ${show(e.body)})`;
    case "if":
      return `(if ${show(e.condition)} then ${show(e.then)} else ${show(e.else)})`;
    case "pipe":
      return `(${[e.first, ...e.stages].map(show).join(" |> ")})`;
    case "chain":
      return `(${show(e.first)}${e.rest.map(l => ` ${l.op} ${show(l.right)}`).join("")})`;
    case "compare":
      return `(${show(e.left)} ${e.op} ${show(e.right)})`;
    case "not":
      return `(not ${show(e.value)})`;
    case "negate":
      return `(-${show(e.value)})`;
    case "power":
      return `(${show(e.base)}^${show(e.exponent)})`;
    case "member":
      return `${show(e.value)}.${e.field.text}`;
    case "call":
      return `${show(e.callee)}(${e.args.map(a => (a.name ? `${a.name.text}: ` : "") + show(a.value)).join(", ")})`;
    case "index":
      return `${show(e.value)}[${e.items.map(showItem).join(", ")}]`;
    default:
      return e satisfies never;
  }
}
function showItem(i: Ast.IndexItem): string {
  if (i.k === "rest") return "...";
  if (i.k === "at") return show(i.value);
  return `${i.from ? show(i.from) : ""}:${i.to ? show(i.to) : ""}`;
}
const tree = (text: string): string => {
  const { value, diagnostics } = parseExpression(text);
  return value ? show(value) : render(diagnostics, () => text);
};

test("the grammar has no ambiguity that is not gated", () => {
  expect(() => new Grammar(true)).not.toThrow();
});

describe("programs", () => {
  test.each(programs)("$name parses", ({ name, text }) => {
    const { program, diagnostics } = parse(text, name);
    expect(render(diagnostics, () => text)).toBe("");
    expect(program.items.length).toBeGreaterThan(0);
  });

  test.each(programs)("$name: the text of a node's span is that node", ({ name, text }) => {
    let checked = 0;
    everyNode(parse(text, name).program, n => {
      if (n.k === "program" || !("span" in n)) return;
      const part = text.slice(n.span.start, n.span.end);
      if (isExpr(n)) {
        checked++;
        expect(tree(part)).toBe(show(n));
      } else if (isType(n)) {
        checked++;
        expect(parseType(part).value?.k).toBe(n.k);
      }
    });
    expect(checked).toBeGreaterThan(5);
  });

  test.each(programs)("$name: line and column are those of the offset", ({ name, text }) => {
    everyNode(parse(text, name).program, n => {
      const before = text.slice(0, n.span.start).split("\n");
      expect([n.span.line, n.span.column]).toEqual([before.length, before.at(-1)!.length + 1]);
    });
  });
});
const typeKinds = new Set(["named", "many", "recordtype"]);
const itemKinds = new Set(["import", "param", "let", "def", "print", "save", "weight", "state", "formal", "program"]);
const isType = (n: { k: string }): n is Ast.Type => typeKinds.has(n.k);
const isExpr = (n: { k: string }): n is Ast.Expr => !typeKinds.has(n.k) && !itemKinds.has(n.k);

describe("hazards", () => {
  test.each([
    "let a = { let b = 1\n -b }",
    "let a = { weight: 1, state: 2, to: 3, let: 4 }",
    "let f = (state, to) => state.weight + to",
    "let f = (a) => (b) => a",
    "let f = (a)",
    "let a = -x^2 + 2^-1",
    "let a = x[1:, :2, ..., 3, a:b]",
    'let a = { x: 1\n }\nprint a\nsave a to "b" + c\nlet to = 1\nsave to to to',
    "let model = 1\nmodel M(model: f32[2]) -> f32 = model",
    "let a = {}\nlet b = []\nlet c = () => 1",
    "let a: rdd list { x: f32[n, 2 * n + 1]?, y: rdd string } = b",
    "let a = if x then y else z |> f",
    "let a = { let s = 1\n state }",
    "let a = x |> (y => y) |> m.f(2)",
    "print a = b\nprint a == b",
    "fn f(x) = { weight w: f32[2] = 0\n w @ x }",
    "let a = not a == b and c ?? 1 > 2",
    "let a = b\n|> c\n|> d.e\n.f(2)",
    "let a = { let b = 1\n b + c(2) |> d }",
    "let a = (x |> mean) + 1",
    "let a = { let b = f\n (b) }",
    "let a = { let b = f\n [b] }",
    "let a = f(if: 1, then: 2, true: 3, weight: 2).to.let",
    "param weight = 1\nlet layer = weight\nlet a = layer[state:to]",
    "let a = .user.to |> f(.let)",
    "let a = { r.user, ...r, f.to.and, }",
    "let a = f(\n  1,\n  x: 2,\n)",
    "let null = 1\nlet a = null",
    "let f = def => def + 1",
    "let return = 1\nlet a = { let b = 1\n return + b }",
    "print f(x) // 3 of them",
  ])("%j is fine", text => {
    expect(messages(text)).toEqual([]);
  });

  test.each([
    ["let a = b\n (c)", "2:2 the line starts with `(`"],
    ["let f = (a, b)", "1:9 there are no tuples"],
    ["let a = 1 < 2 < 3", "1:15 comparisons do not chain"],
    ["let a = f(x: 1, y)", "1:17 positional arguments come before named ones"],
    ["let a = { let state = 1 state state: f32 = 0 then state }", "1:57 a block ends with its value"],
    ["let a = b\n|> c\n+ d", "3:1 `+` after a pipeline"],
  ])("%j is not", (text, message) => {
    expect(messages(text)).toEqual([message]);
  });
});

test.each([
  ["-x^2 + 2^-1", "((-(x^2)) + (2^(-1)))"],
  ["2^3^4", "(2^(3^4))"],
  ["a - b + c * d / e @ f", "(a - b + (c * d / e @ f))"],
  ["not a == b and c ?? 1 > 2 or d", "(((not (a == b)) and ((c ?? 1) > 2)) or d)"],
  ["not not a", "(not (not a))"],
  ["a ?? b + 1 == c", "((a ?? (b + 1)) == c)"],
  ["a == b |> mean", "((a == b) |> mean)"],
  ["if a then b else c |> f", "(if a then b else (c |> f))"],
  ["x => x |> f(y => y, 1)", "(x => (x |> f((y => y), 1)))"],
  ["(a, b) => () => a", "(a, b => ( => a))"],
  ["a\n+ b\n.c", "(a + b.c)"],
  ["a -\nb", "(a - b)"],
  ["f(x)[0].y(z: 1)", "f(x)[0].y(z: 1)"],
  ["x[1:, :2, ..., a:b, :]", "x[1:, :2, ..., a:b, :]"],
  ["{ a: 1, ...r, r.user.id }", "{a: 1, ...r, id: r.user.id}"],
  ["{ let a = 1 weight w: f32 = 0 state s: f32 = 0 then s  a }", "{let a; weight w; state s; a}"],
  [".a.b", ".a.b"],
  ['"a\\n\\t\\"\\\\\\u{1F600}b"', JSON.stringify('a\n\t"\\\u{1F600}b')],
  ["[1_000, 1e-4, 0.5, true, none]", "[1000, 1e-4, 0.5, true, none]"],
  ["(a + b) * -(c)", "((a + b) * (-c))"],
])("%s", (text, expected) => {
  expect(tree(text)).toBe(expected);
});

describe("definitions", () => {
  test("a comment at the end of a param's line is its help", () => {
    const { items } = parse(
      'param lr = 0.1 // learning rate\n// no\nparam n: i32\nparam s = "//" //  x \n',
      "a.hs",
    ).program;
    expect(items.map(i => (i.k === "param" ? i.help : i.k))).toEqual(["learning rate", undefined, "x"]);
  });
  test("an import binds the last part of its path", () => {
    const { items } = parse('import "lib/blocks.hs"\nimport "models/churn/"', "a.hs").program;
    expect(items.map(i => i.k === "import" && i.binds)).toEqual(["blocks", "churn"]);
  });
  test("the golden section ends the program", () => {
    expect(parse("let a = 1\n//= ) ) \n)))", "a.hs")).toMatchObject({
      program: { items: [{ k: "let" }] },
      diagnostics: [],
    });
  });
  test.each([
    ["a byte order mark and CRLF", "\uFEFFlet a = 1\r\nprint a // b\r\n", 2],
    ["nothing", "", 0],
    ["white space and comments", " \n\t// a\n", 0],
  ])("%s", (_, text, items) => {
    expect(parse(text, "a.hs").program.items.length).toBe(items);
    expect(messages(text)).toEqual([]);
  });
  test("definitions that fail do not hide others", () => {
    const text =
      "let a = 1 +\nlet b = f(1\nlet c = 2\nfn f(x) = {\n  let y = )\n  y\n}\nprint c c\nlet d = 1 < 2 < c && a";
    expect(messages(text)).toEqual([
      "1:12 an expression is missing after `+`",
      "2:12 a `)` is missing",
      "5:11 a `}` is missing before `)`",
      "8:9 `c` cannot stand after `c`",
      "9:15 comparisons do not chain",
      "9:19 write `and`",
    ]);
    expect(parse(text, "a.hs").program.items.map(i => ("name" in i ? i.name.text : i.k))).toEqual(["c", "print", "d"]);
  });
});

describe("types and signatures", () => {
  test("a signature of the registry", () => {
    const text =
      "conv(x: float[c, h, w], filters: int, kernel: int[2], stride: int[2] = 1, init = he(), name) -> float[filters, div(h + 2 * pad[0] - 1, stride[0]) + 1]";
    const { value, diagnostics } = parseSignature(text);
    expect(diagnostics).toEqual([]);
    expect(value?.name.text).toBe("conv");
    expect(value?.params.map(p => `${p.name.text} ${p.type?.k} ${p.value?.k}`)).toEqual([
      "x named undefined",
      "filters named undefined",
      "kernel named undefined",
      "stride named number",
      "init undefined call",
      "name undefined undefined",
    ]);
    const dims = value?.result?.k === "named" ? value.result.dims : undefined;
    expect(dims?.map(d => d.k === "dim" && show(d.value))).toEqual([
      "filters",
      "(div((h + (2 * pad[0]) - 1), stride[0]) + 1)",
    ]);
  });
  test.each([
    ["rdd list { x: f32[...s, k]?, to: string }", "many"],
    ["float[...]", "named"],
    ["{ h: float[t, units] }", "recordtype"],
    ["string?", "named"],
  ])("%s", (text, k) => {
    expect(parseType(text)).toMatchObject({ value: { k }, diagnostics: [] });
  });
  test.each(["rdd", "f32[", "f32[]", "{ x }", "{}", "f32 f32", "f32[n == 1]", ""])("%j is no type", text => {
    const { value, diagnostics } = parseType(text);
    expect(value).toBeUndefined();
    expect(diagnostics.length).toBe(1);
  });
});

describe("size", () => {
  const nested = (n: number, open: string, middle: string, close = "") =>
    `let a = ${open.repeat(n)}${middle}${close.repeat(n)}`;
  test.each([
    ["stages", `let a = x${" |> f(1)".repeat(5000)}`],
    ["sums", `let a = x${" + b".repeat(20_000)}`],
    ["ands of nots", `let a = x${" and not b == c".repeat(10_000)}`],
    ["elements", `let a = [${"1, ".repeat(20_000)}]`],
    ["definitions", Array.from({ length: 2000 }, (_, i) => `let a${i} = ${i}`).join("\n")],
  ])("thousands of %s", (_, text) => {
    expect(messages(text)).toEqual([]);
  });

  const shapes: readonly (readonly [string, string, string, string])[] = [
    ["parentheses", "(", "1", ")"],
    ["lists", "[", "1", "]"],
    ["records", "{ a: ", "1", "}"],
    ["blocks", "{ let a = ", "1", " a }"],
    ["calls", "f(x: ", "1", ")"],
    ["indices", "x[", "1", "]"],
    ["lambdas", "x => ", "1", ""],
    ["ifs", "if a then b else ", "c", ""],
    ["minuses", "- ", "1", ""],
    ["nots", "not ", "a", ""],
    ["powers", "2 ^ ", "2", ""],
  ];
  test.each(shapes)("%s to the limit, and one error beyond it", (_, open, middle, close) => {
    expect(messages(nested(deepest - 2, open, middle, close))).toEqual([]);
    const far = messages(`${nested(20_000, open, middle, close)}\nlet b =`);
    expect(far.map(m => m.replace(/^\S+ /, ""))).toEqual([
      `nested more than ${deepest} deep`,
      "an expression is missing after `=`",
    ]);
  });
  test.each([
    ["fields", "let a = b", ".c", ""],
    ["calls of calls", "let a = b", "()", ""],
    ["types", "let a: ", "rdd ", "f32 = 1"],
    ["record fields", "let a = { b", ".c", " }"],
  ])("%s in a row", (_, head, part, tail) => {
    expect(messages(head + part.repeat(deepest - 2) + tail)).toEqual([]);
    const far = messages(head + part.repeat(20_000) + tail);
    expect(far.map(m => m.replace(/^\S+ /, ""))).toEqual([`nested more than ${deepest} deep`]);
  });
});
