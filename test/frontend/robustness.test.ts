/** Programs with random damage: the parser never throws, never speaks chevrotain, and points inside the file. */
import { describe, expect, test } from "vitest";
import { render } from "../../src/frontend/diagnostics/render.ts";
import { lex } from "../../src/frontend/lexer.ts";
import { parse } from "../../src/frontend/parser.ts";
import { programs } from "./programs.ts";

/** mulberry32: the same damage in every run */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const strange = [
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "=",
  ",",
  ":",
  "|>",
  "=>",
  "-",
  "if",
  "then",
  "let",
  "fn",
  "to",
  '"',
  "'",
  "`",
];
strange.push(
  "//",
  "\n",
  "?",
  "...",
  ".",
  "1",
  "1_",
  "&&",
  "lambda",
  "return",
  "for",
  "null",
  "#",
  "\\",
  "\u2028",
  "\ud83d",
  "é",
  "$",
);

function damaged(text: string, next: () => number): string {
  const tokens = lex(text, "a.hs").tokens;
  const pick = () => tokens[Math.floor(next() * tokens.length)]!;
  let out = text;
  for (let n = 1 + Math.floor(next() * 3); n > 0; n--) {
    const t = pick();
    const [start, end] = [Math.min(t.startOffset, out.length), Math.min(t.endOffset! + 1, out.length)];
    const kind = Math.floor(next() * 5);
    const inserted =
      kind === 0
        ? ""
        : kind === 1
          ? `${t.image} ${t.image}`
          : kind === 2
            ? pick().image
            : strange[Math.floor(next() * strange.length)]!;
    out =
      kind === 4
        ? `${out.slice(0, start)}${inserted}${out.slice(start)}`
        : out.slice(0, start) + inserted + out.slice(end);
  }
  return next() < 0.1 ? out.slice(0, Math.floor(next() * out.length)) : out;
}

const theirs =
  /Expecting|NoViableAlt|NotAllInput|Mismatch|EarlyExit|redundant|\bEOF\b|[tT]oken|Kw_|undefined|NaN|\[object/;

describe("damage", () => {
  test.each(programs)("$name", ({ name, text }) => {
    const next = random(name.length * 7919 + text.length);
    let faults = 0;
    for (let round = 0; round < 20; round++) {
      const source = damaged(text, next);
      const { program, diagnostics } = parse(source, name);
      expect(program.k).toBe("program");
      for (const d of diagnostics) {
        faults++;
        const own = [d.message, d.label, ...d.notes.map(n => n.message)].join("\n").replace(/`[^`]*`+|"[^"]*"/g, "");
        expect(own, source).not.toMatch(theirs);
        expect(own).not.toBe("");
        for (const span of [d.span, ...d.notes.flatMap(n => n.span ?? [])]) {
          expect(span.start, `${d.message}\n${source}`).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          expect(span.end).toBeLessThanOrEqual(source.length);
          const before = source.slice(0, span.start).split("\n");
          expect([span.line, span.column], `${d.message}\n${source}`).toEqual([
            before.length,
            before.at(-1)!.length + 1,
          ]);
        }
      }
      expect(
        render(diagnostics, () => source)
          .split("\n")
          .filter(l => l.startsWith("  --> ")).length,
      ).toBeGreaterThanOrEqual(diagnostics.length);
    }
    expect(faults).toBeGreaterThan(10);
  });

  test("noise", () => {
    const next = random(1);
    for (let round = 0; round < 200; round++) {
      const source = Array.from({ length: 1 + next() * 30 }, () => strange[Math.floor(next() * strange.length)]!).join(
        next() < 0.5 ? " " : "",
      );
      const { diagnostics } = parse(source, "a.hs");
      for (const d of diagnostics) expect(d.span.end).toBeLessThanOrEqual(source.length);
      expect(render(diagnostics, () => source)).not.toMatch(/Kw_|NoViable|Expecting/);
    }
  });
});
