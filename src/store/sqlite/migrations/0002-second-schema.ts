/** Numbers, inbound, opt-outs, the audit log, erasures; and the attempt log by endpoint. */
export const SECOND_SCHEMA = `
-- Directory ---------------------------------------------------------------------------------------------------------

-- digits is how carriers' spellings of the number are known to mean it.
CREATE TABLE numbers (
  number_id BLOB NOT NULL PRIMARY KEY, customer_id BLOB NOT NULL, digits TEXT NOT NULL, number TEXT NOT NULL,
  type TEXT NOT NULL, name TEXT NOT NULL, detail TEXT NOT NULL, opt_out TEXT, tm_create INTEGER NOT NULL,
  tm_update INTEGER, tm_delete INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX numbers_by_digits ON numbers (digits) WHERE tm_delete IS NULL;
CREATE INDEX numbers_live ON numbers (number_id) WHERE tm_delete IS NULL;
CREATE INDEX numbers_of_customer ON numbers (customer_id, number_id) WHERE tm_delete IS NULL;

-- handset_key is a hash, so that a period goes on holding once the handset's number is erased from it.
CREATE TABLE opt_outs (
  customer_id BLOB NOT NULL, opt_out_id BLOB NOT NULL, sender TEXT NOT NULL, sender_key TEXT NOT NULL,
  handset TEXT NOT NULL, handset_key BLOB NOT NULL, since INTEGER NOT NULL, until INTEGER, began_by TEXT NOT NULL,
  ended_by TEXT NOT NULL,
  PRIMARY KEY (customer_id, opt_out_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX opt_outs_lasting ON opt_outs (customer_id, sender_key, handset_key) WHERE until IS NULL;
CREATE INDEX opt_outs_lasting_by_age ON opt_outs (customer_id, opt_out_id) WHERE until IS NULL;
CREATE INDEX opt_outs_by_sender ON opt_outs (customer_id, sender_key, opt_out_id);
CREATE INDEX opt_outs_by_handset ON opt_outs (handset_key, customer_id, opt_out_id);

CREATE TABLE audit (
  audit_id BLOB NOT NULL PRIMARY KEY, at INTEGER NOT NULL, by_customer BLOB NOT NULL, what TEXT NOT NULL,
  target TEXT NOT NULL, detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Working set -------------------------------------------------------------------------------------------------------

-- What has come of a message in parts. One that was put together (taken) stays a while, so that repeats are known.
CREATE TABLE gatherings (
  carrier_id BLOB NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL, reference INTEGER NOT NULL,
  total INTEGER NOT NULL, first_at INTEGER NOT NULL, came INTEGER NOT NULL, taken_at INTEGER,
  PRIMARY KEY (carrier_id, source, destination, reference, total)
) STRICT, WITHOUT ROWID;
CREATE INDEX gatherings_waiting ON gatherings (first_at) WHERE taken_at IS NULL;
CREATE INDEX gatherings_complete ON gatherings (first_at) WHERE taken_at IS NULL AND came = total;
CREATE INDEX gatherings_taken ON gatherings (taken_at) WHERE taken_at IS NOT NULL;
CREATE TABLE gathered_parts (
  carrier_id BLOB NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL, reference INTEGER NOT NULL,
  total INTEGER NOT NULL, sequence INTEGER NOT NULL, content TEXT NOT NULL,
  PRIMARY KEY (carrier_id, source, destination, reference, total, sequence)
) STRICT, WITHOUT ROWID;

-- The carriers' own ids of what was received, for a while.
CREATE TABLE transport_ids (
  carrier_id BLOB NOT NULL, transport_id TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (carrier_id, transport_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX transport_ids_age ON transport_ids (at);

-- How far an erasure has come: it goes through the tables in slices.
CREATE TABLE erasures (
  number_key BLOB NOT NULL PRIMARY KEY, stage INTEGER NOT NULL, position TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Archive -----------------------------------------------------------------------------------------------------------

CREATE INDEX attempts_by_endpoint ON attempts (customer_id, endpoint_id, event_id, n);

-- Attempts that were logged before a delivery was replayed: its own count begins anew with the schedule.
ALTER TABLE deliveries ADD COLUMN logged INTEGER NOT NULL DEFAULT 0;
`;
