/** Characters of an address in its column that weigh as much as a target; a number with a name beside it has fewer. */
const CHARACTERS_PER_TARGET = 256;

/**
 * What a target counts for on a page (`MessageQuery.targetLimit`), by its address as both engines keep it: 1 mostly. Words that
 * may stand beside a number are many times as long, and a page has to fit into the memory of whoever answers it.
 */
export function weightOnPage(destination: string): number {
  return Math.max(1, Math.ceil(destination.length / CHARACTERS_PER_TARGET));
}
