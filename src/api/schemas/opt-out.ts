import { Type } from "typebox";
import { Time } from "./time.ts";

const number = Type.String({
  minLength: 1,
  maxLength: 64,
  description:
    "In international form, with its plus or without. Written with 00 in front, or as a national number, it is another one.",
});

export const OptOutBody = Type.Object(
  {
    sender: Type.String({
      minLength: 1,
      maxLength: 64,
      description: "A number or a name that you send from.",
    }),
    handset: number,
  },
  { examples: [{ sender: "+14155551234", handset: "+31616818985" }] },
);

export const OptOutSchema = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    customer_id: Type.String({ format: "uuid" }),
    sender: Type.String(),
    handset: Type.String(),
    status: Type.String({ enum: ["lasting", "ended"] }),
    began_by: Type.String({ description: "`keyword:STOP`, `api`, …" }),
    ended_by: Type.String({ description: "`keyword:START`, `api`, …; empty while it lasts." }),
    tm_begin: Time,
    tm_end: Time,
  },
  {
    $id: "OptOut",
    description:
      "A period in which a handset wants no messages from a sender. Periods are ended and never removed.",
  },
);
