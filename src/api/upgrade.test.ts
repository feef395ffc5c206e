import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

const POSTED = JSON.stringify({
  source: { target: "+821028286521" },
  destinations: [{ target: "+31616818985" }],
  text: "x",
});
/** RFC 7540 §3.2.1: what curl's --http2 and Java's HttpClient send along with every request over plain HTTP. */
const H2C = {
  connection: "Upgrade, HTTP2-Settings",
  upgrade: "h2c",
  "http2-settings": "AAMAAABkAAQAoAAAAAIAAAAA",
};
/** RFC 6455 §1.3. */
const WEB_SOCKET = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

interface Answer {
  readonly status: number | undefined;
  readonly requestId: string | string[] | undefined;
  readonly body: string;
}

/** One request as Node's own client sends it: fetch may not ask for an upgrade. */
function ask(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url + path, { method, headers, agent: false });
    asked.on("error", reject);
    asked.on("upgrade", (_answer, socket) => {
      socket.destroy();
      reject(new Error("the connection was upgraded"));
    });
    asked.on("response", (answer) => {
      const { statusCode: status, headers: answered } = answer;
      const requestId = answered["x-request-id"];
      text(answer).then((read) => resolve({ status, requestId, body: read }), reject);
    });
    asked.end(body);
  });
}

describe("an offer to go on in another protocol", () => {
  const json = { "content-type": "application/json", "content-length": String(POSTED.length) };

  it.each([
    ["HTTP/2", H2C],
    ["WebSocket", WEB_SOCKET],
    ["two", { ...H2C, upgrade: "websocket, h2c" }],
  ])("is ignored when it is for %s, and the request served with its body", async (_what, headers) => {
    const path = `/v1.0/messages?token=${open.acme.token}`;
    const answer = await ask(open.url, "POST", path, { ...json, ...headers }, POSTED);
    expect(answer.body).toContain('"status":"queued"');
    expect(answer.status).toBe(200);
  });

  it("is ignored on every path but that of events, in the envelope where there is nothing", async () => {
    const bearer = { authorization: `Bearer ${open.admin.token}` };
    for (const headers of [H2C, WEB_SOCKET]) {
      const listed = await ask(open.url, "GET", "/v1.0/customers", { ...bearer, ...headers });
      expect(listed).toMatchObject({ status: 200, body: expect.stringContaining('"result":[') });
      const nowhere = await ask(open.url, "GET", "/v1.0/nowhere", headers);
      expect(nowhere).toMatchObject({ status: 404, requestId: expect.any(String) });
      expect(nowhere.body).toContain('"reason":"ROUTE_NOT_FOUND"');
    }
    const events = await ask(open.url, "GET", "/v1.0/ws", { ...bearer, ...H2C });
    expect(events).toMatchObject({ status: 426, body: expect.stringContaining('"UPGRADE_REQUIRED"') });
  });

  it("is taken up at the path of events, with a slash at its end too", async () => {
    for (const path of ["/v1.0/ws", "/v1.0/ws/"]) {
      const asked = ask(open.url, "GET", `${path}?token=${open.acme.token}`, WEB_SOCKET);
      await expect(asked).rejects.toThrow("the connection was upgraded");
    }
  });

  it("is ignored by a node without the API", async () => {
    const other = await openDoor({ servesApi: false });
    const answer = await ask(other.url, "GET", "/v1.0/ws", WEB_SOCKET);
    expect(answer).toMatchObject({
      status: 404,
      body: expect.stringContaining("does not have the role api"),
    });
    await other.close();
  });
});
