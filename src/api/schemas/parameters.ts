import type { Parameter } from "../door.ts";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from "../limits.ts";

export const PAGE_SIZE_PARAMETER: Parameter = {
  in: "query",
  name: "page_size",
  description: `Items a page, 1–${PAGE_SIZE_MAX}; missing, 0 or more means ${PAGE_SIZE_DEFAULT}. A page may end early: the last is the one whose \`next_page_token\` is empty.`,
  schema: { type: "integer", minimum: 0, default: PAGE_SIZE_DEFAULT },
};

/** The two query parameters of nearly every list. */
export const PAGE_PARAMETERS: readonly Parameter[] = [
  PAGE_SIZE_PARAMETER,
  {
    in: "query",
    name: "page_token",
    description:
      "The `next_page_token` of the page before; or a UTC time such as `2022-03-13 15:11:05.235717`, for items strictly older.",
    schema: { type: "string" },
  },
];
