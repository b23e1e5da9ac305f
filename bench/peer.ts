/**
 * A process that measures what it is told to: a line of JSON for each question, a line of JSON for each answer. All peers are children
 * of one process and are asked one after the other, so that none works while another is timed. Knows no framework.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Row } from "./rows.ts";

export interface Question extends Row {
  /** forget: the row is done, and its data may go */
  readonly ask: "prepare" | "check" | "time" | "forget";
  readonly folder: string;
  /** of the images */
  readonly data: string;
  readonly seconds: number;
  /** of the training that hsc saved and the others repeat */
  readonly steps: number;
}
export interface Answer {
  /** of a step */
  readonly seconds?: number;
  /** from what hsc computed: of weights, in units of the way from the start; of tensors, in units of the largest element */
  readonly difference?: number;
  /** why it does not run this */
  readonly cannot?: string;
  /** of hsc: work per step in GFLOP, peak of a thread in GFLOP/s */
  readonly gflop?: number;
  readonly peak?: number;
}
export interface Peer {
  readonly name: string;
  readonly ask: (q: Question) => Promise<Answer>;
  readonly end: () => void;
}
export interface Command {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** asks and answers in a form of its own */
  readonly form?: {
    readonly ask: (q: Question) => string | undefined;
    readonly answer: (text: string, q: Question) => Answer;
  };
}

const plain: Required<Command>["form"] = { ask: q => JSON.stringify(q), answer: text => JSON.parse(text) as Answer };

/** undefined, and a line that says why, where it cannot be started */
export async function start(c: Command, say: (line: string) => void): Promise<Peer | undefined> {
  const child: ChildProcess = spawn(c.command, c.args, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(c.cwd === undefined ? {} : { cwd: c.cwd }),
    env: { ...process.env, ...c.environment },
  });
  let wrong = "";
  child.on("error", e => {
    wrong += e.message;
  });
  child.stderr!.on("data", (b: Buffer) => {
    wrong = (wrong + b.toString()).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const { form = plain } = c;
  if ((await lines.next()).done) {
    say(`${c.name} does not start: ${wrong.trim().split("\n").at(-1)}`);
    return undefined;
  }
  return {
    name: c.name,
    ask: async q => {
      const text = form.ask(q);
      if (text === undefined) return { cannot: "it has no such program" };
      child.stdin!.write(`${text}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${c.name} ended: ${wrong.trim().split("\n").at(-1)}`);
      return form.answer(value, q);
    },
    end: () => child.stdin!.end(),
  };
}
