import type { Tlv } from "./tlv.ts";

/** Type of number, numbering plan and digits or letters of one party; see `address-codes.ts` for the codes. */
export interface SmppAddress {
  readonly ton: number;
  readonly npi: number;
  /** One character per byte (latin1), without the closing NUL. */
  readonly address: string;
}

/** The part of the header that is not the command: 0 is ESME_ROK and the status of every request. */
export interface PduHeader {
  readonly commandStatus: number;
  readonly sequence: number;
}

interface WithTlvs {
  /** In the order of the wire, unknown and vendor ones included. */
  readonly tlvs: readonly Tlv[];
}

/** What all three bind requests carry (SMPP 3.4 §4.1). */
export interface BindFields extends WithTlvs {
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** 0x34 for 3.4. */
  readonly interfaceVersion: number;
  readonly addressTon: number;
  readonly addressNpi: number;
  readonly addressRange: string;
}
export interface BindReceiverBody extends BindFields {
  readonly command: "bind_receiver";
}
export interface BindTransmitterBody extends BindFields {
  readonly command: "bind_transmitter";
}
export interface BindTransceiverBody extends BindFields {
  readonly command: "bind_transceiver";
}

/** What all three bind responses carry; `systemId` is empty when the response had no body (§4.1.2, errors). */
export interface BindRespFields extends WithTlvs {
  readonly systemId: string;
}
export interface BindReceiverRespBody extends BindRespFields {
  readonly command: "bind_receiver_resp";
}
export interface BindTransmitterRespBody extends BindRespFields {
  readonly command: "bind_transmitter_resp";
}
export interface BindTransceiverRespBody extends BindRespFields {
  readonly command: "bind_transceiver_resp";
}

/** §4.1.7: the SMSC asks an ESME to bind as receiver. */
export interface OutbindBody extends WithTlvs {
  readonly command: "outbind";
  readonly systemId: string;
  readonly password: string;
}

/** The PDUs that are a header and nothing else. */
export interface HeaderOnlyBody extends WithTlvs {
  readonly command:
    | "unbind"
    | "unbind_resp"
    | "generic_nack"
    | "enquire_link"
    | "enquire_link_resp"
    | "cancel_sm_resp"
    | "replace_sm_resp";
}

/** What submit_sm and deliver_sm share: the same fields in the same order (§4.4.1, §4.6.1). */
export interface ShortMessageFields extends WithTlvs {
  readonly serviceType: string;
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
  readonly esmClass: number;
  readonly protocolId: number;
  readonly priorityFlag: number;
  /** Empty for "now"; else a time of `smpp-time.ts`. */
  readonly scheduleDeliveryTime: string;
  /** Empty for the carrier's default; else a time of `smpp-time.ts`. */
  readonly validityPeriod: string;
  readonly registeredDelivery: number;
  readonly replaceIfPresent: number;
  readonly dataCoding: number;
  readonly defaultMessageId: number;
  /** At most 254 bytes. Decoded, it is a view into the received chunk: copy what is kept. */
  readonly shortMessage: Uint8Array;
}
export interface SubmitSmBody extends ShortMessageFields {
  readonly command: "submit_sm";
}
export interface DeliverSmBody extends ShortMessageFields {
  readonly command: "deliver_sm";
}

/** §4.4.2, §4.6.2, §4.7.2; `messageId` is empty when there was none (an error, or a carrier that gives none). */
export interface MessageIdRespBody extends WithTlvs {
  readonly command: "submit_sm_resp" | "deliver_sm_resp" | "data_sm_resp";
  readonly messageId: string;
}

/** §4.5.1.1: one place a submit_multi goes to. */
export type MultiDestination =
  | { readonly kind: "address"; readonly address: SmppAddress }
  | { readonly kind: "distribution-list"; readonly name: string };
export interface SubmitMultiBody extends Omit<ShortMessageFields, "destination"> {
  readonly command: "submit_multi";
  /** 1 to 254 of them. */
  readonly destinations: readonly MultiDestination[];
}
export interface UnsuccessfulDelivery {
  readonly destination: SmppAddress;
  readonly commandStatus: number;
}
export interface SubmitMultiRespBody extends WithTlvs {
  readonly command: "submit_multi_resp";
  readonly messageId: string;
  readonly unsuccessful: readonly UnsuccessfulDelivery[];
}

/** §4.7.1; the text travels in the TLV `message_payload`. */
export interface DataSmBody extends WithTlvs {
  readonly command: "data_sm";
  readonly serviceType: string;
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
  readonly esmClass: number;
  readonly registeredDelivery: number;
  readonly dataCoding: number;
}

export interface QuerySmBody extends WithTlvs {
  readonly command: "query_sm";
  readonly messageId: string;
  readonly source: SmppAddress;
}
export interface QuerySmRespBody extends WithTlvs {
  readonly command: "query_sm_resp";
  readonly messageId: string;
  /** Empty while the message has no final state. */
  readonly finalDate: string;
  readonly messageState: number;
  readonly errorCode: number;
}

export interface CancelSmBody extends WithTlvs {
  readonly command: "cancel_sm";
  readonly serviceType: string;
  readonly messageId: string;
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
}

export interface ReplaceSmBody extends WithTlvs {
  readonly command: "replace_sm";
  readonly messageId: string;
  readonly source: SmppAddress;
  readonly scheduleDeliveryTime: string;
  readonly validityPeriod: string;
  readonly registeredDelivery: number;
  readonly defaultMessageId: number;
  readonly shortMessage: Uint8Array;
}

/** §4.12.1: a handset that could not be reached is there again. Has no response. */
export interface AlertNotificationBody extends WithTlvs {
  readonly command: "alert_notification";
  readonly source: SmppAddress;
  readonly esme: SmppAddress;
}

/** A command id that SMPP 3.4 does not have (5.0's broadcast_sm, a vendor's own), its body untouched. */
export interface UnknownBody {
  readonly command: "unknown";
  readonly commandId: number;
  readonly body: Uint8Array;
}

export type BindRequestBody = BindReceiverBody | BindTransmitterBody | BindTransceiverBody;
export type BindResponseBody = BindReceiverRespBody | BindTransmitterRespBody | BindTransceiverRespBody;

/** The requests that one application sends to the other and that take a place in the window. */
export type MessageRequestBody =
  | SubmitSmBody
  | SubmitMultiBody
  | DeliverSmBody
  | DataSmBody
  | QuerySmBody
  | CancelSmBody
  | ReplaceSmBody;

/** The answers to `MessageRequestBody`. */
export type MessageResponseBody =
  | MessageIdRespBody
  | SubmitMultiRespBody
  | QuerySmRespBody
  | (HeaderOnlyBody & { readonly command: "cancel_sm_resp" | "replace_sm_resp" });

/** Everything but the header, by `command`. */
export type PduBody =
  | BindRequestBody
  | BindResponseBody
  | OutbindBody
  | HeaderOnlyBody
  | SubmitSmBody
  | DeliverSmBody
  | MessageIdRespBody
  | SubmitMultiBody
  | SubmitMultiRespBody
  | DataSmBody
  | QuerySmBody
  | QuerySmRespBody
  | CancelSmBody
  | ReplaceSmBody
  | AlertNotificationBody
  | UnknownBody;

/** One PDU of SMPP 3.4: switch on `command`. */
export type Pdu = PduBody & PduHeader;
export type SubmitSm = SubmitSmBody & PduHeader;
export type DeliverSm = DeliverSmBody & PduHeader;
export type BindRequest = BindRequestBody & PduHeader;
export type BindResponse = BindResponseBody & PduHeader;
export type MessageRequest = MessageRequestBody & PduHeader;
export type MessageResponse = MessageResponseBody & PduHeader;
