import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenDoor, openDoor, type Reply } from "./fixtures/open-door.ts";

interface OptOut {
  readonly id: string;
  readonly status: string;
}

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

const SENDER = "+14155551234";
const HANDSET = "+31616818985";

function add(handset = HANDSET, sender = SENDER): Promise<Reply> {
  return open.call("POST", "/v1.0/optouts", { as: open.acme, body: { sender, handset } });
}

async function list(query = ""): Promise<readonly OptOut[]> {
  const reply = await open.call("GET", `/v1.0/optouts${query}`, { as: open.acme });
  expect(reply.status).toBe(200);
  return (reply.json as { readonly result: readonly OptOut[] }).result;
}

async function statusOf(handset: string, sender = SENDER): Promise<readonly unknown[]> {
  const body = { source: { target: sender }, destinations: [{ target: handset }], text: "x" };
  const reply = await open.call("POST", "/v1.0/messages", { as: open.acme, body });
  return (
    reply.json as { readonly targets: readonly { status: string; error?: { code: string } }[] }
  ).targets.map(({ status, error }) => [status, error?.code]);
}

describe("/v1.0/optouts", () => {
  it("stops messages from the sender to the handset until it is lifted, and keeps the history", async () => {
    const added = await add();
    expect(added.json).toMatchObject({
      sender: SENDER,
      handset: HANDSET,
      status: "lasting",
      began_by: "api",
    });
    const { id } = added.json as OptOut;
    expect(await statusOf(HANDSET)).toEqual([["failed", "recipient_opted_out"]]);
    expect(await statusOf("31616818985")).toEqual([["failed", "recipient_opted_out"]]);
    const lifted = await open.call("DELETE", `/v1.0/optouts/${id}`, { as: open.acme });
    expect(lifted.json).toMatchObject({ id, status: "ended", ended_by: "api" });
    expect((await open.call("DELETE", `/v1.0/optouts/${id}`, { as: open.acme })).json).toEqual(lifted.json);
    expect(await statusOf(HANDSET)).toEqual([["queued", undefined]]);
    const again = (await add()).json as OptOut;
    expect(again.id).not.toBe(id);
    expect((await list()).map((period) => [period.id, period.status])).toEqual([
      [again.id, "lasting"],
      [id, "ended"],
    ]);
  });

  it("knows a sender's name from another, whatever digits they have", async () => {
    await add("+31600000004", "Shop24");
    expect(await statusOf("+31600000004", "SHOP24")).toEqual([["failed", "recipient_opted_out"]]);
    expect(await statusOf("+31600000004", "Bank24")).toEqual([["queued", undefined]]);
  });

  it("answers the one that lasts already", async () => {
    const first = await add("+31600000001");
    expect((await add("31 600 000 001")).json).toEqual(first.json);
  });

  it("is listed by sender and handset, whether their plus was escaped or not", async () => {
    await add("+31600000002");
    for (const plus of ["+", "%2B", ""]) {
      expect(await list(`?handset=${plus}31600000002`)).toHaveLength(1);
    }
    expect(await list("?sender=Shop")).toEqual([]);
    expect((await list("?lasting=true")).every(({ status }) => status === "lasting")).toBe(true);
    expect(await list("?page_size=1")).toHaveLength(1);
  });

  it("is of one customer alone (P7)", async () => {
    const { id } = (await add("+31600000003")).json as OptOut;
    expect((await open.call("DELETE", `/v1.0/optouts/${id}`, { as: open.rival })).status).toBe(404);
    expect((await open.call("GET", "/v1.0/optouts", { as: open.rival })).json).toMatchObject({ result: [] });
  });

  it.each([
    ["handset", { sender: SENDER, handset: "Acme" }],
    ["handset", { sender: SENDER, handset: "+31600000001;ext=5" }],
    ["sender", { sender: " ", handset: HANDSET }],
    ["handset", { sender: SENDER }],
  ])("refuses a wrong %s", async (field, body) => {
    const reply = await open.call("POST", "/v1.0/optouts", { as: open.acme, body });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { details: [{ field }] } });
  });
});
