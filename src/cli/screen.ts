import { visible } from "../domain/visible-text.ts";

/** Where words go. */
export interface Output {
  /** Tells `done` what became of the text, where it can tell. */
  write(text: string, done?: (error?: Error | null) => void): unknown;
  /** Whether a person may be reading along. */
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** An output to which everything may be written, whoever made it up: it cannot move the cursor, hide or turn anything. */
export interface Screen extends Output {
  /** The output itself, for our own marks and movements. */
  readonly raw: Output;
}

/** JSON stays what it is: what is shown for a control character is how JSON escapes it. */
export function screenOf(raw: Output): Screen {
  return {
    raw,
    write: (text) => raw.write(visible(text)),
    get isTTY() {
      return raw.isTTY;
    },
    get columns() {
      return raw.columns;
    },
  };
}
