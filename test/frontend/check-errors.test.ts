/** What check says: errors.md's messages in full, all others in check-errors.txt (`vitest -u` rewrites it; read the difference). */
import { describe, expect, test } from "vitest";
import { checked, said } from "./checking.ts";

const digits = `let digits = idx("images", "labels") |> map(r => { x: r.image / 255, y: r.label })
`;
const model = `model LeNet(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(10)
`;

describe("the messages that errors.md fixes", () => {
  test("1: shapes between layers", () => {
    const text = `// a residual unit
layer unit(x: float[c, h, w], filters: int, stride = 1) -> float[filters, div(h - 1, stride) + 1, div(w - 1, stride) + 1] = {
  let y = x |> conv(filters, kernel: 3, pad: 1, bias: false)
            |> conv(filters, kernel: 3, pad: 1, bias: false)
  let skip = x |> conv(filters, kernel: 1, stride: 2)

  relu(y + skip)
}
model Net(x: f32[3, 32, 32]) -> f32[64, 32, 32] = x |> unit(64)
`;
    expect(said({ "resnet.hs": text })).toBe(`error: shapes differ in \`+\`: f32[64, 32, 32] and f32[64, 16, 16]
  --> resnet.hs:7:8
 7 |   relu(y + skip)
   |        ^^^^^^^^ axis 1: 32 and 16
note: 16 = div(32 - 1, 2) + 1, from \`stride: 2\` of conv
  --> resnet.hs:5:44
help: give both paths the same stride: conv(filters, kernel: 1, stride: stride)`);
  });
  test("2: a batch where one record is meant", () => {
    const text = `${digits}${model}let net = init(LeNet)
let images = (digits |> take(100) |> collect).x
print argmax(net(images))
`;
    expect(said(text)).toBe(`error: LeNet takes one f32[28, 28], this is f32[100, 28, 28]
  --> a.hs:5:18
 5 | print argmax(net(images))
   |                  ^^^^^^ axis 0 has 100 records
help: images |> map(x => net(x))          models are written for one record; the batch is added for you`);
  });
  test("3: a batch dimension in the model", () => {
    const text = `${digits}
model LeNet(x: f32[N, 28, 28]) -> f32[N, 10] =
  x |> reshape([1, -1]) |> dense(10)

let net = train(LeNet, digits,
  loss: (m, r) => cross_entropy(m(r.x), r.y),
  optimizer: sgd(0.1), epochs: 1)
`;
    expect(said(text)).toBe(`error: x: f32[N, 28, 28] cannot take r.x: f32[28, 28]
  --> a.hs:7:35
 7 |   loss: (m, r) => cross_entropy(m(r.x), r.y),
   |                                   ^^^
note: declared here
  --> a.hs:3:16
help: leave N out: model LeNet(x: f32[28, 28]) -> f32[10]`);
  });
  test("7: an rdd inside a per-record lambda", () => {
    const text = `${digits}let users = digits |> filter(r => r.y == 3)
print digits |> map(o => users |> filter(u => u.y == o.y))
`;
    expect(said(text)).toBe(`error: \`users\` is an rdd and cannot be read for each record of \`digits\`
  --> a.hs:3:26
 3 | print digits |> map(o => users |> filter(u => u.y == o.y))
   |                          ^^^^^
help: digits |> join(users, on: "key"); a small one: let table = collect(users)`);
  });
  test("8: a layer without weights", () => {
    expect(
      said(`${digits}${model}print digits |> map(r => LeNet(r.x))
`),
    ).toBe(`error: LeNet is a model: it has no weights yet
  --> a.hs:3:26
 3 | print digits |> map(r => LeNet(r.x))
   |                          ^^^^^
help: call what train(LeNet, ..) returned, load(LeNet, "file.safetensors") or init(LeNet)`);
  });
  test("9: narrowing", () => {
    const text = `let data = rows(npy("wide.npy")) |> map(x => { features: x })
model Score(x: f32[4]) -> f32 = x |> dense(1) |> reshape([])
let net = train(Score, data,
  loss: (m, r) => m(r.features),
  optimizer: sgd(0.1), epochs: 1)
`;
    expect(said(text)).toBe(`error: Score takes f32[4], this is f64[4]
  --> a.hs:4:21
 4 |   loss: (m, r) => m(r.features),
   |                     ^^^^^^^^^^ f64: read from wide.npy
help: f32(r.features), or write the type of the source: let rows: rdd { features: f32[4] } = ...`);
  });
  test("13: a loss per class, not per record", () => {
    const text = `${digits}${model}let net = train(LeNet, digits,
  loss: (m, r) => (m(r.x) - one_hot(r.y, 10))^2,
  optimizer: sgd(0.1), epochs: 1)
`;
    expect(said(text)).toBe(`error: the loss of one record must be one number, this is f32[10]
  --> a.hs:4:19
 4 |   loss: (m, r) => (m(r.x) - one_hot(r.y, 10))^2,
   |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
help: mean(..), or mse(m(r.x), one_hot(r.y, 10))`);
  });
  test("14: no gradient", () => {
    const text = `${digits}${model}let net = train(LeNet, digits,
  loss: (m, r) => f32(argmax(m(r.x)) != r.y),
  optimizer: sgd(0.1), epochs: 1)
`;
    expect(said(text)).toBe(`error: no weight of LeNet influences the loss: \`argmax\` has a zero gradient
  --> a.hs:4:23
 4 |   loss: (m, r) => f32(argmax(m(r.x)) != r.y),
   |                       ^^^^^^
help: cross_entropy(m(r.x), r.y); give accuracy as metrics: { accuracy: .. }`);
  });
  test("15: an unknown argument", () => {
    const text = `model A(x: f32[1, 28, 28]) -> f32[20, 24, 24] =
  x
    |> conv(20, kernel_size: 5)
`;
    expect(said(text)).toBe(`error: conv has no argument \`kernel_size\`
  --> a.hs:3:17
 3 |     |> conv(20, kernel_size: 5)
   |                 ^^^^^^^^^^^ did you mean \`kernel\`?
note: conv(x, filters, kernel, stride = 1, pad = 0, dilation = 1, groups = 1, bias = true, init = he(), name)`);
  });
});

test("all independent errors at once, none twice, in the order of the text", () => {
  const text = `let a = 1 + true
let b = a + foo
fn f(x) = x + bar
print f(1) + f(2)
print sqrt(1, 2)
model M(x: f32[3]) -> f32[4] = x |> dense(5)
`;
  expect(checked(text).diagnostics.map(d => `${d.span.line}: ${d.message}`)).toEqual([
    "1: `+` needs numbers, this is bool",
    "2: no name `foo` here",
    "3: no name `bar` here",
    "5: sqrt takes 1 argument, 2 are given",
    "6: M returns f32[4], its body is f32[5]",
  ]);
});
test("an error inside the prelude is said at the user's call", () => {
  expect(said('print dot([1.0, 2.0], [1.0, 2.0, 3.0])\nprint flatten(3, 4)\nprint norm("a")\n')).toMatchInlineSnapshot(`
    "error: b: float[2] cannot take [1.0, 2.0, 3.0]: f32[3]
      --> a.hs:1:23
     1 | print dot([1.0, 2.0], [1.0, 2.0, 3.0])
       |                       ^^^^^^^^^^^^^^^ axis 0 is 3

    error: flatten takes 1 argument, 2 are given
      --> a.hs:2:18
     2 | print flatten(3, 4)
       |                  ^
    note: flatten(x)

    error: \`*\` needs numbers, this is a string
      --> a.hs:3:7
     3 | print norm("a")
       |       ^^^^^^^^^
    note: in the prelude: fn norm(x, axis = none) = sqrt(sum(x * x, axis: axis))
      --> prelude/math.hs:20:36"
  `);
});

const around = `param p = 3
let t = normal([2, 3])
let v = normal([3])
let i = randint(0, 5, [4])
let j = randint(0, 5)
let d = idx("images", "labels")
let on = v[0] > 0
fn twice(x, f) = f(f(x))
fn mm(a: float[n, k], b: float[k, m]) -> float[n, m] = a @ b
`;
const expressions: readonly string[] = [
  "pad(t, [0, 1.5])",
  "pad(t, [[0, 1], [0.5, 1]])",
  "t + [1, 2]",
  "t @ t",
  'v + "a"',
  "t + on",
  "t and on",
  "not 3",
  "if t > 0 then 1 else 2",
  "if j > 2 then v else t",
  'if j > 2 then "a" else 1',
  "v[3]",
  "v[-4]",
  "v[0, 0]",
  "t[1:5]",
  "v[1.5]",
  "v[0.5:1]",
  "t.x",
  "{ a: 1 }.b",
  "{ a: 1, a: 2 }",
  "foo",
  'sqrt("a")',
  "sqrt(d)",
  "d + 1",
  "mm(v, t)",
  "mm(t, t)",
  "mm(i, t)",
  "mm(t, f64(transpose(t)))",
  "twice(t)",
  "twice(t, 3)",
  "twice(t, x => y)",
  "3(4)",
  "v(4)",
  "twice",
  "dense(v, 3)",
  "d |> map(r => r.foo)",
  "d |> map(r => dense(r.image, 3))",
  "d |> map(r => d)",
  "d |> map(r => d |> count)",
  'd |> mean(r => "a")',
  "d |> map(3)",
  "d |> filter(r => r.label)",
  "d |> take(-1)",
  "d |> split({ a: 0.7, b: 0.5 })",
  "d |> split(0.5)",
  "rows(3)",
  "count(3)",
  "map(3, x => x)",
  "reshape(t, [4, 2])",
  "reshape(t, [4, -1])",
  "reshape(t, 3.5)",
  "sum(t, axis: 3)",
  "sum(t, axis: j)",
  "sum(t, axes: 1)",
  "concat([t, v])",
  'einsum("ij,jk->ik", t, t)',
  "cross_entropy(v, t)",
  'f32("a") + 1',
  "i32(true) + true",
  "1 ?? 2",
  "t ?? 2",
  "none + 1",
  '"a" + 1',
  '"a" - "b"',
  '[1, "a"]',
  "grad(x => x)(v)",
  "grad(x => sum(x))(i)",
  "repeat(v, j, x => x)",
  "train(3, d, x => x, sgd(0.1), epochs: 1)",
  "init(dense)",
  "init(3)",
  'load(dense, "x")',
  "training",
  'uniform([2], "a", 1)',
  'csv("a.csv")',
  "history(3)",
  "dropout(v)",
  "d.image",
  "x => x",
  "max(t > 0)",
  "any(t)",
  'pick({ a: 1 }, "b")',
  '"abc"[0]',
  '-"a"',
  "sgd(0.1)",
  "average(every: 0)",
  'average(every: "a")',
  "idx(3)",
  "minimum(t, true)",
  "v[[0, 5]]",
  "transpose(t, [0])",
  "transpose(t, [0, 0])",
  "range(-1)",
  "range(inf)",
  "normal([-1])",
  "pad([1.0], 1, [1, 2])",
  "range(0, 0.5)",
  "full([2, -3], 0)",
];
const programs: readonly string[] = [
  "fn f(x) = f(x)\nprint f(3)",
  "print g(3)\nfn g(x) = x",
  "layer L(x: float[n]) -> float[4] = x |> dense(4)\nfn f(x) = L(x)\nprint f(v)",
  "model M(x: f32[3]) -> f32[4] = { let e = y => y |> dense(4)\n e(e(x)) }\nprint init(M)(v)",
  'model M(x: f32[3]) -> f32[3] = dense(dense(x, 4, name: "a"), 3, name: "a")\nsave init(M) to "a.safetensors"',
  'model M(x: f32[3]) -> f32[3] = x |> dense(4, nam: "a")\nsave init(M) to "a.safetensors"',
  "model M(x: f32[3]) -> f32[3] = { let a = 3\n x }\nprint 1",
  "model M(x: f32[3]) -> f32[3] = { weight w: i32[3] = 0\n x + w }\nprint 1",
  "model M(x: f32[3]) -> f32[3] = { weight w: f32[3] = zeros([4])\n x + w }\nprint 1",
  "model M(x: f32[3]) -> f32[3] = { weight w: f32[3] = x\n x + w }\nprint 1",
  "model M(x: f32[3]) -> f32[3] = { state w: f32[3] = 1 then x\n dense(x, 3) + w }\nlet n = train(M, rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1)\nprint n",
  "model M(x: f32[3]) -> f32[3] = { state w: f32[2] = 1 then mean(over_batch(x), axis: 0)\n dense(x, 3) + w[0] }\nlet n = train(M, rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1)\nprint n",
  "model M(x: f32[3]) -> f32[3] = { state w: f32[3] = x then w\n dense(x, 3) + w }\nprint init(M)",
  "model M(x: f32[3]) -> f32[3] = { state w: bool[3] = true then w\n dense(x, 3) }\nprint init(M)(v)\nlet s = { state w: f32 = 0 then w\n w }",
  "print over_batch(v)\nfn f(x) = { state w: f32 = 0 then w\n w + x }\nprint f(3)",
  "layer bn(x: float[k]) = if training then over_batch(x)[0] else over_batch(x)[1]\nmodel M(x: f32[3]) = x |> dense(3) |> bn\nprint init(M)(v)",
  "let n = train(x => x |> dense(3), rows(t), (m, x) => sum(map(x, y => mean(over_batch(y)))) + mse(m(x), x), sgd(0.1), epochs: 1)\nprint n",
  "fn f(x) = { weight w: f32[3] = 1\n x + w }\nprint f(v)",
  "let a = 3\nlet a = 4\nprint a",
  "fn f(a, a) = a\nprint f(1, 2)",
  "fn f(a: int, b: int[2] = a) = a + b\nprint f(3)\nprint f(3, [1, 2])\nprint f(3, [1, 2, 3])",
  "fn f(a: float[...s, k], b: float[...s]) -> float[...s] = sum(a, axis: -1) + b\nprint f(t, sum(t, axis: 1))\nprint f(t, v)",
  "fn f(a: float[2 * n], b: float[n]) = 1\nprint f(zeros([4]), zeros([2]))\nprint f(zeros([4]), zeros([3]))",
  "fn f(a: { x: f32, y: int }) = a.x\nprint f({ x: 1, y: 2, z: 3 })\nprint f({ x: 1 })\nprint f(3)",
  'fn f(a: string, b: rdd f32, c: list f32) = 1\nprint f(3, d, [])\nprint f("a", 3, 3)',
  "fn f(a: foo[3]) = 1\nprint f(3)",
  "let f = (a, b) => a + b\nprint f(1)\nprint f(1, 2, 3)",
  "let x: f32[3] = t\nprint x",
  "print training",
  "let net = train(x => x |> flatten |> dense(10), d, loss: (m, r) => cross_entropy(m(r.image / 255), r.label), optimizer: adam(), epochs: 2)\nprint 1",
  'let net = train(x => x |> flatten |> dense(10), d, loss: (m, r) => cross_entropy(m(r.image / 255), r.label), optimizer: adam, epochs: 2)\nsave net to "a.npy"',
  'let net = train(x => x |> flatten |> dense(10), d, loss: m => 1.0, optimizer: adam(), steps: 2, epochs: 2)\nsave net to "a.npy"',
  'let net = train(x => x |> flatten |> dense(10), d, loss: (m, r) => 1.0, optimizer: { init: w => 0, step: (w, g, s, t) => { w: w, s: 1.0 } }, steps: 2)\nsave net to "a.npy"',
  'let net = train(x => x |> flatten |> dense(10), d, loss: (m, r) => sum(m(r.image / 255)), optimizer: { init: w => 0, step: (w, g, s, t) => { w: sum(w), s: 1.0 } }, steps: 2)\nsave net to "a.npy"',
  'let net = train(x => x |> flatten |> dense(10), d, loss: (m, r) => sum(m(r.image / 255)), optimizer: sgd(0.1), batch: 0, steps: 2, shuffle: 3, strategy: 4)\nsave net to "a.npy"',
  'let net = train(x => x |> flatten |> dense(10), t, loss: (m, r) => sum(m(r.image / 255)), optimizer: sgd(0.1))\nsave net to "a.npy"',
  'let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, metrics: { a: 3 }, keep: "first")\nprint net',
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, validate: 3, clip: -1)\nprint net",
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, validate: rows(t), metrics: { a: 3 })\nprint net",
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, validate: rows(t), metrics: { loss: (m, x) => 1.0 })\nprint net",
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, validate: rows(t), metrics: { a: (m, x) => m(x) })\nprint net",
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, metrics: 3)\nprint net",
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, by: e => e.loss)\nprint net",
  'let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, keep: "best", by: e => e.val.loss)\nprint net',
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, stop: (now, best) => now.loss, by: e => e)\nprint net",
  'let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, freeze: "dense", checkpoint: 3)\nprint net',
  'let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1, freeze: ["*"])\nprint net',
  'let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), for_weights("dence1.w", sgd(0.1), otherwise: adam()), epochs: 1)\nprint net',
  'let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), for_weights("*.w", sgd, otherwise: adam()), epochs: 1)\nprint net',
  "let net = train({ a: x => x |> dense(3), b: x => x |> dense(1) }, rows(t), { a: (m, x) => mse(m.a(x), x), c: (m, x) => sum(m.b(x)) }, sgd(0.1), epochs: 1)\nprint net",
  'let net = train({ a: x => x |> dense(3), b: x => x |> dense(1) }, rows(t), { a: (m, x) => mse(m.a(x), x), b: (m, x) => sum(m.a(x)) }, sgd(0.1), epochs: 1, keep: "best")\nprint net',
  "let net = train(x => x |> dense(3), rows(t), { a: (m, x) => mse(m(x), x) }, sgd(0.1), epochs: 1)\nprint net",
  "let net = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1)\nprint history(net) |> map(e => e.val.loss)\nprint history(3)\nmodel M(x: f32[3]) = x |> dense(3)\nprint history(init(M))",
  "let n = train(x => x |> dense(3), rows(t), (m, x, c) => mse(m(x), x), sgd(0.1), epochs: 1, carry: 0.0)\nprint n",
  "let n = train(x => x |> dense(3), rows(t), (m, x, c) => { loss: mse(m(x), x), carry: x }, sgd(0.1), epochs: 1, carry: 0.0)\nprint n",
  "let n = train(x => x |> dense(3), rows(t), (m, x, c) => { loss: mse(m(x), x), carry: c }, sgd(0.1), epochs: 1, carry: 0.0, shuffle: true)\nprint n",
  "let n = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), lbfgs(), steps: 3, batch: 4)\nprint n",
  "let n = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), lbfgs(history: 0), steps: 3)\nprint n",
  "let n = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), lbfgs(), validate: rows(t))\nprint n",
  "let n = train(x => x |> dense(3), rows(t), (m, x) => mse(m(x), x), lbfgs())\nprint n",
  'model M(x: f32[3]) -> f32[3] = x |> dense(3)\nsave M to "x.safetensors"\nsave v to "y.safetensors"\nsave init(M) to "y.npy"\nsave v to "x.csv"\nsave v to 3\nsave d to "d.npy"',
];
test("the table", async () => {
  const one = (text: string): string => {
    const wrong = said(`${around}${text}\n`);
    expect(wrong, text).not.toBe("");
    return `===== ${JSON.stringify(text)}\n${wrong}\n`;
  };
  const shown = [...expressions.map(e => one(`print ${e}`)), ...programs.map(one)].join("\n");
  await expect(shown).toMatchFileSnapshot("./check-errors.txt");
});
test("imports and params", async () => {
  const files = {
    "a.hs": 'import "lib/b.hs"\nimport "c.hs"\nparam u\nparam w: f32\nparam z = 1\nprint b.foo + b.x\n',
    "lib/b.hs": 'import "../a.hs"\nlet x = 1 + true\nprint 3\n',
  };
  await expect(`${said(files, { z: "x", y: "1" })}\n`).toMatchFileSnapshot("./check-imports.txt");
});
