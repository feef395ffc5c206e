/** How long customers keep their messages, and how far what they do not keep was taken away. */
export const RETENTION_SCHEMA = `
-- NULL leaves it to the service's default, 0 is for ever.
ALTER TABLE customers ADD COLUMN retention_days integer, ADD COLUMN retention_content_days integer;

-- A customer's messages up to this one have lost their content, or wait for that in retention_waiting.
CREATE TABLE retention_marks (customer_id uuid NOT NULL PRIMARY KEY, emptied_until uuid NOT NULL);
CREATE TABLE retention_waiting (
  customer_id uuid NOT NULL, message_id uuid NOT NULL,
  PRIMARY KEY (customer_id, message_id)
);

-- Who does what one node at a time does.
CREATE TABLE sweeps (name text NOT NULL PRIMARY KEY, node text NOT NULL, expires_at bigint NOT NULL);
`;
