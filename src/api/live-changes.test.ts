import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MessageId } from "../domain/ids.ts";
import { type Frame, LiveClients, topicsOf } from "./fixtures/live-client.ts";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";
import { deliverByHand, sendByHand } from "./fixtures/send-by-hand.ts";

const SECOND_MS = 1_000;

let open: OpenDoor;
let clients: LiveClients;
beforeEach(async () => {
  open = await openDoor();
  clients = new LiveClients(open);
});
afterEach(async () => {
  clients.close();
  await open.close();
});

async function post() {
  const body = { source: { target: "+821028286521" }, destinations: [{ target: "+31616818985" }], text: "x" };
  const { json } = await open.call("POST", "/v1.0/messages", { as: open.acme, body });
  const messageId = (json as { readonly id: string }).id as MessageId; // the contract's answer
  return { customerId: open.acme.customer.id, messageId };
}

/** What a client was told: how far which message is. */
function told(frames: readonly Frame[]) {
  return frames.map(({ type, data }) => [type, data?.id, data?.targets[0]?.status]);
}

describe("a WebSocket of a customer without webhooks", () => {
  it.each([1, 20, 80])(
    "hears of a change that comes %i s after an event from before it came",
    async (seconds) => {
      const message = await post();
      await sendByHand(open, message);
      const client = await clients.connect(open.acme);
      await client.subscribe(topicsOf(open.acme));
      open.forwardMs(seconds * SECOND_MS);
      await deliverByHand(open, message);
      open.forwardMs(6 * SECOND_MS);
      const later = await post();
      const frames = told(await client.until(2));
      expect(frames).toHaveLength(2);
      expect(frames).toContainEqual(["message_updated", message.messageId, "delivered"]);
      expect(frames).toContainEqual(["message_created", later.messageId, "queued"]);
    },
  );

  it("hears of a change to a message that it asks for after another, when the answer was just there", async () => {
    const message = await post();
    const client = await clients.connect(open.acme);
    await client.subscribe([`customer_id:${open.acme.customer.id}:message:${message.messageId}:none`]);
    await sendByHand(open, message);
    await client.subscribe([`customer_id:${open.acme.customer.id}:message:${message.messageId}`]);
    await deliverByHand(open, message);
    open.forwardMs(6 * SECOND_MS);
    expect(told(await client.until(1))).toEqual([["message_updated", message.messageId, "delivered"]]);
  });

  it("hears after a break of a change to what was there before it came first", async () => {
    const message = await post();
    await sendByHand(open, message);
    const first = await clients.connect(open.acme);
    await first.subscribe(topicsOf(open.acme));
    const other = await post();
    const [last] = await first.until(1);
    first.socket.terminate();
    await deliverByHand(open, message);
    const second = await clients.connect(open.acme);
    await second.subscribe(topicsOf(open.acme), { last_event_id: last?.id });
    expect(told(await second.until(1))).toEqual([["message_updated", message.messageId, "delivered"]]);
    open.forwardMs(6 * SECOND_MS);
    await sendByHand(open, other);
    expect(told(await second.until(2))[1]).toEqual(["message_updated", other.messageId, "sent"]);
  });

  it("hears once of each change, and of none that was there when it came", async () => {
    const before = await post();
    await sendByHand(open, before);
    await deliverByHand(open, before);
    const client = await clients.connect(open.acme);
    await client.subscribe(topicsOf(open.acme));
    const message = await post();
    for (const change of [sendByHand, deliverByHand]) await change(open, message);
    open.forwardMs(6 * SECOND_MS);
    const last = await post();
    await vi.waitFor(() => expect(client.frames.at(-1)?.data?.id).toBe(last.messageId), 50_000);
    open.forwardMs(6 * SECOND_MS);
    const fence = await post();
    await vi.waitFor(() => expect(client.frames.at(-1)?.data?.id).toBe(fence.messageId), 50_000);
    const ids = client.frames.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const heardOf = new Set(client.frames.map(({ data }) => data?.id));
    expect([...heardOf]).toEqual([message, last, fence].map(({ messageId }) => messageId));
  });

  it("hears nothing of a change to a message that is deleted, but that it is", async () => {
    const message = await post();
    await sendByHand(open, message);
    const client = await clients.connect(open.acme);
    await client.subscribe(topicsOf(open.acme));
    await deliverByHand(open, message);
    await open.call("DELETE", `/v1.0/messages/${message.messageId}`, { as: open.acme });
    open.forwardMs(6 * SECOND_MS);
    const fence = await post();
    const frames = await client.until(2);
    expect(frames.map(({ type, data }) => [type, data?.id])).toEqual([
      ["message_deleted", message.messageId],
      ["message_created", fence.messageId],
    ]);
  });
});
