import { isPhoneNumber, normaliseTel } from "../../domain/address.ts";
import type { Clock } from "../../domain/clock.ts";
import { maskNumber } from "../../domain/logger.ts";
import type { ErasureStore } from "../../store/erasing.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import { ERASED_ROWS_PER_REQUEST } from "../limits.ts";
import { answers } from "../schemas/answers.ts";
import { ErasureBody, ErasureSchema } from "../schemas/erasure.ts";

interface ErasuresCreateDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly store: ErasureStore;
  readonly clock: Clock;
}

const schema = {
  tags: ["Administration"],
  summary: "Erase a phone number",
  description:
    "Takes a number out of every customer's records for good, a bounded piece with each request: ask again while `more` is true. It goes on where it was, whoever asks; after a pause of more than a minute it then goes through everything once more, for what came meanwhile.",
  body: ErasureBody,
  response: answers("What this request erased.", ErasureSchema),
};

/** `POST /v1.0/erasures` (admin): the number is in the body, for paths are kept in logs of proxies. */
export function erasuresCreate(door: Door, { guard, audit, store, clock }: ErasuresCreateDeps): void {
  door.post("/v1.0/erasures", { schema, onRequest: guard.admin }, async (request) => {
    const number = normaliseTel(request.body.number);
    if (!isPhoneNumber(number))
      throw new Refusal("INVALID_ARGUMENT", "number is no phone number", { field: "number" });
    const erased = await store.eraseNumber(number, clock.now(), ERASED_ROWS_PER_REQUEST);
    const { messages, targets, parts, optOuts, more } = erased;
    if (!more) await audit(principalOf(request), "number.erased", maskNumber(number));
    return { messages, targets, parts, opt_outs: optOuts, more };
  });
}
