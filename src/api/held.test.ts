import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removedNameSetting } from "../domain/carrier-account.ts";
import { createClock } from "../domain/clock.ts";
import { type CarrierId, createIds, type MessageId, type NodeId } from "../domain/ids.ts";
import { micros } from "../domain/micros.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import type { HeldPlace } from "../store/holding.ts";
import type { Store } from "../store/store.ts";
import { alterStore } from "./fixtures/altered-store.ts";
import { createCarrierShelf } from "./fixtures/carrier-shelf.ts";
import { type Caller, type OpenDoor, openDoor } from "./fixtures/open-door.ts";
import { HELD_PER_REQUEST } from "./limits.ts";
import { CLAIM_MAX_CHARACTERS } from "../store/queueing.ts";

const NODE = "00000000-0000-4000-8000-0000000000f9" as NodeId;
const newIds = () => createIds((bytes) => crypto.getRandomValues(bytes));
const newId = () => newIds().at(micros(1));

interface HeldBody {
  readonly message_id: string;
  readonly target: number;
  readonly carrier_id: string;
  readonly tm_held: string;
  readonly tm_expire: string;
}

interface PageBody {
  readonly result: readonly HeldBody[];
  readonly next_page_token: string;
}

let open: OpenDoor;
beforeEach(async () => {
  open = await openDoor();
});
afterEach(() => open.close());

/** Opens the door anew, before a store and a desk of carriers that are not as they were. */
async function reopen(changeStore: (store: Store) => Store, listCarriers = async () => []): Promise<void> {
  await open.close();
  const desk = createCarrierShelf(createClock(Date.now), newIds());
  open = await openDoor({ changeStore, carriers: { ...desk, list: listCarriers } });
}

/** Sends a message and leaves its targets as a process does that dies with them in flight, where the policy is to hold. */
async function hold(as: Caller, targets = 1): Promise<string> {
  const destinations = Array.from({ length: targets }, (_, n) => ({ target: `+3161681${8000 + n}` }));
  const body = { source: { target: "Acme" }, destinations, text: "x" };
  const { id } = (await open.call("POST", "/v1.0/messages", { as, body })).json as { id: string };
  const { store } = open;
  const [{ carrierId } = { carrierId: null }] = await store.queueDepths();
  if (carrierId === null) throw new Error("nothing is queued");
  const now = micros(Date.now() * 1_000);
  const claimed = await store.claimTargets({
    carrierId,
    node: NODE,
    now,
    limit: targets,
    characters: CLAIM_MAX_CHARACTERS,
  });
  const lane = { carrierId, node: NODE, bind: 0, epoch: 1, at: now };
  await store.markInFlight(claimed.map((target) => ({ ...target, ...lane })));
  await store.recoverTargets({ carrierId, liveNodes: [], policy: "hold", now, limit: targets });
  return id;
}

async function list(as: Caller, query = ""): Promise<PageBody> {
  const reply = await open.call("GET", `/v1.0/held?${query}`, { as });
  expect({ status: reply.status, text: reply.status === 200 ? "" : reply.text }).toEqual({
    status: 200,
    text: "",
  });
  return reply.json as PageBody;
}

const idsOf = ({ result }: PageBody): readonly string[] => result.map(({ message_id: id }) => id);

async function carrierId(): Promise<string> {
  const [held] = (await list(open.admin)).result;
  return held?.carrier_id ?? "";
}

const statusesOf = async (as: Caller, id: string): Promise<readonly string[]> => {
  const { json } = await open.call("GET", `/v1.0/messages/${id}`, { as });
  return (json as { targets: { status: string }[] }).targets.map(({ status }) => status);
};

describe("GET /v1.0/held", () => {
  it("tells an administrator what is held, whose it is, where, since when and why", async () => {
    const id = await hold(open.acme);
    const { result, next_page_token: token } = await list(open.admin);
    expect(token).toBe("");
    expect(result).toEqual([
      {
        message_id: id,
        target: 0,
        customer_id: open.acme.customer.id,
        customer: "acme",
        carrier_id: expect.any(String) as string,
        carrier: "removed", // the desk of these tests does not know it
        destination: "+31616818000",
        reason: "in_flight_at_crash",
        attempts: 1,
        tm_held: expect.stringMatching(/^20/) as string,
        tm_expire: expect.stringMatching(/^20/) as string,
      },
    ]);
  });

  it("tells what a carrier was called that is gone", async () => {
    await hold(open.acme);
    await open.store.putSetting(removedNameSetting(await carrierId()), "north");
    expect((await list(open.acme)).result).toMatchObject([{ carrier: "removed", removed_carrier: "north" }]);
  });

  it("shows a customer what is theirs alone (P7)", async () => {
    const [mine, theirs] = [await hold(open.acme), await hold(open.rival)];
    expect(idsOf(await list(open.acme))).toEqual([mine]);
    expect(idsOf(await list(open.rival))).toEqual([theirs]);
    expect(idsOf(await list(open.admin))).toEqual([mine, theirs]);
    expect(idsOf(await list(open.admin, `customer_id=${open.rival.customer.id}`))).toEqual([theirs]);
    const foreign = `/v1.0/held?customer_id=${open.rival.customer.id}`;
    expect((await open.call("GET", foreign, { as: open.acme })).status).toBe(403);
    expect((await open.call("GET", "/v1.0/held")).status).toBe(401);
  });

  it("goes page by page, and carrier by carrier", async () => {
    const id = await hold(open.acme, 3);
    const seen: number[] = [];
    let token = "";
    do {
      const page = await list(open.admin, `page_size=2&page_token=${token}`);
      seen.push(...page.result.map(({ target }) => target));
      token = page.next_page_token;
    } while (token !== "");
    expect(seen).toEqual([0, 1, 2]);
    expect(idsOf(await list(open.admin, `carrier=${await carrierId()}`))).toEqual([id, id, id]);
    expect(idsOf(await list(open.admin, `carrier=${newId()}`))).toEqual([]);
    expect((await open.call("GET", "/v1.0/held?carrier=nobody", { as: open.admin })).status).toBe(404);
  });

  it("goes on behind another customer's target without telling of it (P7)", async () => {
    const place: HeldPlace = { carrierId: newId() as CarrierId, messageId: newId() as MessageId, n: 3 };
    const after: (HeldPlace | null)[] = [];
    const heldTargets: Store["heldTargets"] = async (query) => {
      after.push(query.after);
      return { targets: [], next: place };
    };
    await reopen((store) => alterStore(store, { heldTargets }));
    const { next_page_token: token } = await list(open.acme);
    expect(token).not.toMatch(new RegExp(`${place.messageId}|${place.carrierId}`));
    after.length = 0;
    await list(open.acme, `page_token=${token}`);
    expect(after[0]).toEqual(place);
  });

  it.each(["x", "2026-01-01 00:00:00", "a_b_c", "_".repeat(3)])("refuses %j as a token", async (token) => {
    const path = `/v1.0/held?page_token=${encodeURIComponent(token)}`;
    const reply = await open.call("GET", path, { as: open.admin });
    expect(reply.json).toMatchObject({ error: { details: [{ field: "page_token" }] } });
  });
});

const decide = (decision: string, query: string, as = open.admin) =>
  open.call("POST", `/v1.0/held/${decision}?${query}`, { as });

describe("POST /v1.0/held/…", () => {
  it("sends once more all that a carrier holds, and notes who said so", async () => {
    const [mine, theirs] = [await hold(open.acme), await hold(open.rival)];
    const carrier = await carrierId();
    const reply = await decide("resend", `carrier=${carrier}`);
    expect(reply.json).toEqual({ targets: 2, next_page_token: "" });
    expect((await list(open.admin)).result).toEqual([]);
    const queued = await open.store.queueDepths();
    expect(queued).toMatchObject([{ waiting: 2, held: 0 }]);
    expect(await statusesOf(open.acme, mine)).toEqual(["queued"]);
    expect(await statusesOf(open.rival, theirs)).toEqual(["queued"]);
    const audit = await open.call("GET", "/v1.0/audit", { as: open.admin });
    const detail = { id: carrier, targets: 2, customer_id: null };
    expect(audit.json).toMatchObject({ result: [{ what: "held.resent", on: "removed", detail }] });
    expect((await decide("resend", `carrier=${carrier}`)).json).toEqual({ targets: 0, next_page_token: "" });
  });

  it("cancels what one customer has there, as that customer may", async () => {
    const [mine, theirs] = [await hold(open.acme), await hold(open.rival)];
    const carrier = await carrierId();
    expect((await decide("cancel", `carrier=${carrier}`, open.acme)).json).toMatchObject({ targets: 1 });
    expect(await statusesOf(open.acme, mine)).toEqual(["canceled"]);
    expect(await statusesOf(open.rival, theirs)).toEqual(["queued"]);
    const customer = `customer_id=${open.rival.customer.id}`;
    expect((await decide("cancel", `carrier=${carrier}&${customer}`, open.acme)).status).toBe(403);
    expect((await decide("cancel", `carrier=${carrier}&${customer}`)).json).toMatchObject({ targets: 1 });
    expect(await statusesOf(open.rival, theirs)).toEqual(["canceled"]);
  });

  it("decides about a bounded number with each request, and says where to go on", async () => {
    await hold(open.acme, HELD_PER_REQUEST + 1);
    const carrier = await carrierId();
    const first = (await decide("cancel", `carrier=${carrier}`)).json as PageBody & { targets: number };
    expect(first.targets).toBe(HELD_PER_REQUEST);
    const rest = await decide("cancel", `carrier=${carrier}&page_token=${first.next_page_token}`);
    expect(rest.json).toEqual({ targets: 1, next_page_token: "" });
  });

  it.each([
    ["GET", ""],
    ["POST", "/resend"],
    ["POST", "/cancel"],
  ])("refuses the token of another carrier: %s /v1.0/held%s", async (method, which) => {
    await hold(open.acme, 2);
    const { next_page_token: token } = await list(open.admin, "page_size=1");
    const path = `/v1.0/held${which}?carrier=${newId()}&page_token=${token}`;
    const reply = await open.call(method, path, { as: open.admin });
    expect(reply).toMatchObject({ status: 400, json: { error: { details: [{ field: "page_token" }] } } });
  });

  it("says that it is decided, whatever fails after that", async () => {
    let isDecided = false;
    const failLater = (store: Store) =>
      alterStore(store, {
        async decideHeld(...decision) {
          isDecided = true;
          return store.decideHeld(...decision);
        },
      });
    await reopen(failLater, async () => {
      if (isDecided) throw new StoreUnavailable("connection_lost", "as planned");
      return [];
    });
    await hold(open.acme);
    const reply = await decide("resend", `carrier=${await carrierId()}`);
    expect(reply).toMatchObject({ status: 200, json: { targets: 1 } });
  });

  it("wants a carrier: nobody means all of them by accident", async () => {
    const id = await hold(open.acme);
    for (const decision of ["resend", "cancel"]) {
      const reply = await decide(decision, "");
      expect(reply.json).toMatchObject({ error: { details: [{ field: "carrier" }] } });
      expect((await decide(decision, "carrier=nobody")).status).toBe(404);
    }
    expect(idsOf(await list(open.admin))).toEqual([id]);
  });
});
