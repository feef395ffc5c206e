import { asUnavailable } from "./sqlite-failure.ts";

/** The database file cannot be used as it is. The message is one line that says what to do. */
export class DatabaseRefused extends Error {
  override readonly name = "DatabaseRefused";
  readonly reason: "newer_version" | "not_ours" | "unwritable" | "damaged" | "journal_alone";

  constructor(reason: DatabaseRefused["reason"], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** The refusal of a file of which an error tells that it is damaged; null when it tells something else. */
export function refusalOfDamage(file: string, error: unknown): DatabaseRefused | null {
  if (asUnavailable(error)?.reason !== "damaged") return null;
  return new DatabaseRefused("damaged", `${file} is damaged or no database: restore a backup`, {
    cause: error,
  });
}
