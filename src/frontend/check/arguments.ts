/** Arguments of a call: evaluated, and each to its formal. Knows no callee. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { report } from "../diagnostics/catalogue.ts";
import { fail, Reported } from "./context.ts";
import type { Arguments, Frame, Given, Value } from "./value.ts";

export function callArguments(f: Frame, args: readonly Ast.Arg[], piped?: { value: Value; span: Span }): Arguments {
  const positional: Given[] = piped ? [{ ...piped, whole: piped.span }] : [];
  const named: (Given & { name: Ast.Name })[] = [];
  for (const a of args) {
    const given = { value: f.cx.evaluate(a.value, f), span: a.value.span, whole: a.span };
    if (a.name) named.push({ ...given, name: a.name });
    else positional.push(given);
  }
  return { positional, named };
}
export const just = (values: readonly Value[], span: Span): Arguments => ({
  positional: values.map(value => ({ value, span, whole: span })),
  named: [],
});
export const all = (a: Arguments): readonly Given[] => [...a.positional, ...a.named];

const signatureText = (name: string, formals: readonly Ast.Formal[], text: (s: Span) => string): string =>
  `${name}(${formals.map(p => p.name.text + (p.value && p.value.k !== "none" ? ` = ${text(p.value.span)}` : "")).join(", ")})`;

/** what a lambda is called in messages */
export const UNNAMED = "this function";
/** which argument goes to which formal; says what does not fit */
export function assign(
  f: Frame,
  name: string,
  formals: readonly Ast.Formal[],
  args: Arguments,
  span: Span,
  shown = formals,
): Map<string, Given> {
  const out = new Map<string, Given>();
  let wrong = false;
  const signature = (): string => signatureText(name, shown, s => f.cx.text(s));
  // a lambda has no name to show
  const notes = () => (name === UNNAMED ? [] : [{ message: signature() }]);
  const attempt = (p: Parameters<typeof fail>[1]): void => {
    wrong = true;
    try {
      fail(f, p);
    } catch (error) {
      if (!(error instanceof Reported)) throw error;
    }
  };
  args.positional.forEach((a, i) => {
    const p = formals[i];
    if (p) out.set(p.name.text, a);
    else if (i === formals.length)
      attempt({
        message: `${name} takes ${formals.length} argument${formals.length === 1 ? "" : "s"}, ${args.positional.length} are given`,
        span: a.whole,
        notes: notes(),
      });
  });
  for (const a of args.named) {
    const n = a.name.text;
    if (!formals.some(p => p.name.text === n))
      attempt(
        report.unknownArgument({
          callee: name,
          name: n,
          candidates: shown.map(p => p.name.text),
          signature: signature(),
          span: a.name.span,
        }),
      );
    else if (out.has(n)) attempt({ message: `\`${n}\` of ${name} is given twice`, span: a.whole, notes: notes() });
    else out.set(n, a);
  }
  if (!wrong)
    for (const p of formals)
      if (!p.value && !out.has(p.name.text))
        attempt({ message: `${name} needs \`${p.name.text}\``, span, notes: notes() });
  if (wrong) throw new Reported();
  return out;
}
