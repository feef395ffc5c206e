import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

const POSTED = {
  source: { target: "+821028286521" },
  destinations: [{ target: "+31616818985" }],
  text: "hello",
};

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

function post(body: object, path = "/v1.0/messages") {
  return open.call("POST", path, { as: open.acme, body: { ...POSTED, ...body } });
}

describe("POST /v1.0/messages with more than a text", () => {
  it("takes encoding, flash, priority and times, and shows them as they were asked for", async () => {
    const asked = {
      encoding: "ucs2",
      flash: true,
      priority: "high",
      tm_schedule: new Date(Date.now() + 3_600_000).toISOString(),
      tm_expire: new Date(Date.now() + 7_200_000).toISOString(),
    };
    const reply = await post(asked);
    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({
      encoding: "ucs2",
      flash: true,
      priority: "high",
      tm_schedule: `${asked.tm_schedule.replace("T", " ").replace("Z", "")}000`,
      targets: [{ status: "scheduled", parts: 1 }],
    });
    const { id } = reply.json as { readonly id: string };
    expect((await open.call("GET", `/v1.0/messages/${id}`, { as: open.acme })).json).toEqual(reply.json);
  });

  it("takes binary data with a header", async () => {
    const reply = await post({ text: "", data: "0102ff", udh: "0605040b8423f0", encoding: "binary" });
    expect(reply.json).toMatchObject({ text: "", data: "0102ff", udh: "0605040b8423f0", encoding: "binary" });
  });

  it("takes a time in the contract's form, with an offset, and the sentinel as none", async () => {
    const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const contract = await post({
      tm_schedule: `${day} 09:00:00.000000`,
      tm_expire: "9999-01-01 00:00:00.000000",
    });
    expect(contract.json).toMatchObject({ tm_schedule: `${day} 09:00:00.000000` });
    expect(contract.json).not.toHaveProperty("tm_expire");
    const offset = await post({ tm_schedule: `${day}T09:00:00.500+02:00` });
    expect(offset.json).toMatchObject({ tm_schedule: `${day} 07:00:00.500000` });
  });

  it.each([
    ["encoding", { encoding: "morse" }],
    ["flash", { flash: "yes" }],
    ["priority", { priority: 1 }],
    ["data", { text: "", data: "xyz" }],
    ["tm_schedule", { tm_schedule: "tomorrow" }],
    ["tm_schedule", { tm_schedule: "2020-01-01 00:00:00.000000" }],
    ["tm_expire", { tm_expire: "2020-01-01 00:00:00.000000" }],
    ["medias[0].url", { medias: [{ type: "image/png", url: "cat.png" }] }],
  ])("refuses a wrong %s by name", async (field, body) => {
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { reason: "INVALID_ARGUMENT", details: [{ field }] } });
  });
});

describe("POST /v1.0/messages?dry_run=true", () => {
  it("tells parts and encoding, stores nothing, and keeps the route to administrators", async () => {
    const reply = await post({ text: "é".repeat(161) }, "/v1.0/messages?dry_run=true");
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      dry_run: true,
      type: "sms",
      targets: [
        {
          destination: { type: "tel", target: "+31616818985", target_name: "", name: "", detail: "" },
          status: "queued",
          parts: 2,
          encoding: "gsm7",
        },
      ],
    });
    const asAdmin = await open.call("POST", "/v1.0/messages?dry_run=true", { as: open.admin, body: POSTED });
    expect(asAdmin.json).toMatchObject({ targets: [{ route: ["removed"] }] });
    const list = await open.call("GET", "/v1.0/messages", { as: open.admin });
    expect(list.json).toMatchObject({ result: [] });
  });

  it("refuses what would be refused", async () => {
    expect((await post({ destinations: [] }, "/v1.0/messages?dry_run=true")).status).toBe(400);
    expect((await post({}, "/v1.0/messages?dry_run=maybe")).status).toBe(400);
  });
});
