import { describe, expect, it } from "vitest";
import { encodeAcceptances } from "./accept-messages.ts";
import { decodeDeliveries, encodeDeliveryClaim } from "./claim-deliveries.ts";
import { decodeClaimed, encodeClaim } from "./claim-targets.ts";
import { openWriter } from "./fixtures/open-writer.ts";
import { createRequests } from "./fixtures/requests.ts";
import { encodeBefore } from "./still-as-read.ts";

describe("what one claim brings into memory is bounded (promise P8)", () => {
  it("a claim of targets ends early when their texts are long, and loses none", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { carrierId, node } = requests;
    const entries = Array.from({ length: 10 }, () => requests.acceptance({ text: "x".repeat(1_000_000) }));
    for (const entry of entries) opened.run(encodeAcceptances([entry]));
    const sizes: number[] = [];
    for (let left = 10; left > 0;) {
      const answer = opened.run(encodeClaim({ carrierId, node, now: requests.now(), limit: 100 }));
      const claimed = decodeClaimed(answer, carrierId).length;
      expect(claimed).toBeGreaterThan(0);
      sizes.push(claimed);
      left -= claimed;
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });

  it("a text longer than the bound is claimed by itself", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { carrierId, node } = requests;
    opened.run(encodeAcceptances([requests.acceptance({ text: "x".repeat(5_000_000) })]));
    const answer = opened.run(encodeClaim({ carrierId, node, now: requests.now(), limit: 100 }));
    expect(decodeClaimed(answer, carrierId)).toHaveLength(1);
  });

  it("a claim of deliveries ends early when their messages have many targets, and loses none", () => {
    using opened = openWriter();
    const requests = createRequests();
    const endpoint = requests.newEndpoint();
    opened.run(["putEndpoint", JSON.stringify(endpoint), ...encodeBefore(undefined)]);
    for (let index = 0; index < 8; index++) {
      opened.run(encodeAcceptances([requests.acceptance({ targets: 1_000 })]));
    }
    const claim = () => {
      const times = { now: requests.now(), leaseUntil: requests.in(60_000) };
      const request = { endpointId: endpoint.id, node: requests.node, ...times, limit: 1_000 };
      return decodeDeliveries(opened.run(encodeDeliveryClaim(request)), endpoint.id).length;
    };
    expect([claim(), claim(), claim()]).toEqual([5, 3, 0]);
  });
});
