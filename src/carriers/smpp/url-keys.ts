import { UNKNOWN_ATTEMPTS_MAX } from "../../domain/unknown-outcome.ts";
import { NATIONAL_LANGUAGES, type NationalLanguage } from "../../gsm/national-language.ts";
import { MAX_WINDOW } from "../../smpp/session/session-options.ts";
import { choice, flag, latinText, type UrlKey, whole, wholeOr } from "../url-value.ts";
import { certificates } from "./certificates.ts";
import { statusCodes } from "./status-codes.ts";
import { vendorTlvs } from "./vendor-tlvs.ts";

/**
 * Every key that the query of an `smpp://` or `smpps://` URL takes, in the order in which documentation shows them. A key that
 * is not here is refused.
 */
export const SMPP_URL_KEYS = {
  bind: choice(
    ["trx", "txrx", "tx"],
    "trx",
    "One transceiver a slot, a transmitter and a receiver, or a transmitter alone (no receipts, nothing inbound).",
  ),
  binds: whole(1, 32, 1, "Bind slots: connections at the same time, counted over all nodes."),
  window: whole(1, MAX_WINDOW, 50, "Requests of one bind that may be unanswered at once."),
  tps: wholeOr("none", 1, 100_000, "Short messages a second, over all binds and nodes."),
  alphabet: choice(
    ["gsm7", "latin1", "ascii"],
    "gsm7",
    "What the carrier takes data_coding 0 for when we send.",
  ),
  mo_alphabet: choice(
    ["same", "gsm7", "latin1", "ascii"],
    "same",
    "What data_coding 0 is in messages from handsets, where it differs from `alphabet`.",
  ),
  packing: choice(
    ["unpacked", "packed"],
    "unpacked",
    "One septet an octet, or eight septets in seven octets.",
  ),
  reference: choice(["8", "16"], "8", "Bits of the reference that ties the parts of a long text together."),
  concat: choice(
    ["udh", "sar", "payload"],
    "udh",
    "How a long text travels: user data headers, sar_ parameters, or whole in message_payload.",
  ),
  max_parts: whole(1, 255, 10, "A text that needs more parts is refused."),
  look_alikes: flag(
    "off",
    "Replace curly quotes, long dashes and the like when that keeps a text in the GSM alphabet.",
  ),
  keep_clusters: flag("off", "Never cut what a reader sees as one character; may cost a part more."),
  nationals: nationalLanguages(
    "National language tables that may be used, by name with commas: turkish,spanish …; handsets without them show wrong letters.",
  ),
  flash: choice(
    ["general", "message-class"],
    "general",
    "Family of data_coding for flash messages: 0x10 or 0xF0.",
  ),
  source_ton: wholeOr("auto", 0, 7, "Type of number of the sender; auto reads it off the number."),
  source_npi: wholeOr("auto", 0, 18, "Numbering plan of the sender."),
  dest_ton: wholeOr("auto", 0, 7, "Type of number of the destination."),
  dest_npi: wholeOr("auto", 0, 18, "Numbering plan of the destination."),
  plus: choice(["strip", "keep"], "strip", "Whether a leading + stays in numbers."),
  sender_charset: choice(
    ["ascii", "latin1", "gsm7"],
    "ascii",
    "Characters of an alphanumeric sender; what is missing becomes a question mark (in gsm7 also @, whose code would end the field).",
  ),
  service_type: latinText(5, "service_type of each message; some carriers bill or route by it."),
  priority: whole(0, 3, 0, "priority_flag of each message."),
  protocol_id: whole(0, 255, 0, "protocol_id of each message."),
  esm_mode: choice(
    ["default", "store-forward"],
    "default",
    "Message mode in esm_class; store-forward (3) is refused by some carriers.",
  ),
  validity: choice(
    ["none", "absolute", "relative"],
    "none",
    "Whether the carrier is told when a message expires, as a date or as a span.",
  ),
  tlvs: vendorTlvs(
    "Parameters that the carrier wants on every message: tag:value in hex, with commas (1400:0102).",
  ),
  receipts: choice(
    ["all", "last", "none"],
    "all",
    "Receipts asked for: of each part, of the last part (where the carrier gives one a message; it then leaves once the others are taken), or none.",
  ),
  receipt_id: choice(
    ["auto", "same", "hex-dec", "dec-hex"],
    "auto",
    "Base of message ids in responses and in receipts where they differ; auto tries all.",
  ),
  receipt_number: choice(
    ["source", "destination", "any"],
    "source",
    "Where a receipt has the handset's number, which has to agree: destination where the carrier leaves numbers as they were sent, any where it changes them.",
  ),
  receipt_zone: zone("Time zone of dates in receipts: +hh:mm from UTC."),
  receipt_detect: choice(
    ["esm_class", "text"],
    "esm_class",
    "What makes a deliver_sm a receipt: its esm_class or the parameters of a receipt, or also a text that reads like one.",
  ),
  temporary: statusCodes(
    "Error codes of the carrier that mean try again later, besides the usual ones: 0x45,1034 …",
  ),
  on_unknown: choice(
    ["resend", "hold"],
    "resend",
    `What happens to a message that was written and never answered: sent again, and held after ${UNKNOWN_ATTEMPTS_MAX} attempts, or held at once for an operator.`,
  ),
  response_timeout: whole(
    1,
    600,
    60,
    "Seconds that a response may take; then the outcome is unknown. After three such in a row the bind is made anew, for one message at a time until one is answered.",
  ),
  enquire_link: whole(
    1,
    3_600,
    30,
    "Seconds of silence after which the carrier is asked for a sign of life.",
  ),
  system_type: latinText(12, "system_type of the bind."),
  interface_version: choice(["3.3", "3.4", "5.0"], "3.4", "interface_version of the bind."),
  address_range: latinText(40, "address_range of the bind."),
  address_ton: whole(0, 7, 0, "addr_ton of the bind."),
  address_npi: whole(0, 18, 0, "addr_npi of the bind."),
  verify: flag("on", "smpps only: whether the carrier's certificate is checked."),
  ca: certificates(
    "smpps only: certificate (PEM) that the carrier's is checked against, instead of the well-known ones.",
  ),
  server_name: latinText(253, "smpps only: name in the carrier's certificate, when it is not the host."),
} as const;

export type SmppUrlKeys = typeof SMPP_URL_KEYS;

/** What each key of a URL says, by the key's name. */
export type SmppUrlValues = {
  readonly [name in keyof SmppUrlKeys]: SmppUrlKeys[name] extends UrlKey<infer Value> ? Value : never;
};

function nationalLanguages(meaning: string): UrlKey<readonly NationalLanguage[]> {
  const known = Object.keys(NATIONAL_LANGUAGES).join(", ");
  return {
    allowed: "names with commas",
    default: "",
    meaning,
    read(text) {
      const words = text === "" ? [] : text.split(",");
      const languages = words.filter(isLanguage);
      return languages.length === words.length
        ? { ok: true, value: languages }
        : { ok: false, must: `name languages of ${known}` };
    },
  };
}

function isLanguage(word: string): word is NationalLanguage {
  return Object.hasOwn(NATIONAL_LANGUAGES, word);
}

const ZONE_FORM = /^([+-])(\d\d):?([0-5]\d)$/;
const MAX_ZONE_MINUTES = 14 * 60;

function zone(meaning: string): UrlKey<number> {
  return {
    allowed: "+hh:mm | -hh:mm",
    default: "+00:00",
    meaning,
    read(text) {
      // A plus in a query is a space by the rules of HTML forms.
      const [, sign, hours, minutes] = ZONE_FORM.exec(text.replace(/^ /, "+")) ?? [];
      const offset = Number(hours) * 60 + Number(minutes);
      return offset <= MAX_ZONE_MINUTES
        ? { ok: true, value: sign === "-" ? -offset : offset }
        : { ok: false, must: "be an offset from UTC such as +02:00" };
    },
  };
}
