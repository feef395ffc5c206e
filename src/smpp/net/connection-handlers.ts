import type { BindResponse } from "../pdu/pdu.ts";
import type { CloseReason } from "../session/close-reason.ts";
import type { IncomingRequest } from "../session/incoming-request.ts";
import type { RequestOutcome } from "../session/request-outcome.ts";
import type { SmppConnection } from "./smpp-connection.ts";

/** What a connection tells its owner, in batches: once for each received chunk or flush, not once for each PDU. */
export interface ConnectionHandlers<Context> {
  /** As client: the bind was accepted. */
  onBound?(response: BindResponse, connection: SmppConnection<Context>): void;
  /** Comes exactly once for each request that was taken, before the receipts that came in the same chunk. */
  onOutcomes(outcomes: readonly RequestOutcome<Context>[], connection: SmppConnection<Context>): void;
  /** Each is to be answered once, by `answer` or `respond`; at once or, from a promise, later. */
  onRequests(requests: readonly IncomingRequest[], connection: SmppConnection<Context>): void;
  /** There is room for requests: after the bind, after outcomes, and when the socket has drained. */
  onWindow?(freeSlots: number, connection: SmppConnection<Context>): void;
  /** The socket is gone and every outcome was told. Nothing comes after it. */
  onClosed(reason: CloseReason, connection: SmppConnection<Context>): void;
}
