import * as fc from "fast-check";
import { expect, it } from "vitest";
import { encodeAcceptances } from "./accept-messages.ts";
import { decodeReceiptOutcomes, encodeReceipts } from "./apply-receipts.ts";
import { integer } from "./connection.ts";
import { type OpenWriter, openWriter } from "./fixtures/open-writer.ts";
import { createRequests } from "./fixtures/requests.ts";
import { encodeMarks } from "./mark-in-flight.ts";
import { RECEIPT_BUCKETS } from "./migrations/0001-first-schema.ts";
import { encodeSettlements } from "./settle-targets.ts";
import type { Wire } from "./wire.ts";
import { Writer } from "./writer.ts";

type Requests = ReturnType<typeof createRequests>;

/** Sends a message for each key; the number of a target ends in its `n`. */
function send(opened: OpenWriter, requests: Requests, keys: readonly string[], n = 0): void {
  for (const key of keys) {
    const entry = requests.acceptance({ leased: true, targets: n + 1 });
    const target = { customerId: requests.customerId, messageId: entry.message.id, n };
    opened.run(encodeAcceptances([entry]));
    opened.run(encodeMarks([requests.mark(target)]));
    opened.run(encodeSettlements([requests.sent(target, [key])]));
  }
}

function receive(opened: OpenWriter, requests: Requests, key: string, destination = ""): string {
  const [outcome] = decodeReceiptOutcomes(
    opened.run(encodeReceipts([requests.receipt(key, { destination })])),
  );
  return outcome?.kind ?? "nothing";
}

const BUCKET_MS = 46 * 60_000;

it("finds a key that has waited through many buckets, and knows it as settled after", () => {
  using opened = openWriter();
  const requests = createRequests();
  send(opened, requests, ["early", "late"]);
  expect(receive(opened, requests, "early")).toBe("applied");
  for (let bucket = 0; bucket < 3; bucket++) {
    requests.passes(BUCKET_MS);
    send(opened, requests, [`other ${bucket}`]);
  }
  expect(receive(opened, requests, "early")).toBe("noted");
  expect(receive(opened, requests, "late")).toBe("applied");
  expect(receive(opened, requests, "late")).toBe("noted");
});

it("forgets settled keys when their bucket is used again, and keeps those that wait", () => {
  using opened = openWriter();
  const requests = createRequests();
  send(opened, requests, ["settled", "waiting"]);
  expect(receive(opened, requests, "settled")).toBe("applied");
  for (let bucket = 0; bucket < RECEIPT_BUCKETS; bucket++) {
    requests.passes(BUCKET_MS);
    send(opened, requests, [`other ${bucket}`]);
  }
  expect(receive(opened, requests, "settled")).toBe("parked");
  expect(receive(opened, requests, "waiting")).toBe("applied");
});

it("knows what waits in the index and what was settled in a closed bucket when their key is used again", () => {
  using opened = openWriter();
  const requests = createRequests();
  send(opened, requests, ["again"], 0);
  expect(receive(opened, requests, "again", "31600000000")).toBe("applied");
  send(opened, requests, ["again"], 1);
  requests.passes(BUCKET_MS);
  send(opened, requests, ["again"], 2);
  expect(receive(opened, requests, "again", "31600000000")).toBe("noted");
  expect(receive(opened, requests, "again", "31600000001")).toBe("applied");
  expect(receive(opened, requests, "again", "31600000003")).toBe("parked");
  expect(receive(opened, requests, "again", "31600000002")).toBe("applied");
});

it("never has more keys in the buckets than were sent in their time", () => {
  using opened = openWriter();
  const requests = createRequests();
  const count = (table: string) =>
    integer(opened.connection.prepare(`SELECT count(*) FROM ${table}`).get()?.[0]);
  for (let bucket = 0; bucket < RECEIPT_BUCKETS * 2; bucket++) {
    send(opened, requests, [`key ${bucket}`]);
    requests.passes(BUCKET_MS);
  }
  const buckets = Array.from({ length: RECEIPT_BUCKETS }, (_, bucket) => count(`receipt_keys_${bucket}`));
  expect(buckets.reduce((sum, keys) => sum + keys, 0)).toBe(1);
  expect(count("receipt_index")).toBe(RECEIPT_BUCKETS * 2 - 1);
  expect(count("receipt_buckets")).toBe(RECEIPT_BUCKETS);
});

const KEYS = ["one", "two", "three"] as const;

/** What may happen to a key: a message of so many parts awaits it with all of them, or a receipt names it. */
const step = fc.record({
  key: fc.constantFrom(...KEYS),
  does: fc.constantFrom("send", "receive"),
  parts: fc.integer({ min: 1, max: 2 }),
  state: fc.constantFrom("delivered", "failed", "enroute"),
  destination: fc.constantFrom("", "31600000000", "0600000000", "4", "31699999999"),
} as const);

it("makes the same of a receipt whether its key is remembered or has to be searched", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      using remembering = openWriter();
      using forgetful = openWriter();
      const requests = createRequests();
      const runBoth = (wire: Wire): void => {
        const searched = new Writer(forgetful.connection).run([wire]); // a new one remembers nothing
        expect(searched.failures).toEqual([]);
        expect(remembering.writer.run([wire]).answers).toEqual(searched.answers);
      };
      for (const { key, does, parts, state, destination } of steps) {
        if (does === "receive") {
          runBoth(encodeReceipts([requests.receipt(key, { state, destination })]));
          continue;
        }
        const entry = requests.acceptance({ leased: true, parts });
        const target = { customerId: requests.customerId, messageId: entry.message.id, n: 0 };
        runBoth(encodeAcceptances([entry]));
        runBoth(encodeMarks([requests.mark(target)]));
        runBoth(
          encodeSettlements([
            requests.sent(
              target,
              Array.from({ length: parts }, () => key),
            ),
          ]),
        );
      }
      expect(targetsOf(remembering)).toEqual(targetsOf(forgetful));
    }),
    { numRuns: 60 },
  );
});

function targetsOf({ connection }: OpenWriter): unknown {
  return connection
    .prepare("SELECT hex(message_id), status, part_states, failure, tm_update, trail FROM targets ORDER BY 1")
    .all();
}
