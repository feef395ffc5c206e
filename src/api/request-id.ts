import type { FillRandom } from "../domain/ids.ts";

const ECHOED_FORM = /^[A-Za-z0-9_-]{1,64}$/;
const PREFIX_BYTES = 6;

/** Answers the id a request is known by: the client's own when it has the agreed form, else a new one (`req_…`). */
export type NameRequest = (given: string | readonly string[] | undefined) => string;

/** Makes ids unique over all processes: random once for each process, then counted, so that naming costs nothing. */
export function createRequestIds(fillRandom: FillRandom): NameRequest {
  const random = new Uint8Array(PREFIX_BYTES);
  fillRandom(random);
  const prefix = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  let count = 0;
  return (given) => {
    if (typeof given === "string" && ECHOED_FORM.test(given)) return given;
    count += 1;
    return `req_${prefix.toUpperCase()}${count.toString(36).toUpperCase().padStart(4, "0")}`;
  };
}
