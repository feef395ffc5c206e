import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Forwarder, startForwarder } from "../../../test/support/forwarder.ts";
import { execute, type PostgresServer, sharedPostgres } from "../../../test/support/postgres.ts";
import { createClock } from "../../domain/clock.ts";
import { World } from "../contract/world.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { count() {}, gauge() {}, observe() {} },
};

/** The connection breaks after a commit and before its answer: the group commit asks for it once more. */
describe("a settlement whose answer was lost", () => {
  let server: PostgresServer;
  let url: string;
  let forwarder: Forwarder;
  let store: Store;
  let world: World;
  beforeAll(async () => {
    server = await sharedPostgres();
    url = await server.createDatabase();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    forwarder = await startForwarder(Number(new URL(url).port));
    const clock = createClock(() => Date.now());
    store = await openPostgresStore({ url: forwarder.through(url), directUrl: url, clock, ...quiet });
    world = new World({ store, reopen: async () => {}, dispose: async () => {} });
  });
  afterEach(async () => {
    await store.close();
    await forwarder.close();
  });

  /** Does `meanwhile` between a commit that names `marker` and the repetition of it. */
  async function losingAnswer<T>(
    marker: string,
    commit: () => Promise<T>,
    isCommitted: string,
    meanwhile: () => Promise<void>,
  ): Promise<T> {
    const lost = forwarder.loseCommitOf(marker);
    const answer = commit();
    const early = answer.then(() => {
      throw new Error("answered before its commit was lost");
    });
    await Promise.race([lost, early]);
    early.catch(() => undefined); // it is answered in the end
    await expect.poll(async () => (await execute(url, isCommitted)).rowCount, { timeout: 30_000 }).toBe(1);
    await meanwhile();
    forwarder.leadTo(Number(new URL(url).port)); // what was connected is cut
    return answer;
  }

  it.each(["released", "retry"] as const)(
    "leaves a target that was %s with the mark that the node made since",
    async (outcome) => {
      const [key] = await world.inFlight();
      const { carrierId } = world;
      const terms = { dueAt: world.now(), partStates: "", receiptKeys: [null], receiptDueAt: null };
      const settlement = { ...world.base(key), ...terms, outcome };
      const ofIt = `WHERE carrier_id = '${carrierId}' AND message_id = '${key.messageId}'`;
      const results = await losingAnswer(
        key.messageId,
        () => store.settleTargets([settlement]),
        `SELECT 1 FROM queue ${ofIt}`,
        async () => {
          expect(await world.claim()).toHaveLength(1);
          expect(await store.markInFlight([world.mark(key)])).toEqual([true]);
        },
      );
      expect(results).toEqual([{ kind: "stale" }]);
      const { rows } = await execute(url, `SELECT node, marked_at FROM leased ${ofIt}`);
      expect(rows).toEqual([{ node: world.node, marked_at: String(world.base(key).markedAt) }]);
      expect((await execute(url, `SELECT 1 FROM queue ${ofIt}`)).rowCount).toBe(0);
    },
  );

  it("leaves a delivery that was to be repeated with the attempt that was begun since", async () => {
    const { id } = await world.endpoint();
    await world.accept();
    const [delivery] = await world.deliveries(id);
    if (delivery === undefined) throw new Error("a delivery is due");
    const repeat = { outcome: "retry", attempts: delivery.attempts, dueAt: world.now(), body: "{}" } as const;
    await losingAnswer(
      delivery.eventId,
      () => store.settleDeliveries([{ ...world.attempted(delivery), ...repeat }]),
      `SELECT 1 FROM deliveries WHERE endpoint_id = '${id}' AND attempts = 1`,
      async () => {
        expect(await world.deliveries(id)).toMatchObject([{ attempts: 1 }]);
      },
    );
    const { rows } = await execute(
      url,
      `SELECT attempts, due_at FROM deliveries WHERE endpoint_id = '${id}'`,
    );
    expect(rows).toMatchObject([{ attempts: 1 }]);
    expect(Number((rows as { due_at: string }[])[0]?.due_at)).toBeGreaterThan(world.now());
    const logged = await execute(url, `SELECT 1 FROM attempts WHERE endpoint_id = '${id}'`);
    expect(logged.rowCount).toBe(1);
  });
});
