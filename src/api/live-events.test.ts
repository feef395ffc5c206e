import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { MessageId } from "../domain/ids.ts";
import { type Caller, type OpenDoor, openDoor } from "./fixtures/open-door.ts";
import { SOCKETS_PER_CUSTOMER_MAX, TOPICS_PER_SOCKET_MAX } from "./limits.ts";

const POSTED = { source: { target: "+821028286521" }, destinations: [{ target: "+31616818985" }], text: "x" };

interface Frame {
  readonly id?: string;
  readonly type: string;
  readonly data?: { readonly id: string; readonly tm_delete: string };
  readonly topics?: readonly string[];
}

let open: OpenDoor;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  open = await openDoor();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await open.close();
});

interface Client {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  say(message: unknown): void;
  /** Subscribes and waits until it is so. */
  subscribe(topics: readonly string[], more?: object): Promise<void>;
}

function topicsOf({ customer }: Caller): readonly string[] {
  return [`customer_id:${customer.id}:message`];
}

function dial(query: string, headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(`${open.url.replace("http", "ws")}/v1.0/ws${query}`, { headers });
  sockets.push(socket);
  return socket;
}

async function connect(caller: Caller): Promise<Client> {
  const socket = dial(`?token=${caller.token}`);
  const frames: Frame[] = [];
  socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  await once(socket, "open");
  const say = (message: unknown) => socket.send(JSON.stringify(message));
  return {
    socket,
    frames,
    say,
    async subscribe(topics, more = {}) {
      say({ type: "subscribe", topics, ack: true, ...more });
      await vi.waitFor(() => expect(frames.some(({ type }) => type === "subscribed")).toBe(true), 50_000);
      frames.splice(
        frames.findIndex(({ type }) => type === "subscribed"),
        1,
      );
    },
  };
}

async function post(caller: Caller): Promise<string> {
  const reply = await open.call("POST", "/v1.0/messages", { as: caller, body: POSTED });
  return (reply.json as { readonly id: string }).id;
}

async function until(client: Client, count: number): Promise<readonly Frame[]> {
  await vi.waitFor(() => expect(client.frames.length).toBeGreaterThanOrEqual(count), 50_000);
  return client.frames;
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
    const client = await connect(open.acme);
    await client.subscribe(topicsOf(open.acme));
    const id = await post(open.acme);
    const [created] = await until(client, 1);
    const read = (await open.call("GET", `/v1.0/messages/${id}`, { as: open.acme })).json;
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: "message_created",
      data: read,
    });
    await open.call("POST", `/v1.0/messages/${id}/cancel`, { as: open.acme });
    await until(client, 2);
    const deleted = (await open.call("DELETE", `/v1.0/messages/${id}`, { as: open.acme })).json;
    expect((await until(client, 3)).map(({ type }) => type)).toEqual([
      "message_created",
      "message_updated",
      "message_deleted",
    ]);
    expect(client.frames[2]?.data).toEqual(deleted);
  });

  it("lets an event that was told absorb nothing more", async () => {
    const client = await connect(open.acme);
    await client.subscribe(topicsOf(open.acme));
    const messageId = (await post(open.acme)) as MessageId;
    await open.call("POST", `/v1.0/messages/${messageId}/cancel`, { as: open.acme });
    const frames = await until(client, 2);
    const recount = await open.store.recount({ customerId: open.acme.customer.id, messageId });
    expect(recount?.events.map(({ id }) => id)).toEqual(frames.map(({ id }) => id));
  });

  it("goes on after a break with what came after the last event", async () => {
    const first = await connect(open.acme);
    await first.subscribe(topicsOf(open.acme));
    const ids = [await post(open.acme), await post(open.acme)];
    const [one] = await until(first, 2);
    first.socket.terminate();
    ids.push(await post(open.acme));
    const second = await connect(open.acme);
    await second.subscribe(topicsOf(open.acme), { last_event_id: one?.id });
    ids.push(await post(open.acme));
    expect((await until(second, 3)).map(({ data }) => data?.id)).toEqual(ids.slice(1));
  });

  it("takes a topic for all that begin with it, and tells nothing once it is unsubscribed", async () => {
    const narrow = await connect(open.acme);
    const wide = await connect(open.acme);
    await wide.subscribe([`customer_id:${open.acme.customer.id}`]);
    await narrow.subscribe([`customer_id:${open.acme.customer.id}:call`]);
    await post(open.acme);
    await until(wide, 1);
    wide.say({ type: "unsubscribe", topics: [`customer_id:${open.acme.customer.id}`], ack: true });
    await vi.waitFor(() => expect(wide.frames.at(-1)?.type).toBe("unsubscribed"), 50_000);
    await post(open.acme);
    await narrow.subscribe(topicsOf(open.acme));
    await post(open.acme);
    await until(narrow, 1);
    expect(wide.frames).toHaveLength(2);
    expect(narrow.frames).toHaveLength(1);
  });

  it("refuses another customer's topics (P7) and goes on", async () => {
    const client = await connect(open.acme);
    const foreign = topicsOf(open.rival);
    client.say({ type: "subscribe", topics: foreign });
    expect((await until(client, 1))[0]).toMatchObject({ type: "error", topics: foreign });
    client.say({ type: "subscribe", topics: ["customer_id:"] });
    await until(client, 2);
    await client.subscribe(topicsOf(open.acme));
    await post(open.rival);
    await post(open.acme);
    const frames = await until(client, 3);
    expect(frames[2]?.data).toMatchObject({ customer_id: open.acme.customer.id });
  });

  it("answers what it does not understand, and takes so many topics and not one more", async () => {
    const client = await connect(open.acme);
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
    await until(client, 7);
    expect(client.frames.every(({ type }) => type === "error")).toBe(true);
    await client.subscribe(topics);
    client.say({ type: "subscribe", topics: [own] });
    expect((await until(client, 8))[7]?.type).toBe("error");
  });

  it("wants a credential, and our own page where that is a cookie", async () => {
    expect(await refusedWith(dial(""))).toBe(401);
    expect(await refusedWith(dial("?token=wrong"))).toBe(401);
    const cookie = `token=${open.acme.token}`;
    expect(await refusedWith(dial("", { cookie }))).toBe(403);
    expect(await refusedWith(dial("", { cookie, origin: "https://evil.example" }))).toBe(403);
    await once(dial("", { cookie, origin: open.url }), "open");
    await once(dial("", { authorization: `Bearer ${open.acme.token}` }), "open");
    const plain = await open.call("GET", "/v1.0/ws", { as: open.acme });
    expect(plain.status).toBe(426);
    expect(plain.json).toMatchObject({ error: { reason: "UPGRADE_REQUIRED" } });
  });

  it("ends with its credential, at once and not at the next heartbeat", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] }); // no heart beats
    const still = await openDoor();
    const dialled = (query: string) => new WebSocket(`${still.url.replace("http", "ws")}/v1.0/ws${query}`);
    const key = (await still.call("POST", "/v1.0/accesskeys", { as: still.acme, body: { name: "lent" } }))
      .json as { readonly id: string; readonly token: string };
    const lent = dialled(`?accesskey=${key.token}`);
    const own = dialled(`?token=${still.acme.token}`);
    await Promise.all([once(lent, "open"), once(own, "open")]);
    const [lentClosed, ownClosed] = [once(lent, "close"), once(own, "close")] as Promise<[number]>[];
    await still.call("DELETE", `/v1.0/accesskeys/${key.id}`, { as: still.acme });
    expect((await lentClosed)?.[0]).toBe(4401);
    expect(own.readyState).toBe(WebSocket.OPEN);
    await still.call("DELETE", `/v1.0/customers/${still.acme.customer.id}`, { as: still.admin });
    expect((await ownClosed)?.[0]).toBe(4401);
    await still.close();
    vi.useRealTimers();
  });

  it("has so many for one customer and not one more", async () => {
    for (let n = 0; n < SOCKETS_PER_CUSTOMER_MAX; n++) await connect(open.acme);
    const over = dial(`?token=${open.acme.token}`);
    const [code, reason] = (await once(over, "close")) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([
      1013,
      `you have ${SOCKETS_PER_CUSTOMER_MAX} WebSockets already`,
    ]);
    await connect(open.rival);
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
