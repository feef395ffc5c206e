/** Header names are in lower case; a header that came several times has an array. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type FailureReason =
  /** The address, or all that its name resolves to, is not public. */
  | "refused_address"
  | "dns"
  | "connect"
  | "tls"
  /** The whole exchange took longer than it may, however busy the line was. */
  | "timeout"
  | "too_large"
  /** The connection ended before the answer did. */
  | "connection_lost"
  /** What came was not HTTP. */
  | "bad_response"
  /** The client was closed. */
  | "aborted";

/** How a request ended; every status is an answer, and a failure says whether the other side may have seen the request. */
export type Outcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly body: Buffer;
    }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      /** For people; names no private address. */
      readonly message: string;
      /** The status, when it came before the failure. */
      readonly status: number | null;
      /** Whether a byte of the request may have left: false means it is safe to send it elsewhere. */
      readonly isSent: boolean;
    };
