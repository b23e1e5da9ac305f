/** Expressions to values: names, blocks, branches, chains. Operators, calls, literals, indexing have files of their own. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { callArguments } from "./arguments.ts";
import { choose } from "./branch.ts";
import * as build from "./build.ts";
import { callValue, partial } from "./call.ts";
import { ends, fail, fix } from "./context.ts";
import { index } from "./index-expr.ts";
import { infix, mayBeMissing } from "./infix.ts";
import { declareWeight } from "./layer.ts";
import { list, member, record } from "./literal.ts";
import { logic, matmul, negate, not, truth } from "./operate.ts";
import { childScope, hidden, lazily, lookup, namesSeen } from "./scope.ts";
import { select } from "./select.ts";
import { fit, type Later } from "./signature.ts";
import { declareState, stepState } from "./state.ts";
import { describe } from "./types.ts";
import {
  bool,
  type Frame,
  knownOf,
  NONE,
  number,
  POISON,
  settledValue,
  tensorValue,
  text,
  typeOf,
  type Value,
} from "./value.ts";

/** the value of an expression; poison where it is wrong, after saying so */
export function evaluate(e: Ast.Expr, f: Frame): Value {
  try {
    return expression(e, f);
  } catch (error) {
    if (ends(f, error)) return POISON;
    throw error;
  }
}
/** an i64 that no number of the compiler holds: made of two halves by the run */
function wide(f: Frame, e: Ast.Num): Value {
  const whole = BigInt(e.text);
  if (whole >= 2n ** 63n)
    return fail(f, {
      message: `${e.text} is no i64: it goes to 9223372036854775807`,
      span: e.span,
      help: `a decimal: ${e.value.toExponential()}`,
    });
  const i64 = { k: "tensor", elem: "i64", shape: [] } as const;
  const half = (n: bigint): Expr => build.constant(Number(n), i64, e.span);
  const high = build.op("mul", [half(whole >> 32n), half(2n ** 32n)], i64, e.span);
  return tensorValue(build.op("add", [high, half(whole & 0xffffffffn)], i64, e.span));
}
function expression(e: Ast.Expr, f: Frame): Value {
  switch (e.k) {
    case "number":
      if (e.integer && !Number.isSafeInteger(e.value)) return wide(f, e);
      return number(e.value, e.integer ? "int" : "decimal");
    case "text":
      return text(e.value);
    case "bool":
      return bool(e.value);
    case "none":
      return NONE;
    case "ref":
      return name(e, f);
    case "selector":
      return selector(e, f);
    case "list":
      return list(e, f);
    case "block":
      return block(e, f);
    case "record":
      return record(e, f);
    case "lambda":
      return {
        k: "closure",
        kind: "lambda",
        name: undefined,
        result: undefined,
        body: e.body,
        scope: f.scope,
        formals: e.params.map(n => ({ k: "formal", name: n, type: undefined, value: undefined, span: n.span })),
        instances: f.instances,
        outside: f.outside,
        span: e.span,
      };
    case "if":
      return branch(e, f);
    case "pipe":
      return pipe(e, f);
    case "chain":
      return chain(e, f);
    case "compare":
      return infix(f, e.op, evaluate(e.left, f), evaluate(e.right, f), {
        span: e.span,
        a: e.left.span,
        b: e.right.span,
      });
    case "not":
      return not(f, evaluate(e.value, f), e.span, e.value.span);
    case "negate": {
      const v = evaluate(e.value, f);
      const span = e.value.span;
      if (v.k === "maybe")
        return mayBeMissing(f, v, { op: "-", needs: "a number", span, rest: other => `-${other(span)}` });
      return negate(f, v, e.span, span);
    }
    case "power":
      return infix(f, "^", evaluate(e.base, f), evaluate(e.exponent, f), {
        span: e.span,
        a: e.base.span,
        b: e.exponent.span,
      });
    case "member":
      return member(f, evaluate(e.value, f), e.field, e.value.span);
    case "call":
      return callValue(f, e.callee, callArguments(f, e.args), e);
    case "index":
      return index(f, e);
    default:
      return e satisfies never;
  }
}

function name(e: Ast.Ref, f: Frame): Value {
  const b = lookup(f.scope, e.name, e.span);
  if (b) return b.value();
  if (e.name === "training") {
    if (f.instances) return bool(f.instances.store.training);
    return fail(f, {
      message: "`training` outside a layer",
      span: e.span,
      help: "it is known in a layer or model only",
    });
  }
  const special = partial(f, e.name);
  if (special) return special;
  const h = hidden(f.scope, e.name, e.span);
  if (h?.whole && h.whole.file === e.span.file && h.whole.start <= e.span.start && e.span.end <= h.whole.end)
    return fail(f, {
      message: `\`${e.name}\` calls itself`,
      span: e.span,
      help: "every call is inlined: write iterate, scan or repeat",
    });
  if (h)
    return fail(f, {
      message: `\`${e.name}\` is defined below`,
      span: e.span,
      notes: [{ message: "defined here", span: h.span, line: true }],
      help: `a name is seen below its definition: move \`${e.name}\` up`,
    });
  return fail(
    f,
    report.unknownName({
      name: e.name,
      candidates: [...namesSeen(f.scope, e.span), ...f.cx.builtins.keys(), ...f.cx.specials.keys()],
      span: e.span,
    }),
  );
}
function selector(e: Ast.Selector, f: Frame): Value {
  const it: Ast.Name = { text: "it", span: e.span };
  const body = e.fields.reduce<Ast.Expr>(
    (value, field) => ({ k: "member", value, field, span: { ...e.span, end: field.span.end } }),
    { k: "ref", name: "it", span: e.span },
  );
  return {
    k: "closure",
    kind: "lambda",
    name: undefined,
    result: undefined,
    body,
    scope: f.scope,
    formals: [{ k: "formal", name: it, type: undefined, value: undefined, span: e.span }],
    instances: f.instances,
    outside: f.outside,
    span: e.span,
  };
}

/** names that an expression reads, also in lambdas within; hidden names count, too: the check errs to silence */
function reads(e: unknown, out: Set<string> = new Set()): Set<string> {
  const stack: unknown[] = [e];
  while (stack.length) {
    const x = stack.pop();
    if (Array.isArray(x)) stack.push(...x);
    else if (typeof x === "object" && x !== null) {
      if ((x as { k?: unknown }).k === "ref") out.add((x as Ast.Ref).name);
      for (const [n, child] of Object.entries(x)) if (n !== "span" && n !== "at") stack.push(child);
    }
  }
  return out;
}
function block(e: Ast.Block, f: Frame): Value {
  const scope = childScope(f.scope);
  const inner: Frame = { ...f, scope };
  e.items.forEach((item, i) => {
    const value =
      item.k === "let"
        ? lazily(() => typedLet(inner, item))
        : item.k === "weight"
          ? lazily(() => guarded(f, () => declareWeight(inner, item)))
          : lazily(() => guarded(f, () => declareState(inner, item)));
    scope.names.set(item.name.text, {
      name: item.name.text,
      span: item.name.span,
      after: item.span.end,
      whole: item.span,
      value,
    });
    if (item.k !== "let") {
      if (!f.instances)
        guarded(f, () =>
          fail(f, {
            message: `\`${item.k}\` outside a layer`,
            span: item.span,
            help: "write `layer` or `model` instead of `fn`",
          }),
        );
      return;
    }
    const later = reads([e.items.slice(i + 1), e.result]);
    if (!later.has(item.name.text))
      guarded(f, () => fail(f, report.unusedLet({ name: item.name.text, span: item.name.span })));
  });
  // a written type may bind names: f32[n]
  for (const item of e.items)
    if (item.k === "let" && item.type && bindsDims(item.type)) scope.names.get(item.name.text)?.value();
  const result = evaluate(e.result, inner);
  if (f.instances?.store.step)
    for (const item of e.items)
      if (item.k === "state")
        guarded(inner, () => {
          stepState(inner, item, scope.names.get(item.name.text)!.value());
          return NONE;
        });
  return result;
}
const bindsDims = (t: Ast.Type): boolean =>
  t.k === "named"
    ? (t.dims ?? []).some(d => d.k === "dim" && d.value.k === "ref")
    : t.k === "many"
      ? bindsDims(t.item)
      : t.fields.some(x => bindsDims(x.type));
export const guarded = (f: Frame, compute: () => Value): Value => {
  try {
    return compute();
  } catch (error) {
    if (ends(f, error)) return POISON;
    throw error;
  }
};
/** a `let` with its written type, if any: the dims in it bind names of the scope */
export function typedLet(f: Frame, item: Ast.Let): Value {
  const wanted = item.type && { type: item.type, site: item.value };
  const v = evaluate(item.value, { ...f, wanted, naming: item.name.text });
  if (!item.type || v.k === "poison") return v;
  return guarded(f, () => {
    const later: Later = [];
    const at = { formal: item.name.text, callee: "let", span: item.value.span, type: item.type! };
    const out = fit({ ...f, classes: new Map(), rests: new Map() }, v, item.type!, at, later, new Set());
    for (const l of later) l();
    return out;
  });
}

function branch(e: Ast.If, f: Frame): Value {
  const c = evaluate(e.condition, f);
  if (c.k === "poison") {
    evaluate(e.then, f);
    evaluate(e.else, f);
    return POISON;
  }
  const t = truth(f, "if", c, e.condition.span);
  if (typeOf(t).shape.length)
    return fail(f, {
      message: `\`if\` needs one bool, this is ${describe(t)}`,
      span: e.condition.span,
      help: `per element: where(${f.cx.text(e.condition.span)}, ${f.cx.text(e.then.span)}, ${f.cx.text(e.else.span)})`,
    });
  const k = knownOf(t);
  if (k) {
    fix(f, k.params);
    return evaluate(k.constant.data[0] ? e.then : e.else, f);
  }
  return choose(f, t, evaluate(e.then, f), evaluate(e.else, f), e.span);
}
function pipe(e: Ast.Pipe, f: Frame): Value {
  let v = evaluate(e.first, f);
  let span = e.first.span;
  for (const stage of e.stages) {
    const piped = { value: v, span };
    v =
      stage.k === "call"
        ? guarded(f, () => callValue(f, stage.callee, callArguments(f, stage.args, piped), stage))
        : guarded(f, () => callValue(f, stage, callArguments(f, [], piped), stage));
    span = { ...span, end: stage.span.end };
  }
  return v;
}
function chain(e: Ast.Chain, f: Frame): Value {
  let v = evaluate(e.first, f);
  let span = e.first.span;
  for (const link of e.rest) {
    const whole = { ...span, end: link.right.span.end };
    const left = v;
    const at = { span: whole, a: span, b: link.right.span };
    v = guarded(f, () => {
      switch (link.op) {
        case "and":
        case "or": {
          // a known left side decides alone: the right one is not looked at
          const k = knownOf(left);
          if (
            k &&
            k.constant.elem === "bool" &&
            k.constant.shape.length === 0 &&
            k.constant.data[0] === (link.op === "or" ? 1 : 0)
          ) {
            fix(f, k.params);
            return left;
          }
          return logic(f, link.op, left, evaluate(link.right, f), at);
        }
        case "??":
          return orElse(f, left, link, at.a);
        case "@":
          return matmul(f, left, evaluate(link.right, f), at);
        case "+":
        case "-":
        case "*":
        case "/":
        case "%":
          return infix(f, link.op, left, evaluate(link.right, f), at);
        default:
          return link.op satisfies never;
      }
    });
    span = whole;
  }
  return v;
}
function orElse(f: Frame, left: Value, link: Ast.Link, at: Span): Value {
  if (left.k === "none") return evaluate(link.right, f);
  if (left.k === "poison") return POISON;
  if (left.k === "maybe") {
    const right = evaluate(link.right, f);
    if (right.k === "poison") return POISON;
    if (right.k === "none") return left;
    // of two that may be missing the result may be, too
    const out = select(f, left.present, right.k === "maybe" ? left : left.value, right, at, "??");
    if (out) return settledValue(out);
    return fail(f, {
      message: `\`??\` needs ${describe(left.value)}, this is ${describe(right)}`,
      span: link.right.span,
    });
  }
  return fail(f, {
    message: `\`??\` needs a value that may be missing, this is ${describe(left)}`,
    span: at,
    help: `${f.cx.text(at)} is always there: leave \`??\` out`,
  });
}
