/** What nodes say of a carrier's lanes, with the slots that they hold. */
export const LANES_UP = `
-- up_at: when a lane was last up at the slot's holder, or at one before; NULL when nobody said so. said_by is who renewed
-- the slot last and knows to say it: a holder of the version before is not.
ALTER TABLE bind_leases ADD COLUMN up_at bigint, ADD COLUMN said_by text;
`;
