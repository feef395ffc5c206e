import { COMMAND_STATUS, type CommandStatusName } from "../../smpp/pdu/command-status.ts";
import type { UrlKey } from "../url-value.ts";

/** A key that takes an error of SMPP by its name, or any number with 0x. */
export function commandStatus(standard: CommandStatusName, meaning: string): UrlKey<number> {
  return {
    allowed: "ESME_… or 0x…",
    default: standard,
    meaning,
    read(text) {
      if (isStatusName(text)) return { ok: true, value: COMMAND_STATUS[text] };
      if (/^0x[0-9a-f]{1,8}$/i.test(text)) return { ok: true, value: Number(text) };
      return { ok: false, must: "be an error such as ESME_RSYSERR or 0x8" };
    },
  };
}

function isStatusName(text: string): text is CommandStatusName {
  return Object.hasOwn(COMMAND_STATUS, text);
}
