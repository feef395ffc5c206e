import { Type } from "typebox";
import { AddressBody } from "./address.ts";

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
