/** What the exit code of every command says; README.md shows them. */
export const EXIT_CODES = {
  done: { code: 0, meaning: "done; with `send --wait`: every target was delivered" },
  failed: { code: 1, meaning: "failed, or refused to start; one line on standard error says why" },
  usage: { code: 2, meaning: "a wrong command, option or setting" },
  unreachable: {
    code: 3,
    meaning: "no service could be reached; `send --wait`: before the id was shown, never after",
  },
  refused: {
    code: 4,
    meaning: "the service refused the request, or has nothing of the name, number or id that was given",
  },
  undelivered: {
    code: 5,
    meaning:
      "`send --wait`: a target ended without delivery; `webhooks test`: the webhook did not take the call",
  },
  timeout: { code: 6, meaning: "`send --wait`: the time was up before every target was final" },
} as const;

export type FailureKind = Exclude<keyof typeof EXIT_CODES, "done">;

/** Ends a command: one line for standard error, and an exit code. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, line: string, options?: { cause?: unknown }) {
    super(line, options);
    this.kind = kind;
  }
}
