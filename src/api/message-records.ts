import { Refusal } from "./errors.ts";

/** The refusal for a message that is unknown, deleted or foreign: all three alike (promise P7). */
export function noSuchMessage(): Refusal {
  return new Refusal("MESSAGE_NOT_FOUND", "there is no such message");
}
