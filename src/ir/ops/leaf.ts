/** Leaves: constants, coordinates, parameters, the number of records. */
import { indexVal } from "../kernel-walk.ts";
import { rowMajor } from "../map.ts";
import type { Node } from "../node.ts";
import type { Op } from "../op.ts";
import { type Elem, loaded, numbers, STORED_BYTES, type Stored, sizeOf, tensor } from "../type.ts";
import { roundF16, shapeAtN, tabulate } from "../value.ts";
import { arity, blobAttr, elemAttr, elemOf, int, need, number, refuse, shapeAt, shapeOf } from "./attrs.ts";
import { full as fullNode, iota as iotaNode, records as recordsNode } from "./build.ts";
import { castTo, constant } from "./kernel-build.ts";
import { pending } from "./pending.ts";
import { pickTensor } from "./sampling.ts";

const leafRules: Pick<Op, "grad" | "lift"> = {
  grad: "zero",
  lift: (node: Node) => {
    throw new Error(`internal: ${node.op.name} has no arguments to map over`);
  },
};
const isIndex = (e: Elem): boolean => e === "i32" || e === "u32" || e === "i64";

const full: Op = {
  ...leafRules,
  name: "full",
  doc: "a tensor of one value",
  type: (args, attrs) => {
    arity(args, 0);
    const [elem, value] = [elemAttr(attrs), number(attrs, "value")];
    need(!isIndex(elem) || Number.isInteger(value), () => `${value} as ${elem}`);
    return tensor(elem, shapeOf(attrs), isIndex(elem) && value >= 0 ? value + 1 : undefined);
  },
  eval: (_args, node, cx) => {
    const value = number(node.attrs, "value");
    return tabulate(elemOf(node), shapeAtN(shapeAt(node), cx.n), () => value);
  },
  kernel: { k: "point", cheap: true, value: node => constant(number(node.attrs, "value"), elemOf(node)) },
  sample: (rng, given) => {
    const x = pickTensor(rng, given);
    const value = x && elemOf(x) === "bool" ? rng.int(2) : rng.pick([0, 1, 2, 3]);
    return x && fullNode(elemOf(x) === "f32" ? rng.pick([value, -value, 0.5, -0]) : value, elemOf(x), shapeAt(x));
  },
};

const READ: { readonly [S in Stored]: (v: DataView, i: number) => number | bigint } = {
  bool: (v, i) => v.getInt32(i * 4, true),
  i32: (v, i) => v.getInt32(i * 4, true),
  u32: (v, i) => v.getUint32(i * 4, true),
  i64: (v, i) => v.getBigInt64(i * 8, true),
  f16: (v, i) => halfAt(v.getUint16(i * 2, true)),
  f32: (v, i) => v.getFloat32(i * 4, true),
  f64: (v, i) => v.getFloat64(i * 8, true),
  u8: (v, i) => v.getUint8(i),
  i8: (v, i) => v.getInt8(i),
  u16: (v, i) => v.getUint16(i * 2, true),
  bf16: (v, i) => brainAt(v.getUint16(i * 2, true)),
};
function halfAt(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return roundF16(sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25)));
}
const word = new DataView(new ArrayBuffer(4));
function brainAt(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
const blob: Op = {
  ...leafRules,
  name: "blob",
  doc: "a constant tensor by the sha256 of its bytes",
  type: (args, attrs) => {
    arity(args, 0);
    const [bytes, elem, shape] = [blobAttr(attrs), elemAttr(attrs), numbers(shapeOf(attrs))];
    need(loaded(bytes.store) === elem, () => `a blob of ${bytes.store} loads as ${loaded(bytes.store)}, not ${elem}`);
    const size = sizeOf(shape) * STORED_BYTES[bytes.store];
    need(bytes.bytes.byteLength === size, () => `a blob of ${bytes.bytes.byteLength} bytes where ${size} are needed`);
    return tensor(elem, shape);
  },
  eval: (_args, node) => {
    const { bytes, store } = blobAttr(node.attrs);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return tabulate(elemOf(node), numbers(shapeAt(node)), i => READ[store](view, i));
  },
  kernel: { k: "stored", bytes: node => blobAttr(node.attrs) },
};
const iota: Op = {
  ...leafRules,
  name: "iota",
  doc: "the coordinate along one axis",
  type: (args, attrs) => {
    arity(args, 0);
    const [elem, shape, axis] = [elemAttr(attrs), shapeOf(attrs), int(attrs, "axis")];
    need(elem !== "bool", () => "iota of bool");
    const extent = shape[axis];
    if (extent === undefined) return refuse(`iota along axis ${axis} of ${shape.length}`);
    return tensor(elem, shape, isIndex(elem) ? extent : undefined);
  },
  eval: (_args, node, cx) => {
    const [axis, shape] = [int(node.attrs, "axis"), shapeAtN(shapeAt(node), cx.n)];
    const [stride, extent] = [rowMajor(shape)[axis]!, shape[axis]!];
    return tabulate(elemOf(node), shape, i => Math.floor(i / stride) % extent);
  },
  kernel: {
    k: "point",
    cheap: true,
    value: (node, cx) => {
      const v = indexVal(cx.at[int(node.attrs, "axis")]!);
      return elemOf(node) === "i32" ? v : castTo(elemOf(node), v);
    },
  },
  sample: (rng, given) => {
    const x = pickTensor(rng, given, t => t.elem !== "bool" && t.shape.length > 0);
    return x && iotaNode(elemOf(x), shapeAt(x), rng.int(shapeAt(x).length));
  },
};
const parameter: Op = {
  ...pending,
  ...leafRules,
  name: "in",
  doc: "a parameter of the function",
  control: "param",
  type: () => refuse("in{i} has the type that it is given"),
};
const records: Op = {
  ...leafRules,
  name: "n",
  doc: "the number of records, as a value: means divide by it",
  type: (args, attrs) => {
    arity(args, 0);
    need(elemAttr(attrs) !== "bool", () => "n of bool");
    return tensor(elemAttr(attrs));
  },
  eval: (_args, node, cx) => tabulate(elemOf(node), [], () => cx.n),
  kernel: {
    k: "point",
    cheap: true,
    value: node => (elemOf(node) === "i32" ? { k: "n" } : castTo(elemOf(node), { k: "n" })),
  },
  sample: rng => recordsNode(rng.pick(["f32", "i32"])),
};

export const leafOps: readonly Op[] = [full, blob, iota, parameter, records];
