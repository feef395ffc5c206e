import { Type } from "typebox";
import { HANDSET_TEXT_MAX_CHARACTERS } from "../limits.ts";
import { Time } from "./time.ts";

export const HandsetWriteBody = Type.Object(
  {
    to: Type.String({ minLength: 1, maxLength: 64, description: "The number it writes to: one of ours." }),
    text: Type.String({ minLength: 1, maxLength: HANDSET_TEXT_MAX_CHARACTERS }),
  },
  { examples: [{ to: "+14155551234", text: "STOP" }] },
);

export const HandsetMessageSchema = Type.Object(
  {
    from: Type.String(),
    text: Type.String(),
    data: Type.String({ description: "Hex, of a binary message." }),
    encoding: Type.String(),
    flash: Type.Boolean(),
    parts: Type.Integer(),
    tm_create: Time,
  },
  { $id: "HandsetMessage", description: "A message that a simulated handset shows." },
);
