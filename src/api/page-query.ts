import { Refusal } from "./errors.ts";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from "./limits.ts";
import { pageTokenToBefore } from "./page-token.ts";
import { readParameter } from "./query.ts";

/** Which page of a list is asked for. */
export interface Page {
  /** Everything on it is strictly older than the record with this id; null from the newest. */
  readonly before: string | null;
  readonly limit: number;
}

/** Reads `page_size` and `page_token`; nonsense is refused by name. */
export function readPage(query: unknown): Page {
  return {
    before: readBefore(readParameter(query, "page_token")),
    limit: readPageSize(query),
  };
}

/** Reads `page_size`. */
export function readPageSize(query: unknown): number {
  const text = readParameter(query, "page_size");
  if (text === "") return PAGE_SIZE_DEFAULT;
  if (!/^\d+$/.test(text)) {
    throw refuseParameter("page_size", "page_size must be a whole number that is not negative");
  }
  const size = Number(text);
  return size === 0 || size > PAGE_SIZE_MAX ? PAGE_SIZE_DEFAULT : size;
}

function readBefore(text: string): string | null {
  if (text === "") return null;
  const before = pageTokenToBefore(text);
  if (before === null) {
    throw refuseParameter(
      "page_token",
      "page_token must be the next_page_token of an earlier page, or a UTC time",
    );
  }
  return before;
}

function refuseParameter(field: string, message: string): Refusal {
  return new Refusal("INVALID_REQUEST_PARAMETER", message, { field });
}
