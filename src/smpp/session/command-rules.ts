import type {
  BindRequestBody,
  BindResponseBody,
  MessageRequestBody,
  MessageResponseBody,
} from "../pdu/pdu.ts";
import { NO_TLVS } from "../pdu/tlv.ts";
import type { SessionRole } from "./session-options.ts";

/** The kind of bind: which way messages may go. */
export type BoundAs = "tx" | "rx" | "trx";

/** Each request and the command that answers it. */
export const RESPONSE_COMMAND = {
  submit_sm: "submit_sm_resp",
  submit_multi: "submit_multi_resp",
  deliver_sm: "deliver_sm_resp",
  data_sm: "data_sm_resp",
  query_sm: "query_sm_resp",
  cancel_sm: "cancel_sm_resp",
  replace_sm: "replace_sm_resp",
} as const satisfies Record<MessageRequestBody["command"], MessageResponseBody["command"]>;

export const BIND_RESPONSE_COMMAND = {
  bind_receiver: "bind_receiver_resp",
  bind_transmitter: "bind_transmitter_resp",
  bind_transceiver: "bind_transceiver_resp",
} as const satisfies Record<BindRequestBody["command"], BindResponseBody["command"]>;

export const BOUND_AS = {
  bind_receiver: "rx",
  bind_transmitter: "tx",
  bind_transceiver: "trx",
} as const satisfies Record<BindRequestBody["command"], BoundAs>;

/** SMPP 3.4 §2.3: what each side may send at all. */
const SENT_BY: Readonly<Record<SessionRole, ReadonlySet<MessageRequestBody["command"]>>> = {
  esme: new Set(["submit_sm", "submit_multi", "data_sm", "query_sm", "cancel_sm", "replace_sm"]),
  smsc: new Set(["deliver_sm", "data_sm"]),
};

/** Whether we, in our role, may send this command to a peer bound like this. */
export function maySend(
  role: SessionRole,
  boundAs: BoundAs,
  command: MessageRequestBody["command"],
): boolean {
  return SENT_BY[role].has(command) && isOpenForSending(role, boundAs);
}

/** Whether our messages may travel at all over this kind of bind. */
export function isOpenForSending(role: SessionRole, boundAs: BoundAs): boolean {
  return boundAs !== (role === "esme" ? "rx" : "tx");
}

/**
 * Whether the peer may send us this command. A client takes deliver_sm over any bind: carriers send receipts over a transmitter
 * too, and refusing them would only lose them.
 */
export function mayReceive(
  role: SessionRole,
  boundAs: BoundAs,
  command: MessageRequestBody["command"],
): boolean {
  if (role === "esme") return SENT_BY.smsc.has(command);
  return SENT_BY.esme.has(command) && boundAs !== "rx";
}

/** The response that belongs to a request, with nothing in it but a message id where it has one. */
export function plainResponse(
  command: MessageRequestBody["command"],
  messageId: string,
): MessageResponseBody {
  switch (command) {
    case "submit_sm":
    case "deliver_sm":
    case "data_sm":
      return { command: RESPONSE_COMMAND[command], messageId, tlvs: NO_TLVS };
    case "submit_multi":
      return { command: "submit_multi_resp", messageId, unsuccessful: [], tlvs: NO_TLVS };
    case "query_sm":
      return {
        command: "query_sm_resp",
        messageId,
        finalDate: "",
        messageState: 0,
        errorCode: 0,
        tlvs: NO_TLVS,
      };
    case "cancel_sm":
    case "replace_sm":
      return { command: RESPONSE_COMMAND[command], tlvs: NO_TLVS };
    default:
      return command satisfies never;
  }
}
