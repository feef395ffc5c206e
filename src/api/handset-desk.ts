/** A message that a simulated handset shows. */
export interface HandsetText {
  readonly from: string;
  readonly text: string;
  /** Hex, for binary messages. */
  readonly data: string;
  readonly encoding: string;
  readonly isFlash: boolean;
  readonly parts: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

export type HandsetWrote =
  | { readonly kind: "written" }
  /** Nothing was sent; `message` says why, for people. */
  | { readonly kind: "refused"; readonly message: string };

/** Where an administrator plays the simulator's handsets; the composition root puts the simulator behind it. */
export interface HandsetDesk {
  /** Sends a text from the handset to a number, as somebody who holds it would. */
  write(handset: string, to: string, text: string): HandsetWrote;
  /** What the handset got, the oldest first. */
  inbox(handset: string): readonly HandsetText[];
}
