/** The one door through which files, schemas and the clock reach the pure layers (frontend, passes). */
import type { Column } from "./type.ts";

export interface Schema {
  readonly columns: Readonly<Record<string, Column>>;
  readonly rows?: number;
}
/** a message of the outside world: file not found, truncated, wrong magic; the caller adds the span */
export class HostError extends Error {}
export interface Host {
  /** the text of a program file; throws HostError */
  readonly text: (path: string) => string;
  /** columns of a source from its headers alone; throws HostError */
  readonly schema: (format: string, paths: readonly string[], options: Readonly<Record<string, unknown>>) => Schema;
}
