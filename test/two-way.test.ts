import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiClient, type ApiMessage, createApiClient } from "./support/api-client.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const NUMBER = "+821100000001";
const WITHIN_MS = 20_000;

interface InboxMessage {
  readonly from: string;
  readonly text: string;
}

/** A customer's number and a handset behind the simulator talk with each other, through real sockets. */
describe("a conversation", () => {
  let service: Service;
  let receiver: Receiver;
  let api: ApiClient;

  beforeAll(async () => {
    receiver = await startReceiver();
    service = await prepareService();
    await service.start();
    api = createApiClient(service.url, await loginAsAdmin(service.url));
    await api.succeed("POST", "/v1.0/numbers", { number: NUMBER, name: "main", detail: "" });
    const customer = await api.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
    await api.succeed("PUT", "/v1.0/customer", {
      ...customer,
      webhook_method: "POST",
      webhook_uri: receiver.url,
    });
  });

  afterAll(async () => {
    await service.dispose();
    await receiver.close();
  });

  const write = (handset: string, text: string): Promise<unknown> =>
    api.succeed("POST", `/v1.0/simulator/handsets/${encodeURIComponent(handset)}/messages`, {
      to: NUMBER,
      text,
    });
  const inbox = async (handset: string): Promise<readonly InboxMessage[]> =>
    (
      await api.succeed<{ result: readonly InboxMessage[] }>(
        "GET",
        `/v1.0/simulator/handsets/${encodeURIComponent(handset)}/messages`,
      )
    ).result;
  const received = (handset: string): Promise<readonly ApiMessage[]> =>
    api
      .succeed<{ result: readonly ApiMessage[] }>("GET", "/v1.0/messages?page_size=100")
      .then(({ result }) =>
        result.filter(
          (message) => message.direction === "inbound" && message.source.target.endsWith(handset.slice(1)),
        ),
      );

  it.each([
    [1, "hello from a handset"],
    [3, "every 👋 counts. ".repeat(10)],
  ])("brings a text of %d parts to its number's owner and tells the webhook", async (parts, text) => {
    const handset = `+3165550010${parts}`;
    await write(handset, text);
    const [message] = await eventually(
      () => received(handset),
      (messages) => messages.length === 1,
      WITHIN_MS,
    );
    expect(message).toMatchObject({
      text,
      direction: "inbound",
      targets: [{ destination: { target: NUMBER }, status: "received", parts }],
    });
    const told = await eventually(
      () => receiver.events.filter((event) => event.message.id === message?.id),
      (events) => events.length > 0,
      WITHIN_MS,
    );
    expect(told[0]).toMatchObject({ type: "message_created", message: { direction: "inbound", text } });
  });

  it("stops sending to a handset that wrote STOP, says so to it, and goes on after START", async () => {
    const handset = "+31655500003";
    await write(handset, "Stop.");
    await eventually(
      () => inbox(handset),
      (messages) => messages.some(({ text }) => text.includes("no more messages")),
      WITHIN_MS,
    );
    const refused = await api.send([handset], "are you there?");
    const failed = await eventually(
      () => api.message(refused.body.id),
      ({ targets }) => targets[0]?.status === "failed",
      WITHIN_MS,
    );
    expect(failed.targets[0]?.error?.code).toBe("recipient_opted_out");

    await write(handset, "START");
    await eventually(
      () => inbox(handset),
      (messages) => messages.length === 2,
      WITHIN_MS,
    );
    const sent = await api.send([handset], "welcome back");
    await eventually(
      () => api.message(sent.body.id),
      ({ targets }) => targets[0]?.status === "delivered",
      WITHIN_MS,
    );
    expect((await inbox(handset)).map(({ text }) => text)).not.toContain("are you there?");
  });

  it("lets a handset answer PING by itself", async () => {
    const handset = "+31655500004";
    await api.send([handset], "PING");
    const [answer] = await eventually(
      () => received(handset),
      (messages) => messages.length > 0,
      WITHIN_MS,
    );
    expect(answer?.text).toBe("PONG");
  });
});
