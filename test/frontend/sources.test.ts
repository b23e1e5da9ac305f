/** Sources by what a program writes of them: binary records, bytes, tensors of an npz; and text made of bytes. */
import { describe, expect, test } from "vitest";
import { check } from "../../src/frontend/check/index.ts";
import { render } from "../../src/frontend/diagnostics/render.ts";
import type { Host, Schema } from "../../src/ir/host.ts";
import { prelude, shown } from "./checking.ts";

type Asked = readonly [format: string, paths: readonly string[], options: unknown];
/** prints of a program, and what it asked the host for */
function printed(
  program: string,
  schema: (asked: Asked) => Schema,
): { prints: readonly string[]; asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const host: Host = {
    text: () => program,
    schema: (...a) => {
      asked.push(a);
      return schema(a);
    },
  };
  const { core, diagnostics, texts } = check("a.hs", host, { prelude });
  if (!core) throw new Error(render(diagnostics, f => texts.get(f)));
  return { prints: core.effects.map(e => shown(e.value)), asked };
}
const said = (program: string): string => {
  try {
    printed(program, () => ({ columns: {} }));
    return "";
  } catch (e) {
    return (e as Error).message; // as: thrown above
  }
};

describe("binary", () => {
  test("the written type is the layout of a record", () => {
    const { prints, asked } = printed(
      'param c = 3\nlet d: rdd { label: u8, image: u8[c, 4, 4], w: f32 } = binary("b/*.bin")\nprint mean(d, .image)\n',
      () => ({ columns: {}, rows: 7 }),
    );
    expect(prints).toEqual(["f32[3, 4, 4]"]);
    const columns = [
      ["label", "u8", []],
      ["image", "u8", [3, 4, 4]],
      ["w", "f32", []],
    ];
    expect(asked).toEqual([["binary", ["b/*.bin"], { columns }]]);
  });
  test("without a type it is unknown", () => {
    expect(said('print binary("a.bin")\n')).toContain("a binary file does not say what it holds");
    expect(said('let a: f32[3] = binary("a.bin")\nprint a\n')).toContain("a binary file does not say what it holds");
    expect(said('let a: rdd { x: string } = binary("a.bin")\nprint a\n')).toContain("string");
  });
});
test("bytes are one tensor, whose side the file tells or a symbol names", () => {
  const schema = (): Schema => ({ columns: { value: { store: "u8", shape: [650], nullable: false } } });
  expect(printed('print bytes("t") |> window(65, stride: 64)\n', schema).prints).toEqual(["i32[10, 65]"]);
  expect(printed('let t: u8[n] = bytes("t")\nprint t\n', schema).prints).toEqual(["u8[n]"]);
});
test("an npz is a record of its tensors", () => {
  const column = (...shape: number[]) => ({ store: "f32" as const, shape, nullable: false });
  const schema = (): Schema => ({ columns: { a: column(2, 3), b: column() } });
  expect(printed('let f = npz("f.npz")\nprint f.a * f.b\n', schema).prints).toEqual(["f32[2, 3]"]);
});
test("utf8: text of bytes that are known, or that the run knows", () => {
  const none = (): Schema => ({ columns: {} });
  expect(printed("print utf8([104, 105])\nprint utf8(u8(randint(65, 90, [4])))\n", none).prints).toEqual([
    '"hi"',
    "utf8 u8[4]",
  ]);
  expect(said("print utf8([1.5])\n")).toContain("utf8 takes a vector of bytes");
});
