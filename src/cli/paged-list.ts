import { CommandFailure } from "./command-failure.ts";
import type { ServiceClient } from "./service-client.ts";

/** The most that the service puts on one page. */
const PAGE_SIZE = 100;
const MAX_LIMIT = 10_000;

interface Page<Item> {
  readonly result: readonly Item[];
  readonly next_page_token: string;
}

/** How many records a list shows unless it is told; and the words of its option. */
export const DEFAULT_LIMIT = "20";
export const LIMIT_WORDS = `how many at most, up to ${MAX_LIMIT}`;

/** Reads `--limit`. */
export function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new CommandFailure("usage", `--limit must be a whole number from 1 to ${MAX_LIMIT}`);
}

/** The conditions that were given, as a query: those left out are not in it. */
export function toQuery(conditions: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(conditions)) if (value !== undefined) query.set(name, value);
  return query;
}

/** Follows the pages of a list until there are enough records or no more. */
export async function listPages<Item>(
  client: ServiceClient,
  path: string,
  query: URLSearchParams = new URLSearchParams(),
  limit: number = MAX_LIMIT,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let pageToken = "";
  do {
    const asked = new URLSearchParams(query);
    asked.set("page_size", String(Math.min(PAGE_SIZE, limit - items.length)));
    if (pageToken !== "") asked.set("page_token", pageToken);
    const page: Page<Item> = await client.call<Page<Item>>("GET", `${path}?${asked.toString()}`);
    items.push(...page.result);
    pageToken = page.next_page_token;
  } while (pageToken !== "" && items.length < limit);
  return items.slice(0, limit);
}
