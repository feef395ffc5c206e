import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { execute, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { quietLogger, quietMetrics } from "../../../test/support/store-of.ts";
import { eventually } from "../../../test/support/service.ts";
import { createClock } from "../../domain/clock.ts";
import type { EventId, MessageId } from "../../domain/ids.ts";
import { tel, World } from "../contract/world.ts";
import type { Reception } from "../gathering.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

const WITHIN_MS = 60_000;

/**
 * A session that waits for the synchronous standby is cut off, as it is when the primary goes down or is restarted: what it
 * committed is seen from then on, and only the primary has it. Nobody may be told that it is there until the standby has it.
 */
describe("what was committed and is not on the synchronous standby", () => {
  let server: PostgresServer;
  let url: string;
  let store: Store;
  let world: World;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    store = await openPostgresStore({
      url,
      directUrl: url,
      clock: createClock(() => Date.now()),
      logger: quietLogger,
      metrics: quietMetrics,
    });
  });
  beforeEach(({ skip }) => {
    if (server.own === null) skip("the settings of the server at hand are not ours to change");
    world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  });
  afterEach(async () => {
    if (server.own !== null) await putStandby("");
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  /** Names the standby that commits wait for; there is none of any name. */
  async function putStandby(name: string): Promise<void> {
    await execute(url, `ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
    await execute(url, "SELECT pg_reload_conf()");
  }

  async function waiting(application: string): Promise<readonly number[]> {
    const sql = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = '${application}'`;
    return (await execute(url, sql)).rows.map(({ pid }: { pid: number }) => pid);
  }

  /** From its return on, commits wait. */
  async function loseStandby(): Promise<void> {
    await putStandby("lost");
    const probing = new URL(url);
    probing.searchParams.set("application_name", "probing");
    // The server takes the setting in by and by: a commit shows when it has.
    for (;;) {
      let isAnswered = false;
      const answer = execute(probing.href, "SELECT pg_logical_emit_message(true, '', '')").finally(() => {
        isAnswered = true;
      });
      const pids = await eventually(
        () => waiting("probing"),
        ({ length }) => isAnswered || length === 1,
        WITHIN_MS,
      );
      for (const pid of pids) await execute(url, `SELECT pg_cancel_backend(${pid})`);
      await answer;
      if (pids.length > 0) return;
    }
  }

  /** Loses the standby, and cuts off the session that commits what is asked for. */
  async function cutOff<T>(ask: () => Promise<T>) {
    await loseStandby();
    const answer = ask();
    answer.catch(() => undefined); // whoever awaits it hears of it
    const [pid = 0] = await eventually(
      () => waiting("msgbin"),
      ({ length }) => length === 1,
      WITHIN_MS,
    );
    await execute(url, `SELECT pg_terminate_backend(${pid})`);
    return { answer, pid };
  }

  /** Expects an answer to wait for the standby, beside those sessions, and gives it once commits wait for nobody any more. */
  async function answerOfBoth<T>(answer: Promise<T>, others: readonly number[]): Promise<T> {
    const early = answer.then((given) => {
      throw new Error(`answered without the standby: ${JSON.stringify(given)}`);
    });
    const waits = eventually(
      () => waiting("msgbin"),
      (pids) => pids.some((pid) => !others.includes(pid)),
      WITHIN_MS,
    );
    await Promise.race([early, waits]);
    early.catch(() => undefined); // it is answered in the end
    await putStandby("");
    return answer;
  }

  /** What the store answers after its session was cut off that committed it. */
  async function repeated<T>(ask: () => Promise<T>): Promise<T> {
    const { answer, pid } = await cutOff(ask);
    return answerOfBoth(answer, [pid]);
  }

  /** The answer to somebody who asks after another session was cut off that committed it. */
  async function askedAgain<T>(first: () => Promise<unknown>, again: () => Promise<T>): Promise<T> {
    const { answer, pid } = await cutOff(first);
    await Promise.race([
      answer.catch(() => undefined), // nobody knows what became of it
      eventually(
        () => waiting("msgbin"),
        (pids) => pids.some((other) => other !== pid), // it is looked for
        WITHIN_MS,
      ),
    ]);
    const others = await waiting("msgbin");
    return answerOfBoth(again(), [pid, ...others]);
  }

  function reception(wishes: Partial<Reception> = {}): Reception {
    const at = world.now();
    const target = { n: 0, destination: tel("+3197"), status: "received", parts: 1 } as const;
    const message = {
      id: world.id<MessageId>(at),
      customerId: world.customerId,
      type: "sms",
      direction: "inbound",
      source: tel("+31616"),
      text: "hello",
      options: {},
      targets: [{ ...target, tmUpdate: at, failure: null }],
      tmCreate: at,
      tmUpdate: null,
      tmDelete: null,
    } as const;
    return { message, eventId: world.id<EventId>(), transportId: null, gathering: null, ...wishes };
  }

  it("is no accepted message", async () => {
    expect(await repeated(() => store.acceptMessages([world.acceptance()]))).toEqual([{ kind: "accepted" }]);
  });

  it("is no mark under which a target may be sent", async () => {
    const [key] = await world.accept({ leased: true });
    expect(await repeated(() => store.markInFlight([world.mark(key)]))).toEqual([true]);
  });

  it("is no claim", async () => {
    const [key] = await world.accept();
    expect(await repeated(() => world.claim())).toMatchObject([{ messageId: key.messageId }]);
  });

  it("is no received message", async () => {
    expect(await repeated(() => store.receiveMessages([reception()]))).toEqual([{ kind: "received" }]);
  });

  it("is no repeat of a received message", async () => {
    const transportId = { carrierId: world.carrierId, id: "t-1" };
    const receive = () => store.receiveMessages([reception({ transportId })]);
    await receive();
    await loseStandby();
    expect(await answerOfBoth(receive(), [])).toEqual([{ kind: "repeated" }]);
  });

  it("is no settlement of a target", async () => {
    const [key] = await world.inFlight();
    expect(await repeated(() => store.settleTargets([world.sent(key, ["lost-1"])]))).toEqual([
      { kind: "stale" },
    ]);
  });

  it("is no settlement of a delivery", async () => {
    const { id } = await world.endpoint();
    await world.accept();
    const [delivery] = await world.deliveries(id);
    if (delivery === undefined) throw new Error("a delivery is due");
    await repeated(() => store.settleDeliveries([world.delivered(delivery)]));
    expect(await world.deliveries(id)).toEqual([]);
  });

  it("is no receipt that came before", async () => {
    await world.sentMessage("lost-receipt");
    expect(await repeated(() => store.applyReceipts([world.receipt("lost-receipt-0")]))).toEqual([
      { kind: "noted" },
    ]);
  });

  it("is no deleted message", async () => {
    const [key] = await world.accept();
    const change = { ...key, at: world.now(), eventId: world.id<EventId>() };
    expect(await repeated(() => store.deleteMessages([change]))).toMatchObject([{ id: key.messageId }]);
  });

  it("is no answer that is kept under an idempotency key", async () => {
    const { customerId } = world;
    const idempotency = { key: "k", fingerprint: "f", answer: "a", expiresAt: world.in(60_000) };
    const accept = () => store.acceptMessages([world.acceptance({ idempotency })]);
    const kept = await askedAgain(accept, () => store.findIdempotent(customerId, "k", world.now()));
    expect(kept).toMatchObject({ fingerprint: "f", answer: "a" });
    await loseStandby();
    expect(await answerOfBoth(accept(), [])).toEqual([{ kind: "replayed", answer: "a" }]);
  });

  it("is no canceled message", async () => {
    const [key] = await world.accept();
    const cancel = () => store.cancelMessages([{ ...key, at: world.now(), eventId: world.id<EventId>() }]);
    expect(await askedAgain(cancel, cancel)).toMatchObject([{ canceled: [] }]);
  });

  it("is no opt-out", async () => {
    const { customerId } = world;
    const begin = () =>
      store.beginOptOut({
        id: world.id(),
        customerId,
        sender: "+31616",
        handset: "+3197",
        since: world.now(),
        until: null,
        beganBy: "handset",
        endedBy: "",
      });
    expect(await askedAgain(begin, begin)).toMatchObject({ handset: "+3197" });
  });
});
