import { type Address, type AddressInput, isPhoneNumber, toAddress } from "../domain/address.ts";
import type { MessageOptions } from "../domain/message.ts";
import { addMs, type Micros } from "../domain/micros.ts";
import {
  ADDRESS_TYPE_MAX,
  ADDRESS_WORDS_MAX,
  type AcceptLimits,
  IDEMPOTENCY_KEY_MAX,
  MEDIA_TYPE_MAX,
  MEDIA_URL_MAX,
  MEDIAS_MAX,
} from "./accept-limits.ts";
import { type AcceptRequest, type CheckedRequest, invalid, type Rejection } from "./accept-request.ts";

type Checked<Value> = { readonly kind: "ok"; readonly value: Value } | Rejection;

/** Normalises a request and looks at each of its fields; the first one that is wrong turns the whole request down. */
export function checkRequest(
  request: Omit<AcceptRequest, "render">,
  limits: AcceptLimits,
  now: Micros,
): Checked<CheckedRequest> {
  const key = request.idempotency?.key;
  if (key !== undefined && (key === "" || key.length > IDEMPOTENCY_KEY_MAX))
    return invalid("Idempotency-Key", `an idempotency key has 1 to ${IDEMPOTENCY_KEY_MAX} characters`);
  const source = checkSource(request.source);
  if (source.kind === "rejected") return source;
  const destinations = checkDestinations(request.destinations, limits.destinations);
  if (destinations.kind === "rejected") return destinations;
  // Half a surrogate pair is no character: what is stored is what will be sent.
  const text = request.text.toWellFormed();
  const { options } = request;
  const wrong = checkContent(text, options) ?? checkMedias(options) ?? checkTimes(options, limits, now);
  if (wrong !== null) return wrong;
  return { kind: "ok", value: { source: source.value, destinations: destinations.value, text, options } };
}

/**
 * A sender's name: what fits into the 11 characters of TS 23.040 §9.1.2.5, in letters that every carrier passes on. What begins as
 * an international number and goes on otherwise is a mistyped one.
 */
const SENDER_NAME = /^(?!\+\d+\D)[\x20-\x7e]{1,11}$/;

function checkSource(input: AddressInput): Checked<Address> {
  const source = toAddress(input);
  if (source.target === "") return invalid("source.target", "source.target is missing");
  if (!isPhoneNumber(source.target) && !SENDER_NAME.test(source.target))
    return invalid(
      "source.target",
      "source.target is neither a phone number nor a name of up to 11 characters",
    );
  const words = checkWords(source, "source");
  return words ?? { kind: "ok", value: source };
}

function checkDestinations(inputs: readonly AddressInput[], limit: number): Checked<readonly Address[]> {
  if (inputs.length === 0) return invalid("destinations", "there is no destination");
  if (inputs.length > limit)
    return invalid(
      "destinations",
      `${inputs.length} destinations, at most ${limit} are allowed in one request`,
    );
  const destinations: Address[] = [];
  for (const [index, input] of inputs.entries()) {
    const destination = toAddress(input);
    const wrong = checkDestination(destination, `destinations[${index}]`);
    if (wrong !== null) return wrong;
    destinations.push(destination);
  }
  return { kind: "ok", value: destinations };
}

function checkDestination(destination: Address, field: string): Rejection | null {
  if (destination.type !== "tel") return invalid(`${field}.type`, `${field}.type is not "tel"`);
  if (!isPhoneNumber(destination.target))
    return invalid(`${field}.target`, `${field}.target cannot be a phone number`);
  return checkWords(destination, field);
}

/** Everything of an address that is stored as it came, and how long it may be. */
const WORDS = [
  ["type", ADDRESS_TYPE_MAX],
  ["target_name", ADDRESS_WORDS_MAX],
  ["name", ADDRESS_WORDS_MAX],
  ["detail", ADDRESS_WORDS_MAX],
] as const;

function checkWords(address: Address, field: string): Rejection | null {
  for (const [key, longest] of WORDS) {
    const words = address[key];
    if (words === "") continue;
    if (words.length > longest)
      return invalid(`${field}.${key}`, `${field}.${key} is longer than ${longest} characters`);
    if (words.includes("\0")) return invalid(`${field}.${key}`, `${field}.${key} holds a NUL character`);
  }
  return null;
}

const HEX_OCTETS = /^(?:[0-9a-f]{2})+$/i;

function checkContent(text: string, options: MessageOptions): Rejection | null {
  const { data, udh, encoding, medias = [] } = options;
  if (encoding === "binary" && data === undefined) return invalid("data", "encoding binary needs data");
  if (data !== undefined && !HEX_OCTETS.test(data))
    return invalid("data", "data is not octets in hexadecimal");
  if (udh !== undefined && data === undefined) return invalid("udh", "udh goes with data only");
  if (udh !== undefined && !HEX_OCTETS.test(udh)) return invalid("udh", "udh is not octets in hexadecimal");
  if (data !== undefined && text !== "") return invalid("text", "a message has a text or data, not both");
  if (data !== undefined && encoding !== undefined && encoding !== "binary" && encoding !== "auto")
    return invalid("encoding", "data goes with encoding binary only");
  if (data !== undefined && medias.length > 0) return invalid("medias", "medias do not go with data");
  if (text === "" && data === undefined && medias.length === 0) return invalid("text", "the text is empty");
  // PostgreSQL holds no NUL in a text, and no handset shows one.
  if (text.includes("\0")) return invalid("text", "the text holds a NUL character");
  return null;
}

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/;

function checkMedias({ medias = [] }: MessageOptions): Rejection | null {
  if (medias.length > MEDIAS_MAX)
    return invalid("medias", `${medias.length} medias, at most ${MEDIAS_MAX} are allowed in one message`);
  for (const [index, { type, url }] of medias.entries()) {
    const field = `medias[${index}]`;
    if (type.length > MEDIA_TYPE_MAX || !MEDIA_TYPE.test(type))
      return invalid(`${field}.type`, `${field}.type is no media type such as image/jpeg`);
    const protocol = url.length > MEDIA_URL_MAX ? undefined : URL.parse(url)?.protocol;
    if (protocol !== "https:" && protocol !== "http:")
      return invalid(`${field}.url`, `${field}.url is no absolute http or https URL`);
  }
  return null;
}

const DAY_MS = 86_400_000;

function checkTimes(
  { tmSchedule, tmExpire }: MessageOptions,
  { horizonMs }: AcceptLimits,
  now: Micros,
): Rejection | null {
  const days = Math.floor(horizonMs / DAY_MS);
  const start = tmSchedule ?? now;
  if (tmSchedule !== undefined && tmSchedule <= now)
    return invalid("tm_schedule", "tm_schedule is not in the future");
  if (start > addMs(now, horizonMs))
    return invalid("tm_schedule", `tm_schedule is more than ${days} days ahead`);
  if (tmExpire !== undefined && tmExpire <= start)
    return invalid("tm_expire", "tm_expire is not after the time of sending");
  if (tmExpire !== undefined && tmExpire > addMs(start, horizonMs))
    return invalid("tm_expire", `tm_expire is more than ${days} days after the time of sending`);
  return null;
}
