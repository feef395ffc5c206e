const LAST = (1n << 128n) - 1n;

/** The id that comes right after another: a page of one before it is the record with that very id, if it is listed. */
export function idAfter(id: string): string {
  const value = BigInt(`0x${id.replaceAll("-", "")}`);
  const hex = (value === LAST ? LAST : value + 1n).toString(16).padStart(32, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
