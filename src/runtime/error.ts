/** What goes wrong while a program runs, as data: message, place, notes, help. Knows neither how a frame is drawn nor who draws it. */
import { HostError } from "../ir/host.ts";
import type { Span } from "../ir/plan.ts";

export interface Note {
  readonly message: string;
  readonly span?: Span;
}
export interface Details {
  readonly span?: Span;
  readonly notes?: readonly Note[];
  readonly help?: string;
  /** what was written and what could have been meant, for "did you mean" */
  readonly unknown?: { readonly name: string; readonly among: readonly string[] };
  /** right, but hsc cannot do it yet */
  readonly limit?: boolean;
  /** 2: the program or its command line is wrong; 1 (default): the run failed */
  readonly exitCode?: 1 | 2;
}
/** a failed run; `message` has no `error:` in front and no place in it */
export class RuntimeDiagnostic extends Error {
  readonly details: Details;
  constructor(message: string, details: Details = {}) {
    super(message);
    this.details = details;
  }
}

/** the program is wrong, and every message about it was printed */
export class Refused extends Error {}

/** a signal ended the run, and it was saved; `message` is the whole text */
export class Interrupted extends Error {}

/** a bug of hsc; `message` is the whole text: what broke, what was saved, how to see it again */
export class Broken extends Error {}

/** runs `f`; a message of the outside world gets the place in the program that asked for it */
export function placed<T>(span: Span, f: () => T): T {
  try {
    return f();
  } catch (e) {
    if (e instanceof HostError) throw new RuntimeDiagnostic(e.message, { span });
    throw e;
  }
}
