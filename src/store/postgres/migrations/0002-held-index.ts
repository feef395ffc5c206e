/** Held targets are few in a long queue: they are counted without looking at the others. */
export const HELD_INDEX = `
CREATE INDEX queue_held ON queue (carrier_id, message_id, n) WHERE held;
`;
