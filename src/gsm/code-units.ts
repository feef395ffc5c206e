/** Units joined per call; far below the number of arguments any engine takes, far above one message. */
const UNITS_PER_CALL = 4_096;

/** The string of a run of UTF-16 units, or of octets read as Latin-1. */
export function stringOfUnits(units: Uint8Array | Uint16Array): string {
  let text = "";
  for (let start = 0; start < units.length; start += UNITS_PER_CALL) {
    text += String.fromCharCode(...units.subarray(start, start + UNITS_PER_CALL));
  }
  return text;
}
