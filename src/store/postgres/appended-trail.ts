import {
  TRAIL_BEGINNING_CHARACTERS,
  TRAIL_END_CHARACTERS,
  TRAIL_MAX_CHARACTERS,
} from "../../domain/trail.ts";

/** Where an entry begins that is not the first. No words hold it, for in a JSON string its quotes have backslashes. */
const BOUNDARY = ',{"at":';
/** What follows an entry's time. */
const AFTER_TIME = ',"what":';

/**
 * The trail and u.trail after it, without its middle: what is kept of the beginning, up to the next boundary; `left_out`, at the
 * time of the first entry that is; what is kept of the end, from its first boundary on. Cut again, it is cut at the same place,
 * where `left_out` is the first now, and keeps its time.
 */
const WITHOUT_MIDDLE = `(
    SELECT substr(whole, 1, place - 1) || substr(middle, 1, strpos(middle, '${AFTER_TIME}') - 1) ||
      '${AFTER_TIME}"left_out"}' || substr(tail, strpos(tail, '${BOUNDARY}'))
    FROM (
      SELECT whole, place, substr(whole, place) AS middle, right(whole, ${TRAIL_END_CHARACTERS}) AS tail
      FROM (
        SELECT whole, ${TRAIL_BEGINNING_CHARACTERS} +
          strpos(substr(whole, ${TRAIL_BEGINNING_CHARACTERS + 1}), '${BOUNDARY}') AS place
        FROM (SELECT t.trail || ',' || u.trail AS whole) AS one
      ) AS two
    ) AS three
  )`;

/** Appends u.trail to the trail, which is a list of JSON objects without its brackets; the last case is rare. */
export const APPENDED_TRAIL = `CASE
    WHEN u.trail = '' THEN t.trail
    WHEN t.trail = '' THEN u.trail
    WHEN length(t.trail) + length(u.trail) < ${TRAIL_MAX_CHARACTERS} THEN t.trail || ',' || u.trail
    ELSE ${WITHOUT_MIDDLE}
  END`;
