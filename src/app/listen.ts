import { StartRefused, systemCode } from "./start-refused.ts";

interface ListeningPlace {
  readonly host: string;
  readonly port: number;
  /** The variable that chooses another port, for the line that says what to do. */
  readonly portVariable: string;
}

/** Opens a listening socket, or says in one line why it cannot be opened. */
export async function listenOrRefuse<Result>(
  { host, port, portVariable }: ListeningPlace,
  listen: () => Promise<Result>,
): Promise<Result> {
  try {
    return await listen();
  } catch (cause) {
    switch (systemCode(cause)) {
      case "EADDRINUSE":
        throw new StartRefused(
          `port ${port} on ${host} is in use: stop what listens there, or choose another with ${portVariable}`,
          { cause },
        );
      case "EACCES":
        throw new StartRefused(
          `port ${port} on ${host} may not be opened: choose one above 1023 with ${portVariable}`,
          {
            cause,
          },
        );
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
      case "EAI_AGAIN":
        throw new StartRefused(
          `${host} is no address of this machine: choose one with MSGBIN_HOST, 0.0.0.0 for all`,
          {
            cause,
          },
        );
      case undefined:
      default:
        throw cause;
    }
  }
}
