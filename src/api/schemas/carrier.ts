import { Type } from "typebox";
import { CARRIER_URL_MAX_CHARACTERS } from "../../domain/carrier-account.ts";
import { Time } from "./time.ts";

export const CARRIER_NAME_PATTERN = "^[a-z0-9]+(?:-[a-z0-9]+)*$";

const Name = Type.String({ minLength: 1, maxLength: 40, pattern: CARRIER_NAME_PATTERN });

const FORM = "`smpp://id:secret@host:2775?bind=trx&window=50&tps=100`, `smpps://…`";

export const CarrierBody = Type.Object(
  { name: Name, url: urlOf(FORM) },
  { examples: [{ name: "north", url: "smpp://id:secret@smsc.example.com:2775?window=50" }] },
);

export const CarrierUpdateBody = Type.Object(
  {
    name: Type.Optional(Name),
    url: Type.Optional(
      urlOf(
        `${FORM}: the whole of it, for keys that are left out get their defaults. \`***\` for a password keeps the stored one, where scheme, host, port and system id stay.`,
      ),
    ),
  },
  { examples: [{ url: "smpp://id:***@smsc.example.com:2775?window=100" }] },
);

function urlOf(description: string) {
  return Type.String({ minLength: 1, maxLength: CARRIER_URL_MAX_CHARACTERS, description });
}

export const CarrierSchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    name: Type.String(),
    kind: Type.String({ examples: ["smpp"] }),
    url: Type.String({ description: "Without its secrets." }),
    health: Type.Union([
      Type.Object({
        state: Type.String({
          enum: ["connecting", "up", "throttled", "silent", "down", "stopped"],
          description: "`silent`: it is bound and left the last messages unanswered.",
        }),
        detail: Type.String(),
        lanes: Type.Integer(),
        window_used: Type.Integer(),
        window_size: Type.Integer(),
      }),
      Type.Null(),
    ]),
    queue: Type.Object({
      waiting: Type.Integer({ description: "Above 10,000 it may be an estimate, a few percent off." }),
      in_flight: Type.Integer(),
      held: Type.Integer(),
      tm_oldest_due: Time,
    }),
    tm_create: Time,
    tm_update: Time,
  },
  {
    $id: "Carrier",
    description: "An account at a carrier. `health` is null in a process that does not run it.",
  },
);
