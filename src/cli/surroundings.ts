/** Where a command's words go. */
export interface Output {
  write(text: string): unknown;
  /** Whether a person may be reading along. */
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Everything a command gets from the process that runs it. */
export interface Surroundings {
  /** Without the program's own name. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** For what was asked for. */
  readonly stdout: Output;
  /** For everything else: progress, hints, errors. */
  readonly stderr: Output;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}
