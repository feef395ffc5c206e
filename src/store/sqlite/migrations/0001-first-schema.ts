/** Receipt keys are kept in this many tables, filled in turn and emptied whole. */
export const RECEIPT_BUCKETS = 32;

/**
 * The archive is read by customer and grows: its keys begin (customer_id, message_id) and its rows are appended, for ids
 * hold their time. The working set is keyed by how it is claimed, and its rows go when they are done.
 */
export const FIRST_SCHEMA = `
-- Archive -----------------------------------------------------------------------------------------------------------

CREATE TABLE messages (
  customer_id BLOB NOT NULL, message_id BLOB NOT NULL, type INTEGER NOT NULL, direction INTEGER NOT NULL,
  source TEXT NOT NULL, text TEXT NOT NULL, options TEXT NOT NULL,
  tm_create INTEGER NOT NULL, tm_update INTEGER, tm_delete INTEGER,
  PRIMARY KEY (customer_id, message_id)
) STRICT, WITHOUT ROWID;

-- Deleted messages stand apart, so that a list never steps over them.
CREATE TABLE deleted_messages (
  customer_id BLOB NOT NULL, message_id BLOB NOT NULL, type INTEGER NOT NULL, direction INTEGER NOT NULL,
  source TEXT NOT NULL, text TEXT NOT NULL, options TEXT NOT NULL,
  tm_create INTEGER NOT NULL, tm_update INTEGER, tm_delete INTEGER NOT NULL,
  PRIMARY KEY (customer_id, message_id)
) STRICT, WITHOUT ROWID;

-- tm_update is NULL while it is the message's tm_create; carrier_id is the carrier that has it or had it last.
CREATE TABLE targets (
  customer_id BLOB NOT NULL, message_id BLOB NOT NULL, n INTEGER NOT NULL, status INTEGER NOT NULL,
  parts INTEGER NOT NULL, part_states TEXT NOT NULL, destination TEXT NOT NULL, tm_update INTEGER,
  carrier_id BLOB, failure TEXT, trail TEXT NOT NULL,
  PRIMARY KEY (customer_id, message_id, n)
) STRICT, WITHOUT ROWID;

-- changed holds target indexes, comma-separated, empty for all. open is 1 when a message_updated may absorb; that it was
-- told of since, its deliveries and attempts say.
CREATE TABLE events (
  customer_id BLOB NOT NULL, message_id BLOB NOT NULL, event_id BLOB NOT NULL, type INTEGER NOT NULL,
  version INTEGER NOT NULL, open INTEGER NOT NULL, changed TEXT NOT NULL,
  PRIMARY KEY (customer_id, message_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_customer ON events (customer_id, event_id);

CREATE TABLE attempts (
  customer_id BLOB NOT NULL, message_id BLOB NOT NULL, event_id BLOB NOT NULL, endpoint_id BLOB NOT NULL,
  n INTEGER NOT NULL, at INTEGER NOT NULL, took_ms REAL NOT NULL, status_code INTEGER, error TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (customer_id, message_id, event_id, endpoint_id, n)
) STRICT, WITHOUT ROWID;

-- What was given up, with the bytes that its receiver never took.
CREATE TABLE undelivered (
  customer_id BLOB NOT NULL, message_id BLOB NOT NULL, event_id BLOB NOT NULL, endpoint_id BLOB NOT NULL,
  at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (customer_id, message_id, event_id, endpoint_id)
) STRICT, WITHOUT ROWID;

-- Working set -------------------------------------------------------------------------------------------------------

-- Targets that no process has. A held one (of unknown outcome) is claimed by nobody.
CREATE TABLE queue (
  carrier_id BLOB NOT NULL, message_id BLOB NOT NULL, n INTEGER NOT NULL, customer_id BLOB NOT NULL,
  priority INTEGER NOT NULL, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
  held INTEGER NOT NULL, fallbacks BLOB NOT NULL,
  PRIMARY KEY (carrier_id, message_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_claim ON queue (carrier_id, priority, due_at, message_id, n) WHERE held = 0;
CREATE INDEX queue_expiry ON queue (expires_at);

-- Targets in the memory of a process, and those it marked in flight. Bounded by the dispatchers' memory; no index but the
-- key, so that a target that is handed over, marked and settled costs one row and nothing else.
CREATE TABLE leased (
  carrier_id BLOB NOT NULL, message_id BLOB NOT NULL, n INTEGER NOT NULL, customer_id BLOB NOT NULL,
  priority INTEGER NOT NULL, expires_at INTEGER NOT NULL, attempts INTEGER NOT NULL, fallbacks BLOB NOT NULL,
  node INTEGER NOT NULL, marked_at INTEGER, bind INTEGER, epoch INTEGER,
  PRIMARY KEY (carrier_id, message_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE queue_depths (
  carrier_id BLOB NOT NULL PRIMARY KEY, waiting INTEGER NOT NULL, in_flight INTEGER NOT NULL, held INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Receipts are awaited in a few tables filled in turn (see receipt-keys.ts); what waits long moves to the index. due_at
-- ends the target as dlr_timeout, and once that is done (overdue) the key itself.
${bucketTables()}
CREATE TABLE receipt_buckets (
  bucket INTEGER NOT NULL PRIMARY KEY, opened_at INTEGER NOT NULL, keys INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE receipt_index (
  carrier_id BLOB NOT NULL, key TEXT NOT NULL, message_id BLOB NOT NULL, n INTEGER NOT NULL, part INTEGER NOT NULL,
  customer_id BLOB NOT NULL, sent_at INTEGER NOT NULL, due_at INTEGER, overdue INTEGER NOT NULL,
  PRIMARY KEY (carrier_id, key, message_id, n, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_index_due ON receipt_index (due_at) WHERE due_at IS NOT NULL;

-- One row for each key that a receipt may be known by; the first of them counts.
CREATE TABLE parked_receipts (
  carrier_id BLOB NOT NULL, key TEXT NOT NULL, receipt_id INTEGER NOT NULL, at INTEGER NOT NULL, is_first INTEGER NOT NULL,
  receipt TEXT NOT NULL,
  PRIMARY KEY (carrier_id, key, receipt_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_receipts_age ON parked_receipts (at) WHERE is_first = 1;

-- A claimed one was told of, or is about to be; its due_at is the end of its lease. A blocked one waits for an earlier
-- event of its message.
CREATE TABLE deliveries (
  endpoint_id BLOB NOT NULL, message_id BLOB NOT NULL, event_id BLOB NOT NULL, customer_id BLOB NOT NULL,
  attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, blocked INTEGER NOT NULL, claimed INTEGER NOT NULL DEFAULT 0,
  body TEXT,
  PRIMARY KEY (endpoint_id, message_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_at) WHERE blocked = 0;

CREATE TABLE idempotency (
  customer_id BLOB NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, answer TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (customer_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE nodes (
  number INTEGER PRIMARY KEY, node TEXT NOT NULL UNIQUE, expires_at INTEGER NOT NULL
) STRICT;

-- node is NULL once the slot was let go; its epoch stays.
CREATE TABLE bind_leases (
  carrier_id BLOB NOT NULL, bind INTEGER NOT NULL, node INTEGER, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY (carrier_id, bind)
) STRICT, WITHOUT ROWID;
CREATE INDEX bind_leases_by_node ON bind_leases (node);

-- Directory ---------------------------------------------------------------------------------------------------------

CREATE TABLE customers (
  customer_id BLOB NOT NULL PRIMARY KEY, username TEXT NOT NULL, password_hash TEXT NOT NULL, name TEXT NOT NULL,
  detail TEXT NOT NULL, email TEXT NOT NULL, phone_number TEXT NOT NULL, address TEXT NOT NULL,
  permission_ids TEXT NOT NULL, tm_credentials INTEGER NOT NULL, tm_create INTEGER NOT NULL, tm_update INTEGER,
  tm_delete INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX customers_by_username ON customers (username) WHERE tm_delete IS NULL;
CREATE INDEX customers_live ON customers (customer_id) WHERE tm_delete IS NULL;

CREATE TABLE access_keys (
  customer_id BLOB NOT NULL, access_key_id BLOB NOT NULL, name TEXT NOT NULL, detail TEXT NOT NULL,
  token_prefix TEXT NOT NULL, token_hash TEXT NOT NULL, tm_expire INTEGER, tm_create INTEGER NOT NULL,
  tm_update INTEGER, tm_delete INTEGER,
  PRIMARY KEY (customer_id, access_key_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX access_keys_by_hash ON access_keys (token_hash);
CREATE INDEX access_keys_live ON access_keys (customer_id, access_key_id) WHERE tm_delete IS NULL;

CREATE TABLE endpoints (
  endpoint_id BLOB NOT NULL PRIMARY KEY, customer_id BLOB NOT NULL, is_primary INTEGER NOT NULL, uri TEXT NOT NULL,
  method TEXT NOT NULL, events TEXT NOT NULL, statuses TEXT NOT NULL, sealed_secrets TEXT NOT NULL,
  tm_secret_retire INTEGER, disabled_reason TEXT, tm_failing_since INTEGER, tm_create INTEGER NOT NULL,
  tm_update INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX endpoints_by_customer ON endpoints (customer_id, is_primary DESC, endpoint_id);

CREATE TABLE carriers (
  carrier_id BLOB NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, sealed_url TEXT NOT NULL,
  tm_create INTEGER NOT NULL, tm_update INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE probe (one INTEGER PRIMARY KEY CHECK (one = 1), times INTEGER NOT NULL) STRICT;
INSERT INTO probe VALUES (1, 0);
`;

function bucketTables(): string {
  const columns = `(
  carrier_id BLOB NOT NULL, key TEXT NOT NULL, message_id BLOB NOT NULL, n INTEGER NOT NULL, part INTEGER NOT NULL,
  customer_id BLOB NOT NULL, sent_at INTEGER NOT NULL, due_at INTEGER, settled INTEGER NOT NULL,
  PRIMARY KEY (carrier_id, key, message_id, n, part)
) STRICT, WITHOUT ROWID;`;
  const names = Array.from({ length: RECEIPT_BUCKETS }, (_, bucket) => `receipt_keys_${bucket}`);
  return names.map((name) => `CREATE TABLE ${name} ${columns}\n`).join("");
}
