import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";
import { PRINCIPAL_CACHE_MS } from "./auth/principals.ts";
import { alterStore } from "./fixtures/altered-store.ts";
import { LiveClients } from "./fixtures/live-client.ts";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

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

async function dial(query: string) {
  const socket = clients.dial(query);
  await once(socket, "open");
  return { socket, end: endOf(socket) };
}

async function endOf(socket: WebSocket): Promise<string> {
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  return `${code} ${reason.toString()}`;
}

async function makeKey(expire = 0) {
  const { json } = await open.call("POST", "/v1.0/accesskeys", {
    as: open.acme,
    body: { name: "k", expire },
  });
  return json as { readonly id: string; readonly token: string };
}

const ENDED = "4401 the credential is no longer good";

describe("a WebSocket", () => {
  it("ends with its credential, at once, when that is withdrawn", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] }); // nothing is asked by the clock
    await openTo();
    const key = await makeKey();
    const lent = await dial(`?accesskey=${key.token}`);
    const own = await dial(`?token=${open.acme.token}`);
    await open.call("DELETE", `/v1.0/accesskeys/${key.id}`, { as: open.acme });
    expect(await lent.end).toBe(ENDED);
    expect(own.socket.readyState).toBe(own.socket.OPEN);
    await open.call("DELETE", `/v1.0/customers/${open.acme.customer.id}`, { as: open.admin });
    expect(await own.end).toBe(ENDED);
  });

  it("ends within five seconds when another process withdrew it and the news of it was lost", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    await openTo({ changeStore: (store) => alterStore(store, { onWake: () => () => undefined }) });
    const { end } = await dial(`?token=${open.acme.token}`);
    const { customer } = open.acme;
    await open.store.putCustomer({ ...customer, tmDelete: customer.tmCreate });
    vi.advanceTimersByTime(PRINCIPAL_CACHE_MS);
    expect(await end).toBe(ENDED);
  });

  it.each(["token", "accesskey"])("ends when its %s expires, to the moment", async (kind) => {
    vi.useFakeTimers({ toFake: ["setInterval"] }); // nothing is asked, neither by the clock nor for news
    await openTo({ changeStore: (store) => alterStore(store, { onWake: () => () => undefined }) });
    const token = open.tokens.issue(open.acme.customer, { method: "", uri: "" }, 60_000);
    const text = kind === "token" ? token : (await makeKey(60)).token;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { socket, end } = await dial(`?${kind}=${text}`);
    open.forwardMs(58_000);
    vi.advanceTimersByTime(58_000);
    socket.send("is anybody there?");
    await once(socket, "message");
    open.forwardMs(4_000); // a token tells whole seconds
    vi.advanceTimersByTime(4_000);
    expect(await end).toBe(ENDED);
  });
});
