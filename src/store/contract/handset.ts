import type { CustomerId, EventId, MessageId } from "../../domain/ids.ts";
import type { Message } from "../../domain/message.ts";
import type { Gathering, GatheringKey, KeptPart, Reception } from "../gathering.ts";
import { tel, type World } from "./world.ts";

export const MINUTE_MS = 60_000;

/** What a handset sends through the carrier of a test, and what is made of it. */
export class Handset {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  key(wishes: Partial<GatheringKey> = {}): GatheringKey {
    const { carrierId } = this.#world;
    return { carrierId, source: "+31616", destination: "3197", reference: 7, total: 2, ...wishes };
  }

  part(sequence: number, text: string, wishes: Partial<KeptPart> = {}): KeptPart {
    const content = { encoding: "ucs2", text, data: "", udh: "" } as const;
    return { ...this.key(), sequence, content, at: this.#world.now(), ...wishes };
  }

  message(customerId: CustomerId = this.#world.customerId): Message {
    const at = this.#world.now();
    const target = { n: 0, destination: tel("+3197"), status: "received", parts: 1 } as const;
    return {
      id: this.#world.id<MessageId>(at),
      customerId,
      type: "sms",
      direction: "inbound",
      source: tel("+31616"),
      text: "hi there",
      options: { missingParts: [2] },
      targets: [{ ...target, tmUpdate: at, failure: null }],
      tmCreate: at,
      tmUpdate: null,
      tmDelete: null,
    };
  }

  reception(wishes: Partial<Reception> = {}): Reception {
    const [message, eventId] = [this.message(), this.#world.id<EventId>()];
    return { message, eventId, transportId: null, gathering: null, ...wishes };
  }

  /** Stores a message for each gathering; answers what became of it. */
  async store(gatherings: readonly Gathering[]): Promise<string[]> {
    const entries = gatherings.map((gathering) => this.reception({ gathering }));
    return (await this.#world.store.receiveMessages(entries)).map(({ kind }) => kind);
  }

  /** The gatherings of this test's carrier whose wait is over, or that are complete. */
  async found(firstBefore = this.#world.in(-10 * MINUTE_MS)): Promise<readonly Gathering[]> {
    const all = await this.#world.store.findGatherings(firstBefore, 10_000);
    return all.filter(({ carrierId }) => carrierId === this.#world.carrierId);
  }
}

/** What the parts of each gathering say, in their order. */
export function texts(gatherings: readonly Gathering[]): string[][] {
  return gatherings.map(({ parts }) => parts.map(({ sequence, content }) => `${sequence}:${content.text}`));
}
