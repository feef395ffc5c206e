import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as TlsConnectionOptions } from "node:tls";
import { encodePdu } from "../pdu/encode-pdu.ts";
import type { BindRequestBody } from "../pdu/pdu.ts";
import { NO_TLVS } from "../pdu/tlv.ts";
import { checkSessionOptions } from "../session/session-options.ts";
import type { ConnectionHandlers } from "./connection-handlers.ts";
import { type ConnectionTerms, sessionOptions } from "./connection-setup.ts";
import { SmppConnection } from "./smpp-connection.ts";

/** How to verify the carrier, and to prove who we are where it asks for that. */
export type ClientTls = Pick<
  TlsConnectionOptions,
  "ca" | "cert" | "key" | "servername" | "rejectUnauthorized"
>;

/** Where to connect and as whom to bind. */
export interface ClientOptions extends ConnectionTerms {
  readonly host: string;
  readonly port: number;
  /** Given, even if empty, the connection is made over TLS. */
  readonly tls?: ClientTls;
  readonly bind: Pick<BindRequestBody, "command" | "systemId" | "password"> & Partial<BindRequestBody>;
  /** Until TCP, and TLS, stand; the bind has its own limit in `session`. */
  readonly connectTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_PROBE_MS = 60_000;
const SMPP_3_4 = 0x34;

/**
 * Connects to a message centre and binds; `handlers` tell how it goes. Throws at once when the options cannot be right: RangeError,
 * or `PduFieldError` for a credential that does not fit.
 */
export function connectSmpp<Context>(
  options: ClientOptions,
  handlers: ConnectionHandlers<Context>,
): SmppConnection<Context> {
  const { host, port, tls, connectTimeoutMs = CONNECT_TIMEOUT_MS, session, mayWrite, monotonicMs } = options;
  const bind = bindBody(options.bind);
  checkSessionOptions(sessionOptions(session));
  encodePdu({ ...bind, sequence: 1, commandStatus: 0 });
  return new SmppConnection<Context>({
    socket: openSocket(host, port, tls),
    peer: { address: host, port },
    side: {
      role: "esme",
      bind,
      handlers,
      connectTimeoutMs,
      connectedEvent: tls === undefined ? "connect" : "secureConnect",
    },
    ...(session === undefined ? {} : { session }),
    ...(mayWrite === undefined ? {} : { mayWrite }),
    ...(monotonicMs === undefined ? {} : { monotonicMs }),
  });
}

function bindBody(given: ClientOptions["bind"]): BindRequestBody {
  return {
    systemType: "",
    interfaceVersion: SMPP_3_4,
    addressTon: 0,
    addressNpi: 0,
    addressRange: "",
    tlvs: NO_TLVS,
    ...given,
  };
}

function openSocket(host: string, port: number, tls: ClientTls | undefined): Socket {
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS };
  const target = { host, port, noDelay: true, ...keepAlive };
  if (tls === undefined) return connectTcp(target);
  // Node leaves the server's name out of the handshake unless it is given; an address is not a name.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ ...target, ...servername, ...tls });
}
