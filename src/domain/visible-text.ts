/** Control characters but for the end of a line, and those that turn the direction of what follows. */
const INVISIBLE = /(?!\n)[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
const SHORT: Readonly<Record<string, string>> = { "\t": String.raw`\t`, "\r": String.raw`\r` };
const HEX = 16;
const HEX_DIGITS = 4;

/** Writes out what would act on a terminal instead of being seen: `\u001b` for an escape. Lines stay lines. */
export function visible(text: string): string {
  return text.replaceAll(INVISIBLE, (character) => SHORT[character] ?? escapeOf(character));
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(HEX).padStart(HEX_DIGITS, "0")}`;
}

/** The same on one line, however many it had. */
export function onOneLine(text: string): string {
  return visible(text).replaceAll("\n", String.raw`\n`);
}

/** A text of many lines beside or under something: no further line begins where the lines of our own do. */
export function indented(text: string, indent: number): string {
  return text.split(/\r?\n/).join(`\n${" ".repeat(indent)}`);
}
