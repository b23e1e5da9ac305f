/** Frames, and the messages of errors.md that come from the catalogue, letter by letter. */
import { describe, expect, test } from "vitest";
import {
  type Diagnostic,
  diagnostic,
  didYouMean,
  distance,
  nearest,
  report,
} from "../../src/frontend/diagnostics/catalogue.ts";
import { render } from "../../src/frontend/diagnostics/render.ts";
import type { Span } from "../../src/ir/node.ts";

/** the place of the n-th `part` in a text */
function spanIn(text: string, part: string, file = "a.hs", n = 1): Span {
  let start = -1;
  for (let i = 0; i < n; i++) start = text.indexOf(part, start + 1);
  if (start < 0) throw new Error(`no ${part}`);
  const before = text.slice(0, start).split("\n");
  return { file, start, end: start + part.length, line: before.length, column: before.at(-1)!.length + 1 };
}
/** a text with `line` as its line `n` */
const lineAt = (n: number, line: string): string => "\n".repeat(n - 1) + line;
const shown = (d: Diagnostic, text: string): string => render([d], () => text);

describe("errors.md", () => {
  test("1 shapes between layers", () => {
    const text = `${lineAt(5, "  let skip = x |> conv(filters, kernel: 1, stride: 2)")}\n\n  relu(y + skip)`;
    const note = { ...spanIn(text, "stride", "resnet.hs"), column: 38 };
    const d = report.shapesDiffer({
      op: "+",
      left: "f32[64, 32, 32]",
      right: "f32[64, 16, 16]",
      label: "axis 1: 32 and 16",
      span: spanIn(text, "y + skip", "resnet.hs"),
      notes: [{ message: "16 = div(32 - 1, 2) + 1, from `stride: 2` of conv", span: note }],
      help: "give both paths the same stride: conv(filters, kernel: 1, stride: stride)",
    });
    expect(shown(d, text)).toBe(`error: shapes differ in \`+\`: f32[64, 32, 32] and f32[64, 16, 16]
  --> resnet.hs:7:8
 7 |   relu(y + skip)
   |        ^^^^^^^^ axis 1: 32 and 16
note: 16 = div(32 - 1, 2) + 1, from \`stride: 2\` of conv
  --> resnet.hs:5:38
help: give both paths the same stride: conv(filters, kernel: 1, stride: stride)`);
  });
  test("2 a batch where one record is meant", () => {
    const text = lineAt(9, "print argmax(net(images))");
    const d = report.batchGiven({
      callee: "LeNet",
      call: "net",
      takes: "f32[28, 28]",
      given: "f32[100, 28, 28]",
      axis: 0,
      records: "100",
      argument: "images",
      span: spanIn(text, "images"),
    });
    expect(shown(d, text)).toBe(`error: LeNet takes one f32[28, 28], this is f32[100, 28, 28]
  --> a.hs:9:18
 9 | print argmax(net(images))
   |                  ^^^^^^ axis 0 has 100 records
help: images |> map(x => net(x))          models are written for one record; the batch is added for you`);
  });
  test("3 a batch dimension in the model", () => {
    const text = `${lineAt(5, "model LeNet(x: f32[N, 28, 28]) -> f32[N, 10] =")}${"\n".repeat(7)}  loss: (m, r) => cross_entropy(m(r.x), r.y),`;
    const declared = { ...spanIn(text, "f32[N, 28, 28]"), column: 16 };
    const d = report.batchDeclared({
      param: "x",
      takes: "f32[N, 28, 28]",
      argument: "r.x",
      given: "f32[28, 28]",
      declared,
      dim: "N",
      without: "model LeNet(x: f32[28, 28]) -> f32[10]",
      span: spanIn(text, "r.x"),
    });
    expect(shown(d, text)).toBe(`error: x: f32[N, 28, 28] cannot take r.x: f32[28, 28]
  --> a.hs:12:35
12 |   loss: (m, r) => cross_entropy(m(r.x), r.y),
   |                                   ^^^
note: declared here
  --> a.hs:5:16
help: leave N out: model LeNet(x: f32[28, 28]) -> f32[10]`);
  });
  test("4 missing values", () => {
    const text = lineAt(4, "  |> map(r => { age: r.age / 100 })");
    const d = report.mayBeMissing({
      what: "r.age",
      type: "f64?",
      op: "/",
      needs: "a number",
      span: spanIn(text, "r.age"),
      help: "(r.age ?? 0) / 100, or |> drop_missing before this map",
    });
    expect(shown(d, text)).toBe(`error: r.age may be missing (f64?), and \`/\` needs a number
  --> a.hs:4:22
 4 |   |> map(r => { age: r.age / 100 })
   |                      ^^^^^
help: (r.age ?? 0) / 100, or |> drop_missing before this map`);
  });
  test("5 text where numbers are wanted", () => {
    const text = lineAt(6, "  |> map(r => [r.age, r.job])");
    const help = "let jobs = data |> vocab(.job)   then jobs.index(r.job), or one_hot(jobs.index(r.job), jobs.size)";
    const d = report.textInTensor({ what: "r.job", type: "string?", span: spanIn(text, "r.job"), help });
    expect(shown(d, text)).toBe(`error: a tensor holds numbers, r.job is string?
  --> a.hs:6:23
 6 |   |> map(r => [r.age, r.job])
   |                       ^^^^^
help: ${help}`);
  });
  test("6 column name", () => {
    const text = lineAt(3, "let m = people |> mean(.incme)");
    const types = { id: "i64", age: "f64?", income: "f64?", job: "string?", city: "string", churn: "bool" };
    const columns = Object.entries(types).map(([name, type]) => ({ name, type }));
    const span = spanIn(text, "incme");
    expect(
      shown(report.unknownColumn({ name: "incme", source: "churn.csv", columns, span }), text),
    ).toBe(`error: no column \`incme\` in churn.csv
  --> a.hs:3:25
 3 | let m = people |> mean(.incme)
   |                         ^^^^^ did you mean \`income\`?
note: columns: id i64, age f64?, income f64?, job string?, city string, churn bool`);
  });
  test("7 an rdd inside a per-record lambda", () => {
    const text = lineAt(5, "print orders |> map(o => users |> filter(u => u.user == o.user))");
    const help = 'orders |> join(users, on: "user"); a small one: let table = collect(users)';
    expect(
      shown(report.rddInLambda({ inner: "users", outer: "orders", span: spanIn(text, "users"), help }), text),
    ).toBe(`error: \`users\` is an rdd and cannot be read for each record of \`orders\`
  --> a.hs:5:26
 5 | print orders |> map(o => users |> filter(u => u.user == o.user))
   |                          ^^^^^
help: ${help}`);
  });
  test("8 a layer without weights", () => {
    const text = lineAt(8, "print digits |> map(r => LeNet(r.x))");
    expect(
      shown(report.noWeights({ model: "LeNet", span: spanIn(text, "LeNet") }), text),
    ).toBe(`error: LeNet is a model: it has no weights yet
  --> a.hs:8:26
 8 | print digits |> map(r => LeNet(r.x))
   |                          ^^^^^
help: call what train(LeNet, ..) returned, load(LeNet, "file.safetensors") or init(LeNet)`);
  });
  test("9 narrowing", () => {
    const text = lineAt(7, "  loss: (m, r) => m(r.features)");
    const d = report.narrowing({
      callee: "Score",
      takes: "f32[4]",
      given: "f64[4]",
      origin: "f64: read from a.csv as decimal numbers",
      span: spanIn(text, "r.features"),
      help: "f32(r.features), or write the type of the source: let rows: rdd { features: f32[4] } = ...",
    });
    expect(shown(d, text)).toBe(`error: Score takes f32[4], this is f64[4]
  --> a.hs:7:21
 7 |   loss: (m, r) => m(r.features)
   |                     ^^^^^^^^^^ f64: read from a.csv as decimal numbers
help: f32(r.features), or write the type of the source: let rows: rdd { features: f32[4] } = ...`);
  });
  test("13 a loss per class", () => {
    const text = lineAt(12, "  loss: (m, r) => (m(r.x) - one_hot(r.y, 10))^2,");
    const span = spanIn(text, "(m(r.x) - one_hot(r.y, 10))^2");
    expect(
      shown(report.lossNotScalar({ type: "f32[10]", span, help: "mean(..), or mse(m(r.x), one_hot(r.y, 10))" }), text),
    ).toBe(`error: the loss of one record must be one number, this is f32[10]
  --> a.hs:12:19
12 |   loss: (m, r) => (m(r.x) - one_hot(r.y, 10))^2,
   |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
help: mean(..), or mse(m(r.x), one_hot(r.y, 10))`);
  });
  test("14 no gradient", () => {
    const text = lineAt(12, "  loss: (m, r) => f32(argmax(m(r.x)) != r.y),");
    const help = "cross_entropy(m(r.x), r.y); give accuracy as metrics: { accuracy: .. }";
    expect(
      shown(report.noGradient({ model: "LeNet", cause: "argmax", span: spanIn(text, "argmax"), help }), text),
    ).toBe(`error: no weight of LeNet influences the loss: \`argmax\` has a zero gradient
  --> a.hs:12:23
12 |   loss: (m, r) => f32(argmax(m(r.x)) != r.y),
   |                       ^^^^^^
help: ${help}`);
  });
  test("15 unknown argument", () => {
    const text = lineAt(6, "    |> conv(20, kernel_size: 5)");
    const signature =
      "conv(x, filters, kernel, stride = 1, pad = 0, dilation = 1, groups = 1, bias = true, init = he(), name)";
    const candidates = ["x", "filters", "kernel", "stride", "pad", "dilation", "groups", "bias", "init", "name"];
    const span = { ...spanIn(text, "kernel_size"), end: spanIn(text, "kernel_size").end };
    expect(
      shown(report.unknownArgument({ callee: "conv", name: "kernel_size", candidates, signature, span }), text),
    ).toBe(`error: conv has no argument \`kernel_size\`
  --> a.hs:6:17
 6 |     |> conv(20, kernel_size: 5)
   |                 ^^^^^^^^^^^ did you mean \`kernel\`?
note: ${signature}`);
  });
  test("a limit", () => {
    const text = 'save net to "net.onnx"';
    const d = report.limit({
      what: "saving to .onnx",
      instead: 'save net to "net.safetensors"',
      span: spanIn(text, '"net.onnx"'),
    });
    expect(shown(d, text)).toBe(`limit: saving to .onnx is not built yet
  --> a.hs:1:13
 1 | save net to "net.onnx"
   |             ^^^^^^^^^^
help: save net to "net.safetensors"`);
  });
});

describe("frames", () => {
  const at = (span: Span, label?: string) => diagnostic("test", "message", span, { label });
  test("of several lines: every line has its carets, the label stands at the last", () => {
    const text = "let a = f(\n  x,\n  y)";
    expect(shown(at(spanIn(text, "f(\n  x,\n  y)"), "here"), text)).toBe(`error: message
  --> a.hs:1:9
 1 | let a = f(
   |         ^^
 2 |   x,
   |   ^^
 3 |   y)
   |   ^^ here`);
  });
  test("of very many lines: the first and the last", () => {
    const text = `[\n${"  1,\n".repeat(50)}]`;
    const lines = shown(at(spanIn(text, text)), text).split("\n");
    expect(lines.filter(l => /^ *\d+ \|/.test(l)).map(l => l.trim())).toEqual([
      "1 | [",
      "2 |   1,",
      "3 |   1,",
      "4 |   1,",
      "5 |   1,",
      "52 | ]",
    ]);
  });
  test("tabs, wide letters and control characters: the carets stand below what they mean", () => {
    const text = '\tprint "\u4f60\u597d\u0301\u{1F600}" + x\u0007';
    expect(shown(at(spanIn(text, "+ x")), text)).toBe(`error: message
  --> a.hs:1:16
 1 |   print "\u4f60\u597d\u0301\u{1F600}" + x\ufffd
   |                  ^^^`);
  });
  test("CRLF, the end of a file, an unknown file", () => {
    const text = "let a =\r\nlet b = 1";
    expect(
      shown(at({ file: "a.hs", start: 7, end: 7, line: 1, column: 8 }), text)
        .split("\n")
        .slice(2),
    ).toEqual([" 1 | let a =", "   |        ^"]);
    expect(
      shown(at({ file: "a.hs", start: 18, end: 18, line: 2, column: 10 }), text)
        .split("\n")
        .slice(2),
    ).toEqual([" 2 | let b = 1", "   |          ^"]);
    expect(render([at(spanIn(text, "b"), "here")], () => undefined)).toBe("error: message\n  --> a.hs:2:5\n   | here");
  });
  test("a very long line is shown around its carets", () => {
    const text = `let a = ${"x + ".repeat(500)}y`;
    const [, , line, carets] = shown(at(spanIn(text, "y")), text).split("\n");
    expect(line!.length).toBeLessThan(180);
    expect(line![carets!.indexOf("^")]).toBe("y");
  });
  test("wide numbers of lines, notes in other files, colours", () => {
    const text = lineAt(1234, "x");
    const d = diagnostic("test", "message", spanIn(text, "x"), {
      severity: "warning",
      notes: [{ message: "there", span: { file: "b.hs", start: 0, end: 1, line: 1, column: 1 }, line: true }],
    });
    expect(render([d, d], f => (f === "b.hs" ? "bee" : text)).split("\n\n")[0]).toBe(`warning: message
  --> a.hs:1234:1
1234 | x
     | ^
note: there
  --> b.hs:1:1
   1 | bee`);
    expect(render([d], () => text, { colour: true })).toContain("\x1b[33;1mwarning:\x1b[0m");
  });
});

describe("did you mean", () => {
  test.each([
    ["incme", "income"],
    ["kernel_size", "kernel"],
    ["Relu", "relu"],
    ["crossentropy", "cross_entropy"],
    ["stirde", "stride"],
    ["padding", "pad"],
    ["zzz", undefined],
    ["x", undefined],
  ])("%s: %s", (word, meant) => {
    expect(nearest(word, ["income", "kernel", "relu", "cross_entropy", "stride", "pad", "y", "id"])).toBe(meant);
  });
  test("distance counts a swap once", () => {
    expect([distance("ab", "ba"), distance("", "abc"), distance("kitten", "sitting")]).toEqual([1, 3, 3]);
    expect(didYouMean("lable", ["label"])).toBe("did you mean `label`?");
  });
});
