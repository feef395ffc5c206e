import { expect } from "vitest";
import type { CustomerId, MessageId } from "../../src/domain/ids.ts";
import type { TrailEntry } from "../../src/domain/trail.ts";
import type { Store } from "../../src/store/store.ts";
import type { ApiClient, ApiMessage } from "./api-client.ts";
import type { Receiver } from "./receiver.ts";
import { eventually } from "./service.ts";

const FINAL_WITHIN_MS = 60_000;
/** What a trail says of a target whose outcome a crash or a lost connection left unknown. */
const UNKNOWN_OUTCOME = new Set(["in_flight_at_crash", "unknown_outcome"]);
const ORDER = ["queued", "sent", "delivered"];

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
  readonly receiver: Receiver;
  /** How many parts the carriers took for each number, by its digits. */
  readonly submitted: ReadonlyMap<string, number>;
  /** Ends the service and opens the store that it left behind. */
  readonly openStore: () => Promise<Store & AsyncDisposable>;
}

/**
 * P1 and P2 (nothing accepted is lost, every final status is announced), P3 (what was sent twice was marked), P4 (no status
 * goes back), P5 (an event keeps its id).
 */
export async function expectBooksToBalance({
  api,
  orders,
  texts,
  receiver,
  submitted,
  openStore,
}: Books): Promise<void> {
  const messages: ApiMessage[] = [];
  for (const { id } of orders) {
    messages.push(await eventually(() => api.message(String(id)), isDelivered, FINAL_WITHIN_MS));
  }
  expect(new Set(messages.map(({ id }) => id)).size).toBe(orders.length);
  const listed = await listAll(api);
  const outbound = listed.filter(({ direction }) => direction === "outbound").map(({ id }) => id);
  expect(outbound.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
  await expectTextsToHaveArrived(api, texts);

  const inbound = listed.filter(({ direction }) => direction === "inbound").map(({ id }) => id);
  const told = (): ReadonlySet<string> => new Set(receiver.events.map(({ message }) => message.id));
  await eventually(
    () => {
      const known = told(); // once: a set of all events for each message would keep this process from receiving them
      return inbound.filter((id) => !known.has(id));
    },
    (untold) => untold.length === 0,
    FINAL_WITHIN_MS,
  );
  const announced = (): readonly string[] => [
    ...new Set(
      receiver.events.filter(({ message }) => isDelivered(message)).map(({ message }) => message.id),
    ),
  ];
  await eventually(
    () => orders.length - announced().length,
    (missing) => missing === 0,
    FINAL_WITHIN_MS,
  );
  expectEventsToKeepTheirIds(receiver);
  expectStatusesToMoveForward(receiver);

  const customerId = await api.succeed<{ id: string }>("GET", "/v1.0/customer");
  await expectRepeatsToBeMarked({
    openStore,
    customerId: customerId.id as CustomerId,
    messages,
    submitted,
  });
}

/** At least once each: SMPP gives a text no id by which a repeat could be known. */
async function expectTextsToHaveArrived(api: ApiClient, texts: readonly string[]): Promise<void> {
  const missing = async (): Promise<readonly string[]> => {
    const arrived = new Set((await listAll(api)).map(({ text }) => text));
    return texts.filter((text) => !arrived.has(text));
  };
  await eventually(missing, (left) => left.length === 0, FINAL_WITHIN_MS);
}

async function listAll(api: ApiClient): Promise<readonly ApiMessage[]> {
  const messages: ApiMessage[] = [];
  for (let token = ""; ;) {
    const path = `/v1.0/messages?page_size=100${token === "" ? "" : `&page_token=${encodeURIComponent(token)}`}`;
    const page = await api.succeed<{ result: readonly ApiMessage[]; next_page_token: string }>("GET", path);
    if (page.result.length === 0) return messages;
    messages.push(...page.result);
    token = page.next_page_token;
  }
}

function expectEventsToKeepTheirIds({ events }: Receiver): void {
  const subjects = new Map<string, string>();
  for (const { id, type, message } of events) {
    const subject = `${type} ${message.id}`;
    expect(subjects.get(id) ?? subject).toBe(subject);
    subjects.set(id, subject);
  }
}

function expectStatusesToMoveForward({ events }: Receiver): void {
  const furthest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { id, message } of events) {
    if (message.direction === "inbound" || seen.has(id)) continue; // a repeated attempt tells again what it told before
    seen.add(id);
    for (const { destination, status } of message.targets) {
      const rank = ORDER.indexOf(status);
      expect(rank).toBeGreaterThanOrEqual(furthest.get(destination.target) ?? 0);
      furthest.set(destination.target, rank);
    }
  }
}

interface Sendings {
  readonly openStore: Books["openStore"];
  readonly customerId: CustomerId;
  readonly messages: readonly ApiMessage[];
  readonly submitted: ReadonlyMap<string, number>;
}

async function expectRepeatsToBeMarked({
  openStore,
  customerId,
  messages,
  submitted,
}: Sendings): Promise<void> {
  await using store = await openStore();
  let repeated = 0;
  for (const message of messages) {
    const trails = await store.getTrails({ customerId, messageId: message.id as MessageId });
    for (const [n, target] of message.targets.entries()) {
      const times = submitted.get(digits(target.destination.target)) ?? 0;
      expect(times).toBeGreaterThanOrEqual(target.parts);
      if (times === target.parts) continue;
      repeated++;
      expect(trails?.[n]?.some(isOfUnknownOutcome), `${message.id} target ${n} was sent ${times} times`).toBe(
        true,
      );
    }
  }
  console.log(`the books: ${messages.length} messages, ${repeated} targets sent twice, each of them marked`);
}

function isOfUnknownOutcome({ what }: TrailEntry): boolean {
  return UNKNOWN_OUTCOME.has(what);
}

function isDelivered(message: Pick<ApiMessage, "targets"> | Receiver["events"][number]["message"]): boolean {
  return message.targets.every(({ status }) => status === "delivered");
}

/** A number as carriers write it. */
export function digits(number: string): string {
  return number.replace(/\D/g, "");
}
