import { choice, flag, latinText, type UrlKey, whole, wholeOr } from "../url-value.ts";
import { commandStatus } from "./command-status-key.ts";

const ID_FORMS = ["same", "dec", "hex", "upper", "lower", "padded", "stripped"] as const;

/**
 * Every switch of the simulator, in the order in which documentation shows them. Each is something that a real carrier does; the
 * defaults make a friendly one.
 */
export const BEHAVIOURS = {
  // how it answers
  responseDelayMs: whole(0, 600_000, 0, "Wait before each answer to a submit_sm."),
  responseJitterMs: whole(0, 600_000, 0, "Up to so much more, by chance."),
  errorPercent: whole(0, 100, 0, "Share of submit_sm that are refused with `errorStatus`, by chance."),
  errorStatus: commandStatus("ESME_RSYSERR", "The error of `errorPercent`."),
  errorAs: choice(["response", "nack"], "response", "Errors as submit_sm_resp or as generic_nack."),
  errorBody: choice(
    ["none", "nul"],
    "none",
    "What follows the header of an error: nothing, or an empty message id.",
  ),
  okBody: choice(
    ["id", "nul", "none"],
    "id",
    "What follows the header of a success: an id, an empty one, or nothing.",
  ),
  silent: flag("off", "Takes messages and never answers."),
  strayResponses: flag("off", "Sends an answer to nothing before each real one."),
  unknownCommands: flag("off", "Sends a command that SMPP does not have before each answer."),
  tps: wholeOr(
    "none",
    1,
    100_000,
    "More submit_sm a second of one account are refused with ESME_RTHROTTLED.",
  ),
  windowLimit: wholeOr(
    "none",
    1,
    100_000,
    "More unanswered submit_sm of one bind are refused with `windowStatus`.",
  ),
  windowStatus: commandStatus("ESME_RMSGQFUL", "The error of `windowLimit`."),
  dropAfter: wholeOr(
    "never",
    1,
    1_000_000_000,
    "Drops the connection instead of answering every so many submit_sm of it.",
  ),
  unbindAfter: wholeOr("never", 1, 1_000_000_000, "Unbinds after every so many submit_sm of a connection."),
  // message ids
  idForm: choice(["dec", "hex", "upper-hex", "padded-hex", "uuid", "long"], "dec", "Message ids in answers."),
  idsReusedAfter: wholeOr("never", 1, 1_000_000_000, "Begins again with the same ids after so many."),
  receiptIdForm: choice(ID_FORMS, "same", "How the id of the answer is written in the text of a receipt."),
  receiptTlvIdForm: choice(ID_FORMS, "same", "How it is written in receipted_message_id."),
  // receipts
  receiptDelayMs: whole(0, 600_000, 200, "Wait before a receipt."),
  receiptJitterMs: whole(0, 600_000, 500, "Up to so much more, by chance."),
  receiptOrder: choice(
    ["after-response", "before-response"],
    "after-response",
    "Receipts may come before the answer.",
  ),
  receiptText: choice(
    ["standard", "capital", "short", "reordered", "no-err", "quoting", "spaced", "none"],
    "standard",
    "Dialect of the text: the appendix's, `Text:` with a capital, without sub and dlvrd, another order, without err and text, quoting a message that holds labels, spaces after colons, or no text at all.",
  ),
  receiptDates: choice(["10", "12", "14"], "10", "Digits of its dates."),
  receiptZoneMinutes: whole(0, 840, 0, "Its dates are so many minutes ahead of UTC."),
  receiptErr: choice(["three", "four", "letters"], "three", "Form of its err: 027, 0027, 27b."),
  receiptTlvs: choice(
    ["all", "id", "none"],
    "all",
    "Parameters beside the text: all, the id alone, or none.",
  ),
  receiptCommand: choice(["deliver_sm", "data_sm"], "deliver_sm", "The command that brings receipts."),
  receiptEsmClass: whole(0, 255, 4, "esm_class of receipts."),
  receiptBind: choice(["same", "other", "any"], "same", "Which bind of the account a receipt comes over."),
  receiptNumbers: choice(
    ["turned", "as-sent"],
    "turned",
    "Whether a receipt comes from the handset, as it should, or has sender and destination as the message had them.",
  ),
  receiptCopies: whole(1, 10, 1, "How often each receipt is sent."),
  intermediate: choice(
    ["none", "before", "after"],
    "none",
    "An intermediate receipt before the final one, or too late.",
  ),
  intermediateStat: choice(
    ["ENROUTE", "ACCEPTD", "ACKED", "BUFFRED", "SCHEDULED"],
    "ENROUTE",
    "What it says.",
  ),
  multipartReceipts: choice(
    ["each", "first", "last", "random"],
    "each",
    "Which parts of a long message get one.",
  ),
  unrequestedReceipts: flag("off", "Receipts that nobody asked for."),
  receiptRetryMs: whole(
    10,
    600_000,
    1_000,
    "Wait before a receipt or message that was not taken comes again.",
  ),
  // what it takes
  alphabet: choice(["gsm7", "latin1", "ascii"], "gsm7", "What data_coding 0 is, both ways."),
  packing: choice(
    ["unpacked", "packed"],
    "unpacked",
    "One septet an octet, or eight septets in seven octets.",
  ),
  checksLength: flag("on", "Refuses what is longer than one short message with ESME_RINVMSGLEN."),
  sar: choice(["join", "ignore"], "join", "Whether handsets join parts by sar_ parameters."),
  payload: choice(["take", "refuse"], "take", "Whether message_payload is taken."),
  requiredTlv: wholeOr(
    "none",
    0,
    0xffff,
    "Tag of a parameter without which ESME_RMISSINGOPTPARAM is answered.",
  ),
  requiredServiceType: latinText(5, "Any other service_type is refused with ESME_RINVSERTYP."),
  requiredDestTon: wholeOr(
    "any",
    0,
    7,
    "Any other type of destination number is refused with ESME_RINVDSTTON.",
  ),
  validity: choice(["any", "empty", "absolute", "relative"], "any", "Any other validity_period is refused."),
  refusesSchedule: flag("off", "A schedule_delivery_time is refused with ESME_RINVSCHED."),
  refusesPriority: flag("off", "A priority_flag is refused with ESME_RINVPRTFLG."),
  refusesStoreForward: flag("off", "Message mode 3 is refused with ESME_RINVESMCLASS."),
  // messages from handsets
  moParts: choice(
    ["udh8", "udh16", "sar", "udh-and-sar", "payload", "bare"],
    "udh8",
    "How a long message from a handset comes; bare says nothing of parts.",
  ),
  moOrder: choice(["straight", "reversed"], "straight", "Order in which its parts come."),
  moLostPart: wholeOr("none", 1, 255, "This part of each long message never comes."),
  moCopies: whole(1, 10, 1, "How often each part comes."),
  deliverFlaw: choice(
    ["none", "stray-nul", "truncated-tlv", "unterminated-tlv", "odd-size-tlv", "vendor-tlv"],
    "none",
    "What is odd about the bytes of deliver_sm; such are sent once, whatever the answer.",
  ),
  deliverSequence: choice(
    ["ordinary", "zero", "high"],
    "ordinary",
    "Sequence numbers of deliver_sm: as they should be, 0, or above 0x7fffffff.",
  ),
  deliverWindow: whole(1, 5_000, 100, "Unanswered deliver_sm of one bind."),
  // binds
  acceptedBinds: choice(
    ["any", "trx", "tx-rx"],
    "any",
    "Kinds of bind; others are refused with ESME_RBINDFAIL.",
  ),
  bindStatus: commandStatus("ESME_ROK", "Refuses every bind with this."),
  maxBinds: wholeOr("none", 1, 1_000, "More binds of one account are refused with ESME_RALYBND."),
  rememberBindsMs: whole(0, 600_000, 0, "A connection lost without unbind counts as bound for so long."),
  enquiresBeforeBind: flag("off", "Sends enquire_link before it answers the bind."),
  answersEnquireLink: flag("on", "Off plays a hung peer."),
  enquireLinkMs: whole(0, 600_000, 30_000, "Silence after which it asks for a sign of life; 0 for never."),
} as const;

/** How the simulator behaves, all of it. */
export type Behaviours = {
  readonly [name in keyof typeof BEHAVIOURS]: (typeof BEHAVIOURS)[name] extends UrlKey<infer Value>
    ? Value
    : never;
};

/** A friendly carrier: answers at once, delivers everything, sends one standard receipt a part. */
export function defaultBehaviours(): Behaviours {
  const reading = readBehaviours({});
  if (!reading.ok) throw new Error(reading.reason);
  return reading.behaviours;
}

/** Reads switches as they are written on a command line, `name=value`; the others get their defaults. */
export function readBehaviours(
  given: Readonly<Record<string, string>>,
): { readonly ok: true; readonly behaviours: Behaviours } | { readonly ok: false; readonly reason: string } {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(BEHAVIOURS, name));
  if (unknown !== undefined)
    return {
      ok: false,
      reason: `unknown behaviour ${unknown}; known are ${Object.keys(BEHAVIOURS).join(", ")}`,
    };
  const values: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(BEHAVIOURS)) {
    const text = given[name] ?? key.default;
    const reading = key.read(text);
    if (!reading.ok) return { ok: false, reason: `${name} must ${reading.must}, got ${text}` };
    values[name] = reading.value;
  }
  // Each value was read by the key of its name, which is what the type says.
  return { ok: true, behaviours: values as Behaviours };
}
