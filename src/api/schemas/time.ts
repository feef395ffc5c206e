import { Type } from "typebox";
import { NEVER } from "../../domain/micros.ts";

/** A time as the contract writes it; no `date-time`, for that would ask for a `T`. */
export const Time = Type.String({
  description: `UTC; \`${NEVER}\` means not set.`,
  examples: ["2022-03-13 15:11:05.235717"],
});
