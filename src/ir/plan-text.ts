/** PLAN as text for people: its JSON, with everything that fits on one line on one line. Knows no field. */
import type { PlanStage } from "./plan.ts";

const WIDTH = 120;
export const printPlan = (stage: PlanStage): string => pretty(stage, 0);

function pretty(x: unknown, indent: number): string {
  const flat = line(x);
  if (typeof x !== "object" || x === null || flat.length + indent <= WIDTH) return flat;
  const [open, close] = Array.isArray(x) ? "[]" : "{}";
  const pad = " ".repeat(indent + 2);
  const parts = Array.isArray(x)
    ? x.map(v => pretty(v, indent + 2))
    : entries(x).map(([k, v]) => `${key(k)}: ${pretty(v, indent + 2)}`);
  return `${open}\n${parts.map(p => `${pad}${p},\n`).join("")}${" ".repeat(indent)}${close}`;
}
function line(x: unknown): string {
  if (Array.isArray(x)) return `[${x.map(line).join(", ")}]`;
  if (typeof x === "object" && x !== null) {
    const fields = entries(x).map(([k, v]) => `${key(k)}: ${line(v)}`);
    return fields.length ? `{ ${fields.join(", ")} }` : "{}";
  }
  return typeof x === "number" ? String(x) : JSON.stringify(x);
}
const key = (k: string): string => (/^\w+$/.test(k) ? k : JSON.stringify(k));
const entries = (x: object): readonly (readonly [string, unknown])[] =>
  Object.entries(x).filter(([, v]) => v !== undefined);
