const NOT_SET = "9999-";
const TO_THE_SECOND = "2026-01-01 00:00:00".length;

/** A time of the service (UTC) to the second; empty when it is not set. */
export function shownTime(time: string): string {
  return time.startsWith(NOT_SET) ? "" : time.slice(0, TO_THE_SECOND);
}
