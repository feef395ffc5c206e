import type { OutboundTarget } from "../domain/outbound-target.ts";
import type { ClaimRequest } from "../store/queueing.ts";
import { charactersOf } from "./characters-of.ts";

/** The first of these rows, as many as may come with one claim. */
export function withinBounds<Row extends { readonly target: OutboundTarget }>(
  { limit, characters }: Pick<ClaimRequest, "limit" | "characters">,
  rows: readonly Row[],
): readonly Row[] {
  let left = characters;
  const end = rows.findIndex(({ target }, index) => {
    left -= charactersOf([target]);
    return index === limit || (left < 0 && index > 0);
  });
  return end === -1 ? rows : rows.slice(0, end);
}
