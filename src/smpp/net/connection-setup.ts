import type { Socket } from "node:net";
import type { BindRequest, BindRequestBody } from "../pdu/pdu.ts";
import { DEFAULT_SESSION_OPTIONS, type SessionOptions } from "../session/session-options.ts";
import type { ConnectionHandlers } from "./connection-handlers.ts";
import type { SmppConnection } from "./smpp-connection.ts";

/** Where a connection comes from or goes to. */
export interface SmppPeer {
  readonly address: string;
  readonly port: number;
}

/** What a server decides about a bind. */
export type BindDecision<Context> =
  | {
      readonly ok: true;
      /** Told everything about this connection from now on; nothing when it has gone while this was decided. */
      readonly handlers: ConnectionHandlers<Context>;
      /** Our requests to this client that may be unanswered; else the server's. */
      readonly windowSize?: number;
      /** As in `ConnectionTerms`. */
      readonly mayWrite?: () => boolean;
    }
  | { readonly ok: false; readonly commandStatus: number };

/** Looks at the credentials of a bind. A rejected promise refuses it with ESME_RSYSERR and is told to `onError`. */
export type Authenticate<Context> = (
  bind: BindRequest,
  peer: SmppPeer,
  connection: SmppConnection<Context>,
) => BindDecision<Context> | Promise<BindDecision<Context>>;

/** What client and server connections have in common. */
export interface ConnectionTerms {
  readonly session?: Partial<SessionOptions>;
  /** Asked in the same tick as each write: a no gives the queued requests back as not written. Answers and unbind still go. */
  readonly mayWrite?: () => boolean;
  /** A clock that never steps; `performance.now` unless told otherwise. */
  readonly monotonicMs?: () => number;
}

/** The two kinds of connection. */
export type ConnectionSide<Context> =
  | {
      readonly role: "esme";
      readonly bind: BindRequestBody;
      readonly handlers: ConnectionHandlers<Context>;
      /** Counted until TCP, and TLS where it is used, stand. */
      readonly connectTimeoutMs: number;
      /** The socket's own event that says so. */
      readonly connectedEvent: "connect" | "secureConnect";
    }
  | {
      readonly role: "smsc";
      readonly systemId: string;
      readonly authenticate: Authenticate<Context>;
      readonly onError: (error: unknown) => void;
      readonly onEnd: () => void;
    };

/** All that a connection is made of. */
export interface ConnectionSetup<Context> extends ConnectionTerms {
  readonly socket: Socket;
  readonly peer: SmppPeer;
  readonly side: ConnectionSide<Context>;
}

/** The session's options with the defaults filled in. */
export function sessionOptions(given: Partial<SessionOptions> | undefined): SessionOptions {
  return { ...DEFAULT_SESSION_OPTIONS, ...given };
}
