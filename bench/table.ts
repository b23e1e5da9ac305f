/** The best of the rounds as lines of text and as JSON. Knows no process. */
import type { Answer } from "./peer.ts";
import type { Row } from "./rows.ts";

export interface Measured {
  readonly row: Row;
  /** hsc among them */
  readonly answers: ReadonlyMap<string, Answer>;
}
export const best = (a: Answer | undefined, b: Answer): Answer =>
  b.cannot || a?.seconds === undefined || b.seconds! < a.seconds
    ? { ...a, ...b, peak: Math.max(a?.peak ?? 0, b.peak ?? 0) }
    : { ...a, peak: Math.max(a.peak ?? 0, b.peak ?? 0) };

const rate = ({ amount }: Row, a: Answer): number => amount / a.seconds!;
/** of the peak of all threads, which was measured in the same rounds */
const share = (a: Answer, threads: number): number => a.gflop! / a.seconds! / (a.peak! * threads);
const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));
const percent = (x: number): string => `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %`;

/** hsc's rate over a peer's; of the goal, where one was set */
function ratios({ row, answers }: Measured): readonly { name: string; ratio: number; goal?: number }[] {
  const own = answers.get("hsc")!;
  const timed = [...answers].filter(([n, a]) => n !== "hsc" && a.seconds !== undefined);
  const all = timed.map(([name, a]) => ({ name, ratio: a.seconds! / own.seconds! }));
  const torch = all.filter(r => r.name.startsWith("torch"));
  const least = torch.length > 1 ? [{ name: "torch best", ratio: Math.min(...torch.map(r => r.ratio)) }] : [];
  return [...all, ...least].map(r => {
    const goal = row.goals?.[r.name];
    return goal === undefined ? r : { ...r, goal };
  });
}
export function printRow(m: Measured, threads: number): readonly string[] {
  const { row, answers } = m;
  const own = answers.get("hsc")!;
  const aim = row.share ? ` (aim ${percent(row.share)})` : "";
  const lines = [
    `${row.title}: ${digits(rate(row, own))} ${row.unit}, ${(1e3 * own.seconds!).toPrecision(3)} ms, ${percent(share(own, threads))} of peak${aim}`,
  ];
  for (const { name, ratio, goal } of ratios(m)) {
    const a = answers.get(name);
    const against = a ? `${digits(rate(row, a))} ${row.unit}` : "";
    const met = goal === undefined ? "" : ratio >= goal ? `  (aim ${goal})` : `  (aim ${goal}: missed)`;
    lines.push(`  ${`${ratio.toFixed(2)}x`.padStart(8)} ${name.padEnd(20)} ${against}${met}`);
  }
  for (const [name, a] of answers) if (a.cannot) lines.push(`  ${"-".padStart(8)} ${name.padEnd(20)} ${a.cannot}`);
  return lines;
}
export const toJson = (
  table: readonly Measured[],
  processes: Readonly<Record<string, Readonly<Record<string, number>>>>,
  how: { readonly threads: number; readonly rounds: number; readonly seconds: number },
): string =>
  `${JSON.stringify(
    {
      ...how,
      ...processes,
      rows: table.map(m => {
        const own = m.answers.get("hsc")!;
        return {
          id: m.row.id,
          unit: m.row.unit,
          rates: Object.fromEntries([...m.answers].flatMap(([n, a]) => (a.seconds ? [[n, rate(m.row, a)]] : []))),
          differences: Object.fromEntries(
            [...m.answers].flatMap(([n, a]) => (a.difference ? [[n, a.difference]] : [])),
          ),
          cannot: Object.fromEntries([...m.answers].flatMap(([n, a]) => (a.cannot ? [[n, a.cannot]] : []))),
          ratios: ratios(m),
          share: share(own, how.threads),
          peak: own.peak,
        };
      }),
    },
    undefined,
    1,
  )}\n`;
