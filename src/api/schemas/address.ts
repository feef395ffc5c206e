import { Type } from "typebox";
import { ADDRESS_TYPE_MAX, ADDRESS_WORDS_MAX } from "../../accept/accept-limits.ts";

const Words = Type.Optional(Type.String({ description: `At most ${ADDRESS_WORDS_MAX} characters.` }));

/** An address as clients write it: all keys but its target may be missing. */
export const AddressBody = Type.Object({
  type: Type.Optional(
    Type.String({ description: `\`tel\` when missing or empty; at most ${ADDRESS_TYPE_MAX} characters.` }),
  ),
  target: Type.String({
    description:
      "A phone number: 3 to 15 digits, a + in front of an international one; spaces and `- . ( ) /` between them are left out. Or for a source the name that is shown: up to 11 characters.",
    examples: ["+31616818985"],
  }),
  target_name: Words,
  name: Words,
  detail: Words,
});

/** An address as it is answered: all five keys, empty when unset. */
export const AddressSchema = Type.Object(
  {
    type: Type.String({ examples: ["tel"] }),
    target: Type.String({ examples: ["+31616818985"] }),
    target_name: Type.String(),
    name: Type.String(),
    detail: Type.String(),
  },
  { $id: "Address", description: "Who sends or receives." },
);
