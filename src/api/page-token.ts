import { firstIdAt, isUuid } from "../domain/ids.ts";
import { formatMicros, type Micros, micros, parseMicros } from "../domain/micros.ts";

interface Listed {
  readonly id: string;
  readonly tmCreate: Micros;
}

/** The token for the page after this one: the last item's creation and id; empty after an empty page, where clients stop. */
export function nextPageToken(page: readonly Listed[]): string {
  const last = page.at(-1);
  return last === undefined ? "" : `${formatMicros(last.tmCreate)}_${last.id}`;
}

/**
 * The id that everything on the next page is smaller than; null when the token has no known form. Ids hold their time to the
 * microsecond, so a token with an id needs nothing else, and a bare time means the smallest id of that time.
 */
export function pageTokenToBefore(token: string): string | null {
  const cut = token.lastIndexOf("_");
  const time = parseMicros(cut === -1 ? token : token.slice(0, cut));
  if (time === null) return null;
  if (cut === -1) return firstIdAt(micros(Math.max(0, time)));
  const id = token.slice(cut + 1);
  return isUuid(id) ? id.toLowerCase() : null;
}
