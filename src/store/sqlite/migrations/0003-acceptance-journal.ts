/** How far the database has what the journal of acceptances holds. */
export const ACCEPTANCE_JOURNAL = `
CREATE TABLE acceptance_journal (one INTEGER PRIMARY KEY CHECK (one = 1), applied INTEGER NOT NULL) STRICT;
INSERT INTO acceptance_journal VALUES (1, 0);
`;
