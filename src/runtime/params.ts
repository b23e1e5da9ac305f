/** --set name=value against the params of a plan. Knows nothing of the command line's form. */
import { type Json, listIn, type Plan } from "../ir/plan.ts";
import { RuntimeDiagnostic } from "./error.ts";

type Param = Plan["params"][number];
const INTEGERS: { readonly [type: string]: readonly [low: bigint, high: bigint] } = {
  u8: [0n, 255n],
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  // a plan holds numbers of f64: others would silently be their neighbours
  i64: [-(2n ** 53n) + 1n, 2n ** 53n - 1n],
};
/** beyond the greatest a number would silently be infinite */
const GREATEST: Readonly<Record<string, number>> = { f16: 65504, f32: 3.4028235e38 };
const wrong = (p: Param, text: string): RuntimeDiagnostic =>
  new RuntimeDiagnostic(`param ${p.name} is ${p.type}, ${JSON.stringify(text)} is not`, { exitCode: 2 });

/** the elements of a tensor, one number for all, or the path of a file */
function parseTensor(p: Param, shape: readonly number[], text: string): Json {
  if (text.endsWith(".npy")) return text;
  const found = listIn(text);
  if (found && found.shape.join() !== shape.join())
    throw new RuntimeDiagnostic(
      `param ${p.name} is ${p.type}[${shape.join(", ")}], ${text} is ${p.type}[${found.shape.join(", ")}]`,
      { exitCode: 2 },
    );
  if (!found) return Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => parse(p, text));
  return found.items.map(x => parse(p, x));
}
function parse(p: Param, text: string): Json {
  const range = INTEGERS[p.type];
  if (p.type === "string") return text;
  if (p.type === "bool") {
    if (text !== "true" && text !== "false") throw wrong(p, text);
    return text === "true";
  }
  const digits = text.replaceAll("_", "");
  if (range) {
    if (!/^-?\d+$/.test(digits)) throw wrong(p, text);
    if (BigInt(digits) < range[0] || BigInt(digits) > range[1])
      throw new RuntimeDiagnostic(`param ${p.name} is ${p.type}, from ${range[0]} to ${range[1]}, ${text} is not`, {
        exitCode: 2,
      });
    return Number(digits);
  }
  if (/^-?inf$/.test(text)) return text === "inf" ? Infinity : -Infinity;
  if (text === "nan") return Number.NaN;
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) throw wrong(p, text);
  const n = Number(digits);
  if (Math.abs(n) > (GREATEST[p.type] ?? Number.MAX_VALUE)) throw wrong(p, text);
  return n;
}
const same = (a: Json, b: Json): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((x, i) => Object.is(x, b[i]))
    : Object.is(a, b);

/**
 * the values given on the command line; throws for names that do not exist, values that are no such type, and params that were fixed. `asWritten`: what is not
 * given is what the program says, not with which value it was compiled
 */
export function setParams(
  params: Plan["params"],
  set: ReadonlyMap<string, string>,
  asWritten = false,
): ReadonlyMap<string, Json> {
  const out = new Map<string, Json>();
  for (const p of asWritten ? params : []) {
    if (p.fixed !== undefined || set.has(p.name)) continue;
    if (p.default === undefined)
      throw new RuntimeDiagnostic(`the param \`${p.name}\` has no value`, { exitCode: 2, help: `--set ${p.name}=..` });
    out.set(p.name, p.default);
  }
  for (const [name, text] of set) {
    const p = params.find(q => q.name === name);
    if (!p)
      throw new RuntimeDiagnostic(`--set ${name}: the program has no param \`${name}\``, {
        exitCode: 2,
        unknown: { name, among: params.map(q => q.name) },
      });
    const value = p.shape ? parseTensor(p, p.shape, text) : parse(p, text);
    if (p.fixed !== undefined && !same(value, p.value))
      throw new RuntimeDiagnostic(`param ${name} was fixed to ${JSON.stringify(p.value)} when compiling: ${p.fixed}`, {
        exitCode: 2,
        help: `hsc compile with --set ${name}=${text}`,
      });
    out.set(name, value);
  }
  return out;
}
