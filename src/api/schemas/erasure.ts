import { Type } from "typebox";

export const ErasureBody = Type.Object(
  { number: Type.String({ minLength: 1, maxLength: 64 }) },
  { examples: [{ number: "+31616818985" }] },
);

export const ErasureSchema = Type.Object({
  messages: Type.Integer({
    description:
      "Messages that lost the number and their text, or lose that once nobody else is left to be sent it.",
  }),
  targets: Type.Integer(),
  parts: Type.Integer({ description: "Kept parts of messages that were never whole." }),
  opt_outs: Type.Integer(),
  more: Type.Boolean({ description: "Whether there is more to look through: ask again until there is not." }),
});
