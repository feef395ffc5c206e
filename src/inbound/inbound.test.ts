import { expect, it } from "vitest";
import { createClock } from "../domain/clock.ts";
import { type CarrierId, createIds } from "../domain/ids.ts";
import type { InboundPart } from "../domain/inbound.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createInbound, type InboundDependencies } from "./inbound.ts";

const GONE = new StoreUnavailable("connection_lost", "not now");

function partOf(concatenation: InboundPart["concatenation"]): InboundPart {
  return {
    carrierId: "01900000-0000-7000-8000-00000000000a" as CarrierId, // any id names a carrier
    source: "31655000001",
    destination: "821100000001",
    encoding: "gsm7",
    text: "hello",
    data: "",
    udh: "",
    concatenation,
    transportId: null,
  };
}

const quiet = (): void => undefined;

function inboundOver(change: Partial<InboundDependencies>) {
  return createInbound({
    store: {
      keepParts: () => Promise.reject(GONE),
      findGatherings: () => Promise.resolve([]),
      receiveMessages: () => Promise.reject(GONE),
    },
    owners: { find: () => Promise.reject(GONE), forget: quiet },
    optOuts: { obey: () => Promise.resolve(null) },
    clock: createClock(() => Date.now()),
    ids: createIds((bytes) => crypto.getRandomValues(bytes)),
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    metrics: { count: quiet, gauge: quiet, observe: quiet },
    ...change,
  });
}

/** What rejects and is waited for by nobody ends the process, and the test with it. */
it("texts and parts that come together fail together when neither can be stored, however long each takes to", async () => {
  const keeping = Promise.withResolvers<never>();
  const store = {
    keepParts: () => keeping.promise,
    findGatherings: () => Promise.resolve([]),
    receiveMessages: () => Promise.reject(GONE),
  };
  const inbound = inboundOver({ store });
  const parts = [partOf(null), partOf(null), partOf({ reference: 7, total: 2, sequence: 1 })];
  const received = inbound.receive(parts).catch((error: unknown) => error);
  await new Promise((resolve) => setImmediate(resolve)); // unhandled rejections are told by now
  keeping.reject(GONE);
  expect(await received).toBe(GONE);
  await expect(inbound.receive([partOf(null), partOf(null)])).rejects.toBe(GONE);
});
