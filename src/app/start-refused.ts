/** The service cannot start as things are. The message is one line that says what to do. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
}

/** The code of a system error, `EADDRINUSE`; undefined for any other. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
