/** Functions that kernels call because WebAssembly has no instruction; written into a module when first needed. */
import binaryen from "binaryen";
import type { Target } from "./func.ts";

/**
 * fmod of f64, exactly: t = |b| doubled as long as it is not above |a|, then halved back to |b| and taken from what remains.
 * Every step is exact: doubling, halving what was doubled, and r - t for t <= r < 2t.
 */
export function remainderHelper(target: Target): string {
  const name = "hsc.fmod";
  if (target.helpers.has(name)) return name;
  target.helpers.add(name);
  const { m } = target;
  const type = binaryen.f64;
  const [A, B, R, D, T] = [0, 1, 2, 3, 4];
  const get = (l: number): binaryen.ExpressionRef => m.local.get(l, type);
  const size = (l: number): binaryen.ExpressionRef => m.f64.abs(get(l));
  const c = m.f64.const;
  // not (|a| < inf) or not (|b| > 0): NaN; both are true of NaN
  const undefinedArgs = m.i32.eqz(m.i32.and(m.f64.lt(size(A), c(Infinity)), m.f64.gt(size(B), c(0))));
  const doubling = m.loop(
    "up",
    m.if(
      m.f64.le(m.f64.add(get(T), get(T)), get(R)),
      m.block(null, [m.local.set(T, m.f64.add(get(T), get(T))), m.br("up")]),
    ),
  );
  const halving = m.loop(
    "down",
    m.block(null, [
      m.if(m.f64.ge(get(R), get(T)), m.local.set(R, m.f64.sub(get(R), get(T)))),
      m.if(m.f64.gt(get(T), get(D)), m.block(null, [m.local.set(T, m.f64.mul(get(T), c(0.5))), m.br("down")])),
    ]),
  );
  const body = m.block(
    null,
    [
      m.if(undefinedArgs, m.return(c(Number.NaN))),
      m.local.set(R, size(A)),
      m.local.set(D, size(B)),
      m.local.set(T, get(D)),
      doubling,
      halving,
      m.f64.copysign(get(R), get(A)),
    ],
    type,
  );
  m.addFunction(name, binaryen.createType([type, type]), type, [type, type, type], body);
  return name;
}
