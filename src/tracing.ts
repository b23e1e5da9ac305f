/** What the pipeline does around every pass: times it, prints what it made, stops after it, and names it where it breaks. Knows no pass. */
import type { Trace } from "./passes/trace.ts";

export interface TraceOptions {
  readonly printAfter?: readonly string[] | undefined;
  readonly stopAfter?: string | undefined;
  readonly time?: boolean | undefined;
  /** print the places of nodes too */
  readonly spans?: boolean | undefined;
  readonly write?: ((text: string) => unknown) | undefined;
}
/** --stop-after: no further */
export class Stopped extends Error {}
/** a bug of hsc: the pass that broke, and the text that it was given */
export class InternalError extends Error {
  readonly pass: string;
  readonly before: string;
  constructor(pass: string, before: string, cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super(said.replace(/^internal: /, ""), { cause });
    this.pass = pass;
    this.before = before;
  }
}
export interface Tracing {
  readonly trace: Trace;
  /** --time: the sum of each pass without those inside it, in the order in which they first ended */
  readonly times: () => string;
}

/** `program`: what the first pass is given, as text; `isMessage`: an error that is meant for the user, so no bug */
export function tracing(options: TraceOptions, program: () => string, isMessage: (e: unknown) => boolean): Tracing {
  const spent = new Map<string, number>();
  let last = program;
  // of the passes that run now, outermost first: milliseconds of those inside
  const inside: number[] = [];
  let stopping = false;
  const trace: Trace = (pass, run, show, given) => {
    const before = given ?? last;
    const started = performance.now();
    inside.push(0);
    try {
      const made = run();
      last = () => show(made);
      if (options.printAfter?.includes(pass)) options.write?.(show(made));
      stopping ||= options.stopAfter === pass;
      // a pass inside another runs many times: the outer one ends
      if (stopping && inside.length === 1) throw new Stopped();
      return made;
    } catch (e) {
      if (e instanceof Stopped || e instanceof InternalError || isMessage(e)) throw e;
      throw new InternalError(pass, before(), e);
    } finally {
      const whole = performance.now() - started;
      spent.set(pass, (spent.get(pass) ?? 0) + whole - inside.pop()!);
      if (inside.length) inside[inside.length - 1]! += whole;
    }
  };
  const times = (): string => [...spent].map(([pass, ms]) => `${pass}: ${ms.toFixed(1)} ms`).join("\n");
  return { trace, times };
}
