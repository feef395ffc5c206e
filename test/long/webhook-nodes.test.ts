import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSimulator, type Simulator } from "../../src/carriers/simulator/simulator.ts";
import { type ApiClient, createApiClient } from "../support/api-client.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "../support/service.ts";

const WITHIN_MS = 120_000;
const MESSAGES = 200;
/** Long enough for another node to come upon the same event, were it free to. */
const ANSWER_AFTER_MS = 100;

interface Told {
  readonly id: string;
  readonly messageId: string;
  readonly status: string;
}

/** Two nodes that tell one endpoint, and an endpoint that takes its time. */
describe("webhooks of two nodes", () => {
  let server: PostgresServer;
  let carrier: Simulator;
  let receiver: Server;
  let nodes: readonly Service[];
  let apis: readonly ApiClient[];
  const told: Told[] = [];
  /** Attempts that were under way when another of the same message came. */
  const overlaps: string[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    carrier = createSimulator({ behaviours: { receiptDelayMs: 20, receiptJitterMs: 100 } });
    receiver = startReceiver();
    await once(receiver, "listening");
    const environment = {
      MSGBIN_DATABASE_URL: await server.createDatabase(),
      MSGBIN_SECRET_KEY: "a key that both of the nodes are given here",
    };
    nodes = [await prepareService(environment), await prepareService(environment)];
    await Promise.all(nodes.map((node) => node.start()));
    const token = await loginAsAdmin(nodes[0]?.url ?? "");
    apis = nodes.map((node) => createApiClient(node.url, token));
    const { port } = await carrier.listen();
    const url = `smpp://one:secret@127.0.0.1:${port}?bind=trx&window=50`;
    await apis[0]?.succeed("POST", "/v1.0/carriers", { name: "one", url });
    const customer = await apis[0]?.succeed<Record<string, unknown>>("GET", "/v1.0/customer");
    const address = receiver.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    const webhook = { webhook_method: "POST", webhook_uri: `http://127.0.0.1:${address.port}/hook` };
    await apis[0]?.succeed("PUT", "/v1.0/customer", { ...customer, ...webhook });
  });

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.dispose()));
    await carrier.close();
    receiver.closeAllConnections();
    receiver.close();
    await server.stop();
  });

  function startReceiver(): Server {
    const underWay = new Set<string>();
    return createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { data } = JSON.parse(Buffer.concat(chunks).toString()) as {
          data: { id: string; targets: readonly { status: string }[] };
        };
        if (underWay.has(data.id)) overlaps.push(data.id);
        underWay.add(data.id);
        const status = data.targets[0]?.status ?? "";
        told.push({ id: String(request.headers["webhook-id"]), messageId: data.id, status });
        setTimeout(() => {
          underWay.delete(data.id);
          response.writeHead(200).end();
        }, ANSWER_AFTER_MS);
      });
    }).listen(0, "127.0.0.1");
  }

  it("tell of each event once, and of one event of a message at a time", async () => {
    const ids: string[] = [];
    for (let n = 0; n < MESSAGES; n++) {
      const number = `+3175500${String(n).padStart(4, "0")}`;
      // A node hears of the new carrier in a moment.
      const sent = await eventually(
        () => apis[n % 2]?.send([number], "a text"),
        (answer) => answer?.status === 200,
        WITHIN_MS,
      );
      ids.push(sent?.body.id ?? "");
    }
    const untold = () => {
      const done = new Set(
        told.filter(({ status }) => status === "delivered").map(({ messageId }) => messageId),
      );
      return ids.filter((id) => !done.has(id));
    };
    await eventually(untold, ({ length }) => length === 0, WITHIN_MS);
    const counts = Map.groupBy(told, ({ id }) => id);
    expect([...counts].filter(([, times]) => times.length > 1).map(([id]) => id)).toEqual([]);
    expect(overlaps).toEqual([]);
    const deliverers = await Promise.all(nodes.map(attemptsOf));
    for (const attempts of deliverers) expect(attempts).toBeGreaterThan(0); // else one node did it all
  });
});

async function attemptsOf(node: Service): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  return Number(/^msgbin_webhook_attempts_total\{outcome="delivered"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}
