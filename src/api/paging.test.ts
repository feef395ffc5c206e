import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventId, MessageId } from "../domain/ids.ts";
import { createIds } from "../domain/ids.ts";
import { type Micros, micros, parseMicros } from "../domain/micros.ts";
import type { Acceptance } from "../store/accepting.ts";
import { type Caller, type OpenDoor, openDoor } from "./fixtures/open-door.ts";

interface PageBody {
  readonly result: readonly {
    readonly id: string;
    readonly tm_create: string;
    readonly targets: readonly unknown[];
  }[];
  readonly next_page_token: string;
}

const ids = createIds((bytes) => crypto.getRandomValues(bytes));

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

async function list(as: Caller, query: string): Promise<PageBody> {
  const reply = await open.call("GET", `/v1.0/messages?${query}`, { as });
  expect(reply.status).toBe(200);
  return reply.json as PageBody;
}

async function store({ customer }: Caller, tmCreate: Micros, targets = 1): Promise<string> {
  const id = ids.at(tmCreate) as MessageId;
  const address = { type: "tel", target: "+31616818985", target_name: "", name: "", detail: "" };
  const entry: Acceptance = {
    message: {
      id,
      customerId: customer.id,
      type: "sms",
      direction: "outbound",
      source: address,
      text: "x",
      options: {},
      tmCreate,
      tmUpdate: null,
      tmDelete: null,
    },
    targets: Array.from({ length: targets }, (_, n) => ({
      n,
      destination: address,
      status: "queued" as const,
      parts: 1,
      tmUpdate: tmCreate,
      failure: null,
    })),
    queue: [],
    leasedTo: null,
    eventId: ids.at(tmCreate) as EventId,
    idempotency: null,
  };
  await open.store.acceptMessages([entry]);
  return id;
}

/** Follows page tokens to the empty page; `meanwhile` runs before each further page. */
async function walk(
  as: Caller,
  size: number,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<string[]> {
  const seen: string[] = [];
  let page = await list(as, `page_size=${size}`);
  while (page.result.length > 0) {
    seen.push(...page.result.map(({ id }) => id));
    const last = page.result.at(-1);
    expect(page.next_page_token).toBe(`${last?.tm_create}_${last?.id}`);
    await meanwhile();
    page = await list(as, `page_size=${size}&page_token=${encodeURIComponent(page.next_page_token)}`);
  }
  expect(page.next_page_token).toBe("");
  return seen;
}

describe("walking the list", () => {
  it("shows every message once, the newest first, though they share a microsecond at every page edge", async () => {
    const caller = await open.addCustomer("equal-times");
    const made: string[] = [];
    for (let n = 0; n < 25; n++)
      made.push(await store(caller, micros(1_700_000_000_000_000 + Math.floor(n / 8))));
    const expected = made.toSorted().toReversed();
    for (const size of [1, 3, 8, 100]) expect(await walk(caller, size)).toEqual(expected);
  });

  it("leaves no hole and repeats nothing while messages come in", async () => {
    const caller = await open.addCustomer("busy");
    const before: string[] = [];
    const start = 1_700_000_000_000_000;
    for (let n = 0; n < 20; n++) before.push(await store(caller, micros(start + n)));
    let next = start + 1_000;
    const seen = await walk(caller, 3, () => store(caller, micros(next++)));
    expect(seen).toEqual(before.toReversed());
  });

  it("shows nobody else's", async () => {
    const [mine, theirs] = [await open.addCustomer("mine"), await open.addCustomer("theirs")];
    const id = await store(mine, micros(1_700_000_000_000_000));
    await store(theirs, micros(1_700_000_000_000_001));
    expect(await walk(mine, 10)).toEqual([id]);
  });
});

describe("page_size", () => {
  it.each([
    ["", 10],
    ["page_size=", 10],
    ["page_size=0", 10],
    ["page_size=101", 10],
    ["page_size=99999999999999999999", 10],
    ["page_size=1", 1],
    ["page_size=100", 12],
  ])("%j shows %i of twelve", async (query, count) => {
    const caller = await open.addCustomer(`size-${query}`);
    for (let n = 0; n < 12; n++) await store(caller, micros(1_700_000_000_000_000 + n));
    expect((await list(caller, query)).result).toHaveLength(count);
  });

  it.each(["-1", "1.5", "abc", "1e1", "0x10", "%2B5", "١"])("%s is refused by name", async (size) => {
    const reply = await open.call("GET", `/v1.0/messages?page_size=${size}`, { as: open.acme });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      error: {
        status: "INVALID_ARGUMENT",
        reason: "INVALID_REQUEST_PARAMETER",
        details: [{ field: "page_size" }],
      },
    });
  });
});

describe("page_token", () => {
  it.each([
    "2023-11-14%2022:13:20.000005",
    "2023-11-14+22:13:20.000005",
    "2023-11-14T22:13:20.000005Z",
    "2023-11-14%2022%3A13%3A20.000005",
  ])("%s means strictly older than that time", async (token) => {
    const caller = await open.addCustomer(`token-${token}`);
    const made: string[] = [];
    for (let n = 0; n < 10; n++) made.push(await store(caller, micros(1_700_000_000_000_000 + n)));
    const page = await list(caller, `page_size=100&page_token=${token}`);
    expect(page.result.map(({ id }) => id)).toEqual(made.slice(0, 5).toReversed());
  });

  it("of the sentinel shows the newest", async () => {
    const caller = await open.addCustomer("sentinel");
    const id = await store(caller, parseMicros("2199-12-31 23:59:59.999999") ?? micros(0));
    expect((await list(caller, "page_token=9999-01-01+00:00:00.000000")).result[0]?.id).toBe(id);
  });

  it.each(["x", "2023-13-14+22:13:20", "2023-11-14+22:13:20.000005_x", "%00", "a&page_token=b"])(
    "%s is refused by name",
    async (token) => {
      const reply = await open.call("GET", `/v1.0/messages?page_token=${token}`, { as: open.acme });
      expect(reply.status).toBe(400);
      expect(reply.json).toMatchObject({
        error: {
          status: "INVALID_ARGUMENT",
          reason: "INVALID_REQUEST_PARAMETER",
          details: [{ field: "page_token" }],
        },
      });
    },
  );
});

describe("a page of large messages", () => {
  it("ends early at 5,000 targets and goes on with the next one", async () => {
    const caller = await open.addCustomer("large");
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.push(await store(caller, micros(1_700_000_000_000_000 + n), 1_000));
    const first = await list(caller, "page_size=100");
    expect(first.result).toHaveLength(5);
    expect(await walk(caller, 100)).toEqual(made.toReversed());
  });
});
