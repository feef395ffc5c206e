import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createClock } from "../../domain/clock.ts";
import { keysOf, World } from "../contract/world.ts";
import { encodeAcceptances } from "./accept-messages.ts";
import { decodeDeliveries, encodeDeliveryClaim } from "./claim-deliveries.ts";
import { openWriter } from "./fixtures/open-writer.ts";
import { createRequests } from "./fixtures/requests.ts";
import { encodeMarks } from "./mark-in-flight.ts";
import { encodeDeliverySettlements } from "./settle-deliveries.ts";
import { encodeSettlements } from "./settle-targets.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { encodeBefore } from "./still-as-read.ts";
import { WireReader } from "./wire.ts";
import { Writer } from "./writer.ts";

/** A writer with two messages to tell one endpoint of, the first of them twice, and a way to claim that. */
function openTold() {
  const opened = openWriter();
  const requests = createRequests();
  const endpoint = requests.newEndpoint();
  opened.run(["putEndpoint", JSON.stringify(endpoint), ...encodeBefore(undefined)]);
  const [first, second] = [requests.acceptance({ leased: true }), requests.acceptance()];
  const [key] = keysOf(first);
  opened.run(encodeAcceptances([first, second]));
  opened.run(encodeMarks([requests.mark(key)]));
  opened.run(encodeSettlements([requests.sent(key, ["k"])])); // its event waits for that of the acceptance
  const { id: endpointId } = endpoint;
  const claim = () => {
    const [now, leaseUntil] = [requests.now(), requests.in(60_000)];
    return encodeDeliveryClaim({ endpointId, node: requests.node, now, leaseUntil, limit: 9 });
  };
  const told = () =>
    decodeDeliveries(opened.run(claim()), endpointId).map(({ messageId, event }) => [messageId, event.type]);
  const idsOf = (entry: typeof first) => ({ message: entry.message.id, event: entry.eventId });
  return { opened, endpointId, claim, told, first: idsOf(first), second: idsOf(second) };
}

/** A writer with an endpoint that was claimed from just now, ways to make and to claim, and what stands in its table. */
function openReserved() {
  const opened = openWriter();
  const requests = createRequests();
  const endpoint = requests.newEndpoint();
  opened.run(["putEndpoint", JSON.stringify(endpoint), ...encodeBefore(undefined)]);
  const { id: endpointId } = endpoint;
  const claimOf = (leaseMs: number, limit = 9) =>
    encodeDeliveryClaim({
      endpointId,
      node: requests.node,
      now: requests.now(),
      leaseUntil: requests.in(leaseMs),
      limit,
      reserveUntil: requests.in(5_000),
    });
  const claim = (leaseMs: number, limit?: number) =>
    decodeDeliveries(opened.run(claimOf(leaseMs, limit)), endpointId).map(({ messageId }) => messageId);
  const make = () => {
    const entry = requests.acceptance();
    opened.run(encodeAcceptances([entry]));
    return entry.message.id;
  };
  const rows = () =>
    opened.connection
      .prepare("SELECT lower(hex(message_id)), due_at, claimed FROM deliveries ORDER BY message_id")
      .all();
  expect(claim(20_000)).toEqual([]);
  return { opened, requests, endpoint, claim, claimOf, make, rows };
}

function hexOf(id: string): string {
  return id.replaceAll("-", "");
}

it("drops the deliveries of a message that is gone, and hands out the others", () => {
  const { opened, endpointId, told, claim, first, second } = openTold();
  using _ = opened;
  const { connection, writer } = opened;
  connection.prepare("DELETE FROM messages WHERE message_id = unhex(?)").run(hexOf(first.message));
  const { answers, wakes } = writer.run([claim()]);
  expect(answers[0]?.[0]).toBe(1);
  expect(wakes).toEqual([`d${endpointId}`]); // there may be more
  expect(told()).toEqual([]);
  const left = connection.prepare("SELECT lower(hex(message_id)) FROM deliveries").all();
  expect(left).toEqual([[hexOf(second.message)]]);
});

it("drops the delivery of an event that is gone, and lets the one go that waited for it", () => {
  const { opened, told, first, second } = openTold();
  using _ = opened;
  opened.connection.prepare("DELETE FROM events WHERE event_id = unhex(?)").run(hexOf(first.event));
  expect(told()).toEqual([[second.message, "message_created"]]);
  expect(told()).toEqual([[first.message, "message_updated"]]);
});

describe("what is made for an endpoint that is being claimed from", () => {
  it("is leased as it is made, and its claim writes nothing", () => {
    const { opened, requests, claim, make, rows } = openReserved();
    using _ = opened;
    const made = [make(), make()];
    const leased = rows();
    expect(leased.map(([id, , claimed]) => [id, claimed])).toEqual(made.map((id) => [hexOf(id), 1]));
    for (const [, dueAt] of leased) {
      expect(dueAt).toBeLessThanOrEqual(requests.in(30_000));
      expect(dueAt).toBeGreaterThan(requests.in(20_000));
    }
    expect([claim(20_000, 1), claim(20_000), claim(20_000)]).toEqual([[made[0]], [made[1]], []]);
    expect(rows()).toEqual(leased);
  });

  it("is leased anew by a claim that needs it for longer", () => {
    const { opened, requests, claim, make, rows } = openReserved();
    using _ = opened;
    const id = make();
    expect(claim(60_000)).toEqual([id]);
    expect(rows()[0]?.[1]).toBeGreaterThan(requests.in(50_000));
    requests.passes(30_001);
    expect(claim(20_000)).toEqual([]);
  });

  it("comes in its order with what is due from before, and is due again when its own lease ends", () => {
    const { opened, requests, claim, make } = openReserved();
    using _ = opened;
    requests.passes(5_001); // the reservation is over
    const before = make();
    expect(claim(20_000, 0)).toEqual([]); // and a new one begins
    const after = [make(), make()];
    expect(claim(20_000)).toEqual([before, ...after]);
    const unclaimed = make();
    requests.passes(30_001);
    expect(new Set(claim(20_000))).toEqual(new Set([before, ...after, unclaimed]));
    expect(claim(20_000)).toEqual([]);
  });

  it("is handed out once when the pile that made it or claimed it is rolled back and run again", () => {
    const { opened, requests, endpoint, claimOf, claim, make } = openReserved();
    using _ = opened;
    const [before, entry] = [make(), requests.acceptance()];
    const poison = ["claimDeliveries", "not an id"];
    const { answers, failures } = opened.writer.run([encodeAcceptances([entry]), claimOf(20_000), poison]);
    expect(failures).toMatchObject([{ index: 2 }]);
    const claimed = decodeDeliveries(new WireReader(answers[1] ?? []), endpoint.id);
    expect(claimed.map(({ messageId }) => messageId)).toEqual([before, entry.message.id]);
    expect(claim(20_000)).toEqual([]);
  });

  it.each(["removed", "found to be gone by a claim"])("is gone with the endpoint that is %s", (how) => {
    const { opened, endpoint, claim, make, rows } = openReserved();
    using _ = opened;
    make();
    if (how === "removed") {
      opened.run(["removeEndpoint", endpoint.id]);
    } else {
      opened.connection.prepare("DELETE FROM endpoints").run();
      claim(20_000);
    }
    expect(rows()).toEqual([]);
    opened.run(["putEndpoint", JSON.stringify(endpoint), ...encodeBefore(undefined)]);
    expect(claim(20_000)).toEqual([]);
  });

  it("is not kept for an endpoint whose claims lag behind: all comes in its order, whatever its lease", () => {
    const { opened, requests, claim, make, rows } = openReserved();
    using _ = opened;
    requests.passes(5_001);
    const first = [make(), make()];
    expect(claim(20_000, 1)).toEqual([first[0]]); // there is more: no reservation
    const later = make();
    expect(rows().map(([, , claimed]) => claimed)).toEqual([1, 0, 0]);
    expect(claim(20_000)).toEqual([first[1], later]);
  });

  it("is told of without its bytes being kept when a number was erased from it before its claim", () => {
    const { opened, endpoint, claimOf, requests } = openReserved();
    using _ = opened;
    const entry = requests.acceptance();
    opened.run(encodeAcceptances([entry]));
    const handset = entry.targets[0]?.destination.target ?? "";
    opened.run(["eraseNumber", handset, requests.now(), 1_000]);
    const [delivery] = decodeDeliveries(opened.run(claimOf(20_000)), endpoint.id);
    if (delivery === undefined) throw new Error("there was a delivery");
    const end = { outcome: "given_up", body: "what was told" } as const;
    opened.run(encodeDeliverySettlements([{ ...requests.attempted(delivery), ...end }]));
    expect(opened.connection.prepare("SELECT count(*) FROM undelivered").get()).toEqual([0]);
    expect(opened.connection.prepare("SELECT answer FROM attempts").all()).toEqual([[""]]);
  });

  it("is due at once at the next start, as is what was handed out; what waits for its next attempt waits on", () => {
    const { opened, requests, endpoint, claim, claimOf, make } = openReserved();
    using _ = opened;
    const [retried, handed] = [make(), make()];
    const [delivery] = decodeDeliveries(opened.run(claimOf(20_000, 1)), endpoint.id);
    if (delivery === undefined) throw new Error("there was a delivery");
    const again = { outcome: "retry", attempts: 0, dueAt: requests.in(10_000), body: "{}" } as const;
    opened.run(encodeDeliverySettlements([{ ...requests.attempted(delivery), ...again }]));
    expect(claim(20_000)).toEqual([handed]);
    const kept = make();
    const next = new Writer(opened.connection); // as the next process has it
    const { answers } = next.run([["endFirstLeases", requests.now()], claimOf(20_000)]);
    const claimed = decodeDeliveries(new WireReader(answers[1] ?? []), endpoint.id);
    expect(new Set(claimed.map(({ messageId }) => messageId))).toEqual(new Set([handed, kept]));
    expect(delivery.messageId).toBe(retried);
  });

  it("is due at once when the store is opened again", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "msgbin-start-"));
    const [clock, file] = [createClock(() => Date.now()), path.join(directory, "msgbin.db")];
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const metrics = { count() {}, gauge() {}, observe() {} };
    const openStore = () => openSqliteStore({ file, clock, logger, metrics });
    let store = await openStore();
    const world = new World({
      get store() {
        return store;
      },
      reopen: () => Promise.reject(new Error("not asked for")),
      dispose: () => Promise.reject(new Error("not asked for")),
    });
    const { id } = await world.endpoint();
    const wishes = { leaseUntil: world.in(20_000), reserveUntil: world.in(5_000) };
    await world.deliveries(id, 9, wishes);
    await world.accept();
    const handed = await world.deliveries(id, 9, wishes);
    await world.accept();
    await store.close();
    store = await openStore();
    const claimed = await world.deliveries(id);
    await store.close();
    rmSync(directory, { recursive: true });
    expect(handed).toHaveLength(1);
    expect(claimed).toHaveLength(2);
  });
});
