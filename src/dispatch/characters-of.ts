import type { OutboundTarget } from "../domain/outbound-target.ts";

/**
 * What there is to send of these targets, as long as it may be; all else of a target is short. Targets of one message may share
 * it in memory and do not when they were claimed: it counts for each of them.
 */
export function charactersOf(targets: readonly OutboundTarget[]): number {
  let characters = 0;
  for (const { text, options } of targets) {
    characters += text.length;
    if (options.data !== undefined) characters += options.data.length;
    if (options.udh !== undefined) characters += options.udh.length;
    if (options.medias !== undefined)
      for (const { type, url } of options.medias) characters += type.length + url.length;
  }
  return characters;
}
