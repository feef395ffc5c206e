import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { MessageId } from "../domain/ids.ts";
import { LiveClients, topicsOf } from "./fixtures/live-client.ts";
import { type Caller, type OpenDoor, openDoor } from "./fixtures/open-door.ts";
import { SOCKETS_PER_CUSTOMER_MAX, TOPICS_PER_SOCKET_MAX } from "./limits.ts";

const POSTED = { source: { target: "+821028286521" }, destinations: [{ target: "+31616818985" }], text: "x" };

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

async function post(caller: Caller): Promise<string> {
  const reply = await open.call("POST", "/v1.0/messages", { as: caller, body: POSTED });
  return (reply.json as { readonly id: string }).id;
}

/** The HTTP status with which an upgrade was refused. */
async function refusedWith(socket: WebSocket): Promise<number> {
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [
    unknown,
    { readonly statusCode: number },
  ];
  return response.statusCode;
}

describe("/v1.0/ws", () => {
  it("tells what webhooks are told, with the id of each event, a deletion too", async () => {
    const client = await clients.connect(open.acme);
    await client.subscribe(topicsOf(open.acme));
    const id = await post(open.acme);
    const [created] = await client.until(1);
    const read = (await open.call("GET", `/v1.0/messages/${id}`, { as: open.acme })).json;
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: "message_created",
      data: read,
    });
    await open.call("POST", `/v1.0/messages/${id}/cancel`, { as: open.acme });
    await client.until(2);
    const deleted = (await open.call("DELETE", `/v1.0/messages/${id}`, { as: open.acme })).json;
    expect((await client.until(3)).map(({ type }) => type)).toEqual([
      "message_created",
      "message_updated",
      "message_deleted",
    ]);
    expect(client.frames[2]?.data).toEqual(deleted);
  });

  it("lets an event that was told absorb nothing more", async () => {
    const client = await clients.connect(open.acme);
    await client.subscribe(topicsOf(open.acme));
    const messageId = (await post(open.acme)) as MessageId;
    await open.call("POST", `/v1.0/messages/${messageId}/cancel`, { as: open.acme });
    const frames = await client.until(2);
    const recount = await open.store.recount({ customerId: open.acme.customer.id, messageId });
    expect(recount?.events.map(({ id }) => id)).toEqual(frames.map(({ id }) => id));
  });

  it("goes on after a break with what came after the last event", async () => {
    const first = await clients.connect(open.acme);
    await first.subscribe(topicsOf(open.acme));
    const ids = [await post(open.acme), await post(open.acme)];
    const [one] = await first.until(2);
    first.socket.terminate();
    ids.push(await post(open.acme));
    const second = await clients.connect(open.acme);
    await second.subscribe(topicsOf(open.acme), { last_event_id: one?.id });
    ids.push(await post(open.acme));
    expect((await second.until(3)).map(({ data }) => data?.id)).toEqual(ids.slice(1));
  });

  it("takes a topic for all that begin with it, and tells nothing once it is unsubscribed", async () => {
    const narrow = await clients.connect(open.acme);
    const wide = await clients.connect(open.acme);
    await wide.subscribe([`customer_id:${open.acme.customer.id}`]);
    await narrow.subscribe([`customer_id:${open.acme.customer.id}:call`]);
    await post(open.acme);
    await wide.until(1);
    wide.say({ type: "unsubscribe", topics: [`customer_id:${open.acme.customer.id}`], ack: true });
    await vi.waitFor(() => expect(wide.frames.at(-1)?.type).toBe("unsubscribed"), 50_000);
    await post(open.acme);
    await narrow.subscribe(topicsOf(open.acme));
    await post(open.acme);
    await narrow.until(1);
    expect(wide.frames).toHaveLength(2);
    expect(narrow.frames).toHaveLength(1);
  });

  it("refuses another customer's topics (P7) and goes on", async () => {
    const client = await clients.connect(open.acme);
    const foreign = topicsOf(open.rival);
    client.say({ type: "subscribe", topics: foreign });
    expect((await client.until(1))[0]).toMatchObject({ type: "error", topics: foreign });
    client.say({ type: "subscribe", topics: ["customer_id:"] });
    await client.until(2);
    await client.subscribe(topicsOf(open.acme));
    await post(open.rival);
    await post(open.acme);
    const frames = await client.until(3);
    expect(frames[2]?.data).toMatchObject({ customer_id: open.acme.customer.id });
  });

  it("answers what it does not understand, and takes so many topics and not one more", async () => {
    const client = await clients.connect(open.acme);
    const own = topicsOf(open.acme)[0] ?? "";
    const topics = Array.from({ length: TOPICS_PER_SOCKET_MAX }, (_, n) => `${own}:${n}`);
    const wrong = [
      "no json",
      "[]",
      '{"type":"dance"}',
      '{"type":"subscribe"}',
      '{"type":"subscribe","topics":[1]}',
    ];
    for (const text of wrong) client.socket.send(text);
    client.say({ type: "subscribe", topics: [own], last_event_id: "7" });
    client.say({ type: "subscribe", topics: [...topics, own] });
    await client.until(7);
    expect(client.frames.every(({ type }) => type === "error")).toBe(true);
    await client.subscribe(topics);
    client.say({ type: "subscribe", topics: [own] });
    expect((await client.until(8))[7]?.type).toBe("error");
  });

  it("wants a credential, and our own page where that is a cookie", async () => {
    expect(await refusedWith(clients.dial(""))).toBe(401);
    expect(await refusedWith(clients.dial("?token=wrong"))).toBe(401);
    const cookie = `token=${open.acme.token}`;
    expect(await refusedWith(clients.dial("", { cookie }))).toBe(403);
    expect(await refusedWith(clients.dial("", { cookie, origin: "https://evil.example" }))).toBe(403);
    await once(clients.dial("", { cookie, origin: open.url }), "open");
    await once(clients.dial("", { authorization: `Bearer ${open.acme.token}` }), "open");
    const plain = await open.call("GET", "/v1.0/ws", { as: open.acme });
    expect(plain.status).toBe(426);
    expect(plain.json).toMatchObject({ error: { reason: "UPGRADE_REQUIRED" } });
  });

  it("has so many for one customer and not one more", async () => {
    for (let n = 0; n < SOCKETS_PER_CUSTOMER_MAX; n++) await clients.connect(open.acme);
    const over = clients.dial(`?token=${open.acme.token}`);
    const [code, reason] = (await once(over, "close")) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([
      1013,
      `you have ${SOCKETS_PER_CUSTOMER_MAX} WebSockets already`,
    ]);
    await clients.connect(open.rival);
  });

  it("says goodbye when the server stops", async () => {
    const other = await openDoor();
    const socket = new WebSocket(`${other.url.replace("http", "ws")}/v1.0/ws?token=${other.acme.token}`);
    await once(socket, "open");
    const closed = once(socket, "close") as Promise<[number, Buffer]>;
    await other.close();
    const [code, reason] = await closed;
    expect([code, reason.toString()]).toEqual([1001, "the server stops"]);
  });
});
