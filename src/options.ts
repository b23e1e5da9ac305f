/** What the words behind options of the command line mean, or an error of use. Knows no command. */
import { RuntimeDiagnostic } from "./runtime/error.ts";

export const usage = (message: string, help?: string): RuntimeDiagnostic =>
  new RuntimeDiagnostic(message, help ? { help } : {});
export function seedOf(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(seed))
    throw usage(`--seed is a whole number from 0 to 2^53 - 1, ${JSON.stringify(text)} is not`);
  return seed;
}
export function threadsOf(text: string): number {
  const n = /^\d+$/.test(text) ? Number(text) : 0;
  if (n < 1 || n > MOST_THREADS)
    throw usage(`--threads is a number from 1 to ${MOST_THREADS}, ${JSON.stringify(text)} is not`);
  return n;
}
const MOST_THREADS = 1024;
const UNITS: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MIB: 2 ** 20, GIB: 2 ** 30 };
/** `2GB`: bytes */
export function memoryOf(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)\s*([MG]i?B)$/i.exec(text);
  if (!parts) throw usage(`--memory is a number of MB or GB, ${JSON.stringify(text)} is not`, "--memory 2GB");
  const bytes = Number(parts[1]) * UNITS[parts[2]!.toUpperCase()]!;
  if (bytes < LEAST_MEMORY) throw usage(`--memory ${text} is too little: a run takes 200MB at least`, "--memory 200MB");
  return bytes;
}
/** Node, the compiled program, and what the engine and the columns cannot do without */
const LEAST_MEMORY = 200e6;
export function secondsOf(text: string): number {
  const s = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (!(s > 0)) throw usage(`--seconds is a positive number, ${JSON.stringify(text)} is not`);
  return s;
}
export function setting(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`--set takes name=value, ${JSON.stringify(text)} is not`);
  const name = text.slice(0, at);
  if (before.has(name)) throw usage(`--set ${name} is given twice`);
  return new Map(before).set(name, text.slice(at + 1));
}
