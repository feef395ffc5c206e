import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createClock } from "../../domain/clock.ts";
import { createIds, firstIdAt, type CustomerId } from "../../domain/ids.ts";
import { micros } from "../../domain/micros.ts";
import type { MessageFilter } from "../accepting.ts";
import { STATUS_CODES } from "./column-codes.ts";
import type { Connection } from "./connection.ts";
import { openEmptyDatabase } from "./fixtures/empty-database.ts";
import { idToBytes } from "./id-bytes.ts";
import { decodeSearchPage, encodeSearch, MESSAGES_LOOKED_AT, searchMessages } from "./search-messages.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { LONG_OPERATIONS_LIMIT } from "./waiting-operations.ts";
import { WireReader } from "./wire.ts";

const CUSTOMER = createIds((bytes) => bytes.fill(1)).at(micros(1)) as CustomerId;

/** Fills a database with messages that were created at microseconds 1 to `messages`; the oldest one says "needle". */
function fill(connection: Connection, messages: number, targets: number): void {
  const message = connection.prepare("INSERT INTO messages VALUES (?, ?, 0, 0, '', ?, '{}', ?, NULL, NULL)");
  const target = connection.prepare(
    "INSERT INTO targets VALUES (?, ?, ?, ?, 1, '', '+1', NULL, NULL, NULL, '')",
  );
  const customer = idToBytes(CUSTOMER);
  connection.execute("BEGIN");
  for (let at = 1; at <= messages; at++) {
    const id = idToBytes(firstIdAt(micros(at)));
    message.run(customer, id, at === 1 ? "needle" : "hay", at);
    for (let n = 0; n < targets; n++)
      target.run(customer, id, n, at === 1 ? STATUS_CODES.failed : STATUS_CODES.sent);
  }
  connection.execute("COMMIT");
}

function search(connection: Connection, filter: MessageFilter, before: string | null = null) {
  const query = { customerId: CUSTOMER, before, limit: 10, targetLimit: 100_000 };
  const request = new WireReader(encodeSearch(query, filter), 1);
  return decodeSearchPage(new WireReader(searchMessages(connection)(request)));
}

describe("one call of a search", () => {
  it("looks at 10,000 messages", () => {
    using database = openEmptyDatabase();
    fill(database.connection, MESSAGES_LOOKED_AT, 0);
    const page = search(database.connection, { text: "needle" });
    expect([page.messages.length, page.next]).toEqual([1, null]);
  });

  it("does not look at the 10,001st, and says where to go on", () => {
    using database = openEmptyDatabase();
    fill(database.connection, MESSAGES_LOOKED_AT + 1, 0);
    const first = search(database.connection, { text: "needle" });
    expect(first).toEqual({ messages: [], next: firstIdAt(micros(2)) });
    const second = search(database.connection, { text: "needle" }, first.next);
    expect([second.messages.length, second.next]).toEqual([1, null]);
  });

  it("looks at fewer messages when a condition is about their many targets", () => {
    using database = openEmptyDatabase();
    fill(database.connection, 51, 1_000);
    expect(search(database.connection, { text: "needle" }).messages).toHaveLength(1);
    const first = search(database.connection, { status: "failed" });
    expect(first).toEqual({ messages: [], next: firstIdAt(micros(2)) });
    expect(search(database.connection, { status: "failed" }, first.next).messages).toHaveLength(1);
  });
});

describe("many searches of one customer at once", () => {
  it("are refused as busy beyond a few, and refuse nothing else", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "msgbin-search-"));
    const store = await openSqliteStore({
      file: path.join(directory, "msgbin.db"),
      clock: createClock(() => Date.now()),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      metrics: { count() {}, gauge() {}, observe() {} },
    });
    const searchFor = (customerId: CustomerId) =>
      store.searchMessages({ customerId, before: null, limit: 10, targetLimit: 100 }, { text: "needle" });
    const searches = Array.from({ length: LONG_OPERATIONS_LIMIT + 3 }, () => searchFor(CUSTOMER));
    const others = [searchFor(createIds((bytes) => bytes.fill(2)).at(micros(2)) as CustomerId)];
    const reads = [store.getCustomer(CUSTOMER), store.findCustomer("somebody")];
    const refused = (await Promise.allSettled(searches)).filter(({ status }) => status === "rejected");
    expect(refused.map((outcome) => "reason" in outcome && outcome.reason)).toMatchObject(
      Array.from({ length: 3 }, () => ({ name: "StoreUnavailable", reason: "busy" })),
    );
    await expect(Promise.all([...others, ...reads])).resolves.toHaveLength(3);
    await store.close();
    rmSync(directory, { recursive: true });
  });
});
