import { describe, expect, it } from "vitest";
import { createIds, type CustomerId, type EndpointId, type EventId, type MessageId } from "../domain/ids.ts";
import { addMs, type Micros, micros } from "../domain/micros.ts";
import type { Recount } from "../store/recounting.ts";
import { viewTimeline } from "./timeline.ts";

const START = micros(1_647_184_265_000_000);
const EVENT = {
  id: createIds((bytes) => bytes.fill(7)).at(at(95)) as EventId,
  customerId: "c" as CustomerId,
  messageId: "m" as MessageId,
  type: "message_updated",
  version: 2,
  changed: [0],
} as const;

function at(ms: number): Micros {
  return addMs(START, ms);
}

const RECOUNT: Recount = {
  trails: [
    {
      n: 0,
      trail: [
        {
          at: at(20),
          what: "sent",
          carrier: "id-1",
          bind: 2,
          node: "n",
          attempt: 1,
          tookMs: 7,
          words: "id 42",
        },
        { at: at(90), what: "receipt", carrier: "id-1", words: "stat:DELIVRD" },
      ],
    },
  ],
  events: [EVENT],
  attempts: [
    {
      endpointId: "e" as EndpointId,
      event: EVENT,
      attempt: 1,
      at: at(50),
      tookMs: 3,
      statusCode: 200,
      error: "",
      answer: "",
    },
  ],
};

const removedNames = new Map<string, string>();

function nameOf(id: string): string {
  return `name of ${id}`;
}

function view(isAdmin: boolean, direction: "outbound" | "inbound" = "outbound") {
  return viewTimeline({ tmCreate: START, direction }, RECOUNT, { nameOf, removedNames, isAdmin });
}

describe("a timeline", () => {
  it("puts trails, events and webhook calls in the order of their times", () => {
    expect(view(false).map(({ what }) => what)).toEqual(["accepted", "sent", "webhook", "receipt", "event"]);
    expect(view(false)[1]).toEqual({
      at: "2022-03-13 15:11:05.020000",
      what: "sent",
      target: 0,
      carrier: "name of id-1",
      attempt: 1,
      took_ms: 7,
      words: "id 42",
    });
  });

  it("shows bind slots and processes to administrators alone", () => {
    expect(view(true)[1]).toMatchObject({ bind: 2, node: "n" });
    expect(view(false)[1]).not.toHaveProperty("node");
  });

  it("begins with the receiving of an inbound message", () => {
    expect(view(false, "inbound")[0]).toEqual({ at: "2022-03-13 15:11:05.000000", what: "received" });
  });
});
