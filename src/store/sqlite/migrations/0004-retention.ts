/** How long customers keep their messages, and how far what they do not keep was taken away. */
export const RETENTION_SCHEMA = `
-- NULL leaves it to the service's default, 0 is for ever.
ALTER TABLE customers ADD COLUMN retention_days INTEGER;
ALTER TABLE customers ADD COLUMN retention_content_days INTEGER;

-- A customer's messages up to this one have lost their content, or wait for that in retention_waiting.
CREATE TABLE retention_marks (
  customer_id BLOB NOT NULL PRIMARY KEY, emptied_until BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE retention_waiting (
  customer_id BLOB NOT NULL, message_id BLOB NOT NULL,
  PRIMARY KEY (customer_id, message_id)
) STRICT, WITHOUT ROWID;
`;
