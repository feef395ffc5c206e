import { expect } from "vitest";
import type { CustomerId, MessageId } from "../../src/domain/ids.ts";
import type { TrailEntry } from "../../src/domain/trail.ts";
import type { Store } from "../../src/store/store.ts";
import type { ApiClient, ApiMessage } from "./api-client.ts";
import type { EventBook } from "./event-book.ts";
import { eventually } from "./service.ts";
import type { SubmitWitness } from "./submit-witness.ts";

const FINAL_WITHIN_MS = 240_000;
/** Characters of a text that goes in one part. */
const ONE_PART = 160;
/** What a trail says of a target whose outcome a crash or a lost connection left unknown. */
const UNKNOWN_OUTCOME = new Set(["in_flight_at_crash", "unknown_outcome"]);

/** A message that a client insists on: it repeats the request under the same key until it is answered. */
export interface Order {
  readonly key: string;
  readonly destinations: readonly string[];
  readonly text: string;
  id: string | null;
}

/** What the world outside knows after a run. */
export interface Books {
  readonly api: ApiClient;
  readonly orders: readonly Order[];
  /** What handsets wrote. */
  readonly texts: readonly string[];
  /** What the webhook was told. */
  readonly told: EventBook;
  readonly witness: SubmitWitness;
  /** Carriers by the names under which the witness knows them. */
  readonly carriers: readonly string[];
  /** Ends the service and opens the store that it left behind. */
  readonly openStore: () => Promise<Store & AsyncDisposable>;
}

/**
 * P1 and P2 (nothing accepted is lost, every final status is announced), P3 (what was sent twice was marked, as often as it
 * was sent again), P4 (no status goes back), P5 (an event keeps its id).
 */
export async function expectBooksToBalance(books: Books): Promise<void> {
  const { api, orders, texts, told } = books;
  const messages: ApiMessage[] = [];
  for (const { id } of orders)
    messages.push(await eventually(() => api.message(String(id)), isDelivered, FINAL_WITHIN_MS));
  expect(new Set(messages.map(({ id }) => id)).size).toBe(orders.length);
  for (const [index, { targets }] of messages.entries())
    expect(targets.map(({ destination }) => destination.target)).toEqual(orders[index]?.destinations);

  await expectTextsToHaveArrived(api, texts);
  const listed = await listAll(api);
  expectPartsToBeKnownAgain(listed, texts);
  const outbound = listed.filter(({ direction }) => direction === "outbound").map(({ id }) => id);
  expect(outbound.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());

  await untilKnown(outbound, () => told.delivered);
  await untilKnown(
    listed.map(({ id }) => id),
    () => told.created,
  );
  expect(told.wrongs).toEqual([]);
  await expectRepeatsToBeMarked(books, messages);
}

async function untilKnown(ids: readonly string[], known: () => ReadonlySet<string>): Promise<void> {
  await eventually(
    () => ids.filter((id) => !known().has(id)),
    (left) => left.length === 0,
    FINAL_WITHIN_MS,
  );
}

/** At least once each: SMPP gives a text no id by which a repeat could be known. */
async function expectTextsToHaveArrived(api: ApiClient, texts: readonly string[]): Promise<void> {
  const missing = async (): Promise<readonly string[]> => {
    const arrived = new Set((await listAll(api)).map(({ text }) => text));
    return texts.filter((text) => !arrived.has(text));
  };
  await eventually(missing, (left) => left.length === 0, FINAL_WITHIN_MS);
}

/** Texts in parts once each, whatever a carrier repeats: their parts are known again. */
function expectPartsToBeKnownAgain(listed: readonly Listed[], texts: readonly string[]): void {
  const inParts = texts.filter(({ length }) => length > ONE_PART);
  const wanted = new Set(inParts);
  const arrived = listed.map(({ text }) => text).filter((text) => wanted.has(text));
  expect(arrived.toSorted()).toEqual(inParts.toSorted());
}

type Listed = Pick<ApiMessage, "id" | "direction" | "text">;

async function listAll(api: ApiClient): Promise<readonly Listed[]> {
  const messages: Listed[] = [];
  for (let token = ""; ;) {
    const path = `/v1.0/messages?page_size=100${token === "" ? "" : `&page_token=${encodeURIComponent(token)}`}`;
    const page = await api.succeed<{ result: readonly ApiMessage[]; next_page_token: string }>("GET", path);
    if (page.result.length === 0) return messages;
    messages.push(...page.result.map(({ id, direction, text }) => ({ id, direction, text })));
    token = page.next_page_token;
  }
}

async function expectRepeatsToBeMarked(books: Books, messages: readonly ApiMessage[]): Promise<void> {
  const { api, witness, openStore } = books;
  const customer = await api.succeed<{ id: string }>("GET", "/v1.0/customer");
  const names = await carrierNames(api);
  await using store = await openStore();
  let repeated = 0;
  for (const { id, targets } of messages) {
    const trails = await store.getTrails({
      customerId: customer.id as CustomerId,
      messageId: id as MessageId,
    });
    for (const [n, target] of targets.entries()) {
      const number = target.destination.target;
      expect(witness.taken(number), `${id} target ${n} was taken`).toBeGreaterThanOrEqual(target.parts);
      const marks = (trails?.[n] ?? []).filter(isOfUnknownOutcome);
      for (const carrier of books.carriers) {
        const again = witness.sent(carrier, number) - target.parts;
        if (again <= 0) continue;
        repeated++;
        const allowed =
          target.parts * marks.filter((mark) => names.get(mark.carrier ?? "") === carrier).length;
        expect(again, `parts of ${id} target ${n} sent again at ${carrier}`).toBeLessThanOrEqual(allowed);
      }
    }
  }
  console.log(`the books: ${messages.length} messages, ${repeated} targets sent twice, each of them marked`);
}

async function carrierNames(api: ApiClient): Promise<ReadonlyMap<string, string>> {
  const { result } = await api.succeed<{ result: readonly { id: string; name: string }[] }>(
    "GET",
    "/v1.0/carriers",
  );
  return new Map(result.map(({ id, name }) => [id, name]));
}

function isOfUnknownOutcome({ what }: TrailEntry): boolean {
  return UNKNOWN_OUTCOME.has(what);
}

function isDelivered(message: Pick<ApiMessage, "targets">): boolean {
  return message.targets.every(({ status }) => status === "delivered");
}
