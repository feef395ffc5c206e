import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAddress } from "../domain/address.ts";
import { removedNameSetting } from "../domain/carrier-account.ts";
import { createIds, type EventId, type MessageId, type NodeId } from "../domain/ids.ts";
import type { Message } from "../domain/message.ts";
import { micros } from "../domain/micros.ts";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";
import { CLAIM_MAX_CHARACTERS } from "../store/queueing.ts";

const ids = createIds((bytes) => crypto.getRandomValues(bytes));

interface MessageBody {
  readonly id: string;
  readonly text: string;
  readonly tm_create: string;
  readonly targets: readonly { readonly status: string }[];
}

interface PageBody {
  readonly result: readonly MessageBody[];
  readonly next_page_token: string;
}

const NODE = "00000000-0000-4000-8000-0000000000f9" as NodeId;

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function post(body: object): Promise<MessageBody> {
  const posted = {
    source: { target: "+821028286521" },
    destinations: [{ target: "+31616818985" }],
    text: "x",
  };
  const reply = await open.call("POST", "/v1.0/messages", { as: open.acme, body: { ...posted, ...body } });
  expect(reply.status).toBe(200);
  return reply.json as MessageBody;
}

async function find(query: string): Promise<readonly string[]> {
  const reply = await open.call("GET", `/v1.0/messages?page_size=100&${query}`, { as: open.acme });
  expect(reply.status).toBe(200);
  return (reply.json as PageBody).result.map(({ text }) => text);
}

describe("POST /v1.0/messages/{id}/cancel", () => {
  it("ends what is queued or scheduled as canceled, and is fine again", async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString();
    for (const body of [{ text: "now" }, { text: "later", tm_schedule: later }]) {
      const { id } = await post(body);
      const canceled = await open.call("POST", `/v1.0/messages/${id}/cancel`, { as: open.acme });
      expect(canceled.status).toBe(200);
      expect(canceled.json).toMatchObject({ id, targets: [{ status: "canceled" }] });
      expect((await open.call("GET", `/v1.0/messages/${id}`, { as: open.acme })).json).toEqual(canceled.json);
      const again = await open.call("POST", `/v1.0/messages/${id}/cancel`, { as: open.acme });
      expect(again.json).toEqual(canceled.json);
      const changed = [canceled, again].map(({ headers }) => headers.get("targets-changed"));
      expect(changed).toEqual(["1", "0"]);
    }
  });

  it("answers another's message as one that is not there (P7)", async () => {
    const { id } = await post({});
    expect((await open.call("POST", `/v1.0/messages/${id}/cancel`, { as: open.rival })).status).toBe(404);
    expect((await open.call("POST", "/v1.0/messages/x/cancel", { as: open.acme })).status).toBe(400);
  });
});

/** What is known of a message whose carrier never answered, where the policy is to hold. */
async function hold({ id }: MessageBody): Promise<void> {
  const [store, node, now] = [open.store, NODE, micros(Date.now() * 1_000)];
  for (const { carrierId } of await store.queueDepths()) {
    const claimed = await store.claimTargets({
      carrierId,
      node,
      now,
      limit: 100,
      characters: CLAIM_MAX_CHARACTERS,
    });
    const target = claimed.find(({ messageId }) => messageId === id);
    if (target === undefined) continue;
    const lane = { node, at: now, carrierId };
    await store.markInFlight([{ ...target, ...lane, bind: 0, epoch: 1 }]);
    const trail = [{ at: now, what: "unknown_outcome", carrier: carrierId }];
    const nothing = { partStates: "", receiptKeys: [], receiptDueAt: null, trail };
    await store.settleTargets([{ ...target, ...lane, ...nothing, markedAt: now, outcome: "held" }]);
  }
}

async function timelineOf({ id }: MessageBody): Promise<readonly { readonly what: string }[]> {
  const reply = await open.call("GET", `/v1.0/messages/${id}/timeline`, { as: open.acme });
  return (reply.json as { result: { what: string }[] }).result;
}

async function whatBecameOf(message: MessageBody): Promise<readonly string[]> {
  return (await timelineOf(message)).map(({ what }) => what);
}

describe("POST /v1.0/messages/{id}/resend", () => {
  it("makes what is held due again, says so on the timeline, and is fine again", async () => {
    const message = await post({ text: "held" });
    await hold(message);
    const resent = await open.call("POST", `/v1.0/messages/${message.id}/resend`, { as: open.acme });
    expect(resent.status).toBe(200);
    expect(resent.json).toMatchObject({ id: message.id, targets: [{ status: "queued" }] });
    const again = await open.call("POST", `/v1.0/messages/${message.id}/resend`, { as: open.acme });
    expect(again.json).toEqual(resent.json);
    const changed = [resent, again].map(({ headers }) => headers.get("targets-changed"));
    expect(changed).toEqual(["1", "0"]);
    expect((await whatBecameOf(message)).filter((what) => what === "resent")).toHaveLength(1);
    expect(await open.store.queueDepths()).toMatchObject([{ held: 0 }]);
  });

  it("is what a message that is held and canceled instead does not need", async () => {
    const message = await post({ text: "held" });
    await hold(message);
    const canceled = await open.call("POST", `/v1.0/messages/${message.id}/cancel`, { as: open.acme });
    expect(canceled.json).toMatchObject({ targets: [{ status: "canceled" }] });
    expect(await whatBecameOf(message)).toEqual(expect.arrayContaining(["unknown_outcome", "canceled"]));
  });

  it("answers another's message as one that is not there (P7)", async () => {
    const { id } = await post({});
    expect((await open.call("POST", `/v1.0/messages/${id}/resend`, { as: open.rival })).status).toBe(404);
    expect((await open.call("POST", "/v1.0/messages/x/resend", { as: open.acme })).status).toBe(400);
    expect((await open.call("POST", `/v1.0/messages/${id}/resend`)).status).toBe(401);
  });
});

describe("GET /v1.0/messages/{id}/timeline", () => {
  it("tells what a carrier was called that is gone", async () => {
    const message = await post({});
    await hold(message);
    const held = async () => (await timelineOf(message)).find(({ what }) => what === "unknown_outcome");
    expect(await held()).toMatchObject({ carrier: "removed" });
    expect(await held()).not.toHaveProperty("removed_carrier");
    for (const { carrierId } of await open.store.queueDepths())
      await open.store.putSetting(removedNameSetting(carrierId), "north");
    expect(await held()).toMatchObject({ carrier: "removed", removed_carrier: "north" });
  });
});

describe("GET /v1.0/messages with conditions", () => {
  it("lists only messages for which every condition holds", async () => {
    const before = await post({ text: "Spring offer" });
    await post({
      text: "Autumn OFFER",
      source: { target: "Shop" },
      destinations: [{ target: "+4912345678" }],
    });
    const after = await post({ text: "a cat" });
    expect(await find("text=offer")).toEqual(["Autumn OFFER", "Spring offer"]);
    expect(await find("text=offer&source=Shop")).toEqual(["Autumn OFFER"]);
    expect(await find("destination=+4912345678")).toEqual(["Autumn OFFER"]);
    expect(await find("destination=%2B4912345678&direction=outbound&type=sms&status=queued")).toHaveLength(1);
    expect(await find("direction=inbound")).toEqual([]);
    expect(await find("status=delivered")).toEqual([]);
    const span = `tm_from=${encodeURIComponent(before.tm_create)}&tm_until=${encodeURIComponent(after.tm_create)}`;
    expect(await find(span)).toEqual(["Autumn OFFER", "Spring offer"]);
    expect(await find(span.replaceAll("%20", "T").replaceAll("%3A", ":"))).toHaveLength(2);
  });

  it("finds by the name of who wrote, its digits included", async () => {
    const at = micros(Date.now() * 1_000);
    const id = ids.at(at) as MessageId; // ids are branded where they are made
    const destination = toAddress({ target: "+821028286521" });
    const message: Message = {
      id,
      customerId: open.acme.customer.id,
      type: "sms",
      direction: "inbound",
      source: { ...toAddress({}), target: "Shop24" },
      text: "from a shop",
      options: {},
      targets: [{ n: 0, destination, status: "received", parts: 1, tmUpdate: at, failure: null }],
      tmCreate: at,
      tmUpdate: null,
      tmDelete: null,
    };
    const eventId = ids.at(at) as EventId; // the same
    await open.store.receiveMessages([{ message, eventId, transportId: null, gathering: null }]);
    expect(await find("source=Shop24")).toEqual(["from a shop"]);
    expect(await find("source=24")).toEqual([]);
  });

  it("pages through what was found until an empty page", async () => {
    for (let n = 0; n < 5; n++) await post({ text: `paged ${n}` });
    const seen: string[] = [];
    for (let token: string | null = null; token !== "";) {
      const query: string = token === null ? "" : `&page_token=${encodeURIComponent(token)}`;
      const reply = await open.call("GET", `/v1.0/messages?text=paged&page_size=2${query}`, {
        as: open.acme,
      });
      const page: PageBody = reply.json as PageBody;
      expect(page.result.length === 0).toBe(page.next_page_token === "");
      seen.push(...page.result.map(({ text }) => text));
      token = page.next_page_token;
    }
    expect(seen).toEqual(["paged 4", "paged 3", "paged 2", "paged 1", "paged 0"]);
  });

  it.each([
    ["direction", "direction=sideways"],
    ["status", "status=lost"],
    ["type", "type=fax"],
    ["tm_from", "tm_from=yesterday"],
    ["text", `text=${"x".repeat(201)}`],
    ["source", "source=a&source=b"],
  ])("refuses a wrong %s by name", async (field, query) => {
    const reply = await open.call("GET", `/v1.0/messages?${query}`, { as: open.acme });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      error: { reason: "INVALID_REQUEST_PARAMETER", details: [{ field }] },
    });
    expect(await find(`text=${"x".repeat(200)}`)).toEqual([]);
  });
});
