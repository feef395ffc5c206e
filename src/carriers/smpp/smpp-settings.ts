import type { UnknownOutcomePolicy } from "../../domain/unknown-outcome.ts";
import type { TextProfile } from "../../gsm/text-profile.ts";
import { ESM_CLASS } from "../../smpp/pdu/esm-class.ts";
import type { Tlv } from "../../smpp/pdu/tlv.ts";
import type { SmppUrlValues } from "./url-keys.ts";

/** How an SMSC wants to be spoken to, with everything that its URL left out filled in. */
export interface SmppSettings {
  readonly bind: {
    readonly mode: "trx" | "txrx" | "tx";
    readonly slots: number;
    readonly systemType: string;
    readonly interfaceVersion: number;
    readonly addressTon: number;
    readonly addressNpi: number;
    readonly addressRange: string;
  };
  readonly windowSize: number;
  readonly perSecond: number | null;
  readonly responseTimeoutMs: number;
  readonly enquireLinkIntervalMs: number;
  readonly onUnknownOutcome: UnknownOutcomePolicy;
  /** How texts are written; the accepting side counts parts by it. */
  readonly profile: TextProfile;
  readonly sending: SendingSettings;
  readonly receiving: ReceivingSettings;
  /** Error codes that mean "try again later" at this carrier though they usually do not. */
  readonly temporaryStatuses: readonly number[];
  /** Counts for `smpps` only. */
  readonly tls: {
    readonly isVerified: boolean;
    readonly ca: string | null;
    readonly serverName: string | null;
  };
}

/** What goes into a submit_sm besides its text; a null type of number or numbering plan is read off the number. */
export interface SendingSettings {
  readonly concatenation: "udh" | "sar" | "payload";
  readonly source: { readonly ton: number | null; readonly npi: number | null };
  readonly destination: { readonly ton: number | null; readonly npi: number | null };
  readonly keepsPlus: boolean;
  readonly senderCharset: "ascii" | "latin1" | "gsm7";
  readonly serviceType: string;
  readonly priorityFlag: number;
  readonly protocolId: number;
  /** The mode bits of esm_class. */
  readonly esmMode: number;
  readonly validity: "none" | "absolute" | "relative";
  readonly tlvs: readonly Tlv[];
  readonly receipts: "all" | "last" | "none";
}

/** How what comes from an SMSC is read. */
export interface ReceivingSettings {
  readonly profile: Pick<TextProfile, "alphabet" | "packing">;
  readonly receiptId: "auto" | "same" | "hex-dec" | "dec-hex";
  /** Where a receipt has the handset's number, by which it is told from one of another message; any: it is not compared. */
  readonly receiptNumber: "source" | "destination" | "any";
  readonly receiptZoneMinutes: number;
  readonly sniffsReceipts: boolean;
}

const INTERFACE_VERSIONS = { "3.3": 0x33, "3.4": 0x34, "5.0": 0x50 } as const;

/** The settings that the keys of a URL stand for. */
export function smppSettings(values: SmppUrlValues): SmppSettings {
  return {
    bind: {
      mode: values.bind,
      slots: values.binds,
      systemType: values.system_type,
      interfaceVersion: INTERFACE_VERSIONS[values.interface_version],
      addressTon: values.address_ton,
      addressNpi: values.address_npi,
      addressRange: values.address_range,
    },
    windowSize: values.window,
    perSecond: values.tps,
    responseTimeoutMs: values.response_timeout * 1_000,
    enquireLinkIntervalMs: values.enquire_link * 1_000,
    onUnknownOutcome: values.on_unknown,
    profile: profileOf(values),
    sending: sendingOf(values),
    receiving: {
      profile: {
        alphabet: values.mo_alphabet === "same" ? values.alphabet : values.mo_alphabet,
        packing: values.packing,
      },
      receiptId: values.receipt_id,
      receiptNumber: values.receipt_number,
      receiptZoneMinutes: values.receipt_zone,
      sniffsReceipts: values.receipt_detect === "text",
    },
    temporaryStatuses: values.temporary,
    tls: {
      isVerified: values.verify,
      ca: values.ca === "" ? null : values.ca,
      serverName: values.server_name === "" ? null : values.server_name,
    },
  };
}

function profileOf(values: SmppUrlValues): TextProfile {
  return {
    alphabet: values.alphabet,
    packing: values.packing,
    referenceBits: values.reference === "16" ? 16 : 8,
    nationalLanguages: { locking: values.nationals, singleShift: values.nationals },
    lookAlikes: values.look_alikes,
    keepClusters: values.keep_clusters,
    maxParts: values.max_parts,
    flashCoding: values.flash,
  };
}

function sendingOf(values: SmppUrlValues): SendingSettings {
  return {
    concatenation: values.concat,
    source: { ton: values.source_ton, npi: values.source_npi },
    destination: { ton: values.dest_ton, npi: values.dest_npi },
    keepsPlus: values.plus === "keep",
    senderCharset: values.sender_charset,
    serviceType: values.service_type,
    priorityFlag: values.priority,
    protocolId: values.protocol_id,
    esmMode: values.esm_mode === "default" ? ESM_CLASS.mode_default : ESM_CLASS.mode_store_and_forward,
    validity: values.validity,
    tlvs: values.tlvs,
    // A transmitter hears nothing: a receipt that is waited for would end every message as dlr_timeout.
    receipts: values.bind === "tx" ? "none" : values.receipts,
  };
}
