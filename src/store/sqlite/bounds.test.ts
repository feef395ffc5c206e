import { describe, expect, it } from "vitest";
import type { CarrierId } from "../../domain/ids.ts";
import { CLAIM_MAX_CHARACTERS as characters, type QueuePlace } from "../queueing.ts";
import { encodeAcceptances } from "./accept-messages.ts";
import { decodeDeliveries, encodeDeliveryClaim } from "./claim-deliveries.ts";
import { decodeReroutable, encodeReroutableClaim } from "./claim-reroutable.ts";
import { ClaimRoom, decodeClaimed, encodeClaim } from "./claim-targets.ts";
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
      const answer = opened.run(
        encodeClaim({ carrierId, node, now: requests.now(), limit: 100, characters }),
      );
      const claimed = decodeClaimed(answer, carrierId).length;
      expect(claimed).toBeGreaterThan(0);
      sizes.push(claimed);
      left -= claimed;
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });

  it("nothing is read that a claim would have no room for", () => {
    let read = 0;
    function* rows() {
      for (;;) yield [...Array.from({ length: 13 }, () => null), "x".repeat(1_000_000), String(read++)];
    }
    expect(new ClaimRoom(characters).fill(rows())).toHaveLength(3);
    expect(read).toBe(4);
  });

  it("options count as texts do", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { carrierId, node } = requests;
    for (let index = 0; index < 4; index++) {
      const entry = requests.acceptance();
      const options = { encoding: "binary", data: "0".repeat(1_500_000) } as const;
      opened.run(encodeAcceptances([{ ...entry, message: { ...entry.message, options } }]));
    }
    const answer = opened.run(encodeClaim({ carrierId, node, now: requests.now(), limit: 100, characters }));
    expect(decodeClaimed(answer, carrierId)).toHaveLength(2);
  });

  it("a look at what others could take ends early when texts of that are long, and goes on from there", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { carrierId, node } = requests;
    const next = requests.id<CarrierId>();
    const text = "x".repeat(1_000_000);
    for (let index = 0; index < 10; index++) {
      const fallbacks = index % 2 === 0 ? [next] : [];
      opened.run(encodeAcceptances([requests.acceptance({ text, fallbacks })]));
    }
    const request = { carrierId, node, priority: 1, fallbacks: [next], limit: 100, characters } as const;
    const look = (after: QueuePlace | null) => {
      const wire = encodeReroutableClaim({ ...request, dueBy: requests.now(), after });
      return decodeReroutable(opened.run(wire), carrierId);
    };
    const first = look(null);
    expect(first.targets).toHaveLength(3); // what names nobody takes no room
    const second = look(first.last);
    expect(second.targets).toHaveLength(2);
    expect(second.last).toBeNull();
  });

  it("a text longer than the bound is claimed by itself", () => {
    using opened = openWriter();
    const requests = createRequests();
    const { carrierId, node } = requests;
    opened.run(encodeAcceptances([requests.acceptance({ text: "x".repeat(5_000_000) })]));
    const answer = opened.run(encodeClaim({ carrierId, node, now: requests.now(), limit: 100, characters }));
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
