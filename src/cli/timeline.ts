import { renderTable } from "./text-table.ts";

/** One thing that happened; which further keys there are depends on `what`. */
export interface TimelineEntry {
  readonly at: string;
  readonly what: string;
  readonly target?: number;
  /** `removed` for one that is gone. */
  readonly carrier?: string;
  /** What that one was called, if it is known. */
  readonly removed_carrier?: string;
  readonly attempt?: number;
  readonly took_ms?: number;
  readonly words?: string;
  readonly webhook_id?: string;
  readonly type?: string;
  readonly status_code?: number | null;
  readonly error?: string;
}

const TO_THE_MILLISECOND = "2026-01-01 00:00:00.000".length;

/** What happened to a message, a line each. */
export function renderTimeline(entries: readonly TimelineEntry[]): string {
  const rows = entries.map((entry) => [
    entry.at.slice(0, TO_THE_MILLISECOND),
    entry.what,
    entry.target === undefined ? "" : String(entry.target),
    detailOf(entry),
  ]);
  return renderTable(["AT (UTC)", "WHAT", "TARGET", ""], rows);
}

function detailOf(entry: TimelineEntry): string {
  const {
    carrier,
    removed_carrier: removed,
    webhook_id: webhook,
    type,
    attempt,
    status_code: status,
    error,
    words,
    took_ms: took,
  } = entry;
  const details = [
    removed === undefined ? carrierWords(carrier) : `${removed} (removed)`,
    webhook,
    type,
    attempt === undefined ? undefined : `attempt ${attempt}`,
    status === undefined ? undefined : (status ?? "no answer"),
    error,
    words,
    took === undefined ? undefined : `after ${Math.round(took)} ms`,
  ];
  return details.filter((detail) => detail !== undefined && detail !== "").join(", ");
}

function carrierWords(carrier: string | undefined): string | undefined {
  return carrier === "removed" ? "a carrier that was removed" : carrier;
}
