import type { ReceivedEvent } from "./receiver.ts";

const ORDER = ["queued", "sent", "delivered"];

/**
 * What a receiver was told, kept small: a run brings hundreds of thousands of bodies. Notes what must not be, the moment that it
 * comes: an event id with two subjects (P5), a status that goes back (P4).
 */
export class EventBook {
  readonly #subjects = new Map<string, string>();
  readonly #furthest = new Map<string, number>();
  readonly #created = new Set<string>();
  readonly #delivered = new Set<string>();
  readonly #wrongs: string[] = [];
  #attempts = 0;

  note({ id, type, message }: Pick<ReceivedEvent, "id" | "type" | "message">): void {
    this.#attempts++;
    const subject = `${type} ${message.id}`;
    const known = this.#subjects.get(id);
    if (known !== undefined) {
      // A repeated attempt tells again what it told before.
      if (known !== subject) this.#wrongs.push(`event ${id} was ${known} and is ${subject}`);
      return;
    }
    this.#subjects.set(id, subject);
    if (type === "message_created") this.#created.add(message.id);
    if (message.direction === "inbound") return;
    for (const { destination, status } of message.targets)
      this.#noteStatus(message.id, destination.target, status);
    if (message.targets.every(({ status }) => status === "delivered")) this.#delivered.add(message.id);
  }

  /** Events, whatever came of them. */
  get ids(): ReadonlySet<string> {
    return new Set(this.#subjects.keys());
  }

  /** Bodies that came, repeats included. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Messages of whose making there was an event. */
  get created(): ReadonlySet<string> {
    return this.#created;
  }

  /** Messages of which an event showed all targets delivered. */
  get delivered(): ReadonlySet<string> {
    return this.#delivered;
  }

  /** What must not have been. */
  get wrongs(): readonly string[] {
    return this.#wrongs;
  }

  #noteStatus(messageId: string, number: string, status: string): void {
    const place = `${messageId} ${number}`;
    const [rank, before] = [ORDER.indexOf(status), this.#furthest.get(place) ?? 0];
    if (rank < before) this.#wrongs.push(`${place} went from ${ORDER[before]} back to ${status}`);
    else this.#furthest.set(place, rank);
  }
}
