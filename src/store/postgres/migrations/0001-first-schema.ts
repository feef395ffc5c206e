/** Settled receipt keys are kept in this many tables, filled in turn and emptied whole. */
export const SETTLED_BUCKETS = 4;

/**
 * The archive is read by customer and grows: its keys begin (customer_id, message_id), and it is partitioned by ranges of
 * message ids, which are ranges of time. The working set is keyed by how it is claimed, and its rows go when they are done.
 */
export const FIRST_SCHEMA = `
-- Archive -----------------------------------------------------------------------------------------------------------

CREATE TABLE messages (
  customer_id uuid NOT NULL, message_id uuid NOT NULL, type smallint NOT NULL, direction smallint NOT NULL,
  source text NOT NULL, text text NOT NULL, options text NOT NULL,
  tm_create bigint NOT NULL, tm_update bigint, tm_delete bigint,
  PRIMARY KEY (customer_id, message_id)
) PARTITION BY RANGE (message_id);

-- Deleted messages stand apart, so that a list never steps over them.
CREATE TABLE deleted_messages (
  customer_id uuid NOT NULL, message_id uuid NOT NULL, type smallint NOT NULL, direction smallint NOT NULL,
  source text NOT NULL, text text NOT NULL, options text NOT NULL,
  tm_create bigint NOT NULL, tm_update bigint, tm_delete bigint NOT NULL,
  PRIMARY KEY (customer_id, message_id)
) PARTITION BY RANGE (message_id);

-- tm_update is NULL while it is the message's tm_create; carrier_id is the carrier that has it or had it last.
CREATE TABLE targets (
  customer_id uuid NOT NULL, message_id uuid NOT NULL, n integer NOT NULL, status smallint NOT NULL,
  parts integer NOT NULL, part_states text NOT NULL, destination text NOT NULL, tm_update bigint,
  carrier_id uuid, failure text, trail text NOT NULL,
  PRIMARY KEY (customer_id, message_id, n)
) PARTITION BY RANGE (message_id);

-- changed holds target indexes, comma-separated, empty for all; open while a message_updated may absorb.
CREATE TABLE events (
  customer_id uuid NOT NULL, message_id uuid NOT NULL, event_id uuid NOT NULL, type smallint NOT NULL,
  version integer NOT NULL, open boolean NOT NULL, changed text NOT NULL,
  PRIMARY KEY (customer_id, message_id, event_id)
) PARTITION BY RANGE (message_id);
CREATE INDEX events_by_customer ON events (customer_id, event_id);

CREATE TABLE attempts (
  customer_id uuid NOT NULL, message_id uuid NOT NULL, event_id uuid NOT NULL, endpoint_id uuid NOT NULL,
  n integer NOT NULL, at bigint NOT NULL, took_ms double precision NOT NULL, status_code integer, error text NOT NULL,
  answer text NOT NULL,
  PRIMARY KEY (customer_id, message_id, event_id, endpoint_id, n)
) PARTITION BY RANGE (message_id);
CREATE INDEX attempts_by_event ON attempts (customer_id, event_id);
CREATE INDEX attempts_by_endpoint ON attempts (customer_id, endpoint_id, event_id);

-- What was given up, with the bytes that its receiver never took.
CREATE TABLE undelivered (
  customer_id uuid NOT NULL, message_id uuid NOT NULL, event_id uuid NOT NULL, endpoint_id uuid NOT NULL,
  at bigint NOT NULL, body text NOT NULL,
  PRIMARY KEY (customer_id, message_id, event_id, endpoint_id)
) PARTITION BY RANGE (message_id);

-- Working set -------------------------------------------------------------------------------------------------------

-- Targets that no process has. A held one (of unknown outcome) is claimed by nobody.
CREATE TABLE queue (
  carrier_id uuid NOT NULL, message_id uuid NOT NULL, n integer NOT NULL, customer_id uuid NOT NULL,
  priority smallint NOT NULL, due_at bigint NOT NULL, expires_at bigint NOT NULL, attempts integer NOT NULL,
  held boolean NOT NULL, fallbacks text NOT NULL,
  PRIMARY KEY (carrier_id, message_id, n)
);
CREATE INDEX queue_claim ON queue (carrier_id, priority, due_at, message_id, n) WHERE NOT held;
CREATE INDEX queue_expiry ON queue (expires_at);

-- Targets in the memory of a process, and those it marked in flight. Bounded by the dispatchers' memory. No index but the
-- key, and room in every page: a mark is an update in place. claim names the claim that leased it (claim-targets.ts).
CREATE TABLE leased (
  carrier_id uuid NOT NULL, message_id uuid NOT NULL, n integer NOT NULL, customer_id uuid NOT NULL,
  priority smallint NOT NULL, due_at bigint NOT NULL, expires_at bigint NOT NULL, attempts integer NOT NULL,
  fallbacks text NOT NULL, node text NOT NULL, claim uuid, marked_at bigint, bind integer, epoch bigint,
  PRIMARY KEY (carrier_id, message_id, n)
) WITH (fillfactor = 50);

-- Receipts that are awaited; due_at ends the target as dlr_timeout, and once that is done (overdue) the key itself.
CREATE TABLE receipt_keys (
  carrier_id uuid NOT NULL, key text NOT NULL, message_id uuid NOT NULL, n integer NOT NULL, part integer NOT NULL,
  customer_id uuid NOT NULL, sent_at bigint NOT NULL, due_at bigint, overdue boolean NOT NULL,
  PRIMARY KEY (carrier_id, key, message_id, n, part)
);
CREATE INDEX receipt_keys_due ON receipt_keys (due_at) WHERE due_at IS NOT NULL;

-- Keys whose receipt has come: a repeated one is known until its bucket is emptied.
CREATE TABLE settled_receipt_keys (
  bucket smallint NOT NULL, carrier_id uuid NOT NULL, key text NOT NULL, message_id uuid NOT NULL, n integer NOT NULL,
  part integer NOT NULL, customer_id uuid NOT NULL, sent_at bigint NOT NULL,
  PRIMARY KEY (carrier_id, key, message_id, n, part, bucket)
) PARTITION BY LIST (bucket);
${settledBuckets()}

-- One row for each key that a receipt may be known by; the first of them counts.
CREATE TABLE parked_receipts (
  carrier_id uuid NOT NULL, key text NOT NULL, receipt_id uuid NOT NULL, at bigint NOT NULL, is_first boolean NOT NULL,
  receipt text NOT NULL,
  PRIMARY KEY (carrier_id, key, receipt_id)
);
CREATE INDEX parked_receipts_age ON parked_receipts (at) WHERE is_first;

-- due_at of a claimed one is the end of its lease; a blocked one waits for an earlier event of its message. logged counts
-- the attempts before a delivery was replayed: its own count begins anew with the schedule.
CREATE TABLE deliveries (
  endpoint_id uuid NOT NULL, message_id uuid NOT NULL, event_id uuid NOT NULL, customer_id uuid NOT NULL,
  attempts integer NOT NULL, due_at bigint NOT NULL, blocked boolean NOT NULL, body text,
  logged integer NOT NULL DEFAULT 0,
  PRIMARY KEY (endpoint_id, message_id, event_id)
);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_at) WHERE NOT blocked;

CREATE TABLE idempotency (
  customer_id uuid NOT NULL, key text NOT NULL, fingerprint text NOT NULL, answer text NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (customer_id, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- What has come of a message in parts. One that was put together (taken) stays a while, so that repeats are known.
CREATE TABLE gatherings (
  carrier_id uuid NOT NULL, source text NOT NULL, destination text NOT NULL, reference integer NOT NULL,
  total integer NOT NULL, first_at bigint NOT NULL, came integer NOT NULL, taken_at bigint,
  PRIMARY KEY (carrier_id, source, destination, reference, total)
);
CREATE INDEX gatherings_waiting ON gatherings (first_at) WHERE taken_at IS NULL;
CREATE INDEX gatherings_complete ON gatherings (first_at) WHERE taken_at IS NULL AND came = total;
CREATE INDEX gatherings_taken ON gatherings (taken_at) WHERE taken_at IS NOT NULL;
CREATE TABLE gathered_parts (
  carrier_id uuid NOT NULL, source text NOT NULL, destination text NOT NULL, reference integer NOT NULL,
  total integer NOT NULL, sequence integer NOT NULL, content text NOT NULL,
  PRIMARY KEY (carrier_id, source, destination, reference, total, sequence)
);

-- The carriers' own ids of what was received, for a while.
CREATE TABLE transport_ids (
  carrier_id uuid NOT NULL, transport_id text NOT NULL, at bigint NOT NULL,
  PRIMARY KEY (carrier_id, transport_id)
);
CREATE INDEX transport_ids_age ON transport_ids (at);

-- How far an erasure has come: it goes through the tables in slices.
CREATE TABLE erasures (digits text NOT NULL PRIMARY KEY, stage integer NOT NULL, position text NOT NULL);

CREATE TABLE nodes (node text NOT NULL PRIMARY KEY, expires_at bigint NOT NULL);

-- node is NULL once the slot was let go; its epoch stays.
CREATE TABLE bind_leases (
  carrier_id uuid NOT NULL, bind integer NOT NULL, node text, epoch bigint NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (carrier_id, bind)
);
CREATE INDEX bind_leases_by_node ON bind_leases (node);

-- Directory ---------------------------------------------------------------------------------------------------------

CREATE TABLE customers (
  customer_id uuid NOT NULL PRIMARY KEY, username text NOT NULL, password_hash text NOT NULL, name text NOT NULL,
  detail text NOT NULL, email text NOT NULL, phone_number text NOT NULL, address text NOT NULL,
  permission_ids text NOT NULL, tm_credentials bigint NOT NULL, tm_create bigint NOT NULL, tm_update bigint,
  tm_delete bigint
);
CREATE UNIQUE INDEX customers_by_username ON customers (username) WHERE tm_delete IS NULL;
CREATE INDEX customers_live ON customers (customer_id) WHERE tm_delete IS NULL;

CREATE TABLE access_keys (
  customer_id uuid NOT NULL, access_key_id uuid NOT NULL, name text NOT NULL, detail text NOT NULL,
  token_prefix text NOT NULL, token_hash text NOT NULL, tm_expire bigint, tm_create bigint NOT NULL,
  tm_update bigint, tm_delete bigint,
  PRIMARY KEY (customer_id, access_key_id)
);
CREATE UNIQUE INDEX access_keys_by_hash ON access_keys (token_hash);
CREATE INDEX access_keys_live ON access_keys (customer_id, access_key_id) WHERE tm_delete IS NULL;

-- The masks say in bits (column-codes.ts) what events and statuses say in words; 0 for all.
CREATE TABLE endpoints (
  endpoint_id uuid NOT NULL PRIMARY KEY, customer_id uuid NOT NULL, is_primary boolean NOT NULL, uri text NOT NULL,
  method text NOT NULL, events text NOT NULL, statuses text NOT NULL, sealed_secrets text NOT NULL,
  tm_secret_retire bigint, disabled_reason text, tm_failing_since bigint, tm_create bigint NOT NULL,
  tm_update bigint, event_mask integer NOT NULL, status_mask integer NOT NULL
);
CREATE INDEX endpoints_by_customer ON endpoints (customer_id, is_primary DESC, endpoint_id);

CREATE TABLE carriers (
  carrier_id uuid NOT NULL PRIMARY KEY, name text NOT NULL UNIQUE, kind text NOT NULL, sealed_url text NOT NULL,
  tm_create bigint NOT NULL, tm_update bigint
);

-- digits is how carriers' spellings of the number are known to mean it.
CREATE TABLE numbers (
  number_id uuid NOT NULL PRIMARY KEY, customer_id uuid NOT NULL, number text NOT NULL, type text NOT NULL,
  name text NOT NULL, detail text NOT NULL, opt_out text, tm_create bigint NOT NULL, tm_update bigint, tm_delete bigint,
  digits text NOT NULL
);
CREATE UNIQUE INDEX numbers_by_digits ON numbers (digits) WHERE tm_delete IS NULL;
CREATE INDEX numbers_live ON numbers (number_id) WHERE tm_delete IS NULL;
CREATE INDEX numbers_of_customer ON numbers (customer_id, number_id) WHERE tm_delete IS NULL;

-- handset_key is a hash, so that a period goes on holding once the handset's number is erased from it.
CREATE TABLE opt_outs (
  customer_id uuid NOT NULL, opt_out_id uuid NOT NULL, sender text NOT NULL, sender_key text NOT NULL,
  handset text NOT NULL, handset_key bytea NOT NULL, since bigint NOT NULL, until bigint, began_by text NOT NULL,
  ended_by text NOT NULL,
  PRIMARY KEY (customer_id, opt_out_id)
);
CREATE UNIQUE INDEX opt_outs_lasting ON opt_outs (customer_id, sender_key, handset_key) WHERE until IS NULL;
CREATE INDEX opt_outs_by_sender ON opt_outs (customer_id, sender_key, opt_out_id);
CREATE INDEX opt_outs_by_handset ON opt_outs (handset_key, customer_id, opt_out_id);

CREATE TABLE audit (
  audit_id uuid NOT NULL PRIMARY KEY, at bigint NOT NULL, by_customer uuid NOT NULL, what text NOT NULL,
  target text NOT NULL, detail text NOT NULL
);

CREATE TABLE settings (name text NOT NULL PRIMARY KEY, value text NOT NULL);

CREATE TABLE probe (one integer PRIMARY KEY CHECK (one = 1), times bigint NOT NULL);
INSERT INTO probe VALUES (1, 0);
`;

function settledBuckets(): string {
  const buckets = Array.from({ length: SETTLED_BUCKETS }, (_, bucket) => bucket);
  return buckets
    .map(
      (bucket) =>
        `CREATE TABLE settled_receipt_keys_${bucket} PARTITION OF settled_receipt_keys FOR VALUES IN (${bucket});`,
    )
    .join("\n");
}
