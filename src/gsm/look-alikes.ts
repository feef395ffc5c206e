/**
 * The text with typographic and full-width characters replaced by what they look like in the GSM alphabet: curly
 * quotes by straight ones, dashes by hyphens, any space by a space. Letters with accents are left alone: dropping an
 * accent changes words. Accents written as separate marks are joined to their letters first.
 */
export function replaceLookAlikes(text: string): string {
  let replaced = "";
  for (const character of text.normalize("NFC")) {
    replaced += REPLACEMENTS.get(character) ?? narrow(character);
  }
  return replaced;
}

/** Full-width forms of printable ASCII, U+FF01 to U+FF5E, stand in the order of ASCII itself. */
function narrow(character: string): string {
  const unit = character.charCodeAt(0);
  return unit >= 0xff01 && unit <= 0xff5e ? String.fromCharCode(unit - 0xfee0) : character;
}

// By code point, because many of these are invisible, combining, or cannot be told apart in an editor.
const CODE_POINTS_BY_REPLACEMENT: Readonly<Record<string, string>> = {
  // Double angle, modifier, curly, low and high reversed, ornamental, prime and double prime quotes.
  '"': "00AB 00BB 02BA 02EE 201C 201D 201E 201F 2033 2036 275D 275E 301D 301E",
  // Backtick, acute, modifier primes and commas, combining commas, curly, prime, ornamental, vertical forms.
  "'": "0060 00B4 02B9 02BB 02BC 02BD 02C8 02CA 02CB 0313 0314 2018 2019 201B 2032 2035 275B 275C FE10 FE11",
  "/": "00F7 0337 0338 2044 2215 29F8",
  "1/4": "00BC",
  "1/2": "00BD",
  "3/4": "00BE",
  "\\": "20E5 29F5 29F9 FE68",
  _: "0332 2017",
  "|": "20D2 20D3 2223 239C 239F 23B8 23B9 23D0",
  // Hyphens (also the unbreakable one), dashes, the minus sign, bullets.
  "-": "2010 2011 2012 2013 2014 2015 2022 2043 2212 23BC 23BD FE63",
  "@": "FE6B",
  $: "FE69",
  "!": "01C3 FE15 FE57",
  "!!": "203C",
  "#": "FE5F",
  "%": "FE6A",
  "&": "FE60",
  ",": "0326 201A 3001 FE50 FE51 FF64",
  "(": "2768 276A 27EE 2985 FE59 FF5F",
  ")": "2769 276B 27EF 2986 FE5A FF60",
  "*": "204E 2217 229B 2722 2723 2724 2725 2731 2732 2733 273A 273B 273C 273D 2743 2749 274A 274B 29C6 FE61",
  "+": "02D6 FE62",
  ".": "3002 FE52 FF61",
  "...": "2026",
  ":": "02D0 02F8 2982 A789 FE13",
  ";": "204F FE14 FE54",
  "<": "2039 FE64",
  "=": "0347 A78A FE66",
  ">": "203A FE65",
  "?": "FE16 FE56",
  "^": "02C6 0302 1DCD",
  "{": "2774 FE5B",
  "}": "2775 FE5C",
  "~": "02DC 02F7 0303 0330 0334 223C",
  // The tab, C1 controls that old Windows text carries, the no-break space, spaces of every width.
  " ": "0009 0080 008D 0090 009B 009F 00A0 2000 2001 2002 2003 2004 2005 2006 2007 2008 2009 200A 202F 205F 3000",
  // Line and paragraph separator.
  "\n": "2028 2029",
  // Controls, soft hyphen, zero-width space, word joiner, byte order mark: nothing to see.
  "": "0000 0003 0004 0010 0011 0012 0013 0014 0017 0019 00AD 200B 2060 FEFF",
};

const SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ";
const CAPITALS = "ABCDEFGHIJKLMNOPRSTUVWYZ";

const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(CODE_POINTS_BY_REPLACEMENT).flatMap(([replacement, codePoints]) =>
    codePoints
      .split(" ")
      .map((hex): [string, string] => [String.fromCharCode(Number.parseInt(hex, 16)), replacement]),
  ),
  ...Array.from(SMALL_CAPITALS, (small, index): [string, string] => [small, CAPITALS.charAt(index)]),
]);
