import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConnectionRecorder } from "../src/smpp/net/connection-recorder.fixture.ts";
import { SmppServer } from "../src/smpp/net/smpp-server.ts";
import { deliverSm } from "../src/smpp/pdu/pdu-defaults.ts";
import { type ApiClient, createApiClient } from "./support/api-client.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const NUMBER = "821100000001";
const HANDSET = "31655500003";
const OTHER = "31655500004";
const WITHIN_MS = 20_000;

/** A carrier that answers nothing by itself, and a service bound to it whose window is 1. */
describe("a message that is marked in flight and waits for the window", () => {
  const carrier = new ConnectionRecorder();
  const server = new SmppServer<string>({
    host: "127.0.0.1",
    port: 0,
    systemId: "SMSC",
    authenticate: () => ({ ok: true, handlers: carrier }),
    onError: (error) => console.error(error),
  });
  let service: Service;
  let api: ApiClient;

  beforeAll(async () => {
    const { port } = await server.listen();
    service = await prepareService();
    await service.start();
    api = createApiClient(service.url, await loginAsAdmin(service.url));
    await api.succeed("POST", "/v1.0/numbers", { number: `+${NUMBER}`, name: "main", detail: "" });
    await api.succeed("POST", "/v1.0/carriers", {
      name: "north",
      url: `smpp://id:secret@127.0.0.1:${port}?window=1&receipts=none`,
    });
    await carrier.until(() => carrier.connection !== undefined);
  });

  afterAll(async () => {
    await service.dispose();
    await server.destroy();
  });

  /** The texts that were submitted so far, with where to. */
  const submitted = () =>
    carrier.requests.map(({ pdu }) =>
      pdu.command === "submit_sm"
        ? `${pdu.destination.address}: ${Buffer.from(pdu.shortMessage).toString("latin1")}`
        : pdu.command,
    );

  it("is not sent any more once its handset has written STOP", async () => {
    await api.send([`+${OTHER}`], "in the window");
    await carrier.until(() => carrier.requests.length === 1);
    const marked = await api.send([`+${HANDSET}`], "behind it");
    const [source, destination] = [HANDSET, NUMBER].map((address) => ({ ton: 1, npi: 1, address }));
    if (source === undefined || destination === undefined) throw new Error("there are two");
    const stop = deliverSm({ source, destination, shortMessage: Buffer.from("STOP", "latin1") });
    expect(carrier.connection?.request(stop, "stop").ok).toBe(true);
    await carrier.until(() => carrier.outcomes.length === 1);
    expect(carrier.outcomes[0]).toMatchObject({ kind: "answered", response: { commandStatus: 0 } });
    const [first] = carrier.requests;
    if (first !== undefined) carrier.connection?.answer(first, 0, "id-1");
    await carrier.until(() => carrier.requests.length === 2);
    expect(submitted()[0]).toBe(`${OTHER}: in the window`);
    expect(submitted()[1]).toMatch(new RegExp(`^${HANDSET}: .*no more messages`));
    const failed = await eventually(
      () => api.message(marked.body.id),
      ({ targets }) => targets[0]?.status === "failed",
      WITHIN_MS,
    );
    expect(failed.targets[0]?.error?.code).toBe("recipient_opted_out");
  });
});
