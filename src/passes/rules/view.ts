/** Rules of views: neutral ones dropped, two in a row made one, constants seen through them. All exact: nothing is computed. */

import { paramOf } from "../../ir/inline.ts";
import { type IndexMap, identity, isAffine } from "../../ir/map.ts";
import { make, type Node } from "../../ir/node.ts";
import { shapeAt } from "../../ir/ops/attrs.ts";
import * as build from "../../ir/ops/index.ts";
import {
  axesOf,
  axisOf,
  batchOf,
  checkOf,
  constantOf,
  fnOf,
  isBroadcast,
  isCall,
  isCheck,
  isConcat,
  isGather,
  isIota,
  isMap,
  isPad,
  isReshape,
  isSlice,
  isTranspose,
  mappedOf,
  neutralTranspose,
  padOf,
  primOf,
  sampleBroadcast,
  sampleConcat,
  sampleReshape,
  sampleTranspose,
  sliceOf,
} from "../../ir/ops/match.ts";
import { hasAxis, pickAxis, pickTensor, shuffled, small } from "../../ir/ops/sampling.ts";
import type { Rule } from "../../ir/rewrite.ts";
import { addDim, type Dim, sameDim, sameShape } from "../../ir/type.ts";

const exactly = (sample: Rule["law"]["sample"]): Rule["law"] => ({ same: "exact", sample });
const twice =
  (isView: (n: Node) => boolean) =>
  (n: Node): readonly [view: Node, x: Node] | undefined =>
    isView(n) && isView(n.args[0]!) ? [n.args[0]!, n.args[0]!.args[0]!] : undefined;
/** two samples of one op, one after the other */
const chained =
  (sample: Rule["law"]["sample"]): Rule["law"]["sample"] =>
  (rng, given) => {
    const first = sample(rng, given);
    return first && sample(rng, [first]);
  };
const isIdentity = (map: IndexMap): boolean =>
  map.guards.length === 0 &&
  map.in.every(
    (c, d) => isAffine(c) && c.base === 0 && c.terms.length === 1 && c.terms[0]!.axis === d && c.terms[0]!.by === 1,
  );
/** axes of x's dims after 1-dims are put in: undefined if `to` is no such shape */
function inserted(from: readonly Dim[], to: readonly Dim[]): readonly number[] | undefined {
  const at: number[] = [];
  for (const [d, extent] of to.entries()) {
    const next = from[at.length];
    if (next !== undefined && sameDim(next, extent)) at.push(d);
    else if (extent !== 1) return undefined;
  }
  return at.length === from.length ? at : undefined;
}

export const viewRules: readonly Rule[] = [
  {
    name: "neutral-view",
    doc: "a view that reads every element where it is  -->  its argument",
    law: exactly((rng, given) => {
      const x = pickTensor(rng, given);
      return x && neutralTranspose(x);
    }),
    apply: n => {
      const rule = n.op.kernel;
      // a mark on a value (stop_gradient) is a view of equal shape that must stay
      if (rule.k !== "view" || n.op.grad === "zero" || !sameShape(shapeAt(n), shapeAt(n.args[0]!))) return undefined;
      if (isReshape(n)) return n.args[0];
      return isIdentity(rule.map(n)) ? n.args[0] : undefined;
    },
  },
  {
    name: "view-of-constant",
    doc: "reshape(full{a})  -->  full{a};  pad{value: a}(full{a})  -->  full{a}",
    law: exactly((rng, given) => {
      const x = pickTensor(rng, given, small);
      return x && sampleBroadcast(rng, [build.fullLike(rng.int(2), x)]);
    }),
    apply: n => {
      const value = n.args[0] && constantOf(n.args[0]);
      if (value === undefined || n.op.kernel.k !== "view" || n.type.k !== "tensor") return undefined;
      if (isPad(n) && !Object.is(padOf(n).value, value)) return undefined;
      return build.full(value, n.type.elem, n.type.shape);
    },
  },
  {
    name: "reshape-of-reshape",
    doc: "reshape{a}(reshape{b}(x))  -->  reshape{a}(x)",
    law: exactly(chained(sampleReshape)),
    apply: n => {
      const found = twice(isReshape)(n);
      return found && build.reshape(shapeAt(n), found[1]);
    },
  },
  {
    name: "transpose-of-transpose",
    doc: "transpose{a}(transpose{b}(x))  -->  transpose{b[a]}(x)",
    law: exactly(chained(sampleTranspose)),
    apply: n => {
      const found = twice(isTranspose)(n);
      if (!found) return undefined;
      const first = axesOf(found[0]);
      return build.transpose(
        axesOf(n).map(a => first[a]!),
        found[1],
      );
    },
  },
  {
    name: "broadcast-of-broadcast",
    doc: "broadcast{a}(broadcast{b}(x))  -->  broadcast{a[b]}(x)",
    law: exactly(chained(sampleBroadcast)),
    apply: n => {
      const found = twice(isBroadcast)(n);
      if (!found) return undefined;
      const outer = axesOf(n);
      return build.broadcast(
        shapeAt(n),
        axesOf(found[0]).map(a => outer[a]!),
        found[1],
      );
    },
  },
  {
    name: "broadcast-of-inserted",
    doc: "broadcast(reshape{[1, ..]}(x))  -->  broadcast(x)   where the reshape only puts 1-dims in",
    law: exactly((rng, given) => {
      const x = pickTensor(rng, given, t => small(t) && t.shape.length < 4 && t.shape.every(d => d !== 1));
      if (!x) return undefined;
      const wide = [...shapeAt(x), 1];
      return build.broadcast(
        wide.with(-1, 3),
        wide.map((_, d) => d),
        build.reshape(wide, x),
      );
    }),
    apply: n => {
      const mid = isBroadcast(n) ? n.args[0]! : undefined;
      if (!mid || !isReshape(mid)) return undefined;
      const [x, outer] = [mid.args[0]!, axesOf(n)];
      const at = inserted(shapeAt(x), shapeAt(mid));
      return (
        at &&
        build.broadcast(
          shapeAt(n),
          at.map(a => outer[a]!),
          x,
        )
      );
    },
  },
  {
    name: "transpose-of-broadcast",
    doc: "transpose(broadcast(x))  -->  broadcast(x) with its axes moved",
    law: exactly((rng, given) => {
      const y = sampleBroadcast(rng, given);
      const rank = y ? shapeAt(y).length : 0;
      const axes = shuffled(
        rng,
        identity(rank).in.map((_, d) => d),
      );
      return y && build.transpose(axes, y);
    }),
    apply: n => {
      const mid = isTranspose(n) ? n.args[0]! : undefined;
      if (!mid || !isBroadcast(mid)) return undefined;
      const axes = axesOf(n);
      return build.broadcast(
        shapeAt(n),
        axesOf(mid).map(a => axes.indexOf(a)),
        mid.args[0]!,
      );
    },
  },
  {
    name: "broadcast-of-transpose",
    doc: "broadcast(transpose(x))  -->  broadcast(x) with its axes moved",
    law: exactly((rng, given) => {
      const y = sampleTranspose(rng, given);
      return y && sampleBroadcast(rng, [y]);
    }),
    apply: n => {
      const mid = isBroadcast(n) ? n.args[0]! : undefined;
      if (!mid || !isTranspose(mid)) return undefined;
      const [inner, outer] = [axesOf(mid), axesOf(n)];
      return build.broadcast(
        shapeAt(n),
        inner.map((_, d) => outer[inner.indexOf(d)]!),
        mid.args[0]!,
      );
    },
  },
  {
    name: "slice-of-slice",
    doc: "slice{s2, t2}(slice{s1, t1}(x))  -->  slice{s1 + t1 * s2, t1 * t2}(x)",
    law: exactly((rng, given) => {
      const x = pickTensor(
        rng,
        given,
        hasAxis(d => d >= 5),
      );
      const axis = x && x.type.k === "tensor" ? pickAxis(rng, x.type, d => d >= 5) : undefined;
      if (!x || axis === undefined) return undefined;
      const first = rng.int(2) ? build.sliceAxis(axis, rng.int(2), 2, 2, x) : build.sliceAxis(axis, 4, -1, 4, x);
      return build.sliceAxis(axis, 1, rng.pick([1, -1]), 1 + rng.int(2) * Number(shapeAt(first)[axis] === 4), first);
    }),
    apply: n => {
      const found = twice(isSlice)(n);
      if (!found) return undefined;
      const [outer, inner] = [sliceOf(n), sliceOf(found[0])];
      return build.slice(
        inner.start.map((s, d) => s + inner.step[d]! * outer.start[d]!),
        inner.step.map((t, d) => t * outer.step[d]!),
        outer.size,
        found[1],
      );
    },
  },
  {
    name: "pad-of-pad",
    doc: "pad{v, a}(pad{v, b}(x))  -->  pad{v, a + b}(x)   where nothing is cropped and a has no interior",
    law: exactly((rng, given) => {
      const x = pickTensor(rng, given, t => small(t) && t.elem !== "bool");
      const axis = x && x.type.k === "tensor" ? pickAxis(rng, x.type) : undefined;
      if (!x || axis === undefined) return undefined;
      return build.padAxis(axis, 1, rng.int(2), 0, 0, build.padAxis(axis, rng.int(3), 1, rng.int(2), 0, x));
    }),
    apply: n => {
      const found = twice(isPad)(n);
      if (!found) return undefined;
      const [outer, inner] = [padOf(n), padOf(found[0])];
      const grows = (p: typeof outer): boolean => [...p.lo, ...p.hi].every(e => e >= 0);
      if (!Object.is(outer.value, inner.value) || !grows(outer) || !grows(inner) || outer.interior.some(i => i !== 0))
        return undefined;
      const sum = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((x, d) => x + b[d]!);
      return build.pad(sum(outer.lo, inner.lo), sum(outer.hi, inner.hi), inner.interior, inner.value, found[1]);
    },
  },
  {
    name: "lane-of-broadcasts",
    doc: "op(broadcast{a}(x), broadcast{a}(y), full)  -->  broadcast{a}(op(x, y, full))   computed once, not per copy",
    law: exactly((rng, given) => {
      const x = pickTensor(rng, given, t => small(t) && (t.elem === "f32" || t.elem === "i32"));
      if (!x) return undefined;
      const y = sampleBroadcast(rng, [x]);
      return y && build.lane(rng.pick(["add", "mul", "max"]), y, rng.int(2) ? y : build.fullLike(3, y));
    }),
    apply: n => {
      if (!primOf(n) || n.type.k !== "tensor") return undefined;
      const first = n.args.find(isBroadcast);
      if (!first) return undefined;
      const [shape, axes] = [shapeAt(first.args[0]!), axesOf(first)];
      const grows =
        shape.length < shapeAt(n).length ||
        !sameShape(
          shape,
          axes.map(a => shapeAt(n)[a]!),
        );
      const args = n.args.map(a => {
        const value = constantOf(a);
        if (value !== undefined && a.type.k === "tensor") return build.full(value, a.type.elem, shape);
        const same =
          isBroadcast(a) && sameShape(shapeAt(a.args[0]!), shape) && axesOf(a).every((x, d) => x === axes[d]);
        return same ? a.args[0]! : undefined;
      });
      if (!grows || !args.every(a => a !== undefined)) return undefined;
      return build.broadcast(shapeAt(n), axes, make(n.op, args, n.attrs));
    },
  },
  {
    name: "concat-of-concat",
    doc: "concat{a}(x, concat{a}(y, z))  -->  concat{a}(x, y, z)",
    law: exactly((rng, given) => {
      const y = sampleConcat(rng, given);
      return y && build.concat(axisOf(y), [y, y]);
    }),
    apply: n => {
      if (!isConcat(n)) return undefined;
      if (n.args.length === 1) return n.args[0];
      const nested = (a: Node): boolean => isConcat(a) && axisOf(a) === axisOf(n);
      return n.args.some(nested)
        ? build.concat(
            axisOf(n),
            n.args.flatMap(a => (nested(a) ? a.args : [a])),
          )
        : undefined;
    },
  },
  {
    name: "gather-of-all",
    doc: "gather(x, iota)  -->  x   along the whole axis",
    law: exactly((rng, given) => {
      const x = pickTensor(rng, given, t => small(t) && t.shape.length > 0);
      if (!x) return undefined;
      const axis = rng.int(shapeAt(x).length);
      return build.gather(axis, 0, x, build.iota("i32", [shapeAt(x)[axis]!], 0));
    }),
    apply: n => {
      const [x, ids] = isGather(n) ? n.args : [];
      if (!x || !ids || !isIota(ids) || batchOf(n) !== 0 || shapeAt(ids).length !== 1) return undefined;
      return sameDim(shapeAt(x)[axisOf(n)]!, shapeAt(ids)[0]!) ? x : undefined;
    },
  },
  {
    name: "proved-check",
    doc: "check{0, high}(x)  -->  x   where x is known to lie below high",
    law: exactly((rng, given) => {
      const x = pickTensor(rng, given, t => t.elem === "i32" && typeof t.below === "number" && t.below > 0);
      const below = x?.type.k === "tensor" ? x.type.below : undefined;
      return x && typeof below === "number" ? build.check(1, 0, below + rng.int(2), x) : undefined;
    }),
    apply: n => {
      const x = isCheck(n) ? n.args[0]! : undefined;
      const below = x?.type.k === "tensor" ? x.type.below : undefined;
      if (!x || below === undefined) return undefined;
      const { low, high } = checkOf(n);
      return low <= 0 && atMost(below, high) ? x : undefined;
    },
  },
  {
    name: "applied-parameter",
    doc: "get{i}(call{f}(a..)), get{i}(map{f}(a..))  -->  the argument that result i of f is",
    law: exactly(() => undefined),
    apply: n => {
      const t = n.op.control === "get" ? n.args[0]! : undefined;
      if (!t || !(isCall(t) || isMap(t))) return undefined;
      const result = fnOf(t).results[paramOf(n)];
      if (result?.op.control !== "param") return undefined;
      const argument = t.args[paramOf(result)]!;
      if (isCall(t) || mappedOf(t)[paramOf(result)]) return argument;
      if (n.type.k !== "tensor" || argument.type.k !== "tensor") return undefined;
      return build.broadcast(
        n.type.shape,
        argument.type.shape.map((_, d) => d + 1),
        argument,
      );
    },
  },
];
/** a <= b for every N >= 0 */
function atMost(a: Dim, b: Dim): boolean {
  const rest = addDim(b, typeof a === "number" ? -a : { n: -a.n, plus: -a.plus });
  return typeof rest === "number" ? rest >= 0 : rest.n >= 0 && rest.plus >= 0;
}
