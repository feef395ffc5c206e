import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningSimulator, startSimulator } from "../src/app/start-simulator.ts";
import { type ApiClient, type ApiMessage, createApiClient } from "./support/api-client.ts";
import { type PostgresServer, startPostgres } from "./support/postgres.ts";
import { type ReceivedTarget, type Receiver, startReceiver } from "./support/receiver.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const WITHIN_MS = 45_000;

/** Two nodes on one PostgreSQL, with a carrier of their own: the simulator is the embedded engine's. */
describe("the service on PostgreSQL", () => {
  let server: PostgresServer;
  let simulator: RunningSimulator;
  let other: RunningSimulator;
  let receiver: Receiver;
  let nodes: readonly [Service, Service];
  let apis: readonly [ApiClient, ApiClient];

  beforeAll(async () => {
    server = await startPostgres();
    simulator = await startSimulator({ host: "127.0.0.1", port: 0, portVariable: "--port" });
    other = await startSimulator({ host: "127.0.0.1", port: 0, portVariable: "--port" });
    receiver = await startReceiver();
    const environment = {
      MSGBIN_DATABASE_URL: await server.createDatabase(),
      MSGBIN_SECRET_KEY: "a key that both of the nodes are given here",
    };
    nodes = [await prepareService(environment), await prepareService(environment)];
    await Promise.all(nodes.map((node) => node.start())); // both bring the empty database up to date
    const [one, two] = nodes;
    const token = await loginAsAdmin(one.url);
    apis = [createApiClient(one.url, token), createApiClient(two.url, token)];
    await apis[0].succeed("POST", "/v1.0/carriers", { name: "north", url: simulator.url });
    const customer = await apis[0].succeed<Record<string, unknown>>("GET", "/v1.0/customer");
    const webhook = { webhook_method: "POST", webhook_uri: receiver.url };
    await apis[0].succeed("PUT", "/v1.0/customer", { ...customer, ...webhook });
  });

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.dispose()));
    await simulator.close();
    await other.close();
    await receiver.close();
    await server.stop();
  });

  it("delivers what either node accepts, and tells the webhook", async () => {
    const sent = [await send(apis[0], "over the first"), await send(apis[1], "over the second")];
    for (const [index, { id }] of sent.entries()) {
      const other = apis[1 - index] ?? apis[0];
      const done = await eventually(() => other.message(id), delivered, WITHIN_MS);
      expect(done.targets).toHaveLength(2);
      await eventually(
        () => receiver.events.filter(({ message }) => message.id === id),
        (events) => events.some(({ type, message }) => type === "message_updated" && delivered(message)),
        WITHIN_MS,
      );
    }
  });

  it("answers 503 while the database is gone, and goes on by itself", async () => {
    if (server.own === null) return console.log("did not run: the server at hand is not ours to kill");
    const before = await send(apis[0], "before the database is killed");
    await server.own.kill();
    const refused = await apis[0].send(["+31600000001"], "while it is gone");
    const unchanged = await apis[0].call("PUT", "/v1.0/carriers/north", { url: `${simulator.url}?window=9` });
    for (const { status, headers } of [refused, unchanged]) {
      expect(status).toBe(503);
      expect(headers.get("retry-after")).not.toBeNull();
    }
    for (const { url } of nodes) expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await server.own.start();
    for (const { url } of nodes) {
      await eventually(
        () => fetch(`${url}/readyz`),
        ({ status }) => status === 200,
        WITHIN_MS,
      );
    }
    const [carrier] = (await apis[1].succeed<Carriers>("GET", "/v1.0/carriers")).result;
    expect(carrier?.url).not.toContain("window");
    await eventually(() => apis[1].message(before.id), delivered, WITHIN_MS);
    const after = await send(apis[1], "after it came back");
    await eventually(() => apis[0].message(after.id), delivered, WITHIN_MS);
  });

  it("binds anew on all nodes when one of them is told of a change, and sends on", async () => {
    const sent: ApiMessage[] = [];
    const change = async (window: number) => {
      const url = `${simulator.url}?binds=2&window=${window}`;
      const changing = apis[1].succeed("PUT", "/v1.0/carriers/north", { url });
      for (const api of apis) sent.push(await send(api, `while a window of ${window} comes`));
      await changing;
      const isBound = ({ result }: Carriers) =>
        result.every(({ health }) => health?.lanes === 1 && health.window_size === window); // a slot each
      for (const api of apis)
        await eventually(() => api.succeed<Carriers>("GET", "/v1.0/carriers"), isBound, WITHIN_MS);
    };
    await change(5);
    await change(7);
    for (const api of apis) sent.push(await send(api, "over the new binds"));
    for (const { id } of sent) {
      const done = await eventually(() => apis[0].message(id), delivered, WITHIN_MS);
      expect(done.targets).toHaveLength(2);
    }
  });

  it("hands what waits at a carrier that is removed by force to the next one", async () => {
    await apis[0].succeed("POST", "/v1.0/carriers", { name: "south", url: other.url });
    for (const api of apis)
      await eventually(() => api.succeed<Carriers>("GET", "/v1.0/carriers"), allRun, WITHIN_MS);
    await simulator.close();
    const waiting = [await send(apis[0], "over the first"), await send(apis[1], "over the second")];
    const refused = await apis[1].call("DELETE", "/v1.0/carriers/north");
    expect(refused.status).toBe(409);
    await apis[1].succeed("DELETE", "/v1.0/carriers/north?force=true");
    for (const { id } of waiting) await eventually(() => apis[0].message(id), delivered, WITHIN_MS);
  });

  it("goes on with what a killed node left behind", async () => {
    const sent: ApiMessage[] = [];
    for (let index = 0; index < 20; index++) sent.push(await send(apis[0], `message ${index}`));
    await nodes[0].kill();
    for (const { id } of sent) {
      const done = await eventually(() => apis[1].message(id), delivered, WITHIN_MS);
      expect(done.targets).toHaveLength(2);
    }
  });
});

interface Carriers {
  readonly result: readonly {
    readonly url: string;
    readonly health: { readonly lanes: number; readonly window_size: number } | null;
  }[];
}

/** Whether the node that was asked has heard of every carrier. */
function allRun({ result }: Carriers): boolean {
  return result.every(({ health }) => health !== null);
}

function delivered({ targets }: { readonly targets: readonly ReceivedTarget[] }): boolean {
  return targets.every(({ status }) => status === "delivered");
}

async function send(api: ApiClient, text: string): Promise<ApiMessage> {
  const sent = await eventually(
    () => api.send(["+31600000001", "+31600000100"], text),
    ({ status }) => status === 200,
    WITHIN_MS,
  );
  return sent.body;
}
