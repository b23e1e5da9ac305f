/** Leaves: constants, coordinates, parameters, the number of records. */
import type { Op } from "../op.ts";
import { loaded, numbers, STORED_BYTES, sizeOf, tensor } from "../type.ts";
import { arity, blobAttr, elemAttr, int, need, number, refuse, shapeOf } from "./attrs.ts";
import { pending } from "./pending.ts";

const full: Op = {
  ...pending,
  name: "full",
  doc: "a tensor of one value",
  type: (args, attrs) => {
    arity(args, 0);
    const [elem, value] = [elemAttr(attrs), number(attrs, "value")];
    const index = (elem === "i32" || elem === "u32" || elem === "i64") && value >= 0;
    return tensor(elem, shapeOf(attrs), index ? value + 1 : undefined);
  },
};
const blob: Op = {
  ...pending,
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
};
const iota: Op = {
  ...pending,
  name: "iota",
  doc: "the coordinate along one axis",
  type: (args, attrs) => {
    arity(args, 0);
    const [elem, shape, axis] = [elemAttr(attrs), shapeOf(attrs), int(attrs, "axis")];
    need(elem !== "bool", () => "iota of bool");
    const extent = shape[axis];
    if (extent === undefined) return refuse(`iota along axis ${axis} of ${shape.length}`);
    return tensor(elem, shape, elem === "i32" || elem === "u32" || elem === "i64" ? extent : undefined);
  },
};
const parameter: Op = {
  ...pending,
  name: "in",
  doc: "a parameter of the function",
  control: "param",
  type: () => refuse("in{i} has the type that it is given"),
};
const records: Op = {
  ...pending,
  name: "n",
  doc: "the number of records, as a value: means divide by it",
  type: (args, attrs) => {
    arity(args, 0);
    need(elemAttr(attrs) !== "bool", () => "n of bool");
    return tensor(elemAttr(attrs));
  },
};

export const leafOps: readonly Op[] = [full, blob, iota, parameter, records];
