import type { MessageRef } from "./message-wire.ts";
import type { TransactionPart } from "./writer-context.ts";

/** A delivery that was leased when it was made, and that nobody has been handed yet. */
export interface ReservedDelivery extends MessageRef {
  readonly event: Uint8Array;
  readonly eventId: string;
  readonly madeAt: number;
  /** Whether a number was erased from its message since: no bytes of it are kept. */
  isErased: boolean;
}

/** What is kept for one endpoint, and until when more of it is. */
interface Reservation {
  until: number;
  made: ReservedDelivery[];
  /** So many of `made` there were when the transaction began. */
  committed: number;
  /** So many of `made` has the transaction handed out. */
  taken: number;
  /** Whether the transaction changed it. */
  isChanged: boolean;
}

/** How long a delivery that is made for a reservation is leased from the start. */
export const LEASE_FROM_BIRTH_MICROS = 30_000_000;

/** Of one endpoint; what is made beyond it is claimed from its table, as everything is without a reservation. */
const KEPT_PER_ENDPOINT = 2_000;
/** Of all together: some 15 MB. */
const KEPT_MAX = 20_000;
/** Reservations at a time. */
const ENDPOINTS_MAX = 1_000;

/**
 * What is made for an endpoint whose deliveries are just being claimed: the first delivery of a message is written as leased and
 * kept here, and the next claim takes it without searching for it and without an update. Should the claim never come, its
 * lease ends like any other.
 */
export class ReservedDeliveries implements TransactionPart {
  readonly #reservations = new Map<string, Reservation>();
  /** Those that this transaction changed. */
  #changed: Reservation[] = [];
  #kept = 0;

  /** Keeps for the endpoint's next claim what is made for it until then. */
  reserve(endpointId: string, until: number): void {
    const known = this.#reservations.get(endpointId);
    if (known !== undefined) known.until = until;
    else if (this.#hasRoom(until))
      this.#reservations.set(endpointId, { until, made: [], committed: 0, taken: 0, isChanged: false });
  }

  /** Keeps a delivery that is being made, when it is reserved; the caller then writes it as leased from its birth. */
  keep(endpointId: string, delivery: ReservedDelivery): boolean {
    const reservation = this.#reservations.get(endpointId);
    if (reservation === undefined || delivery.madeAt > reservation.until) return false;
    if (this.#kept >= KEPT_MAX || reservation.made.length - reservation.taken >= KEPT_PER_ENDPOINT)
      return false;
    this.#note(reservation);
    reservation.made.push(delivery);
    this.#kept++;
    return true;
  }

  /** What a claim would take next: the oldest of what is kept whose lease has not ended. */
  next(endpointId: string, now: number): ReservedDelivery | undefined {
    const reservation = this.#reservations.get(endpointId);
    if (reservation === undefined) return undefined;
    for (;;) {
      const delivery = reservation.made[reservation.taken];
      if (delivery === undefined || delivery.madeAt + LEASE_FROM_BIRTH_MICROS > now) return delivery;
      this.take(endpointId); // it is due again, as its row says
    }
  }

  /** Takes what {@link next} answered. */
  take(endpointId: string): void {
    const reservation = this.#reservations.get(endpointId);
    if (reservation === undefined) return;
    this.#note(reservation);
    reservation.taken++;
    this.#kept--;
  }

  /** Takes in that the body of a delivery was erased, if it is kept. */
  erased(endpointId: string, eventId: string): void {
    const kept = this.#reservations.get(endpointId)?.made.find((made) => made.eventId === eventId);
    if (kept !== undefined) kept.isErased = true;
  }

  /** Takes in that the endpoint is gone. */
  forget(endpointId: string): void {
    const reservation = this.#reservations.get(endpointId);
    if (reservation === undefined) return;
    this.#kept -= reservation.made.length - reservation.taken;
    reservation.made = [];
    this.#begin(reservation);
    this.#reservations.delete(endpointId);
  }

  afterCommit(): void {
    for (const reservation of this.#changed) {
      if (reservation.taken > 0) reservation.made = reservation.made.slice(reservation.taken);
      this.#begin(reservation);
    }
    this.#changed = [];
  }

  afterRollback(): void {
    for (const reservation of this.#changed) {
      this.#kept += reservation.committed - (reservation.made.length - reservation.taken);
      reservation.made.length = reservation.committed;
      this.#begin(reservation);
    }
    this.#changed = [];
  }

  #begin(reservation: Reservation): void {
    reservation.committed = reservation.made.length;
    reservation.taken = 0;
    reservation.isChanged = false;
  }

  #note(reservation: Reservation): void {
    if (reservation.isChanged) return;
    reservation.isChanged = true;
    this.#changed.push(reservation);
  }

  /** Makes room, if there is none, by forgetting those that end before another does and keep nothing that is still leased. */
  #hasRoom(until: number): boolean {
    if (this.#reservations.size < ENDPOINTS_MAX) return true;
    for (const [endpointId, reservation] of this.#reservations) {
      const endsBefore = reservation.made.length === 0 ? until : until - LEASE_FROM_BIRTH_MICROS;
      if (reservation.until < endsBefore && !reservation.isChanged) this.forget(endpointId);
    }
    return this.#reservations.size < ENDPOINTS_MAX;
  }
}
