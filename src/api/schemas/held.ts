import { Type } from "typebox";
import { Time } from "./time.ts";

export const HeldSchema = Type.Object(
  {
    message_id: Type.String({ format: "uuid" }),
    target: Type.Integer({ description: "Which target of the message, from 0." }),
    customer_id: Type.String({ format: "uuid" }),
    customer: Type.String({ description: "The customer's username." }),
    carrier_id: Type.String({ format: "uuid" }),
    carrier: Type.String({ description: "The carrier's name; `removed` for one that is gone." }),
    removed_carrier: Type.Optional(Type.String({ description: "What that one was called, if it is known." })),
    destination: Type.String(),
    reason: Type.String({
      description:
        "`in_flight_at_crash`: its process died. `unknown_outcome`: the carrier did not answer, or its bind broke.",
    }),
    attempts: Type.Integer({ description: "How often it was on its way to this carrier." }),
    tm_held: Time,
    tm_expire: Time,
  },
  {
    $id: "Held",
    description:
      "A target of which nobody knows whether the carrier took it. If nobody decides, it ends as `dlr_timeout` at `tm_expire`.",
  },
);

export const HeldDecisionSchema = Type.Object({
  targets: Type.Integer({ description: "How many this request decided about." }),
  next_page_token: Type.String({
    description: "Give it back as `page_token` to go on; empty when all were seen.",
  }),
});
