import type { BindResponse } from "../pdu/pdu.ts";
import type { CloseReason } from "../session/close-reason.ts";
import type { IncomingRequest } from "../session/incoming-request.ts";
import type { RequestOutcome } from "../session/request-outcome.ts";
import type { ConnectionHandlers } from "./connection-handlers.ts";
import type { SmppConnection } from "./smpp-connection.ts";

/** Handlers that write down what they are told, and a way to wait for it without a clock. */
export class ConnectionRecorder implements ConnectionHandlers<string> {
  readonly outcomes: RequestOutcome<string>[] = [];
  readonly requests: IncomingRequest[] = [];
  readonly windows: number[] = [];
  bound: BindResponse | undefined;
  closed: CloseReason | undefined;
  connection: SmppConnection<string> | undefined;
  /** What to do with requests besides writing them down. */
  readonly #react: (requests: readonly IncomingRequest[], connection: SmppConnection<string>) => void;
  #waiting: { readonly isTrue: () => boolean; readonly resolve: () => void }[] = [];

  constructor(
    react: (requests: readonly IncomingRequest[], connection: SmppConnection<string>) => void = () =>
      undefined,
  ) {
    this.#react = react;
  }

  onBound(response: BindResponse, connection: SmppConnection<string>): void {
    this.bound = response;
    this.#note(connection);
  }

  onOutcomes(outcomes: readonly RequestOutcome<string>[], connection: SmppConnection<string>): void {
    this.outcomes.push(...outcomes);
    this.#note(connection);
  }

  onRequests(requests: readonly IncomingRequest[], connection: SmppConnection<string>): void {
    this.requests.push(...requests);
    this.#react(requests, connection);
    this.#note(connection);
  }

  onWindow(freeSlots: number, connection: SmppConnection<string>): void {
    this.windows.push(freeSlots);
    this.#note(connection);
  }

  onClosed(reason: CloseReason, connection: SmppConnection<string>): void {
    this.closed = reason;
    this.#note(connection);
  }

  /** Resolves when `isTrue` after something was written down. */
  async until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ isTrue, resolve });
    await promise;
  }

  #note(connection: SmppConnection<string>): void {
    this.connection = connection;
    this.#waiting = this.#waiting.filter(({ isTrue, resolve }) => {
      if (isTrue()) resolve();
      else return true;
      return false;
    });
  }
}

/** Answers every request at once with ESME_ROK and a message id made of its sequence number. */
export function answerAll(requests: readonly IncomingRequest[], connection: SmppConnection<string>): void {
  for (const request of requests) connection.answer(request, 0, `id-${request.pdu.sequence}`);
}
