import { isPhoneNumber, normaliseTel } from "../../domain/address.ts";
import type { Clock } from "../../domain/clock.ts";
import type { CustomerId, Ids, NumberId } from "../../domain/ids.ts";
import type { OwnedNumber } from "../../domain/owned-number.ts";
import type { DirectoryStore } from "../../store/directory.ts";
import type { NumberStore } from "../../store/numbering.ts";
import type { Audit } from "../audit.ts";
import type { Guard } from "../auth/guard.ts";
import { noSuchCustomer } from "../customer-records.ts";
import { type Door, principalOf } from "../door.ts";
import { Refusal } from "../errors.ts";
import type { InTurn } from "../in-turn.ts";
import { NUMBERS_PER_CUSTOMER_MAX, PAGE_SIZE_MAX } from "../limits.ts";
import { numberTaken, ownerFor } from "../number-records.ts";
import { viewNumber } from "../number-view.ts";
import { readOptOutSettings } from "../opt-out-settings.ts";
import { answers } from "../schemas/answers.ts";
import { NumberCreateBody } from "../schemas/number.ts";
import { reference } from "../schemas/reference.ts";

interface NumbersCreateDeps {
  readonly guard: Guard;
  readonly audit: Audit;
  readonly store: Pick<NumberStore, "putNumber" | "listNumbers"> & Pick<DirectoryStore, "getCustomer">;
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly ids: Ids;
}

const schema = {
  tags: ["Numbers"],
  summary: "Add a number",
  description:
    "What handsets write to it is yours from now on, and if it is an international number (7 to 15 digits, no 0 at the front) nobody " +
    "else sends from it. A number has one owner; an administrator can give it to another by PUT with `customer_id`.",
  body: NumberCreateBody,
  response: answers("The new number.", reference("Number")),
};

/** `POST /v1.0/numbers`: a number of the customer's, or with an administrator of any customer's. */
export function numbersCreate(door: Door, deps: NumbersCreateDeps): void {
  const { guard, store, inTurn, clock, ids, audit } = deps;
  door.post("/v1.0/numbers", { schema, onRequest: guard.customer }, async (request) => {
    const { type = "normal", name = "", detail = "", opt_out = null, customer_id } = request.body;
    const number = readNumber(request.body.number, type);
    const principal = principalOf(request);
    const customerId = await ownerFor(store, principal, customer_id);
    const now = clock.now();
    const owned: OwnedNumber = {
      id: ids.at(now) as NumberId, // branded: just made
      customerId,
      number,
      type,
      name,
      detail,
      optOut: readOptOutSettings(opt_out),
      tmCreate: now,
      tmUpdate: null,
      tmDelete: null,
    };
    await inTurn(`numbers ${customerId}`, async () => {
      await requireRoom(store, customerId);
      const outcome = await store.putNumber(owned);
      if (outcome === "no_owner") throw noSuchCustomer(); // deleted since the request was let in
      if (outcome === "refused") throw numberTaken();
    });
    if (customerId !== principal.customerId)
      await audit(principal, "number.added", owned.id, { customer_id: customerId });
    return viewNumber(owned);
  });
}

/** VoIPBIN's virtual numbers stand under a country code that nobody has. */
const VIRTUAL_START = "+899";

function readNumber(text: string, type: OwnedNumber["type"]): string {
  const number = normaliseTel(text);
  if (!isPhoneNumber(number)) throw wrongNumber("number is no phone number");
  if ((type === "virtual") !== number.startsWith(VIRTUAL_START)) {
    throw wrongNumber(`a virtual number begins with ${VIRTUAL_START}, and no other one does`);
  }
  return number;
}

function wrongNumber(message: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", message, { field: "number" });
}

async function requireRoom(store: NumbersCreateDeps["store"], customerId: CustomerId): Promise<void> {
  let before: string | null = null;
  for (let seen = 0; seen < NUMBERS_PER_CUSTOMER_MAX; seen += PAGE_SIZE_MAX) {
    const page: readonly OwnedNumber[] = await store.listNumbers(customerId, {
      before,
      limit: PAGE_SIZE_MAX,
    });
    if (page.length < PAGE_SIZE_MAX) return;
    before = page.at(-1)?.id ?? null;
  }
  const limit = NUMBERS_PER_CUSTOMER_MAX.toLocaleString("en");
  throw new Refusal("LIMIT_REACHED", `there may be ${limit} numbers at most: delete one first`);
}
