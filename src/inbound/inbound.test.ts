import { expect, it } from "vitest";
import { createClock } from "../domain/clock.ts";
import { type CarrierId, createIds } from "../domain/ids.ts";
import type { InboundPart } from "../domain/inbound.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { createInbound } from "./inbound.ts";

const PART: InboundPart = {
  carrierId: "00000000-0000-7000-8000-00000000ca00" as CarrierId, // as ids are spelled
  source: "+31600000001",
  destination: "+821100000001",
  encoding: "gsm7",
  text: "a text",
  data: "",
  udh: "",
  concatenation: null,
  transportId: null,
};
const lost = (): Promise<never> => Promise.reject(new StoreUnavailable("connection_lost", "it is gone"));
const quiet = (): void => {};

it("rejects once when the store is lost under whole messages and parts of others, and leaves no failure behind", async () => {
  const behind: unknown[] = [];
  const note = (reason: unknown): void => void behind.push(reason);
  process.on("unhandledRejection", note);
  try {
    const inbound = createInbound({
      store: { keepParts: lost, findGatherings: lost, receiveMessages: lost },
      owners: { find: lost, forget: quiet },
      optOuts: { obey: lost },
      clock: createClock(() => Date.now()),
      ids: createIds((bytes) => crypto.getRandomValues(bytes)),
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      metrics: { count: quiet, gauge: quiet, observe: quiet },
    });
    const part: InboundPart = { ...PART, concatenation: { reference: 1, total: 2, sequence: 1 } };
    await expect(inbound.receive([PART, part, PART])).rejects.toThrow("it is gone");
    await new Promise((resolve) => setImmediate(resolve)); // Node tells of them at the end of a turn
    expect(behind).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});
