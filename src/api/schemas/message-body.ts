import { Type } from "typebox";
import {
  DEFAULT_ACCEPT_LIMITS,
  MEDIA_TYPE_MAX,
  MEDIA_URL_MAX,
  MEDIAS_MAX,
} from "../../accept/accept-limits.ts";
import { PRIORITY_NAMES } from "../../domain/message.ts";
import { AddressBody } from "./address.ts";

const HORIZON_DAYS = DEFAULT_ACCEPT_LIMITS.horizonMs / 86_400_000;
const TIME_FORMS = "UTC, as times are answered, or ISO 8601.";

/** What a client posts; what the values must be is the rulebook's business (accept/), here are only the types. */
export const MessageBody = Type.Object(
  {
    source: AddressBody,
    destinations: Type.Array(AddressBody, { description: "1–1,000; each becomes a target of the message." }),
    text: Type.Optional(
      Type.String({
        description: "Not empty; at most ten SMS parts, unless the carrier takes more.",
        examples: ["hello, this is test message"],
      }),
    ),
    encoding: Type.Optional(
      Type.Enum(["auto", "gsm7", "ucs2", "latin1", "binary"], {
        description: "How the text is written; `auto`, unless given, takes the smallest that holds it.",
      }),
    ),
    flash: Type.Optional(
      Type.Boolean({ description: "Shown at once and not kept by the handset (message class 0)." }),
    ),
    data: Type.Optional(
      Type.String({
        description: "Binary user data in hex, in place of a text, and of as many parts at most.",
        examples: ["06050415810000"],
      }),
    ),
    udh: Type.Optional(
      Type.String({ description: "A user data header for `data` in hex, its length octet included." }),
    ),
    priority: Type.Optional(
      Type.Enum([...PRIORITY_NAMES], {
        description: "What waits is sent in this order; `normal` unless given.",
      }),
    ),
    tm_schedule: Type.Optional(
      Type.String({
        description: `When to send it, at most ${HORIZON_DAYS} days ahead. ${TIME_FORMS}`,
        examples: ["2027-01-31 09:00:00.000000"],
      }),
    ),
    tm_expire: Type.Optional(
      Type.String({
        description: `After this it is no longer tried: 24 hours unless given, at most ${HORIZON_DAYS} days after the time of sending. ${TIME_FORMS}`,
      }),
    ),
    medias: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.String({
            description: `At most ${MEDIA_TYPE_MAX} characters.`,
            examples: ["image/jpeg"],
          }),
          url: Type.String({
            description: `\`http\` or \`https\`; at most ${MEDIA_URL_MAX.toLocaleString("en")} characters.`,
            examples: ["https://example.com/cat.jpg"],
          }),
        }),
        {
          description: `Makes an MMS of it: at most ${MEDIAS_MAX}. Refused with NO_ROUTE as long as no carrier takes MMS.`,
        },
      ),
    ),
  },
  {
    description: "Who sends what to whom.",
    examples: [
      {
        source: { type: "tel", target: "+821028286521" },
        destinations: [{ type: "tel", target: "+31616818985" }],
        text: "hello, this is test message",
      },
    ],
  },
);
