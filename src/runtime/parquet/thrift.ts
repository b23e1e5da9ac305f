/** Thrift's compact protocol, in which parquet files describe themselves. Source: apache/thrift doc/specs/thrift-compact-protocol.md. Knows no parquet. */

/** a struct is its fields by their numbers; whole numbers below 2^53 are exact */
export type Value = number | boolean | Uint8Array | readonly Value[] | Struct;
export type Struct = ReadonlyMap<number, Value>;

const [TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT] = [1, 2, 3, 7, 8, 9, 10, 11, 12];
/** structs and lists within one another: what is deeper is no parquet's */
const DEEP = 32;

/** the struct that begins at `from`, and where it ends; throws where the bytes are none */
export function structAt(bytes: Uint8Array, from: number): { readonly value: Struct; readonly end: number } {
  let at = from;
  let depth = 0;
  const byte = (): number => {
    if (at >= bytes.length) throw new Error("ended early");
    return bytes[at++]!;
  };
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = byte();
      value += (b & 127) * scale;
      if (b < 128) return value;
      if (scale > 2 ** 63) throw new Error("a number without an end");
    }
  };
  // of what has been folded: 0, -1, 1, -2 ..
  const whole = (): number => {
    const n = varint();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Error("ended early");
    at += length;
    return bytes.subarray(at - length, at);
  };
  function value(type: number): Value {
    switch (type) {
      case TRUE:
      case FALSE:
        return type === TRUE;
      case BYTE:
        return (byte() << 24) >> 24;
      case DOUBLE: {
        const b = take(8);
        return new DataView(b.buffer, b.byteOffset, 8).getFloat64(0, true);
      }
      case BINARY:
        return take(varint());
      case LIST:
      case SET: {
        const head = byte();
        const size = head >> 4 === 15 ? varint() : head >> 4;
        // each takes a byte at least
        if (size > bytes.length - at) throw new Error("ended early");
        const of = head & 15;
        return within(() =>
          Array.from({ length: size }, () => (of === TRUE || of === FALSE ? byte() === 1 : value(of))),
        );
      }
      case MAP:
        throw new Error("parquet has no maps");
      case STRUCT:
        return within(struct);
      default:
        // i16, i32, i64
        if (type < 4 || type > 6) throw new Error(`no type ${type}`);
        return whole();
    }
  }
  function within<T>(f: () => T): T {
    if (++depth > DEEP) throw new Error("too deep");
    const made = f();
    depth--;
    return made;
  }
  function struct(): Struct {
    const fields = new Map<number, Value>();
    for (let field = 0; ; ) {
      const head = byte();
      if (head === 0) return fields;
      field = head >> 4 === 0 ? whole() : field + (head >> 4);
      fields.set(field, value(head & 15));
    }
  }
  const made = struct();
  return { value: made, end: at };
}

/** fields as they must be, or undefined where they are not there */
export const numberOf = (s: Struct, field: number): number | undefined => {
  const v = s.get(field);
  return typeof v === "number" ? v : undefined;
};
export const structOf = (s: Struct, field: number): Struct | undefined => {
  const v = s.get(field);
  return v instanceof Map ? v : undefined;
};
export const listOf = (s: Struct, field: number): readonly Value[] => {
  const v = s.get(field);
  return Array.isArray(v) ? v : [];
};
