/** Every message of syntax, as it is shown: the programs are here, what hsc says of them in syntax-errors.txt
 *  (`vitest -u` rewrites it; read the difference). The wordings that errors.md fixes are here in full. */
import { describe, expect, test } from "vitest";
import { render } from "../../src/frontend/diagnostics/render.ts";
import { syntax } from "../../src/frontend/diagnostics/syntax.ts";
import { parse } from "../../src/frontend/parser.ts";

const said = (text: string): string => render(parse(text, "a.hs").diagnostics, () => text);

describe("the messages that errors.md fixes", () => {
  test("10: a chain of comparisons", () => {
    const text = "// a\n//\n//\nprint rows |> filter(r => 0 < r.age < 18)";
    expect(said(text)).toBe(`error: comparisons do not chain
  --> a.hs:4:37
 4 | print rows |> filter(r => 0 < r.age < 18)
   |                                     ^
help: 0 < r.age and r.age < 18`);
  });
  test("11: an operator after a pipeline", () => {
    expect(said("// a\nlet m = rows |> mean(.x) + 1")).toBe(`error: \`+\` after a pipeline
  --> a.hs:2:26
 2 | let m = rows |> mean(.x) + 1
   |                          ^
help: (rows |> mean(.x)) + 1`);
  });
  test("12: a line that starts with `-`", () => {
    expect(
      said("\n\nfn f(a, b) = {\n  let y = a\n  - b\n}"),
    ).toBe(`error: \`y\` is never used, and the next line starts with \`-\`
  --> a.hs:5:3
 4 |   let y = a
 5 |   - b
   |   ^ begins a new expression
help: put the operator at the end of the line above: let y = a -`);
  });
  test.each([
    ["let y = x |> conv(20, padding=2)", "arguments are named with `:`", "padding: 2"],
    ["let a = x && y", "write `and`", "let a = x and y"],
    ["def f(x) = x", "write `fn`", "fn f(x) = x"],
    ["let y = f(x // 2)", "`//` starts a comment", "div(x, 2)"],
    ["let f = lambda x: x + 1", "write `x => ..`", "let f = x => x + 1"],
    ["let a = null", "write `none`", "let a = none"],
    ["let a = x**2", "write `^`", "let a = x^2"],
  ])("15: %s", (text, message, help) => {
    expect(parse(text, "a.hs").diagnostics).toMatchObject([{ severity: "error", message, help }]);
  });
});

const cases: readonly string[] = [
  `let a = ${"not ".repeat(130)}b`,
  "let a = x\n  |> f(1)\n  |> g\n  * 2",
  "let a = f(\n  x,\n  y: 2\n  z: 3,\n)",
  "let a = f(x, let)",
  "let a = f(x |> y => y + 1)",
  "fn f(x, if) = x",
  "let a = (x, 1) => x",
  "let a = x |> (1, 2)",
  "let a = { ...r, }.x |>\nlet b = 1",
  "for = 1\nwhile (x) y",
  "fn f(x) = {\n  let y = f\n  (x)\n}",
  "let a = { x: 1, y }\nlet b = a.\nlet c = a[",
  "save a to",
  "param lr: f32 = \nlet b = a",
  "let a = {\n  let b = 1\n  c + d\n\nlet e = 2\nprint e",
  "let a = 1\n  let b = 2\n let c = )",
  'let s = "\\u{110000} \\u12 \\x"',
  "let a = b ~ c\nlet d = a | b\nlet e = a & b",
  "let a = 5 // 5",
  "fn f(x): f32 = x",
  "fn f(x) -> = x",
  "let a = if x { 1 } else { 2 }",
  "let a = x === 1 or y !== 2",
  "let a := 1",
  "let a = `x`",
  "model M(x: f32[2]) -> f32[2]\n  x |> dense(2)",
  "layer f(x) = {\n  weight w: f32[2]\n  x\n}",
  "layer f(x) = {\n  let y = x\n  state s: f32 = 0\n  y\n}",
  "let a = {\n  let b = 1\n  b\n",
  "let a = f(x y)",
  "let a = .",
  "let b = a.\nlet c = b",
  "print a.\nprint b",
  "import a.b\nfrom a import b",
  "\u00a0let a = 1 \u2212 2",
  "let a: {x: f32, x: i32} = b",
  "let a = 1\nprint rows |> filter(r => 0 < r.age < 18)",
  "let m = rows |> mean(.x) + 1",
  "fn f(a, b) = {\n  let y = a\n  - b\n}",
  "let y = x |> conv(20, padding=2)",
  "let a = x && y",
  "let a = x || y",
  "let a = !x",
  "let a = x**2",
  "let a = null",
  "def f(x) = x",
  "fn f(x) = {\n  let y = 1\n  return x + y\n}",
  "let f = lambda x: x + 1",
  "let f = lambda x, y: x + y",
  "let y = f(x // 2)",
  "let y = x // 2",
  "@jit\nfn f(x) = x",
  "for x in xs:\n  print x\nprint 1",
  "let a = [x for x in xs]",
  'let a = "abc\nlet b = 2',
  "let a = 3 $ 4\nlet b = 2",
  'let a = "a\\qb"',
  "let a = f(1, 2\nlet b = 3",
  "let a = [1, 2)\nlet b = )",
  "let a = f(1, 2]",
  "let if = 1",
  "let a = f(x, then)",
  "let a = if x else y",
  "let a = if x then y",
  "let a = f(if x then y)",
  'save x "a.csv"',
  "save x\nlet b = 1",
  "x + 1",
  "let a = (1, 2)",
  "let a = f(x: 1, y)",
  "let a = f(x: 1, x: 2)",
  "let a = 1\nlet a = 2",
  "fn f(x, x) = x",
  "let f = (a, a) => a",
  "let a = { let b = 1 let b = 2 b }",
  "let a =",
  "let a = \nlet b = 2",
  "let a 1",
  "let f(x) = x",
  "fn f(x) x",
  "fn f(x) { x }",
  "fn f(x) => x",
  "fn f = x",
  "fn f(x):\n  x",
  "weight w: f32 = 0",
  "layer f(x) = { weight w = 0 x }",
  "layer f(x) = { state s: f32 = 0 s }",
  "let a = x |> y => y + 1",
  "let a = x |> -f",
  "let a = a ? b : c",
  "let a = x[]",
  "let a = x[1:2:3]",
  "let a = { 1 + 2 }",
  "let a = { f(x) }",
  "let a = { a: 1 b: 2 }",
  'let a = { "a": 1 }',
  'let a = { "a b": 1, "": 2 }',
  'fn f(r) = r."a" + r."a b"',
  'let d: rdd { "size": f32 } = csv("a.csv")',
  "let a = { a = 1, b = 2 }",
  "let a = { let b = 1 }",
  "let a = { let b = 1\n b\n c }",
  "let a: = 1",
  "let a: f32[ = 1",
  "let a: f32[n == 2] = 1",
  "let a: {} = 1",
  "param x: rdd",
  "let a = x.",
  "let a = x.0",
  "let a = .5 + 5. + 1_ + 0xff",
  "x = 3",
  "x += 1",
  "fn f(x) = {\n  let a = 1\n  b = 2\n  a + b\n}",
  "import numpy",
  'import "a.hs" as b',
  "let a = x + ",
  "let a = * 2",
  "let a = f(,)",
  "let a = (x\n",
  "let a = 'abc'",
  "# hi\nlet a = 1",
  "let a = 1;",
  "let a = x not y",
  "let a = x == not y",
  "elif",
  "let a = if x then 1 elif y then 2 else 3",
  "const a = 1",
  "let a = x => ",
  "let a = 1 2",
  "let a = f(1 2)",
  "let a = [1 2]",
  "print",
  "print a b",
  "let a = \u201cx\u201d",
  "let größe = 1",
  "let a = 1e999",
  "let a = { print x }",
  "fn f(x) = {\n  let a = 1\n  print a\n  a\n}",
  "let a = f\n(x)",
  "class A:\n  x = 1",
  'let a = """x\ny"""',
  'let a = f"x{y}"',
  "let a = x : 3",
  "let a = x = 3",
  "model M(x: f32[3) = x",
  "let a = { ...r x: 1 }",
  "}",
  "let a = (x) y",
  "let a = x |> ",
  "let a = x |> + 1",
  "let a = )",
  "let\nlet b = 1",
  "fn\nlet b = 1",
  "param\nprint 1",
  "weight",
  "let a = { let b = 1 }}\nlet c = ",
  "let a = True or None",
  "let x = 3 then 4",
  "let a = 1 else 2",
  'import "a.hs"\nlet a = 1',
  'import "x/a.hs"\nlet a = 1',
  "a\u0000b",
  "let f = (x + 1) => x",
  "/* a */ let a = 1",
  "print a, b",
  "let a, b = f(x)",
  "let (a, b) = f(x)",
  "let { a, b } = r",
  "fn f(x: f32 y: f32) = x",
  "fn f(1) = 2",
  "let a = f(x)(y)[0].b |> g(.a.b)\nlet b =",
];

test("the table", async () => {
  const shown = cases.map(t => `===== ${JSON.stringify(t)}\n${said(t)}\n`).join("\n");
  await expect(shown).toMatchFileSnapshot("./syntax-errors.txt");
});

test("the table holds every message of the catalogue", () => {
  const codes = new Set(cases.flatMap(t => parse(t, "a.hs").diagnostics.map(d => d.code)));
  expect(Object.keys(syntax).filter(code => !codes.has(code))).toEqual([]);
});
test("the code of a message is the name of its entry", () => {
  const codes = cases.flatMap(t => parse(t, "a.hs").diagnostics.map(d => d.code));
  expect(codes.filter(c => !(c in syntax))).toEqual([]);
});
test("all that is told has a place and something to read", () => {
  for (const t of cases) expect(said(t), t).toMatch(/^(error|warning): .+\n {2}--> a\.hs:\d+:\d+/);
});
