/** On every answer: nobody on the way keeps it, and no page that it leads to learns a URL that may hold a token. */
export const FIXED_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;
