/** What a query value says, or what it would have to be, to follow "must". */
export type ValueReading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly must: string };

/** One key of a carrier URL's query: how it is read, and what documentation says of it. */
export interface UrlKey<Value> {
  /** The values that are taken, in words. */
  readonly allowed: string;
  /** What holds when the key is missing, as it would be written; empty for nothing. */
  readonly default: string;
  readonly meaning: string;
  read(text: string): ValueReading<Value>;
}

/** A value as an error repeats it: on one line, and cut where it is long. */
export function shortened(text: string): string {
  if (text === "") return "nothing";
  const line = text.slice(0, 41).replaceAll(/\s+/g, " ");
  return text.length <= 40 ? line : `${line.slice(0, 40)}…`;
}

/** A key that takes one of a few words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  standard: NoInfer<Word>,
  meaning: string,
): UrlKey<Word> {
  const allowed = words.join(" | ");
  return {
    allowed,
    default: standard,
    meaning,
    read(text) {
      const value = words.find((word) => word === text);
      return value === undefined ? { ok: false, must: `be ${words.join(", ")}` } : { ok: true, value };
    },
  };
}

/** A key that is `on` or `off`. */
export function flag(standard: "on" | "off", meaning: string): UrlKey<boolean> {
  const words = choice(["on", "off"], standard, meaning);
  return {
    ...words,
    read(text) {
      const reading = words.read(text);
      return reading.ok ? { ok: true, value: reading.value === "on" } : reading;
    },
  };
}

/** A key that takes a whole number from `least` to `most`. */
export function whole(least: number, most: number, standard: number, meaning: string): UrlKey<number> {
  const allowed = `${least}–${most}`;
  return {
    allowed,
    default: String(standard),
    meaning,
    read(text) {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
      return value >= least && value <= most ? { ok: true, value } : { ok: false, must: `be ${allowed}` };
    },
  };
}

/** A key that takes a number as {@link whole} does, or the word `word`, which reads as null and is the default. */
export function wholeOr(word: string, least: number, most: number, meaning: string): UrlKey<number | null> {
  const numbers = whole(least, most, least, meaning);
  const allowed = `${word} | ${numbers.allowed}`;
  return {
    allowed,
    default: word,
    meaning,
    read(text) {
      if (text === word) return { ok: true, value: null };
      const reading = numbers.read(text);
      return reading.ok ? reading : { ok: false, must: `be ${numbers.allowed} or ${word}` };
    },
  };
}

/** A key that takes a text of at most `most` characters that fit one byte each, as a C-octet string holds it. */
export function latinText(most: number, meaning: string): UrlKey<string> {
  return {
    allowed: `up to ${most} characters`,
    default: "",
    meaning,
    read(text) {
      if (text.length > most)
        return { ok: false, must: `have at most ${most} characters, has ${text.length}` };
      return fitsLatin1(text)
        ? { ok: true, value: text }
        : { ok: false, must: "have only Latin-1 characters" };
    },
  };
}

/** Whether each character is one byte of ISO 8859-1 and none is the NUL that would end the field early. */
export function fitsLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0 || code > 0xff) return false;
  }
  return true;
}
