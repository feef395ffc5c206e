import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSimulator, type Simulator } from "../../src/carriers/simulator/simulator.ts";
import type { SubmitEntry } from "../../src/carriers/simulator/submit-log.ts";
import { type ApiClient, createApiClient } from "../support/api-client.ts";
import { holderOf } from "../support/binds-of.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { eventually, loginAsAdmin, pause, prepareService, type Service } from "../support/service.ts";

const WITHIN_MS = 120_000;
const SEND_EVERY_MS = 20;
/** What a lease lasts, less the heartbeat that it may be old: sooner than this nothing but a hand-over moves a slot. */
const LEASE_AT_LEAST_MS = 8_000;
/** What the design asks for; how long it took is printed, and a machine may be slow. */
const TAKEOVER_MS = 15_000;
const SLOW_MACHINE = 2;
const TPS = 50;
const PACED_TARGETS = 600;

interface CarrierList {
  readonly result: readonly {
    readonly id: string;
    readonly name: string;
    readonly health: { readonly lanes: number } | null;
  }[];
}

/** Bind slots between real processes, the carrier's log as the witness (promise P6). */
describe("two nodes and one carrier", () => {
  let server: PostgresServer;
  let carrier: Simulator;
  let nodes: readonly [Service, Service];
  let apis: readonly [ApiClient, ApiClient];
  const submits: (SubmitEntry & { readonly arrivedMs: number })[] = [];
  let sent = 0;

  beforeAll(async () => {
    server = await startPostgres();
    carrier = createSimulator({
      behaviours: { receiptDelayMs: 20, receiptJitterMs: 100 },
      onSubmit: (entry) => submits.push({ ...entry, arrivedMs: performance.now() }),
    });
    const { port } = await carrier.listen();
    const environment = {
      MSGBIN_DATABASE_URL: await server.createDatabase(),
      MSGBIN_SECRET_KEY: "a key that both of the nodes are given here",
    };
    nodes = [await prepareService(environment), await prepareService(environment)];
    await Promise.all(nodes.map((node) => node.start()));
    const token = await loginAsAdmin(nodes[0].url);
    apis = [createApiClient(nodes[0].url, token), createApiClient(nodes[1].url, token)];
    const url = `smpp://one:secret@127.0.0.1:${port}?bind=trx&window=20`;
    await apis[0].succeed("POST", "/v1.0/carriers", { name: "one", url });
    await eventually(
      () => lanesOf("one"),
      (lanes) => lanes.every((count) => count !== null),
      WITHIN_MS,
    );
  });

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.dispose()));
    await carrier.close();
    await server.stop();
  });

  /** The lanes of a carrier that each node has up; null for one that has not learnt of the carrier yet, and cannot route to it. */
  function lanesOf(name: string): Promise<readonly (number | null)[]> {
    return Promise.all(
      apis.map(async (api) => {
        const { result } = await api.succeed<CarrierList>("GET", "/v1.0/carriers");
        return result.find((carrier) => carrier.name === name)?.health?.lanes ?? null;
      }),
    );
  }

  /** The node that has the bind, and the other with its API. */
  async function roles(): Promise<{ holder: Service; other: Service; api: ApiClient }> {
    const holder = await eventually(
      () => holderOf(nodes),
      (node) => node !== null,
      WITHIN_MS,
    );
    const [first, second] = nodes;
    return holder === first
      ? { holder: first, other: second, api: apis[1] }
      : { holder: second, other: first, api: apis[0] };
  }

  /** Sends one message after the other; `stop` answers their numbers. */
  function startSending(api: ApiClient): { stop(): Promise<readonly string[]> } {
    const stopped = new AbortController();
    const numbers: string[] = [];
    const sending = (async () => {
      while (!stopped.signal.aborted) {
        const number = `3175500${String(sent++).padStart(4, "0")}`;
        const { status } = await api.send([`+${number}`], "one after the other");
        expect(status).toBe(200);
        numbers.push(number);
        await pause(SEND_EVERY_MS);
      }
    })();
    return {
      async stop() {
        stopped.abort();
        await sending;
        return numbers;
      },
    };
  }

  const timesSent = (number: string) => submits.filter(({ destination }) => destination === number).length;
  const newest = () => Math.max(0, ...submits.map(({ connection }) => connection));
  const firstOn = (connection: number) => submits.find((entry) => entry.connection > connection);

  it("hands the slot over on SIGTERM at once, and sends nothing twice", async () => {
    const { holder, api } = await roles();
    const load = startSending(api);
    await eventually(newest, (connection) => connection > 0, WITHIN_MS);
    const old = newest();
    expect(await holder.terminate()).toBe(0);
    const first = await eventually(
      () => firstOn(old),
      (entry) => entry !== undefined,
      WITHIN_MS,
    );
    const last = submits.findLast(({ connection }) => connection === old);
    const gapMs = (first?.arrivedMs ?? 0) - (last?.arrivedMs ?? 0);
    console.log(
      `hand-over: ${gapMs.toFixed(0)} ms between the last submit_sm on one bind and the first on the other`,
    );
    expect(gapMs).toBeLessThan(LEASE_AT_LEAST_MS);
    const numbers = await load.stop();
    await eventually(
      () => numbers.filter((number) => timesSent(number) === 0),
      ({ length }) => length === 0,
      WITHIN_MS,
    );
    expect(numbers.filter((number) => timesSent(number) !== 1)).toEqual([]);
    await holder.start();
  });

  it("takes the slot of a killed node over, and sends on it only what was marked a second time", async () => {
    const { holder, api } = await roles();
    const load = startSending(api);
    const before = submits.length;
    await eventually(
      () => submits.length,
      (count) => count > before,
      WITHIN_MS,
    );
    const old = newest();
    const killedMs = performance.now();
    await holder.kill();
    const first = await eventually(
      () => firstOn(old),
      (entry) => entry !== undefined,
      WITHIN_MS,
    );
    const tookMs = (first?.arrivedMs ?? 0) - killedMs;
    console.log(`takeover: ${tookMs.toFixed(0)} ms from SIGKILL to the first submit_sm of the other node`);
    expect(tookMs).toBeLessThan(TAKEOVER_MS * SLOW_MACHINE);
    const numbers = await load.stop();
    await eventually(
      () => numbers.filter((number) => timesSent(number) === 0),
      ({ length }) => length === 0,
      WITHIN_MS,
    );
    expect(submits.findLast(({ connection }) => connection === old)?.number).toBeLessThan(first?.number ?? 0);
    await holder.start();
  });

  it("keeps a carrier's pace over both nodes together", async () => {
    const paced: number[] = [];
    const connections = new Set<number>();
    const slow = createSimulator({
      onSubmit: ({ connection }) => {
        paced.push(performance.now());
        connections.add(connection);
      },
    });
    const { port } = await slow.listen();
    try {
      const url = `smpp://slow:secret@127.0.0.1:${port}?bind=trx&binds=2&tps=${TPS}`;
      const { result } = await apis[0].succeed<CarrierList>("GET", "/v1.0/carriers");
      for (const { id } of result) await apis[0].succeed("DELETE", `/v1.0/carriers/${id}`);
      await apis[0].succeed("POST", "/v1.0/carriers", { name: "slow", url });
      await eventually(
        () => lanesOf("slow"),
        (lanes) => lanes.every((count) => count === 1),
        WITHIN_MS,
      );
      // Half over each: a node keeps what it accepts for its own binds, as far as it has room.
      for (const [half, api] of apis.entries()) {
        const destinations = Array.from(
          { length: PACED_TARGETS / 2 },
          (_, n) => `+447${half}${String(n).padStart(8, "1")}`,
        );
        expect((await api.send(destinations, "not all at once")).status).toBe(200);
      }
      await eventually(
        () => paced.length,
        (count) => count === PACED_TARGETS,
        WITHIN_MS,
      );
      const rate = PACED_TARGETS / (((paced.at(-1) ?? 0) - (paced[0] ?? 0)) / 1_000);
      console.log(
        `pace: ${rate.toFixed(1)} a second over ${connections.size} binds of two nodes, ${TPS} allowed`,
      );
      expect(rate).toBeLessThan(TPS * 1.06);
      expect(connections.size).toBe(2);
    } finally {
      await slow.close();
    }
  });
});
