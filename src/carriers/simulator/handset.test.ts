import { describe, expect, it } from "vitest";

import type { CarrierId } from "../../domain/ids.ts";
import type { InboundPart } from "../../domain/inbound.ts";
import { Handset, INBOX_LIMIT, INCOMPLETE_LIMIT } from "./handset.ts";
import { HANDSET_LIMIT, Handsets } from "./handsets.ts";

describe("Handset", () => {
  it("shows a message of one part at once", () => {
    const handset = new Handset("316");
    expect(handset.receive(arrival({ text: "hoi" }))).toMatchObject({ text: "hoi", from: "12345", parts: 1 });
    expect(handset.inbox).toHaveLength(1);
  });

  it("joins parts in any order and ignores one that came before", () => {
    const handset = new Handset("316");
    expect(handset.receive(part(3, "c"))).toBeNull();
    expect(handset.receive(part(1, "a"))).toBeNull();
    expect(handset.receive(part(1, "a"))).toBeNull();
    expect(handset.incomplete).toBe(1);
    expect(handset.receive(part(2, "b"))).toMatchObject({ text: "abc", parts: 3 });
    expect(handset.incomplete).toBe(0);
  });

  it("keeps messages of other senders and references apart", () => {
    const handset = new Handset("316");
    handset.receive(part(1, "a", 1));
    handset.receive(part(2, "b", 2));
    expect(handset.incomplete).toBe(2);
  });

  it("keeps a thousand messages and drops the oldest of one more", () => {
    const handset = new Handset("316");
    for (let count = 0; count < INBOX_LIMIT; count++) handset.receive(arrival({ text: `${count}` }));
    expect(handset.inbox[0]?.text).toBe("0");
    handset.receive(arrival({ text: "one more" }));
    expect(handset.inbox).toHaveLength(INBOX_LIMIT);
    expect(handset.inbox[0]?.text).toBe("1");
  });

  it("keeps a hundred messages with missing parts", () => {
    const handset = new Handset("316");
    for (let reference = 0; reference < INCOMPLETE_LIMIT; reference++)
      handset.receive(part(1, "a", reference));
    expect(handset.incomplete).toBe(INCOMPLETE_LIMIT);
    handset.receive(part(1, "a", 999));
    expect(handset.incomplete).toBe(INCOMPLETE_LIMIT);
  });
});

describe("Handsets", () => {
  it("are the same however their number is written", () => {
    const handsets = new Handsets(SILENT);
    handsets.receive(arrival({ destination: "31616818985" }).part, false, 0);
    expect(handsets.get("+31 6 16818985").inbox).toHaveLength(1);
  });

  it("forget those that got nothing for long beyond their limit", () => {
    const handsets = new Handsets(SILENT);
    for (let number = 0; number < HANDSET_LIMIT; number++)
      handsets.receive(arrival({ destination: `${number}` }).part, false, 0);
    handsets.receive(arrival({ destination: "999999" }).part, false, 0);
    expect(handsets.get("0").inbox).toHaveLength(0);
    expect(handsets.get(`${HANDSET_LIMIT - 1}`).inbox).toHaveLength(1);
  });
});

const SILENT = { write: () => undefined, onMessage: () => undefined };

function arrival(given: Partial<InboundPart>) {
  const part: InboundPart = {
    carrierId: "" as CarrierId,
    source: "12345",
    destination: "316",
    transportId: null,
    encoding: "gsm7",
    text: "",
    data: "",
    udh: "",
    concatenation: null,
    ...given,
  };
  return { part, isFlash: false, atMs: 0 };
}

function part(sequence: number, text: string, reference = 7) {
  return arrival({ text, concatenation: { reference, total: 3, sequence } });
}
