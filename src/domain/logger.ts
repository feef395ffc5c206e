/** Facts to log: never a text, a whole phone number or a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The part of a logger that msgbin uses; observe/ fills it. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  /** `error` is logged with its causes. */
  error(fields: LogFields & { readonly error?: string }, message: string): void;
}

/** Keeps the last three digits of a phone number, enough to recognise it beside a report and not to call it. */
export function maskNumber(target: string): string {
  return target.length <= 3 ? "…" : `…${target.slice(-3)}`;
}
