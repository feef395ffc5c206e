import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { alterStore } from "./fixtures/altered-store.ts";
import { LiveClients, topicsOf } from "./fixtures/live-client.ts";
import { type Caller, type OpenDoor, openDoor } from "./fixtures/open-door.ts";
import { BODY_MAX_BYTES, SOCKET_MESSAGE_MAX_BYTES, SOCKETS_PER_CUSTOMER_MAX } from "./limits.ts";

let clients: LiveClients;
let open: OpenDoor;
afterEach(async () => {
  vi.useRealTimers();
  clients.close();
  await open.close();
});

async function openTo(changes: Parameters<typeof openDoor>[0] = {}): Promise<void> {
  open = await openDoor(changes);
  clients = new LiveClients(open);
}

/** A client that is let in, and then takes and answers nothing. */
async function deaf(caller: Caller): Promise<Socket> {
  const { hostname, port } = new URL(open.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const lines = [
    `GET /v1.0/ws?token=${caller.token} HTTP/1.1`,
    `Host: ${hostname}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  await once(socket, "readable");
  return socket;
}

/** A frame of a client, masked with zeros (RFC 6455 §5.2). */
function frame(opcode: number, text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const [length, mask] = [Buffer.alloc(8), Buffer.alloc(4)];
  length.writeBigUInt64BE(BigInt(payload.length));
  return Buffer.concat([Buffer.of(0x80 | opcode, 0x80 | 127), length, mask, payload]);
}

/** The code that the server closes with, when nothing was said before. */
async function closeCode(socket: Socket): Promise<number> {
  let heard = Buffer.alloc(0);
  socket.on("data", (bytes) => (heard = Buffer.concat([heard, bytes])));
  await once(socket, "end");
  const headEnd = heard.indexOf("\r\n\r\n");
  const close = heard.subarray(headEnd < 0 ? 0 : headEnd + 4);
  expect(close[0]).toBe(0x88);
  return close.readUInt16BE(2);
}

describe("/v1.0/ws before a client that means ill, or is broken", () => {
  it("is closed although a client does not go that was refused", async () => {
    await openTo();
    for (let n = 0; n < SOCKETS_PER_CUSTOMER_MAX; n++) await clients.connect(open.acme);
    const refused = await deaf(open.acme);
    const isGone = once(refused.resume(), "close");
    let isClosed = false;
    const closing = open.door.close().then(() => (isClosed = true));
    await vi.waitUntil(() => isClosed, 20_000); // ws would wait for half a minute
    await Promise.all([closing, isGone]);
    const left = () => open.door.websocketServer.clients.size; // our end may close a moment after the client's
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
  });

  it("sends away who says more than a customer may ask", async () => {
    await openTo({ requestsPerSecond: 10 });
    const client = await clients.connect(open.acme);
    const closed = once(client.socket, "close");
    for (let n = 0; n < 1_000; n++) client.say({ type: "subscribe", topics: topicsOf(open.acme) });
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([1013, "too many messages"]);
  });

  it("is told why it is sent away when it speaks no WebSocket, or says too much at once", async () => {
    await openTo();
    const frames: readonly (readonly [number, Buffer])[] = [
      [1002, frame(0x3, "")], // an operation that there is none of
      [1007, frame(0x1, Buffer.of(0xff))],
      [1009, frame(0x1, "x".repeat(SOCKET_MESSAGE_MAX_BYTES + 1))],
      [1009, frame(0x1, "x".repeat(BODY_MAX_BYTES * 8))],
    ];
    for (const [code, bytes] of frames) {
      const socket = await deaf(open.acme);
      socket.write(bytes);
      expect(await closeCode(socket)).toBe(code);
    }
  });

  it("tells of what is deleted without a write, however often it is asked", async () => {
    let deletions = 0;
    await openTo({
      changeStore: (store) =>
        alterStore(store, {
          deleteMessages(requests) {
            deletions += requests.length;
            return store.deleteMessages(requests);
          },
        }),
    });
    const body = {
      source: { target: "+821028286521" },
      destinations: [{ target: "+31616818985" }],
      text: "x",
    };
    const { json } = await open.call("POST", "/v1.0/messages", { as: open.acme, body });
    await open.call("DELETE", `/v1.0/messages/${(json as { readonly id: string }).id}`, { as: open.acme });
    for (let time = 0; time < 3; time++) {
      const client = await clients.connect(open.acme);
      await client.subscribe(topicsOf(open.acme), { last_event_id: "00000000-0000-0000-0000-000000000000" });
      const frames = await client.until(2);
      expect(frames.map(({ type }) => type)).toEqual(["message_created", "message_deleted"]);
    }
    expect(deletions).toBe(1);
  });

  it("asks the store for nothing any more once the server is closed", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    await openTo({
      changeStore: (store) =>
        alterStore(store, {
          async listEvents(...question) {
            asked.resolve();
            await answer.promise;
            return store.listEvents(...question);
          },
        }),
    });
    const client = await clients.connect(open.acme);
    client.say({ type: "subscribe", topics: topicsOf(open.acme) });
    await asked.promise;
    let isClosed = false;
    const closing = open.door.close().then(() => (isClosed = true));
    await once(open.door.server, "close");
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    answer.resolve();
    await closing;
  });
});
