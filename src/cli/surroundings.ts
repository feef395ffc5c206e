import { type Output, type Screen, screenOf } from "./screen.ts";

/** Everything that a command line gets from the process that runs it. */
export interface ProcessSurroundings {
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

/** The same as commands get it: what they write can do nothing but be seen. */
export interface Surroundings extends ProcessSurroundings {
  readonly stdout: Screen;
  readonly stderr: Screen;
}

export function onScreens(given: ProcessSurroundings): Surroundings {
  return { ...given, stdout: screenOf(given.stdout), stderr: screenOf(given.stderr) };
}
