import type { BindRequestBody } from "../../smpp/pdu/pdu.ts";
import type { ClientOptions, ClientTls } from "../../smpp/net/smpp-client.ts";
import type { SmppAccount } from "./smpp-url.ts";

/** How one connection to the carrier is made. */
export function bindOptions(
  account: SmppAccount,
  command: BindRequestBody["command"],
): Pick<ClientOptions, "host" | "port" | "bind" | "session" | "tls"> {
  const { host, port, systemId, password, bind } = account;
  const { systemType, interfaceVersion, addressTon, addressNpi, addressRange } = bind;
  return {
    host,
    port,
    bind: {
      command,
      systemId,
      password,
      systemType,
      interfaceVersion,
      addressTon,
      addressNpi,
      addressRange,
    },
    session: {
      windowSize: account.windowSize,
      responseTimeoutMs: account.responseTimeoutMs,
      enquireLinkIntervalMs: account.enquireLinkIntervalMs,
      // The carrier has as long to answer as it may be silent.
      enquireLinkTimeoutMs: account.enquireLinkIntervalMs,
    },
    ...(account.kind === "smpps" && { tls: tlsOf(account.tls) }),
  };
}

function tlsOf({ isVerified, ca, serverName }: SmppAccount["tls"]): ClientTls {
  return {
    rejectUnauthorized: isVerified,
    ...(ca !== null && { ca }),
    ...(serverName !== null && { servername: serverName }),
  };
}
