import { type CarrierId, isUuid } from "../domain/ids.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import type { HeldPage, HeldPlace, HeldQuery, HoldStore } from "../store/holding.ts";
import type { CarrierDesk } from "./carrier-desk.ts";
import { REMOVED } from "./carrier-names.ts";
import type { Parameter } from "./door.ts";
import { Refusal } from "./errors.ts";
import { SEARCH_CALLS_MAX } from "./limits.ts";
import { readParameter } from "./query.ts";
import { PAGE_SIZE_PARAMETER } from "./schemas/parameters.ts";
import { whoseParameter } from "./whose.ts";

const CARRIER: Parameter = {
  in: "query",
  name: "carrier",
  description: "Only what this carrier holds, by its name or its id. One that was removed has its id alone.",
  schema: { type: "string" },
};

const REST: readonly Parameter[] = [
  whoseParameter("For administrators: only this customer's."),
  {
    in: "query",
    name: "page_token",
    description: "The `next_page_token` of the answer before.",
    schema: { type: "string" },
  },
];

/** What the list of held targets may be told. */
export const HELD_LIST_PARAMETERS: readonly Parameter[] = [PAGE_SIZE_PARAMETER, CARRIER, ...REST];

/** What a decision about held targets is told. */
export const HELD_DECISION_PARAMETERS: readonly Parameter[] = [{ ...CARRIER, isRequired: true }, ...REST];

interface NamedCarrier {
  readonly id: CarrierId;
  readonly name: string;
}

/** The carrier that a query names; null when it names none. */
export async function readCarrier(
  carriers: Pick<CarrierDesk, "list">,
  query: unknown,
): Promise<NamedCarrier | null> {
  const named = readParameter(query, "carrier");
  if (named === "") return null;
  const accounts = (await carriers.list()).map(({ account }) => account);
  const found = accounts.find(({ id, name }) => name === named || id === named.toLowerCase());
  if (found !== undefined) return found;
  if (isUuid(named)) return { id: named.toLowerCase() as CarrierId, name: REMOVED }; // it may hold something still
  throw new Refusal("RESOURCE_NOT_FOUND", "there is no such carrier");
}

/** Reads the token of a page of what this carrier holds, or with null every one; null for the first page. */
export function readHeldPlace(
  query: unknown,
  carrierId: CarrierId | null,
  secretBox: SecretBox,
): HeldPlace | null {
  const token = readParameter(query, "page_token");
  if (token === "") return null;
  const place = openToken(token, secretBox);
  if (place !== null && (carrierId === null || place.carrierId === carrierId)) return place;
  const message = "page_token must be the next_page_token of an earlier page, for the same carrier";
  throw new Refusal("INVALID_REQUEST_PARAMETER", message, { field: "page_token" });
}

function openToken(token: string, secretBox: SecretBox): HeldPlace | null {
  try {
    return JSON.parse(secretBox.open(token)) as HeldPlace; // sealed, so it is ours
  } catch {
    return null;
  }
}

/**
 * The token of the page that begins after a place; empty where there is none. It is sealed: the place where a look for one
 * customer's targets ended may be another customer's.
 */
export function heldToken(next: HeldPlace | null, secretBox: SecretBox): string {
  return next === null ? "" : secretBox.seal(JSON.stringify(next));
}

/** Looks on until something is found, the end is reached, or it has looked through very much: clients stop at an empty page. */
export async function heldPage(store: Pick<HoldStore, "heldTargets">, query: HeldQuery): Promise<HeldPage> {
  let page = await store.heldTargets(query);
  for (let calls = 1; calls < SEARCH_CALLS_MAX; calls++) {
    if (page.targets.length > 0 || page.next === null) return page;
    page = await store.heldTargets({ ...query, after: page.next });
  }
  return page;
}
