import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClock } from "../../domain/clock.ts";
import type { EventId, NodeId } from "../../domain/ids.ts";
import { DAY_MS, keysOf, World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { encodeAcceptances } from "./accept-messages.ts";
import { decodeDeliveries, encodeDeliveryClaim } from "./claim-deliveries.ts";
import { Connection, integer } from "./connection.ts";
import { openWriter } from "./fixtures/open-writer.ts";
import { createRequests } from "./fixtures/requests.ts";
import { encodeMarks } from "./mark-in-flight.ts";
import { encodeSettlements } from "./settle-targets.ts";
import { encodeBefore } from "./still-as-read.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { WireReader } from "./wire.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};
const MESSAGES = 3_000;
const FIRST_ID = "00000000-0000-7000-8000-000000000000";

let directory: string;
let store: Store;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "msgbin-test-"));
  const clock = createClock(() => Date.now());
  store = await openSqliteStore({ file: join(directory, "msgbin.db"), clock, ...quiet });
});
afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

function pragma(name: "page_count" | "freelist_count"): number {
  const connection = new Connection(join(directory, "msgbin.db"), { readOnly: true });
  try {
    return integer(connection.prepare(`PRAGMA ${name}`).get()?.[0]);
  } finally {
    connection.close();
  }
}

it("the room of messages that were removed is used again: the file does not grow", async () => {
  const world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  const fill = async (daysAgo: number) => {
    const at = world.in(-daysAgo * DAY_MS);
    const entries = Array.from({ length: MESSAGES }, () => world.acceptance({ at, status: "failed" }));
    await store.acceptMessages(entries.map((entry) => ({ ...entry, queue: [] })));
    await store.queueDepths(); // a read waits until the database has what the journal has
  };
  await fill(40);
  const filled = pragma("page_count");
  const now = world.now();
  const fallback = { days: 30, contentDays: null, wholeMonths: false };
  const node = world.id<NodeId>();
  let removed = 0;
  let from: string | null = null;
  const profile = { name: "", detail: "", email: "", phoneNumber: "", address: "", permissionIds: [] };
  const times = { tmCredentials: now, tmCreate: now, tmUpdate: null, tmDelete: null };
  const kept = { retentionDays: null, retentionContentDays: null };
  await store.putCustomer({
    id: world.customerId,
    username: "u",
    passwordHash: "",
    ...profile,
    ...times,
    ...kept,
  });
  do {
    const step = await store.sweepRetention({ node, now, leaseUntil: now, fallback, from, limit: 500 });
    if (step.kind !== "swept") throw new Error("nobody else is at it");
    removed += step.removed;
    from = step.next;
  } while (from !== null);
  expect(removed).toBe(MESSAGES);
  expect(pragma("freelist_count")).toBeGreaterThan(filled / 4);
  await fill(0);
  expect(pragma("page_count")).toBeLessThan(filled * 1.1);
});

it.each(["removeOld", "emptyOld", "emptyWaiting"])(
  "%s holds back a message that ended in the same pile: nobody was told of that yet",
  (operation) => {
    using opened = openWriter();
    const requests = createRequests();
    const { connection, writer } = opened;
    const endpoint = requests.newEndpoint({ events: ["message_updated"] });
    opened.run(["putEndpoint", JSON.stringify(endpoint), ...encodeBefore(undefined)]);
    const expiresAt = requests.in(DAY_MS);
    const entry = requests.acceptance({ at: requests.in(-40 * DAY_MS), expiresAt, leased: true });
    const [key] = keysOf(entry);
    opened.run(encodeAcceptances([entry]));
    opened.run(encodeMarks([requests.mark(key)]));
    const { customerId } = key;
    const span = [customerId, FIRST_ID, requests.id<EventId>(), 100];
    opened.run(["emptyOld", ...span, requests.now()]); // it waits from now on for its content to go
    expect(connection.prepare("SELECT count(*) FROM retention_waiting").get()).toEqual([1]);
    connection.execute("DELETE FROM retention_marks");

    const failed = { outcome: "failed", status: "failed", failure: null } as const;
    const { answers } = writer.run([
      encodeSettlements([{ ...requests.base(key), ...failed }]),
      [operation, ...span, requests.now()],
    ]);
    const slice = new WireReader(answers[1] ?? []);
    expect([slice.number(), slice.number(), slice.number()]).toEqual([1, 0, 1]); // looked at, changed, held back
    const { node } = requests;
    const [now, leaseUntil] = [requests.now(), requests.in(60_000)];
    const claim = encodeDeliveryClaim({ endpointId: endpoint.id, node, now, leaseUntil, limit: 9 });
    const [delivery] = decodeDeliveries(opened.run(claim), endpoint.id);
    expect(delivery?.message).toMatchObject({ text: "hello", targets: [{ status: "failed" }] });
  },
);
