interface TlvSpec {
  readonly tag: number;
  /** `text` is a C-octet string, its NUL counted in the sizes. */
  readonly type: "integer" | "text" | "octets" | "flag";
  readonly minBytes: number;
  readonly maxBytes: number;
}

function integer<const Tag extends number>(tag: Tag, bytes: 1 | 2 | 4) {
  return { tag, type: "integer", minBytes: bytes, maxBytes: bytes } as const;
}
function text<const Tag extends number>(tag: Tag, maxBytes: number) {
  return { tag, type: "text", minBytes: 1, maxBytes } as const;
}
function octets<const Tag extends number>(tag: Tag, minBytes: number, maxBytes: number) {
  return { tag, type: "octets", minBytes, maxBytes } as const;
}

/** Every optional parameter of SMPP 3.4 §5.3.2 with its tag, type and size. */
export const TLV_TABLE = {
  dest_addr_subunit: integer(0x0005, 1),
  dest_network_type: integer(0x0006, 1),
  dest_bearer_type: integer(0x0007, 1),
  dest_telematics_id: integer(0x0008, 2),
  source_addr_subunit: integer(0x000d, 1),
  source_network_type: integer(0x000e, 1),
  source_bearer_type: integer(0x000f, 1),
  source_telematics_id: integer(0x0010, 1),
  qos_time_to_live: integer(0x0017, 4),
  payload_type: integer(0x0019, 1),
  additional_status_info_text: text(0x001d, 256),
  receipted_message_id: text(0x001e, 65),
  ms_msg_wait_facilities: integer(0x0030, 1),
  privacy_indicator: integer(0x0201, 1),
  source_subaddress: octets(0x0202, 2, 23),
  dest_subaddress: octets(0x0203, 2, 23),
  user_message_reference: integer(0x0204, 2),
  user_response_code: integer(0x0205, 1),
  source_port: integer(0x020a, 2),
  destination_port: integer(0x020b, 2),
  sar_msg_ref_num: integer(0x020c, 2),
  language_indicator: integer(0x020d, 1),
  sar_total_segments: integer(0x020e, 1),
  sar_segment_seqnum: integer(0x020f, 1),
  sc_interface_version: integer(0x0210, 1),
  callback_num_pres_ind: integer(0x0302, 1),
  callback_num_atag: octets(0x0303, 0, 65),
  number_of_messages: integer(0x0304, 1),
  callback_num: octets(0x0381, 4, 19),
  dpf_result: integer(0x0420, 1),
  set_dpf: integer(0x0421, 1),
  ms_availability_status: integer(0x0422, 1),
  network_error_code: octets(0x0423, 3, 3),
  message_payload: octets(0x0424, 0, 0xffff),
  delivery_failure_reason: integer(0x0425, 1),
  more_messages_to_send: integer(0x0426, 1),
  message_state: integer(0x0427, 1),
  ussd_service_op: integer(0x0501, 1),
  display_time: integer(0x1201, 1),
  sms_signal: integer(0x1203, 2),
  ms_validity: integer(0x1204, 1),
  alert_on_message_delivery: { tag: 0x130c, type: "flag", minBytes: 0, maxBytes: 0 },
  its_reply_type: integer(0x1380, 1),
  its_session_info: octets(0x1383, 2, 2),
} as const satisfies Record<string, TlvSpec>;

export type TlvName = keyof typeof TLV_TABLE;

type NamesOfType<Type extends TlvSpec["type"]> = {
  [Name in TlvName]: (typeof TLV_TABLE)[Name]["type"] extends Type ? Name : never;
}[TlvName];
export type IntegerTlvName = NamesOfType<"integer">;
export type TextTlvName = NamesOfType<"text">;
export type OctetsTlvName = NamesOfType<"octets">;
export type FlagTlvName = NamesOfType<"flag">;

const SPECS_BY_TAG: ReadonlyMap<number, TlvSpec & { readonly name: TlvName }> = new Map(
  // Object.entries widens the keys to string; they are this table's own.
  Object.entries(TLV_TABLE).map(([name, spec]) => [spec.tag, { ...spec, name: name as TlvName }]),
);

/** What the standard says about a tag; undefined for one that it does not have (vendor, SMPP 5.0). */
export function tlvSpec(tag: number): (TlvSpec & { readonly name: TlvName }) | undefined {
  return SPECS_BY_TAG.get(tag);
}
