import { describe, expect, it } from "vitest";
import type { CustomerId, MessageId } from "./ids.ts";
import type { Message } from "./message.ts";
import { viewMessage } from "./message-view.ts";
import { micros } from "./micros.ts";

const AT = micros(Date.UTC(2022, 2, 13, 15, 11, 5, 235) * 1_000 + 717);

function messageOf(change: Partial<Message> = {}): Message {
  const destination = { type: "tel", target: "+31616818985", target_name: "", name: "", detail: "" };
  return {
    id: "a5d2114a-8e84-48cd-8bb2-c406eeb08cd1" as MessageId,
    customerId: "5e4a0680-804e-11ec-8477-2fea5968d85b" as CustomerId,
    type: "sms",
    direction: "outbound",
    source: { ...destination, target: "+821100000001" },
    text: "hello, this is test message.",
    options: {},
    tmCreate: AT,
    tmUpdate: null,
    tmDelete: null,
    targets: [{ n: 0, destination, status: "queued", parts: 1, tmUpdate: AT, failure: null }],
    ...change,
  };
}

describe("a message as clients read it", () => {
  it("has exactly the contract's keys when there is nothing more to say", () => {
    expect(viewMessage(messageOf())).toEqual({
      id: "a5d2114a-8e84-48cd-8bb2-c406eeb08cd1",
      customer_id: "5e4a0680-804e-11ec-8477-2fea5968d85b",
      type: "sms",
      source: { type: "tel", target: "+821100000001", target_name: "", name: "", detail: "" },
      targets: [
        {
          destination: { type: "tel", target: "+31616818985", target_name: "", name: "", detail: "" },
          status: "queued",
          parts: 1,
          tm_update: "2022-03-13 15:11:05.235717",
        },
      ],
      text: "hello, this is test message.",
      direction: "outbound",
      tm_create: "2022-03-13 15:11:05.235717",
      tm_update: "9999-01-01 00:00:00.000000",
      tm_delete: "9999-01-01 00:00:00.000000",
    });
  });

  it("tells why a target failed", () => {
    const [target] = messageOf().targets;
    if (target === undefined) throw new Error("no target");
    const failure = { code: "unreachable", carrierCode: "21b", message: "absent" } as const;
    expect(
      viewMessage(messageOf({ targets: [{ ...target, status: "failed", failure }] }))["targets"],
    ).toMatchObject([
      { status: "failed", error: { code: "unreachable", carrier_code: "21b", message: "absent" } },
    ]);
  });

  it("says that its content is no longer kept, and only then", () => {
    const view = viewMessage(messageOf({ text: "", options: { contentRemoved: true } }));
    expect(view).toMatchObject({ text: "", content_removed: true });
    expect(viewMessage(messageOf({ text: "" }))).not.toHaveProperty("content_removed");
  });

  it("shows what was asked for beyond text and addresses, times as times", () => {
    const options = {
      encoding: "binary",
      flash: false,
      data: "ab",
      udh: "00",
      priority: 0,
      medias: [{ type: "image/png", url: "https://example.com/a.png" }],
      missingParts: [2],
      tmSchedule: AT,
      tmExpire: AT,
    } as const;
    expect(viewMessage(messageOf({ options, tmUpdate: AT, tmDelete: AT }))).toMatchObject({
      encoding: "binary",
      flash: false,
      data: "ab",
      udh: "00",
      priority: "high",
      medias: [{ type: "image/png", url: "https://example.com/a.png" }],
      missing_parts: [2],
      tm_schedule: "2022-03-13 15:11:05.235717",
      tm_expire: "2022-03-13 15:11:05.235717",
      tm_update: "2022-03-13 15:11:05.235717",
      tm_delete: "2022-03-13 15:11:05.235717",
    });
  });
});
