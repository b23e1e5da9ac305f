/** The run's table of strings: kernels hold a string as its number here. Knows nothing of columns. */

/** one per run, for all its stages and threads; equal strings have one number */
export interface Strings {
  readonly number: (text: string) => number;
  readonly text: (number: number) => string;
}
/** `first`: the program's own strings, numbered from 0 when it was compiled */
export function makeStrings(first: readonly string[]): Strings {
  const texts = [...first];
  const numbers = new Map(texts.map((t, i) => [t, i]));
  return {
    number: text => {
      let n = numbers.get(text);
      if (n === undefined) {
        n = texts.push(text) - 1;
        numbers.set(text, n);
      }
      return n;
    },
    text: number => {
      const t = texts[number];
      if (t === undefined) throw new Error(`internal: no string has number ${number}`);
      return t;
    },
  };
}
