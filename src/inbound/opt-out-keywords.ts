import type { OptOutSettings } from "../domain/owned-number.ts";

/** What a handset asks for with the whole of its text. */
export type OptOutWish = "stop" | "start" | "help";

/** On for every number a customer owns unless he says otherwise. */
export const DEFAULT_OPT_OUT: Required<OptOutSettings> = {
  isOn: true,
  stopKeywords: [
    "STOP",
    "STOPALL",
    "STOP ALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "OPTOUT",
    "OPT-OUT",
    "REVOKE",
    "REMOVE",
    "ARRET",
  ],
  startKeywords: ["START", "UNSTOP"],
  helpKeywords: ["HELP"],
  stopAnswer: "You will receive no more messages from this number. Reply START to receive them again.",
  startAnswer: "You will receive messages from this number again. Reply STOP to end them.",
  helpAnswer: "Reply STOP to receive no more messages from this number, START to receive them again.",
};

/** The settings that hold at a number: its own before the customer's before the defaults, key by key. */
export function resolveOptOut(...settings: readonly (OptOutSettings | null)[]): Required<OptOutSettings> {
  return settings.reduceRight<Required<OptOutSettings>>(
    (resolved, own) => ({ ...resolved, ...own }),
    DEFAULT_OPT_OUT,
  );
}

/** What the text asks for, if the whole of it is a keyword; case, accents and punctuation do not matter. */
export function readWish(text: string, settings: Required<OptOutSettings>): OptOutWish | null {
  if (!settings.isOn) return null;
  const asked = foldKeyword(text);
  if (asked === "") return null;
  if (includes(settings.stopKeywords, asked)) return "stop";
  if (includes(settings.startKeywords, asked)) return "start";
  if (includes(settings.helpKeywords, asked)) return "help";
  return null;
}

function includes(keywords: readonly string[], folded: string): boolean {
  return keywords.some((keyword) => foldKeyword(keyword) === folded);
}

/** A keyword in upper case without accents; whatever is no letter or digit becomes one space between words. */
export function foldKeyword(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
