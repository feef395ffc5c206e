/** SMPP 3.4 §5.2.28; SCHEDULED and SKIPPED are SMPP 5.0's and seen from 3.4 carriers too. */
export const MESSAGE_STATE = {
  SCHEDULED: 0,
  ENROUTE: 1,
  DELIVERED: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIVERABLE: 5,
  ACCEPTED: 6,
  UNKNOWN: 7,
  REJECTED: 8,
  SKIPPED: 9,
} as const;

export type MessageStateName = keyof typeof MESSAGE_STATE;

const NAMES: ReadonlyMap<number, MessageStateName> = new Map(
  // Object.entries widens the keys to string; they are this table's own.
  Object.entries(MESSAGE_STATE).map(([name, code]) => [code, name as MessageStateName]),
);

/** The state's name, or undefined for a number that no version of SMPP knows. */
export function messageStateName(code: number): MessageStateName | undefined {
  return NAMES.get(code);
}
