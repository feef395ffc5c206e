const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A token that lives longer than a year is better an access key. */
export const MAX_DURATION_MS = 366 * UNIT_MS.d;

/** Reads `90s`, `15m`, `24h` or `7d` as milliseconds; null when it is none or over a year. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  if (match === null) return null;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]; // the pattern allows these letters only
  return ms > 0 && ms <= MAX_DURATION_MS ? ms : null;
}
