import { Type } from "typebox";

/** In lists that show administrators what is everybody's. */
export const ListedCustomer = Type.String({
  description: "The username of whose it is; in an administrator's lists of everybody's only.",
});
