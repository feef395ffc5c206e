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

it("counts once: a rollback takes back what was not committed, and does not go through the table", () => {
  using database = openEmptyDatabase();
  const requests = createRequests();
  const carrier = idToBytes(requests.carrierId);
  const parked = new ParkedReceipts(database.connection, 3);
  parked.park(carrier, requests.receipt("a"));
  parked.afterCommit();
  database.connection.execute("BEGIN");
  for (const key of ["b", "c"]) parked.park(carrier, requests.receipt(key));
  expect(() => parked.park(carrier, requests.receipt("d"))).toThrow(StoreUnavailable);
  database.connection.execute("ROLLBACK");
  database.connection.execute(
    "WITH RECURSIVE i (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM i WHERE n < 9) INSERT INTO parked_receipts SELECT randomblob(16), n, n, 1, 1, '{}' FROM i",
  );
  parked.afterRollback(); // whoever counted would find ten
  for (const key of ["b", "c"]) parked.park(carrier, requests.receipt(key));
  expect(() => parked.park(carrier, requests.receipt("d"))).toThrow(StoreUnavailable);
});
