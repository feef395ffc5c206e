import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MessageId } from "../domain/ids.ts";
import type { EventId } from "../domain/ids.ts";
import { toAddress } from "../domain/address.ts";
import { UNOWNED } from "../domain/inbound.ts";
import { micros } from "../domain/micros.ts";
import { type OpenDoor, openDoor, type Reply } from "./fixtures/open-door.ts";
import type { HandsetDesk } from "./handset-desk.ts";

const written: unknown[] = [];
const desk: HandsetDesk = {
  write(handset, to, text) {
    if (text === "refuse") return { kind: "refused", message: "nobody listens" };
    written.push({ handset, to, text });
    return { kind: "written" };
  },
  inbox: (handset) => [
    {
      from: "+821028286521",
      text: `for ${handset}`,
      data: "",
      encoding: "gsm7",
      isFlash: false,
      parts: 1,
      atMs: 1_000,
    },
  ],
};

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor({ handsets: desk });
});
afterAll(async () => {
  await open.close();
});

const PATH = "/v1.0/simulator/handsets/+31616818985/messages";

function write(to: string): Promise<Reply> {
  return open.call("POST", PATH, { as: open.admin, body: { to, text: "hello" } });
}

describe("the simulator's handsets", () => {
  it("write when an administrator says so", async () => {
    const reply = await open.call("POST", PATH, {
      as: open.admin,
      body: { to: "+14155551234", text: "STOP" },
    });
    expect(reply.status).toBe(200);
    expect(written).toEqual([{ handset: "+31616818985", to: "+14155551234", text: "STOP" }]);
    const refused = await open.call("POST", PATH, { as: open.admin, body: { to: "12345", text: "refuse" } });
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({ error: { reason: "HANDSET_REFUSED", message: "nobody listens" } });
    const nobody = PATH.replace("+31616818985", "Acme");
    expect((await open.call("GET", nobody, { as: open.admin })).status).toBe(400);
  });

  it("write to what can be a number, however it is spelled, and to nothing else", async () => {
    const before = written.length;
    expect((await write(" +1 (415) 555-1234")).json).toMatchObject({ to: "+14155551234" });
    for (const to of ["+1234567890123456789012345", "Acme", "+", "1"]) {
      const reply = await write(to);
      expect(reply.status).toBe(400);
      expect(reply.json).toMatchObject({ error: { reason: "INVALID_ARGUMENT", details: [{ field: "to" }] } });
    }
    expect(written.slice(before)).toEqual([{ handset: "+31616818985", to: "+14155551234", text: "hello" }]);
  });

  it("show what they got", async () => {
    const reply = await open.call("GET", PATH.replace("+", "%2B"), { as: open.admin });
    expect(reply.json).toMatchObject({
      result: [{ text: "for +31616818985", flash: false, tm_create: "1970-01-01 00:00:01.000000" }],
    });
  });

  it("are for administrators alone, and only where a simulator runs", async () => {
    expect((await open.call("GET", PATH, { as: open.acme })).status).toBe(403);
    const without = await openDoor();
    expect((await without.call("GET", PATH, { as: without.admin })).status).toBe(404);
    await without.close();
  });
});

describe("messages that nobody owns", () => {
  it("are shown to an administrator", async () => {
    const now = micros(Date.UTC(2026, 0, 1) * 1_000);
    const id = "019b7a00-0000-7000-8000-000000000001" as MessageId;
    await open.store.acceptMessages([
      {
        message: {
          id,
          customerId: UNOWNED,
          type: "sms",
          direction: "inbound",
          source: toAddress({ target: "+31616818985" }),
          text: "anybody?",
          options: {},
          tmCreate: now,
          tmUpdate: null,
          tmDelete: null,
        },
        targets: [
          {
            n: 0,
            destination: toAddress({ target: "12345" }),
            status: "received",
            parts: 1,
            tmUpdate: now,
            failure: null,
          },
        ],
        queue: [],
        leasedTo: null,
        eventId: "019b7a00-0000-7000-8000-000000000002" as EventId,
        idempotency: null,
      },
    ]);
    const reply = await open.call("GET", "/v1.0/unowned", { as: open.admin });
    expect(reply.json).toMatchObject({ result: [{ id, direction: "inbound", text: "anybody?" }] });
    expect((await open.call("GET", "/v1.0/unowned", { as: open.acme })).status).toBe(403);
  });
});

describe("a customer's opt-out settings", () => {
  it("are kept, shown to it and to administrators, and taken back by null", async () => {
    const opt_out = { is_on: false, help_answer: "Call us." };
    const set = await open.call("PUT", "/v1.0/customer", { as: open.acme, body: { opt_out } });
    expect(set.json).toMatchObject({ opt_out });
    expect((await open.call("GET", "/v1.0/customer", { as: open.acme })).json).toMatchObject({ opt_out });
    const path = `/v1.0/customers/${open.acme.customer.id}`;
    expect((await open.call("GET", path, { as: open.admin })).json).toMatchObject({ opt_out });
    const back = await open.call("PUT", path, { as: open.admin, body: { opt_out: null } });
    expect(back.json).toMatchObject({ opt_out: null });
    const wrong = await open.call("PUT", "/v1.0/customer", {
      as: open.acme,
      body: { opt_out: { is_on: 1 } },
    });
    expect(wrong.status).toBe(400);
  });
});
