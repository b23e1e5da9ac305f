/** The text of a golden: a program, then sections of expectations as comments. Knows nothing of what a section means. */

/** `//= run --seed 3`: head "run --seed 3"; the lines below it, without their `// ` */
export interface Section {
  readonly head: string;
  readonly body: string;
}
export interface Golden {
  readonly program: string;
  readonly sections: readonly Section[];
}
const HEAD = "//= ";

export function readGolden(text: string): Golden {
  const lines = text.split("\n");
  const first = lines.findIndex(l => l.startsWith(HEAD));
  if (first < 0) throw new Error(`a golden has a section: a line that starts with "${HEAD}"`);
  const sections: { head: string; body: string[] }[] = [];
  for (const l of lines.slice(first)) {
    if (l.startsWith(HEAD)) sections.push({ head: l.slice(HEAD.length), body: [] });
    else if (l.startsWith("//")) sections.at(-1)!.body.push(l.replace(/^\/\/ ?/, ""));
    else if (l.trim()) throw new Error(`below the first section there are comments only, not ${JSON.stringify(l)}`);
  }
  return {
    program: lines.slice(0, first).join("\n"),
    sections: sections.map(s => ({ head: s.head, body: s.body.join("\n") })),
  };
}
export const writeGolden = ({ program, sections }: Golden): string =>
  `${program}\n${sections.map(s => `${[HEAD + s.head, ...commented(s.body)].join("\n")}\n`).join("")}`;
const commented = (body: string): readonly string[] =>
  body === "" ? [] : body.split("\n").map(l => (l.trim() ? `// ${l}`.trimEnd() : "//"));
