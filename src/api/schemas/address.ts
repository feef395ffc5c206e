import { Type } from "typebox";

/** An address as clients write it: all keys but its target may be missing. */
export const AddressBody = Type.Object({
  type: Type.Optional(Type.String({ description: "`tel` when missing or empty." })),
  target: Type.String({
    description: "A phone number, or for a source the name that is shown.",
    examples: ["+31616818985"],
  }),
  target_name: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
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
