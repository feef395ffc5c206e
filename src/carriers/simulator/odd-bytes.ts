import { encodePdu } from "../../smpp/pdu/encode-pdu.ts";
import type { PduBody } from "../../smpp/pdu/pdu.ts";
import { textTlv } from "../../smpp/pdu/tlv-values.ts";
import type { Behaviours } from "./behaviours.ts";

/** Sequence numbers of PDUs that go past the session, far from its own. */
const FIRST_ODD_SEQUENCE = 0x40000000;
/** Above what SMPP 3.4 §3.2 allows, and sent all the same. */
const FIRST_HIGH_SEQUENCE = 0x80000001;

/** Writes deliver_sm that are odd in the ways in which carriers are. */
export class OddBytes {
  #written = 0;

  /** The bytes of a PDU with the flaws asked for; null when none is, so that the session may send it properly. */
  write(body: PduBody, behaviours: Behaviours): Uint8Array | null {
    const { deliverFlaw, deliverSequence } = behaviours;
    if (deliverFlaw === "none" && deliverSequence === "ordinary") return null;
    const bytes = encodePdu({ ...body, commandStatus: 0, sequence: this.#sequence(deliverSequence) });
    return lengthened(bytes, FLAWS[deliverFlaw]);
  }

  #sequence(kind: Behaviours["deliverSequence"]): number {
    this.#written++;
    if (kind === "zero") return 0;
    return (kind === "high" ? FIRST_HIGH_SEQUENCE : FIRST_ODD_SEQUENCE) + this.#written;
  }
}

/** user_message_reference is two bytes by the standard (§5.3.2.17) and one at some carriers. */
const USER_MESSAGE_REFERENCE = 0x0204;
const ADDITIONAL_STATUS = textTlv("additional_status_info_text", "ok");

/** What stands behind the PDU's last field. */
const FLAWS: Readonly<Record<Behaviours["deliverFlaw"], readonly number[]>> = {
  none: [],
  "stray-nul": [0],
  // Announces eight bytes and has two.
  "truncated-tlv": [0x14, 0x00, 0x00, 0x08, 0x01, 0x02],
  "unterminated-tlv": [0x00, 0x1d, 0x00, 0x02, ...ADDITIONAL_STATUS.value.subarray(0, 2)],
  "odd-size-tlv": [USER_MESSAGE_REFERENCE >> 8, USER_MESSAGE_REFERENCE & 0xff, 0x00, 0x01, 0x07],
  "vendor-tlv": [0x14, 0x01, 0x00, 0x03, 0x61, 0x62, 0x63],
};

function lengthened(bytes: Uint8Array, tail: readonly number[]): Uint8Array {
  const longer = new Uint8Array(bytes.length + tail.length);
  longer.set(bytes);
  longer.set(tail, bytes.length);
  new DataView(longer.buffer).setUint32(0, longer.length);
  return longer;
}
