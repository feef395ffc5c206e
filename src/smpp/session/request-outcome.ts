import type { MessageResponse } from "../pdu/pdu.ts";

/** What became of one request; each accepted request has exactly one outcome, and gets its owner's `context` back. */
export type RequestOutcome<Context> =
  /** Its response came, whatever `commandStatus` it carries. */
  | {
      readonly kind: "answered";
      readonly context: Context;
      readonly response: MessageResponse;
      /** From `request()` to the response. */
      readonly latencyMs: number;
    }
  /** The peer did not understand it. */
  | { readonly kind: "nacked"; readonly context: Context; readonly commandStatus: number }
  /** Its response came, but only the header can be read: with ESME_ROK it was taken, under an unknown id. */
  | { readonly kind: "unreadable"; readonly context: Context; readonly commandStatus: number }
  /** Written and not answered in time: nobody knows. A later response is ignored. */
  | { readonly kind: "timed-out"; readonly context: Context }
  /** Written, and the session ended before the answer: nobody knows. */
  | { readonly kind: "lost"; readonly context: Context }
  /** Not one byte of it reached the socket: it may be sent elsewhere. */
  | { readonly kind: "not-written"; readonly context: Context };

/** Whether `request()` took the request; when it did not, there will be no outcome. */
export type SendResult =
  | { readonly ok: true }
  /** Not bound, unbinding or closed. */
  | { readonly ok: false; readonly reason: "not-bound" }
  /** No free slot, or the socket has not drained: wait for `onWindow`. */
  | { readonly ok: false; readonly reason: "window-full" }
  /** This role, or this kind of bind, may not send this command (§2.3). */
  | { readonly ok: false; readonly reason: "wrong-direction" }
  /** A field does not fit its place in the PDU: never will. */
  | { readonly ok: false; readonly reason: "unencodable"; readonly field: string; readonly message: string };
