/** The database cannot be used as it is. The message is one line that says what to do. */
export class DatabaseRefused extends Error {
  override readonly name = "DatabaseRefused";
  readonly reason: "newer_version" | "not_ours" | "unreachable" | "bad_address";

  constructor(reason: DatabaseRefused["reason"], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}
