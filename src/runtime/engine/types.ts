/** Types as DuckDB spells them: `DECIMAL(8,2)`, `STRUCT(a BIGINT, "b c" VARCHAR[])[3]`. Knows no file. */

export type SqlType =
  /** `name` without what stands in brackets behind it */
  | { readonly k: "plain"; readonly name: string }
  | { readonly k: "struct"; readonly fields: readonly (readonly [name: string, type: SqlType])[] }
  /** `size`: of an array, all of whose lists are that long */
  | { readonly k: "list"; readonly of: SqlType; readonly size?: number };

export function sqlType(text: string): SqlType {
  let at = 0;
  const peek = (): string => text[at] ?? "";
  const skip = (c: string): boolean => {
    if (!text.startsWith(c, at)) return false;
    at += c.length;
    return true;
  };
  /** what stands in quotes, which are doubled within */
  const quoted = (quote: string): string => {
    let out = "";
    for (at++; at < text.length; at++) {
      if (text[at] === quote && text[++at] !== quote) return out;
      out += text[at];
    }
    return out;
  };
  const word = (): string => {
    if (peek() === '"') return quoted('"');
    const from = at;
    while (at < text.length && /[^\s(),[\]"']/.test(peek())) at++;
    return text.slice(from, at);
  };
  const closing = (): void => {
    for (let depth = 1; at < text.length && depth > 0; ) {
      if (peek() === "'" || peek() === '"') {
        quoted(peek());
        continue;
      }
      depth += peek() === "(" ? 1 : peek() === ")" ? -1 : 0;
      at++;
    }
  };
  function type(): SqlType {
    let name = word();
    let made: SqlType;
    if (name === "STRUCT" && skip("(")) {
      const fields: (readonly [string, SqlType])[] = [];
      do {
        skip(" ");
        const field = word();
        skip(" ");
        fields.push([field, type()]);
      } while (skip(","));
      skip(")");
      made = { k: "struct", fields };
    } else {
      // TIMESTAMP WITH TIME ZONE
      while (/^ [A-Z]/.test(text.slice(at))) {
        at++;
        name += ` ${word()}`;
      }
      if (skip("(")) closing();
      made = { k: "plain", name };
    }
    while (skip("[")) {
      const size = /^\d*/.exec(text.slice(at))![0];
      at += size.length;
      skip("]");
      made = size ? { k: "list", of: made, size: Number(size) } : { k: "list", of: made };
    }
    return made;
  }
  return type();
}
