import type { DataSmBody, DeliverSmBody, ShortMessageFields, SmppAddress, SubmitSmBody } from "./pdu.ts";
import { NO_TLVS } from "./tlv.ts";

const NO_ADDRESS: SmppAddress = Object.freeze({ ton: 0, npi: 0, address: "" });
const NO_BYTES = new Uint8Array(0);

/** A submit_sm with everything not given 0 or empty, which asks the carrier for its default. */
export function submitSm(given: Partial<Omit<SubmitSmBody, "command">>): SubmitSmBody {
  return { command: "submit_sm", ...withDefaults(given) };
}

/** A deliver_sm with everything not given 0 or empty. */
export function deliverSm(given: Partial<Omit<DeliverSmBody, "command">>): DeliverSmBody {
  return { command: "deliver_sm", ...withDefaults(given) };
}

/** A data_sm with everything not given 0 or empty. */
export function dataSm(given: Partial<Omit<DataSmBody, "command">>): DataSmBody {
  return {
    command: "data_sm",
    serviceType: given.serviceType ?? "",
    source: given.source ?? NO_ADDRESS,
    destination: given.destination ?? NO_ADDRESS,
    esmClass: given.esmClass ?? 0,
    registeredDelivery: given.registeredDelivery ?? 0,
    dataCoding: given.dataCoding ?? 0,
    tlvs: given.tlvs ?? NO_TLVS,
  };
}

function withDefaults(given: Partial<ShortMessageFields>): ShortMessageFields {
  return {
    serviceType: given.serviceType ?? "",
    source: given.source ?? NO_ADDRESS,
    destination: given.destination ?? NO_ADDRESS,
    esmClass: given.esmClass ?? 0,
    protocolId: given.protocolId ?? 0,
    priorityFlag: given.priorityFlag ?? 0,
    scheduleDeliveryTime: given.scheduleDeliveryTime ?? "",
    validityPeriod: given.validityPeriod ?? "",
    registeredDelivery: given.registeredDelivery ?? 0,
    replaceIfPresent: given.replaceIfPresent ?? 0,
    dataCoding: given.dataCoding ?? 0,
    defaultMessageId: given.defaultMessageId ?? 0,
    shortMessage: given.shortMessage ?? NO_BYTES,
    tlvs: given.tlvs ?? NO_TLVS,
  };
}
