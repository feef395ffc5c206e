import { describe, expect, it } from "vitest";
import { createIds, firstIdAt, type CarrierId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { HeldPlace } from "../holding.ts";
import type { Connection } from "./connection.ts";
import { openEmptyDatabase } from "./fixtures/empty-database.ts";
import { decodeHeldPage, encodeHeldQuery, heldTargets, ROWS_LOOKED_AT } from "./held-targets.ts";
import { idToBytes } from "./id-bytes.ts";
import { WireReader } from "./wire.ts";

const ids = createIds((bytes) => bytes.fill(1));
const [CUSTOMER, CARRIER] = [ids.at(micros(1)), ids.at(micros(2)) as CarrierId];

/** Fills a carrier's queue with targets of as many messages, the last of which is held. */
function fill(connection: Connection, count: number): void {
  const queued = connection.prepare("INSERT INTO queue VALUES (?, ?, 0, ?, 1, 0, 1, 1, ?, x'')");
  const target = connection.prepare(
    "INSERT INTO targets VALUES (?, ?, 0, 1, 1, '', '+1', NULL, ?, NULL, '')",
  );
  const [customer, carrier] = [idToBytes(CUSTOMER), idToBytes(CARRIER)];
  connection.execute("BEGIN");
  for (let at = 1; at <= count; at++) {
    const message = idToBytes(firstIdAt(micros(at)));
    queued.run(carrier, message, customer, at === count ? 1 : 0);
    target.run(customer, message, carrier);
  }
  connection.prepare("INSERT INTO queue_depths VALUES (?, ?, 0, 1)").run(carrier, count - 1);
  connection.execute("COMMIT");
}

function look(connection: Connection, after: HeldPlace | null = null) {
  const query = encodeHeldQuery({ carrierId: CARRIER, customerId: null, after, limit: 10 });
  return decodeHeldPage(new WireReader(heldTargets(connection)(new WireReader(query, 1))));
}

describe("one look at what is held", () => {
  it("does not reach beyond 50,000 rows of the queue, and says where to go on", () => {
    using database = openEmptyDatabase();
    fill(database.connection, ROWS_LOOKED_AT + 1);
    const first = look(database.connection);
    expect(first).toEqual({
      targets: [],
      next: { carrierId: CARRIER, messageId: firstIdAt(micros(ROWS_LOOKED_AT)), n: 0 },
    });
    const second = look(database.connection, first.next);
    expect([second.targets.length, second.next]).toEqual([1, null]);
  });

  it("finds the last of 50,000 rows", () => {
    using database = openEmptyDatabase();
    fill(database.connection, ROWS_LOOKED_AT);
    const { targets } = look(database.connection);
    expect(targets).toHaveLength(1);
  });
});
