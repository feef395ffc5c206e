import { expect, it } from "vitest";
import { LEASE_FROM_BIRTH_MICROS, ReservedDeliveries } from "./reserved-deliveries.ts";

const NOW = 1_000_000_000;
const LATER = NOW + 5_000_000;
const NO_BYTES = new Uint8Array(16);

function made(eventId: string, madeAt = NOW) {
  const [customer, message, event] = [NO_BYTES, NO_BYTES, NO_BYTES];
  return { customer, message, customerId: "c", messageId: "m", event, eventId, madeAt, isErased: false };
}

/** Reservations with one of an endpoint `e`, as a commit left it. */
function reserved(): ReservedDeliveries {
  const deliveries = new ReservedDeliveries();
  deliveries.reserve("e", LATER);
  deliveries.afterCommit();
  return deliveries;
}

/** Takes all that is left. */
function takeAll(deliveries: ReservedDeliveries, now = NOW, endpointId = "e"): string[] {
  const taken = [];
  for (let next; (next = deliveries.next(endpointId, now)) !== undefined;) {
    taken.push(next.eventId);
    deliveries.take(endpointId);
  }
  return taken;
}

it("keeps what is made while the reservation lasts, in order, and hands it out once", () => {
  const deliveries = reserved();
  expect(deliveries.keep("e", made("1"))).toBe(true);
  expect(deliveries.keep("e", made("2", LATER))).toBe(true);
  expect(deliveries.keep("e", made("3", LATER + 1))).toBe(false);
  expect(deliveries.keep("another", made("4"))).toBe(false);
  deliveries.afterCommit();
  expect(takeAll(deliveries)).toEqual(["1", "2"]);
  deliveries.afterCommit();
  expect(takeAll(deliveries)).toEqual([]);
  deliveries.reserve("e", LATER + 1);
  expect(deliveries.keep("e", made("3", LATER + 1))).toBe(true);
  expect(takeAll(deliveries)).toEqual(["3"]);
});

it("passes over what is due again because its lease has ended", () => {
  const deliveries = reserved();
  deliveries.keep("e", made("1"));
  deliveries.keep("e", made("2", NOW + 1));
  expect(takeAll(deliveries, NOW + LEASE_FROM_BIRTH_MICROS)).toEqual(["2"]);
});

it("undoes what a transaction kept and handed out when it is rolled back, and nothing before it", () => {
  const deliveries = reserved();
  for (const id of ["1", "2", "3"]) deliveries.keep("e", made(id));
  deliveries.take("e");
  deliveries.afterCommit();
  deliveries.keep("e", made("4"));
  expect(takeAll(deliveries)).toEqual(["2", "3", "4"]);
  deliveries.afterRollback();
  expect(takeAll(deliveries)).toEqual(["2", "3"]);
});

it("keeps so many of one endpoint that nobody claims, and no more", () => {
  const deliveries = reserved();
  let kept = 0;
  while (deliveries.keep("e", made(String(kept)))) kept++;
  expect(kept).toBe(2_000);
  deliveries.take("e");
  expect(deliveries.keep("e", made("last"))).toBe(true);
  deliveries.forget("e");
  expect(deliveries.keep("e", made("gone"))).toBe(false);
  expect(takeAll(deliveries)).toEqual([]);
});

it("keeps so many of all endpoints together", () => {
  const deliveries = new ReservedDeliveries();
  let kept = 0;
  for (let index = 0; index < 20; index++) {
    deliveries.reserve(`e${index}`, LATER);
    while (deliveries.keep(`e${index}`, made(String(kept)))) kept++;
  }
  expect(kept).toBe(20_000);
  const keepsOne = () => deliveries.keep("e0", made("one"));
  deliveries.afterCommit();
  deliveries.take("e0");
  deliveries.afterRollback();
  expect(keepsOne()).toBe(false);
  deliveries.forget("e1");
  deliveries.take("e0");
  expect([keepsOne(), keepsOne()]).toEqual([true, false]); // of one endpoint, again
});

it("tells of what was erased since it was made", () => {
  const deliveries = reserved();
  deliveries.keep("e", made("1"));
  deliveries.keep("e", made("2"));
  deliveries.erased("e", "2");
  deliveries.erased("e", "never made");
  deliveries.erased("another", "1");
  expect(deliveries.next("e", NOW)?.isErased).toBe(false);
  deliveries.take("e");
  expect(deliveries.next("e", NOW)?.isErased).toBe(true);
});

it("has so many reservations, and gives up those that end before a new one and keep nothing that is leased", () => {
  const deliveries = new ReservedDeliveries();
  for (let index = 0; index < 1_000; index++) deliveries.reserve(`e${index}`, LATER);
  deliveries.reserve("late", LATER);
  expect(deliveries.keep("late", made("1"))).toBe(false);
  deliveries.keep("e7", made("2"));
  deliveries.afterCommit();
  deliveries.take("e7");
  deliveries.reserve("late", LATER + 1);
  expect(deliveries.keep("late", made("3"))).toBe(true);
  expect(deliveries.keep("e8", made("4"))).toBe(false);
  deliveries.afterRollback();
  expect(deliveries.next("e7", NOW)?.eventId).toBe("2"); // what was taken may come back, so it was not given up
  const muchLater = LATER + LEASE_FROM_BIRTH_MICROS + 1;
  for (let index = 0; index < 1_000; index++) deliveries.reserve(`f${index}`, muchLater);
  expect(deliveries.next("e7", NOW)).toBeUndefined();
});
