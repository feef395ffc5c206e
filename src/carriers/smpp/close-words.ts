import { commandStatusName } from "../../smpp/pdu/command-status.ts";
import type { CloseReason } from "../../smpp/session/close-reason.ts";

/** Why a connection ended, for operators. */
export function closeWords(reason: CloseReason): string {
  switch (reason.kind) {
    case "unbound-by-us":
      return "we unbound, as the carrier answered nothing or that we are not bound";
    case "unbound-by-peer":
      return "the carrier unbound us";
    case "bind-refused":
      return `the carrier refused the bind: ${commandStatusName(reason.commandStatus)}`;
    case "bind-timeout":
      return "the carrier did not answer the bind in time";
    case "keepalive-timeout":
      return "the carrier did not answer enquire_link in time";
    case "inactivity":
      return "the carrier was silent for too long";
    case "write-stalled":
      return "the carrier took no bytes for too long";
    case "protocol-error":
      return `the carrier sent what is no SMPP: ${reason.message}`;
    case "connect-failed":
      return `cannot connect: ${connectWords(reason)}`;
    case "connection-lost":
      return reason.message === ""
        ? "the carrier closed the connection"
        : `connection lost: ${reason.message}`;
    case "destroyed":
      return "stopped";
    default:
      return reason satisfies never;
  }
}

/** OpenSSL writes where in its own sources it stood: `…:error:0A00010B:SSL routines:function:reason:file:line:`. */
const OPENSSL_ERROR = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/;

function connectWords({ message, code }: { readonly message: string; readonly code: string | null }): string {
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return "no TLS is spoken there; smpp:// is without";
  const [, reason] = OPENSSL_ERROR.exec(message) ?? [];
  return reason === undefined ? message : `TLS: ${reason}`;
}
