import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

const GONE = "+31616818985";
const KEPT = "+31616818986";

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function send(destination: string): Promise<string> {
  const body = {
    source: { target: "Acme" },
    destinations: [{ target: destination }],
    text: `for ${destination}`,
  };
  const reply = await open.call("POST", "/v1.0/messages", { as: open.acme, body });
  expect(reply.status).toBe(200);
  return (reply.json as { id: string }).id;
}

const read = async (id: string): Promise<string> =>
  (await open.call("GET", `/v1.0/messages/${id}`, { as: open.acme })).text;

describe("POST /v1.0/erasures", () => {
  it("takes a number out of every customer's messages, and notes it without the number", async () => {
    const [gone, kept] = [await send(GONE), await send(KEPT)];
    const reply = await open.call("POST", "/v1.0/erasures", { as: open.admin, body: { number: GONE } });
    expect(reply.json).toMatchObject({ messages: 1, targets: 1, more: false });
    expect(await read(gone)).not.toContain(GONE.slice(1));
    expect(await read(kept)).toContain(`for ${KEPT}`);
    const audit = await open.call("GET", "/v1.0/audit", { as: open.admin });
    expect(audit.text).toContain("number.erased");
    expect(audit.text).not.toContain(GONE.slice(1));
    expect(open.logs.join("\n")).not.toContain(GONE.slice(1));
  });

  it("is for administrators alone", async () => {
    const id = await send(KEPT);
    expect(
      (await open.call("POST", "/v1.0/erasures", { as: open.acme, body: { number: KEPT } })).status,
    ).toBe(403);
    expect((await open.call("POST", "/v1.0/erasures", { body: { number: KEPT } })).status).toBe(401);
    expect(await read(id)).toContain(KEPT);
  });

  it.each([["nobody"], [""], ["+"], ["+31600000O01"], ["+3160000000١"], [undefined]])(
    "refuses %j as a number",
    async (number) => {
      const reply = await open.call("POST", "/v1.0/erasures", { as: open.admin, body: { number } });
      expect(reply.status).toBe(400);
      expect(reply.json).toMatchObject({ error: { details: [{ field: "number" }] } });
    },
  );
});
