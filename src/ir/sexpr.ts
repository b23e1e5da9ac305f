/** S-expressions: reading, printing, and codecs from which a level's text form is put together. Knows no level. */

/** a symbol is bare; a text is quoted */
export type Sexpr = number | string | { readonly text: string } | readonly Sexpr[];

const SYMBOL = /^[A-Za-z_][\w.]*$/;
const NUMBERS: Readonly<Record<string, number>> = { "+nan": Number.NaN, "+inf": Infinity, "-inf": -Infinity };

export const isList = (s: Sexpr): s is readonly Sexpr[] => Array.isArray(s);
/** a name as it is if it can stand bare, else quoted */
const atom = (name: string): Sexpr => (SYMBOL.test(name) ? name : { text: name });

function showAtom(s: Exclude<Sexpr, readonly Sexpr[]>): string {
  if (typeof s === "string") return s;
  if (typeof s === "object") return JSON.stringify(s.text);
  if (Number.isNaN(s)) return "+nan";
  if (!Number.isFinite(s)) return s > 0 ? "+inf" : "-inf";
  return Object.is(s, -0) ? "-0" : String(s);
}
const inline = (s: Sexpr): string =>
  isList(s) ? `(${s.map(inline).join(" ")})` : showAtom(s as Exclude<Sexpr, readonly Sexpr[]>);

/** on one line, if that takes at most `room` characters */
function line(s: Sexpr, room: number): string | undefined {
  if (!isList(s)) {
    const text = showAtom(s as Exclude<Sexpr, readonly Sexpr[]>);
    return text.length <= room ? text : undefined;
  }
  let text = "(";
  for (const [i, x] of s.entries()) {
    const part = line(x, room - text.length - (i ? 2 : 1));
    if (part === undefined) return undefined;
    text += i ? ` ${part}` : part;
  }
  return text.length < room ? `${text})` : undefined;
}
/** a list that does not fit a line has its leading atoms on the first one and each list on its own */
export function show(s: Sexpr, width = 120, indent = ""): string {
  const flat = line(s, isList(s) ? width - indent.length : Number.POSITIVE_INFINITY);
  if (flat !== undefined) return flat;
  const list = s as readonly Sexpr[]; // an atom is always a line
  const inner = `${indent}  `;
  const first = list.findIndex((x, i) => i > 0 && isList(x));
  const head = list.slice(0, first === -1 ? list.length : first).map(x => show(x, width, inner));
  const rest = first === -1 ? [] : list.slice(first).map(x => `\n${inner}${show(x, width, inner)}`);
  return `(${head.join(" ")}${rest.join("")})`;
}

const TOKEN = /\s+|;[^\n]*|([()])|("(?:[^"\\]|\\.)*")|([^\s()";]+)/y;
/** the one expression that `text` holds; comments run from ; to the end of the line */
export function read(text: string): Sexpr {
  const stack: Sexpr[][] = [[]];
  const at = (): string => `line ${text.slice(0, TOKEN.lastIndex).split("\n").length}`;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const m = TOKEN.exec(text);
    if (!m) throw new Error(`no token of an S-expression in ${JSON.stringify(text.slice(0, 20))}..`);
    const [, paren, quoted, word] = m;
    const top = stack.at(-1)!;
    if (paren === "(") stack.push([]);
    else if (paren === ")") {
      if (stack.length === 1) throw new Error(`${at()}: ) without (`);
      stack.pop();
      stack.at(-1)!.push(top);
    } else if (quoted !== undefined) top.push({ text: JSON.parse(quoted) as string });
    else if (word !== undefined) top.push(toAtom(word));
  }
  if (stack.length > 1) throw new Error(`${at()}: ( without )`);
  const [only, more] = stack[0]!;
  if (only === undefined || more !== undefined) throw new Error("one S-expression is expected");
  return only;
}
function toAtom(word: string): Sexpr {
  const special = NUMBERS[word];
  if (special !== undefined) return special;
  return /^[-+]?(\d|\.\d)/.test(word) && !Number.isNaN(Number(word)) ? Number(word) : word;
}

/** how a T is printed and read; `C` is what both know on the way (names in scope) */
export interface Codec<T, C> {
  readonly print: (v: T, cx: C) => Sexpr;
  readonly parse: (s: Sexpr, cx: C) => T;
}
export const malformed = (what: string, s: Sexpr): never => {
  throw new Error(`${what} is expected, not ${inline(s).slice(0, 80)}`);
};
export const listOf = (what: string, s: Sexpr): readonly Sexpr[] => (isList(s) ? s : malformed(what, s));
export const number: Codec<number, unknown> = {
  print: v => v,
  parse: s => (typeof s === "number" ? s : malformed("a number", s)),
};
export const name: Codec<string, unknown> = {
  print: atom,
  parse: s => (typeof s === "string" ? s : typeof s === "object" && "text" in s ? s.text : malformed("a name", s)),
};
export const boolean: Codec<boolean, unknown> = {
  print: v => (v ? "true" : "false"),
  parse: s => (s === "true" ? true : s === "false" ? false : malformed("true or false", s)),
};
export const oneOf = <T extends string>(...names: readonly T[]): Codec<T, unknown> => ({
  print: v => v,
  parse: s => names.find(n => n === s) ?? malformed(names.join(" | "), s),
});
export const array = <T, C>(of: Codec<T, C>): Codec<readonly T[], C> => ({
  print: (v, cx) => v.map(x => of.print(x, cx)),
  parse: (s, cx) => listOf("a list", s).map(x => of.parse(x, cx)),
});
interface Optional<T, C> {
  readonly optional: Codec<T, C>;
}
export const optional = <T, C>(codec: Codec<T, C>): Optional<T, C> => ({ optional: codec });
type Fields<T, C> = {
  readonly [K in Exclude<keyof T, "k">]-?: undefined extends T[K] ? Optional<NonNullable<T[K]>, C> : Codec<T[K], C>;
};
/** (head field field.. :name optional..): fields in the order of the table; what a field binds is known to those after it */
export function record<T extends object, C>(head: string, k: string | undefined, fields: Fields<T, C>): Codec<T, C> {
  const entries = Object.entries(fields) as [string, Codec<unknown, C> | Optional<unknown, C>][];
  return {
    print: (v, cx) => {
      const out: Sexpr[] = [head];
      for (const [key, codec] of entries) {
        const x = (v as Record<string, unknown>)[key];
        if (!("optional" in codec)) out.push(codec.print(x, cx));
        else if (x !== undefined) out.push(`:${key}`, codec.optional.print(x, cx));
      }
      return out;
    },
    parse: (s, cx) => {
      const list = listOf(head, s);
      let i = 1;
      const out: Record<string, unknown> = k === undefined ? {} : { k };
      for (const [key, codec] of entries) {
        if (!("optional" in codec)) out[key] = codec.parse(list[i++] ?? malformed(`${head} with ${key}`, s), cx);
        else if (list[i] === `:${key}`) {
          out[key] = codec.optional.parse(list[i + 1] ?? malformed(`${head} with ${key}`, s), cx);
          i += 2;
        }
      }
      if (list[0] !== head || i !== list.length) malformed(head, s);
      return out as T; // the table has a codec for each field of T
    },
  };
}
/** records told apart by `k`, which is their head */
export function union<T extends { readonly k: string }, C>(
  table: {
    readonly [K in T["k"]]: Codec<Extract<T, { k: K }>, C>;
  },
): Codec<T, C> {
  const codecs = table as unknown as Readonly<Record<string, Codec<T, C>>>;
  return {
    print: (v, cx) => codecs[v.k]!.print(v, cx),
    parse: (s, cx) => {
      const head = listOf("a list", s)[0];
      const codec = typeof head === "string" && Object.hasOwn(codecs, head) ? codecs[head] : undefined;
      return (codec ?? malformed(Object.keys(codecs).join(" | "), s)).parse(s, cx);
    },
  };
}
