import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import { ESM_CLASS, hasUdhi } from "../../smpp/pdu/esm-class.ts";
import { messageContent } from "../../smpp/pdu/message-content.ts";
import type { SubmitSmBody } from "../../smpp/pdu/pdu.ts";
import { parseSmppTime } from "../../smpp/pdu/smpp-time.ts";
import { findTlv, readOctetsTlv } from "../../smpp/pdu/tlv-values.ts";
import { readDataCoding } from "../../gsm/data-coding.ts";
import type { MessagePdu } from "../smpp/delivered-pdu.ts";
import type { Behaviours } from "./behaviours.ts";

/** A submit_sm, or a data_sm, which lacks some of its fields. */
export type SubmittedPdu = MessagePdu &
  Partial<Pick<SubmitSmBody, "serviceType" | "validityPeriod" | "scheduleDeliveryTime" | "priorityFlag">>;

/** The error that a message is refused with for what it is; ESME_ROK when nothing is wrong with it. */
export function refusalOf(pdu: SubmittedPdu, behaviours: Behaviours): number {
  const rule = RULES.find((candidate) => candidate.isBroken(pdu, behaviours));
  return COMMAND_STATUS[rule?.status ?? "ESME_ROK"];
}

interface Rule {
  readonly status: keyof typeof COMMAND_STATUS;
  isBroken(pdu: SubmittedPdu, behaviours: Behaviours): boolean;
}

const RULES: readonly Rule[] = [
  // SMPP 3.4 §5.3.2.32: the text is in one place or in the other.
  { status: "ESME_RINVMSGLEN", isBroken: (pdu) => !messageContent(pdu).ok },
  {
    status: "ESME_ROPTPARNOTALLWD",
    isBroken: ({ tlvs }, { payload }) =>
      payload === "refuse" && readOctetsTlv(tlvs, "message_payload") !== undefined,
  },
  { status: "ESME_RINVMSGLEN", isBroken: (pdu, { checksLength }) => checksLength && isTooLong(pdu) },
  { status: "ESME_RINVDSTADR", isBroken: ({ destination }) => !/^\+?\d{3,15}$/.test(destination.address) },
  {
    status: "ESME_RINVSERTYP",
    isBroken: ({ serviceType = "" }, { requiredServiceType }) =>
      requiredServiceType !== "" && serviceType !== requiredServiceType,
  },
  {
    status: "ESME_RINVDSTTON",
    isBroken: ({ destination }, { requiredDestTon }) =>
      requiredDestTon !== null && destination.ton !== requiredDestTon,
  },
  {
    status: "ESME_RMISSINGOPTPARAM",
    isBroken: ({ tlvs }, { requiredTlv }) => requiredTlv !== null && findTlv(tlvs, requiredTlv) === undefined,
  },
  {
    status: "ESME_RINVEXPIRY",
    isBroken: ({ validityPeriod = "" }, { validity }) => !isValidity(validityPeriod, validity),
  },
  {
    status: "ESME_RINVSCHED",
    isBroken: ({ scheduleDeliveryTime = "" }, { refusesSchedule }) =>
      refusesSchedule && scheduleDeliveryTime !== "",
  },
  {
    status: "ESME_RINVPRTFLG",
    isBroken: ({ priorityFlag = 0 }, { refusesPriority }) => refusesPriority && priorityFlag !== 0,
  },
  {
    status: "ESME_RINVESMCLASS",
    isBroken: ({ esmClass }, { refusesStoreForward }) =>
      refusesStoreForward &&
      (esmClass & ESM_CLASS.mode_store_and_forward) === ESM_CLASS.mode_store_and_forward,
  },
];

const MAX_OCTETS = 140;
const MAX_SEPTETS = 160;

/** TS 23.040 §9.2.3.24: what one short message holds. A whole text in message_payload is cut by the SMSC. */
function isTooLong({ shortMessage, dataCoding, esmClass }: SubmittedPdu): boolean {
  if (shortMessage === undefined) return false;
  if (readDataCoding(dataCoding).coding !== "carrier-default") return shortMessage.length > MAX_OCTETS;
  const header = hasUdhi(esmClass) ? (shortMessage[0] ?? 0) + 1 : 0;
  return shortMessage.length - header > MAX_SEPTETS - Math.ceil((8 * header) / 7);
}

function isValidity(validityPeriod: string, expected: Behaviours["validity"]): boolean {
  if (validityPeriod === "") return expected === "any" || expected === "empty";
  const kind = parseSmppTime(validityPeriod)?.kind;
  return kind !== undefined && (expected === "any" || expected === kind);
}
