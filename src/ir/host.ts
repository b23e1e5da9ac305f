/** The one door through which files, schemas and the clock reach the pure layers (frontend, passes). */
import type { Column } from "./type.ts";

/** rows: the columns of one row and their number. npy: one column `value`, safetensors: one per tensor, with the whole shape and no `rows` */
export interface Schema {
  readonly columns: Readonly<Record<string, Column>>;
  readonly rows?: number;
  /** tensors of the file that cannot be read, by name, and why */
  readonly unread?: Readonly<Record<string, string>>;
}
/** a message of the outside world: file not found, truncated, wrong magic; the caller adds the span */
export class HostError extends Error {
  /** which of the paths of the source it is about, where there are several */
  readonly path: number | undefined;
  constructor(message: string, path?: number) {
    super(message);
    this.path = path;
  }
}
export interface Host {
  /** the text of a program file, named as on the command line or as an import gives it beside its importer; throws HostError */
  readonly text: (path: string) => string;
  /** columns of a source from its headers alone, paths relative to the program's folder; throws HostError */
  readonly schema: (format: string, paths: readonly string[], options: Readonly<Record<string, unknown>>) => Schema;
}
