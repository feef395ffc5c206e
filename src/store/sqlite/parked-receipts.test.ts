import { expect, it } from "vitest";
import { StoreUnavailable } from "../../domain/store-unavailable.ts";
import { openEmptyDatabase } from "./fixtures/empty-database.ts";
import { createRequests } from "./fixtures/requests.ts";
import { idToBytes } from "./id-bytes.ts";
import { ParkedReceipts } from "./parked-receipts.ts";

it("parks as many as its limit and refuses one more, until there is room again", () => {
  using database = openEmptyDatabase();
  const requests = createRequests();
  const carrier = idToBytes(requests.carrierId);
  const parked = new ParkedReceipts(database.connection, 4);
  parked.park(carrier, requests.receipt("a", { keys: ["a", "b"] }));
  parked.park(carrier, requests.receipt("c"));
  parked.park(carrier, requests.receipt("d"));
  expect(() => parked.park(carrier, requests.receipt("e"))).toThrow(StoreUnavailable);
  for (const { id, receipt } of parked.waiting(carrier, "b")) parked.remove(carrier, id, receipt);
  expect(parked.waiting(carrier, "a")).toEqual([]);
  parked.park(carrier, requests.receipt("e"));
  expect(new ParkedReceipts(database.connection, 4).waiting(carrier, "e")).toHaveLength(1);
});

it("keeps a receipt without a key until it is old, and counts it", () => {
  using database = openEmptyDatabase();
  const requests = createRequests();
  const parked = new ParkedReceipts(database.connection);
  const receipt = requests.receipt("", { keys: [] });
  parked.park(idToBytes(requests.carrierId), receipt);
  expect(parked.dropOld(receipt.at - 1, 10)).toBe(0);
  expect(parked.dropOld(receipt.at, 10)).toBe(1);
  expect(parked.dropOld(receipt.at, 10)).toBe(0);
});
