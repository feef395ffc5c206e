import { idToBytesOrNull } from "./id-bytes.ts";

/** The bytes before which a page begins: those after every id when it begins at the newest, null when the text is no id. */
export function beforeBytes(before: string | null): Uint8Array | null {
  return before === null ? new Uint8Array(17).fill(255) : idToBytesOrNull(before);
}
