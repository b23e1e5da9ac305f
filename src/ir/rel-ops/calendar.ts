/** Days and years of the Gregorian calendar, and texts of instants by format. Knows no op. */

export const DAY = 86_400_000_000n;
/** the years 1 to 9999: what lies outside is taken for their first or last microsecond */
const FIRST = -62_135_596_800_000_000n;
const LAST = 253_402_300_799_999_999n;
export const within = (t: bigint): bigint => (t < FIRST ? FIRST : t > LAST ? LAST : t);
export const dayOf = (t: bigint): bigint => (t - (((t % DAY) + DAY) % DAY)) / DAY;

export interface Civil {
  readonly year: number;
  /** 1 .. 12 */
  readonly month: number;
  readonly day: number;
}
/** days since 1970 began (Hinnant, "chrono-compatible low-level date algorithms") */
export function civil(days: number): Civil {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const ofEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36524) - Math.floor(ofEra / 146096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * month + 2) / 5) + 1;
  const shiftedMonth = month < 10 ? month + 3 : month - 9;
  return { year: yearOfEra + era * 400 + (shiftedMonth <= 2 ? 1 : 0), month: shiftedMonth, day };
}
function daysOf({ year, month, day }: Civil): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + ofYear - 719468;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const FIELDS = "YmdHMSfbBy";
/** pieces of a format: a field by its letter, or text */
function pieces(format: string): readonly (readonly [field: string, text: string])[] {
  return [...format.matchAll(/%(.)|[^%]+|%$/gs)].map(([text, field]) =>
    field === undefined ? ["", text] : field === "%" ? ["", "%"] : [field, text],
  );
}
/** what is wrong with a format; `reads`: nothing may be said twice, and a date has its year, month and day */
export function refuseFormat(format: string, reads: boolean): string | undefined {
  const fields = pieces(format).map(([f]) => f);
  const unknown = fields.find(f => f && !FIELDS.includes(f));
  if (unknown !== undefined || format.endsWith("%"))
    return `a format has %Y %y %m %b %B %d %H %M %S %f, not %${unknown ?? ""}`;
  if (!reads) return undefined;
  const groups = [["Y", "y"], ["m", "b", "B"], ["d"], ["H"], ["M"], ["S"], ["f"]];
  const twice = groups.find(g => fields.filter(f => g.includes(f)).length > 1);
  return twice && `the format has %${twice.join(" or %")} twice`;
}

export function formatted(t: bigint, format: string): string {
  const inside = within(t);
  const days = dayOf(inside);
  const { year, month, day } = civil(Number(days));
  const rest = Number(inside - days * DAY);
  const seconds = Math.floor(rest / 1e6);
  const pad = (n: number, width: number): string => String(n).padStart(width, "0");
  const text = (field: string): string => {
    if (field === "Y") return pad(year, 4);
    if (field === "y") return pad(year % 100, 2);
    if (field === "m") return pad(month, 2);
    if (field === "b") return MONTHS[month - 1]!.slice(0, 3);
    if (field === "B") return MONTHS[month - 1]!;
    if (field === "d") return pad(day, 2);
    if (field === "H") return pad(Math.floor(seconds / 3600), 2);
    if (field === "M") return pad(Math.floor(seconds / 60) % 60, 2);
    if (field === "S") return pad(seconds % 60, 2);
    return pad(rest % 1e6, 6);
  };
  return pieces(format)
    .map(([field, plain]) => (field ? text(field) : plain))
    .join("");
}

/** with a space, and seconds with as many digits as they need: 2025-03-01 12:00:00.5 */
export function timeText(t: bigint): string {
  const [whole, fraction] = formatted(t, "%Y-%m-%d %H:%M:%S.%f").split(".") as [string, string]; // as: there is one point
  const digits = fraction.replace(/0+$/, "");
  return digits ? `${whole}.${digits}` : whole;
}

const READ: Readonly<Record<string, string>> = {
  Y: "([0-9]{4})",
  y: "([0-9]{2})",
  b: `(${MONTHS.map(m => m.slice(0, 3)).join("|")})`,
  B: `(${MONTHS.join("|")})`,
  f: "([0-9]{1,6})",
};
/** a regular expression of texts that the format reads */
export const formatPattern = (format: string): string =>
  pieces(format)
    .map(([field, plain]) =>
      field ? (READ[field] ?? "([0-9]{1,2})") : plain.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"),
    )
    .join("");
/** undefined: the text is no such instant */
export function parsed(text: string, format: string): bigint | undefined {
  const found = new RegExp(`^(?:${formatPattern(format)})$`, "u").exec(text);
  if (!found) return undefined;
  let [year, month, day, hour, minute, second, micro] = [1900, 1, 1, 0, 0, 0, 0];
  const fields = pieces(format).filter(([f]) => f);
  fields.forEach(([field], i) => {
    const value = found[i + 1]!;
    const n = Number(value);
    if (field === "Y") year = n;
    else if (field === "y") year = n < 69 ? 2000 + n : 1900 + n;
    else if (field === "m") month = n;
    else if (field === "b") month = 1 + MONTHS.findIndex(m => m.startsWith(value));
    else if (field === "B") month = 1 + MONTHS.indexOf(value);
    else if (field === "d") day = n;
    else if (field === "H") hour = n;
    else if (field === "M") minute = n;
    else if (field === "S") second = n;
    else micro = Number(value.padEnd(6, "0"));
  });
  const days = daysOf({ year, month, day });
  const back = civil(days);
  if (year < 1 || back.month !== month || back.day !== day || hour > 23 || minute > 59 || second > 59) return undefined;
  return BigInt(days) * DAY + BigInt(((hour * 60 + minute) * 60 + second) * 1_000_000 + micro);
}
