/** What nodes say of a carrier's lanes, with the slots that they hold. */
export const LANES_UP = `
-- When a lane was last up at the slot's holder, or at one before; NULL when nobody said so.
ALTER TABLE bind_leases ADD COLUMN up_at INTEGER;
`;
