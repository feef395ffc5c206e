import { type CarrierId, isUuid, type MessageId } from "../domain/ids.ts";
import type { HeldPage, HeldPlace, HeldQuery, HoldStore } from "../store/holding.ts";
import type { CarrierDesk } from "./carrier-desk.ts";
import type { Parameter } from "./door.ts";
import { Refusal } from "./errors.ts";
import { SEARCH_CALLS_MAX } from "./limits.ts";
import { readParameter } from "./query.ts";
import { PAGE_SIZE_PARAMETER } from "./schemas/parameters.ts";
import { whoseParameter } from "./whose.ts";

/** What a list of held targets, and a decision about them, may be told. */
export const HELD_PARAMETERS: readonly Parameter[] = [
  {
    in: "query",
    name: "carrier",
    description:
      "Only what this carrier holds, by its name or its id. One that was removed has its id alone.",
    schema: { type: "string" },
  },
  whoseParameter("For administrators: only this customer's."),
  {
    in: "query",
    name: "page_token",
    description: "The `next_page_token` of the answer before.",
    schema: { type: "string" },
  },
];

/** With the size of a page. */
export const HELD_PAGE_PARAMETERS: readonly Parameter[] = [PAGE_SIZE_PARAMETER, ...HELD_PARAMETERS];

/** The carrier that a query names; null when it names none. */
export async function readCarrier(
  carriers: Pick<CarrierDesk, "list">,
  query: unknown,
): Promise<CarrierId | null> {
  const named = readParameter(query, "carrier");
  if (named === "") return null;
  const accounts = (await carriers.list()).map(({ account }) => account);
  const found = accounts.find(({ id, name }) => name === named || id === named.toLowerCase());
  if (found !== undefined) return found.id;
  if (isUuid(named)) return named.toLowerCase() as CarrierId; // one that was removed may hold something still
  throw new Refusal("RESOURCE_NOT_FOUND", "there is no such carrier");
}

/** Reads the token of a page; null for the first one. */
export function readHeldPlace(query: unknown): HeldPlace | null {
  const token = readParameter(query, "page_token");
  if (token === "") return null;
  const [carrierId = "", messageId = "", n = "", ...rest] = token.toLowerCase().split("_");
  if (!isUuid(carrierId) || !isUuid(messageId) || !/^(?:-1|\d{1,9})$/.test(n) || rest.length > 0) {
    const field = "page_token";
    const message = "page_token must be the next_page_token of an earlier page";
    throw new Refusal("INVALID_REQUEST_PARAMETER", message, { field });
  }
  return { carrierId: carrierId as CarrierId, messageId: messageId as MessageId, n: Number(n) }; // just checked
}

/** The token of the page that begins after a place; empty where there is none. */
export function heldToken(next: HeldPlace | null): string {
  return next === null ? "" : `${next.carrierId}_${next.messageId}_${next.n}`;
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
