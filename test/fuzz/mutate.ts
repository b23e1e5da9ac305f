/** A program with some of its words lost, doubled, swapped, or replaced by words of other programs and by numbers that are hard. Knows no language. */

/** a whole number in [0, n) */
export type Random = (n: number) => number;

/** a linear congruential generator: the same mutants in every run */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
export const wordsOf = (program: string): readonly string[] =>
  program.match(/\/\/.*|"[^"\n]*"|[A-Za-z_]\w*|[0-9][0-9_.e]*|\|>|=>|->|\.\.\.|[=!<>]=|\?\?|\s+|./gu) ?? [];
/** words of one kind stand in the same places: what replaces one by another mostly parses */
const kindOf = (word: string): string =>
  /^[A-Za-z_]/.test(word) ? "name" : /^[0-9]/.test(word) ? "number" : word.startsWith('"') ? "text" : "mark";
const isBlank = (word: string): boolean => word.trim() === "";
const HARD = [
  "0",
  "-1",
  "1",
  "2",
  "3",
  "1e-30",
  "1e38",
  "1e300",
  "2147483648",
  "0.5",
  "inf",
  "nan",
  "none",
  "true",
  '""',
  "[]",
  "{}",
];

export function mutant(program: string, others: readonly string[], random: Random): string {
  const words = [...wordsOf(program)];
  const place = (): number => {
    for (;;) {
      const i = random(words.length);
      if (!isBlank(words[i]!)) return i;
    }
  };
  for (let left = 1 + random(3); left > 0 && words.some(w => !isBlank(w)); left--) {
    const [i, j] = [place(), place()];
    const other = random(3) ? others[random(others.length)]! : HARD[random(HARD.length)]!;
    const alike = [...words, ...others].filter(w => kindOf(w) === kindOf(words[i]!) && !isBlank(w));
    switch (random(10)) {
      case 0:
        words.splice(i, 1);
        break;
      case 1:
        words[i] = other;
        break;
      case 2:
        words.splice(i, 0, other, " ");
        break;
      case 3:
        [words[i], words[j]] = [words[j]!, words[i]!];
        break;
      case 4:
        // a word of the program itself has a better chance to mean something
        words[i] = words[j]!;
        break;
      case 5:
      case 6:
      case 7:
        words[i] = alike[random(alike.length)]!;
        break;
      default:
        if (/^[0-9]/.test(words[i]!)) words[i] = HARD[random(HARD.length)]!;
    }
  }
  return words.join("");
}
