/**
 * NumPy and JAX beside a test: one process per test file, a question and an answer per line of JSON. Where there is no such Python the
 * tests are skipped, and their name says why. Knows no question.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe } from "vitest";
import type { TensorValue } from "../../src/ir/op.ts";

/** where .ci/oracles installs */
const HOME = process.env["HSC_VENV"] || join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "hsc/venv");
const INSTALLED = join(HOME, "bin/python");
/** a Python that somebody named is used, and fails aloud if it cannot do the work */
const named = process.env["HSC_PYTHON"];
const python = named || (existsSync(INSTALLED) ? INSTALLED : undefined);
const skipped = python
  ? ""
  : ` (no Python with NumPy and JAX: neither HSC_PYTHON nor ${INSTALLED}; .ci/oracles installs it)`;

/** what a tensor is on the wire: bytes of a NumPy dtype, so that NaN and every bit arrive */
export interface Wire {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: string;
}
export type Json = null | boolean | number | string | Wire | readonly Json[] | { readonly [k: string]: Json };
export type Ask = (question: string, given?: { readonly [k: string]: Json }) => Promise<Json>;

/** a busy machine included */
const SECONDS = 240;
class Oracle {
  readonly #process: ChildProcess;
  readonly #waiting: { readonly yes: (line: string) => void; readonly no: (e: Error) => void }[] = [];
  #said = "";
  constructor(script: string) {
    // most of the time goes into compiling what runs once
    const XLA_FLAGS = "--xla_backend_optimization_level=0";
    const env = { ...process.env, JAX_PLATFORMS: "cpu", XLA_FLAGS, PYTHONDONTWRITEBYTECODE: "1" };
    this.#process = spawn(python!, [join(import.meta.dirname, script)], { env, stdio: ["pipe", "pipe", "pipe"] });
    createInterface({ input: this.#process.stdout! }).on("line", line => this.#waiting.shift()?.yes(line));
    this.#process.stderr!.on("data", text => {
      this.#said = (this.#said + text).slice(-4000);
    });
    this.#process.stdin!.on("error", () => {}); // "close" tells
    this.#process.on("error", e => this.#end(`${python}: ${e.message}`));
    this.#process.on("close", code => this.#end(`${script} ended with ${code}`));
  }
  #end(why: string): void {
    for (const w of this.#waiting.splice(0)) w.no(new Error(`${why}\n${this.#said}`));
  }
  async ask(question: string, given: { readonly [k: string]: Json }): Promise<Json> {
    const late = setTimeout(() => {
      this.#end(`no answer to ${question} after ${SECONDS} s`);
      this.stop();
    }, SECONDS * 1000);
    try {
      const line = await new Promise<string>((yes, no) => {
        if (this.#process.exitCode !== null) no(new Error(`the oracle has ended\n${this.#said}`));
        this.#waiting.push({ yes, no });
        this.#process.stdin!.write(`${JSON.stringify({ ...given, question })}\n`);
      });
      const answer = JSON.parse(line) as { readonly ok?: Json; readonly error?: string }; // as: what serve.py writes
      if (answer.error !== undefined) throw new Error(`${question}: ${answer.error}`);
      return answer.ok!;
    } finally {
      clearTimeout(late);
    }
  }
  stop(): void {
    this.#process.kill("SIGKILL");
  }
}

/** tests with test/oracle/`script` at their side; it serves questions with serve.py */
export function withPython(name: string, script: string, tests: (ask: Ask) => void): void {
  describe.skipIf(!python)(name + skipped, () => {
    let oracle: Oracle | undefined;
    beforeAll(() => {
      oracle = new Oracle(script);
    });
    afterAll(() => oracle?.stop());
    tests((question, given = {}) => oracle!.ask(question, given));
  });
}

const ARRAYS: { readonly [dtype: string]: (b: ArrayBuffer) => ArrayLike<number | bigint> } = {
  bool: b => new Uint8Array(b),
  uint8: b => new Uint8Array(b),
  int32: b => new Int32Array(b),
  uint32: b => new Uint32Array(b),
  int64: b => new BigInt64Array(b),
  float32: b => new Float32Array(b),
  float64: b => new Float64Array(b),
};
/** the tensor of an answer, as the interpreters hold it */
export function tensorIn(answer: Json | undefined): TensorValue {
  if (answer === null || typeof answer !== "object" || !("dtype" in answer))
    throw new Error("an answer that is no tensor");
  const wire = answer as Wire; // as: has a dtype
  const values = ARRAYS[wire.dtype]!(new Uint8Array(Buffer.from(wire.data, "base64")).buffer);
  const data = wire.dtype === "int64" ? BigInt64Array.from(values, BigInt) : Float64Array.from(values, Number);
  return { k: "tensor", shape: wire.shape, data };
}
/** a record of tensors by name */
export const tensorsIn = (answer: Json): ReadonlyMap<string, TensorValue> =>
  new Map(Object.entries(answer as { readonly [k: string]: Json }).map(([n, t]) => [n, tensorIn(t)] as const)); // as: a record, by the question
/** f64 as NumPy reads it */
export const wire = (shape: readonly number[], values: ArrayLike<number>): Wire => {
  const data = Float64Array.from(values);
  return { dtype: "float64", shape, data: Buffer.from(data.buffer).toString("base64") };
};
