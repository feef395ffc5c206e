import { describe, expect, it } from "vitest";

import type { CustomerId, MessageId } from "../../domain/ids.ts";
import { MAX_REMEMBERED, ReferenceNumbers } from "./reference-numbers.ts";

describe("ReferenceNumbers", () => {
  it("counts up for each destination by itself", () => {
    const references = new ReferenceNumbers();
    const first = references.next("31611111111", key("a"));
    references.next("31622222222", key("b"));
    expect(references.next("31611111111", key("c"))).toBe((first + 1) & 0xffff);
  });

  it("wraps after 16 bits", () => {
    const references = new ReferenceNumbers();
    const seen = new Set<number>();
    for (let index = 0; index < 65_536; index++) seen.add(references.next("31611111111", key(`m${index}`)));
    expect(seen.size).toBe(65_536);
  });

  it("gives a message that comes again the reference that was kept for it", () => {
    const references = new ReferenceNumbers();
    const kept = references.next("31611111111", key("a"));
    references.keep(key("a"), kept);
    references.next("31611111111", key("b"));
    expect(references.next("31611111111", key("a"))).toBe(kept);
    references.forget(key("a"));
    expect(references.next("31611111111", key("a"))).not.toBe(kept);
  });

  it("begins at the same number for the same message in another process", () => {
    const one = new ReferenceNumbers().next("31611111111", key("a"));
    const other = new ReferenceNumbers().next("31611111111", key("a"));
    expect(other).toBe(one);
  });

  it("remembers as many messages as its limit, and forgets the older half with one more", () => {
    const references = new ReferenceNumbers();
    for (let index = 0; index < MAX_REMEMBERED; index++) references.keep(key(`m${index}`), 70_000 + index);
    references.keep(key("one more"), 1);
    expect(references.next("1", key(`m${MAX_REMEMBERED / 2}`))).toBe(70_000 + MAX_REMEMBERED / 2);
    expect(references.next("2", key("m0"))).toBeLessThan(65_536);
  });
});

function key(messageId: string) {
  return { customerId: "c" as CustomerId, messageId: messageId as MessageId, n: 0 };
}
