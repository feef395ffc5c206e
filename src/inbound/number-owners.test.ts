import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, sharedPostgres } from "../../test/support/postgres.ts";
import { createClock } from "../domain/clock.ts";
import { createIds, type CustomerId, type NumberId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { customerRecord } from "../store/contract/customer-record.ts";
import { openPostgresStore } from "../store/postgres/postgres-store.ts";
import { createNumberOwners } from "./number-owners.ts";

const quiet = (): void => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const metrics = { count: quiet, gauge: quiet, observe: quiet };
const NUMBER = "+821100000001";

function ownedBy(customer: string): OwnedNumber {
  const id = "00000000-0000-4000-8000-000000000001" as NumberId;
  const [at, rest] = [micros(0), { name: "", detail: "", optOut: null, tmUpdate: null, tmDelete: null }];
  return { id, customerId: customer as CustomerId, number: NUMBER, type: "normal", tmCreate: at, ...rest };
}

/** A store whose answers are given by the test, in the order in which they were asked for. */
function setUp() {
  const asked: { readonly digits: string; readonly answer: PromiseWithResolvers<OwnedNumber | null> }[] = [];
  let nowMs = 0;
  const store = {
    findNumber(digits: string) {
      const answer = Promise.withResolvers<OwnedNumber | null>();
      asked.push({ digits, answer });
      return answer.promise;
    },
  };
  const owners = createNumberOwners(store, () => nowMs);
  return { owners, asked, later: (ms: number) => (nowMs += ms) };
}

describe("owners of numbers", () => {
  it("are asked for once, however a number is written, and then known at once", async () => {
    const { owners, asked } = setUp();
    const found = [owners.find(NUMBER), owners.find("821100000001")];
    expect(asked.map(({ digits }) => digits)).toEqual(["821100000001"]);
    asked[0]?.answer.resolve(ownedBy("one"));
    for (const owner of found) expect(await owner).toEqual(ownedBy("one"));
    expect(owners.find(NUMBER)).toEqual(ownedBy("one"));
    expect(asked).toHaveLength(1);
  });

  it("are asked for anew after 4 s, while nobody waits for that", async () => {
    const { owners, asked, later } = setUp();
    void owners.find(NUMBER);
    asked[0]?.answer.resolve(null);
    await asked[0]?.answer.promise;
    later(3_999);
    expect(owners.find(NUMBER)).toBeNull();
    expect(asked).toHaveLength(1);
    later(1);
    expect([owners.find(NUMBER), owners.find(NUMBER)]).toEqual([null, null]);
    expect(asked).toHaveLength(2);
    asked[1]?.answer.resolve(ownedBy("two"));
    await asked[1]?.answer.promise;
    expect(owners.find(NUMBER)).toEqual(ownedBy("two"));
  });

  it("are not believed any more after 5 s", async () => {
    const { owners, asked, later } = setUp();
    void owners.find(NUMBER);
    asked[0]?.answer.resolve(null);
    await asked[0]?.answer.promise;
    later(5_000);
    expect(owners.find(NUMBER)).toBeInstanceOf(Promise);
    expect(asked).toHaveLength(2);
  });

  it("are forgotten when the directory changes, what is just being asked for with them", async () => {
    const { owners, asked, later } = setUp();
    void owners.find(NUMBER);
    asked[0]?.answer.resolve(null);
    await asked[0]?.answer.promise;
    later(4_000);
    expect(owners.find(NUMBER)).toBeNull(); // is renewed
    owners.forget();
    asked[1]?.answer.resolve(null); // from before the change
    await asked[1]?.answer.promise;
    const found = owners.find(NUMBER);
    asked[2]?.answer.resolve(ownedBy("three"));
    expect(await found).toEqual(ownedBy("three"));
  });

  it("are asked for again after a failure", async () => {
    const { owners, asked } = setUp();
    const found = owners.find(NUMBER);
    asked[0]?.answer.reject(new StoreUnavailable("busy", "not now"));
    await expect(found).rejects.toThrow("not now");
    const again = owners.find(NUMBER);
    asked[1]?.answer.resolve(null);
    expect(await again).toBeNull();
  });
});

describe("owners of numbers, on several nodes", () => {
  const clock = createClock(() => Date.now());
  let server: PostgresServer;
  beforeAll(async () => {
    server = await sharedPostgres();
  });
  afterAll(() => server.stop());

  it("are another's as soon as the node where the number changed hands has told it", async () => {
    const url = await server.createDatabase();
    const open = () => openPostgresStore({ url, directUrl: url, clock, logger, metrics });
    await using nodes = new AsyncDisposableStack();
    const [here, there] = [await open(), await open()];
    for (const node of [here, there]) nodes.defer(() => node.close());
    const owners = createNumberOwners(here, () => 0); // nothing grows old
    here.onWake(({ kind }) => void (kind === "directory" && owners.forget()));
    const ids = createIds((bytes) => crypto.getRandomValues(bytes));
    const owned = (): OwnedNumber => {
      const [id, customerId] = [ids.at(clock.now()) as NumberId, ids.at(clock.now()) as CustomerId];
      return { ...ownedBy(customerId), id, tmCreate: clock.now() };
    };
    const [former, present] = [owned(), owned()];
    for (const { customerId } of [former, present])
      await there.putCustomer(customerRecord({ customerId, now: () => clock.now() }));
    await there.putNumber(former);
    await expect.poll(() => owners.find(NUMBER), { timeout: 50_000 }).toEqual(former);
    await there.putNumber({ ...former, tmDelete: clock.now() });
    expect(await there.putNumber(present)).toBe("written");
    await expect.poll(() => owners.find(NUMBER), { timeout: 50_000 }).toEqual(present);
  });
});
