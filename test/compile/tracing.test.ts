/** Around a pass: a bug names its pass and keeps what it was given, a message for the user passes through, --stop-after ends. */
import { describe, expect, test } from "vitest";
import { InternalError, Stopped, type TraceOptions, tracing } from "../../src/tracing.ts";

class Message extends Error {}
const traced = (options: TraceOptions = {}) =>
  tracing(
    options,
    () => "the program",
    e => e instanceof Message,
  );
function thrown(f: () => unknown): unknown {
  try {
    return f();
  } catch (e) {
    return e;
  }
}
const broken = (e: Error) => (): never => {
  throw e;
};

describe("a pass", () => {
  test("that breaks is named, with what the pass before it made", () => {
    const { trace } = traced();
    const first = thrown(() => trace("one", broken(new Error("internal: oops")), String));
    expect(first).toMatchObject({ pass: "one", before: "the program", message: "oops" });
    trace("one", () => 1, String);
    const second = thrown(() => trace("two", () => trace("inner", broken(new Error("oops")), String), String));
    expect(second).toBeInstanceOf(InternalError);
    expect(second).toMatchObject({ pass: "inner", before: "1" });
  });
  test("inside another is stopped with it, and its time is its own", () => {
    const { trace, times } = traced({ stopAfter: "inner" });
    const ran: string[] = [];
    const inner = (i: number): unknown => trace("inner", () => ran.push(`inner ${i}`), String);
    const outer = thrown(() => trace("outer", () => [inner(1), inner(2)], String));
    expect(outer).toBeInstanceOf(Stopped);
    expect(ran).toEqual(["inner 1", "inner 2"]);
    expect(times()).toMatch(/^inner: [\d.]+ ms\nouter: [\d.]+ ms$/);
  });
  test("may be told what it was given", () => {
    const broke = thrown(() => traced().trace("one", broken(new Error("oops")), String, () => "this"));
    expect(broke).toMatchObject({ before: "this" });
  });
  test("may refuse the program", () => {
    const said = new Message();
    expect(thrown(() => traced().trace("one", broken(said), String))).toBe(said);
  });
  test("prints what it made, stops, counts its time", () => {
    const written: string[] = [];
    const write = (text: string) => written.push(text);
    const { trace, times } = traced({ printAfter: ["two"], stopAfter: "two", write });
    trace("one", () => 1, String);
    expect(thrown(() => trace("two", () => 2, String))).toBeInstanceOf(Stopped);
    expect(written).toEqual(["2"]);
    expect(times()).toMatch(/^one: [\d.]+ ms\ntwo: [\d.]+ ms$/);
  });
});
