import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSimulator, type Simulator } from "../src/carriers/simulator/simulator.ts";
import { encodePdu } from "../src/smpp/pdu/encode-pdu.ts";
import { deliverSm } from "../src/smpp/pdu/pdu-defaults.ts";
import { type ApiClient, type ApiMessage, createApiClient } from "./support/api-client.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const WITHIN_MS = 30_000;
/** The simulator's number whose receipts never come by themselves. */
const NO_RECEIPT = "+31600000010";
const ESM_CLASS_RECEIPT = 4;

interface CarrierAnswer {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly health: { readonly state: string; readonly detail: string };
  readonly queue: { readonly waiting: number; readonly in_flight: number };
}

/** A carrier whose account changes while it works, at an SMSC that asks for a password. */
describe("a carrier that is changed in place", () => {
  const passwords: Record<string, string> = { id: "first" };
  let smsc: Simulator;
  let port: number;
  let service: Service;
  let api: ApiClient;

  beforeAll(async () => {
    smsc = createSimulator({ passwords, behaviours: { receiptDelayMs: 0, receiptJitterMs: 0 } });
    port = (await smsc.listen()).port;
    service = await prepareService({ MSGBIN_SIMULATOR: "off" });
    await service.start();
    api = createApiClient(service.url, await loginAsAdmin(service.url));
    await api.succeed("POST", "/v1.0/carriers", { name: "north", url: urlOf("first") });
    await until(({ health }) => health.state === "up");
  });
  afterAll(async () => {
    await service.dispose();
    await smsc.close();
  });

  function urlOf(password: string, query = ""): string {
    return `smpp://id:${password}@127.0.0.1:${port}${query}`;
  }

  function change(wish: object): Promise<CarrierAnswer> {
    return api.succeed("PUT", "/v1.0/carriers/north", wish);
  }

  async function until(satisfies: (carrier: CarrierAnswer) => boolean): Promise<CarrierAnswer> {
    const north = async (): Promise<CarrierAnswer> => {
      const { result } = await api.succeed<{ result: CarrierAnswer[] }>("GET", "/v1.0/carriers");
      const [carrier] = result;
      if (carrier === undefined) throw new Error("there is no carrier");
      return carrier;
    };
    return eventually(north, satisfies, WITHIN_MS);
  }

  async function send(to: string, text: string): Promise<ApiMessage> {
    const sent = await api.send([to], text);
    expect(sent.status).toBe(200);
    return sent.body;
  }

  function untilStatus({ id }: ApiMessage, status: string): Promise<ApiMessage> {
    return eventually(
      () => api.message(id),
      ({ targets }) => targets.every((target) => target.status === status),
      WITHIN_MS,
    );
  }

  /** Each of the messages went out once, and was delivered. */
  async function expectAllDelivered(messages: readonly ApiMessage[]): Promise<void> {
    for (const message of messages) await untilStatus(message, "delivered");
    const texts = new Set(messages.map(({ text }) => text));
    const heard = smsc.log().filter(({ text, messageId }) => texts.has(text) && messageId !== null);
    expect(heard.map(({ text }) => text).toSorted()).toEqual([...texts].toSorted());
  }

  it("sends what was in flight, what waits and what comes meanwhile, each once, over binds old and new", async () => {
    smsc.behave({ responseDelayMs: 20 });
    const sent: ApiMessage[] = [];
    const sendMany = async (from: number, count: number): Promise<void> => {
      for (let n = from; n < from + count; n++)
        sent.push(await send(`+3161000${String(n).padStart(4, "0")}`, `message ${n}`));
    };
    await change({ url: urlOf("first", "?window=2") });
    await sendMany(0, 50);
    passwords["id"] = "second"; // as the operator was told by the carrier: binds that are up stay
    const [changed] = await Promise.all([change({ url: urlOf("second", "?window=20") }), sendMany(50, 30)]);
    expect(changed.url).toBe(`smpp://id:***@127.0.0.1:${port}?window=20`);
    await expectAllDelivered(sent);
    smsc.behave({ responseDelayMs: 0 });
    const connections = new Set(smsc.log().map(({ connection }) => connection));
    expect(connections.size).toBeGreaterThan(1);
  });

  it("hears over the new bind what became of what it sent over the old one", async () => {
    const sent = await send(NO_RECEIPT, "sent before");
    await untilStatus(sent, "sent");
    const [before] = smsc.clients();
    await change({ url: `smpp://id:***@127.0.0.1:${port}?window=10` });
    await until(({ health }) => health.state === "up");
    const [client, ...others] = smsc.clients();
    expect([others, client?.number === before?.number]).toEqual([[], false]);
    const { messageId } = smsc.log().find(({ text }) => text === "sent before") ?? {};
    const text = `id:${messageId} sub:001 dlvrd:001 submit date:2607010000 done date:2607010001 stat:DELIVRD err:000 text:`;
    const receipt = deliverSm({
      source: { ton: 1, npi: 1, address: NO_RECEIPT.slice(1) },
      destination: { ton: 1, npi: 1, address: "821100000001" },
      esmClass: ESM_CLASS_RECEIPT,
      shortMessage: new TextEncoder().encode(text),
    });
    client?.writeRaw(encodePdu({ ...receipt, sequence: 4_000, commandStatus: 0 }));
    await untilStatus(sent, "delivered");
  });

  it("shows that a password is wrong, and sends what waits once it is right", async () => {
    await change({ url: urlOf("wrong") });
    const down = await until(({ health }) => health.state === "down");
    expect(down.health.detail).toContain("ESME_RINVPASWD");
    expect(JSON.stringify(down)).not.toContain("wrong@");
    const waiting = [await send("+31610000901", "waits one"), await send("+31610000902", "waits two")];
    await until(({ queue }) => queue.waiting === 2);
    const refused = await api.call("DELETE", "/v1.0/carriers/north");
    expect(refused.status).toBe(409);
    await change({ url: urlOf("second") });
    await expectAllDelivered(waiting);
  });

  it("counts the parts of what waits as it cuts them now, and fails what no longer fits", async () => {
    await change({ url: urlOf("wrong") });
    const fewer = await send("+31610000911", "a ".repeat(100)); // two parts in the GSM alphabet
    const more = await send("+31610000912", "é".repeat(100)); // one there, two in UCS-2
    const tooLong = await send("+31610000913", "é".repeat(400));
    expect([fewer, more, tooLong].map(({ targets }) => targets[0]?.parts)).toEqual([2, 1, 3]);
    await change({ url: urlOf("second", "?alphabet=ascii&concat=udh&max_parts=3") });
    await untilStatus(fewer, "delivered");
    expect((await untilStatus(more, "delivered")).targets[0]?.parts).toBe(2);
    const failed = await untilStatus(tooLong, "failed");
    expect(failed.targets[0]?.error).toMatchObject({ code: "content_rejected" });
    const body = {
      source: { target: "Shop" },
      destinations: [{ target: "+31610000914" }],
      text: "é".repeat(400),
    };
    expect((await api.call("POST", "/v1.0/messages", body)).status).toBe(400);
  });

  it("goes on with its changes after a start", async () => {
    const { id } = await change({ name: "north", url: `smpp://id:***@127.0.0.1:${port}?window=7` });
    await service.terminate();
    await service.start();
    const carrier = await until(({ health }) => health.state === "up");
    expect(carrier).toMatchObject({ id, url: `smpp://id:***@127.0.0.1:${port}?window=7` });
    await expectAllDelivered([await send("+31610000921", "after the start")]);
  });
});
