/** Why a connection ended: whether to come back soon, later or never is decided by its owner. */
export type CloseReason =
  /** We said unbind and the peer agreed, or its time to agree ran out (`isAnswered` false). */
  | { readonly kind: "unbound-by-us"; readonly isAnswered: boolean }
  /** The peer said unbind. */
  | { readonly kind: "unbound-by-peer" }
  /** bind_resp carried an error: ours as client; as server, what the authenticator decided. */
  | { readonly kind: "bind-refused"; readonly commandStatus: number }
  /** No bind, or no answer to it, in time. */
  | { readonly kind: "bind-timeout" }
  /** An enquire_link was not answered in time: half-open or hung. */
  | { readonly kind: "keepalive-timeout" }
  /** Nothing was received for the whole inactivity limit. */
  | { readonly kind: "inactivity" }
  /** The socket was full and did not drain within the write limit. */
  | { readonly kind: "write-stalled" }
  /** The byte stream makes no sense any more (§2.2, command_length): generic_nack was sent. */
  | { readonly kind: "protocol-error"; readonly message: string }
  /** TCP or TLS could not be set up. */
  | { readonly kind: "connect-failed"; readonly message: string; readonly code: string | null }
  /** The socket closed or failed under the session; `message` is empty when the peer just closed. */
  | { readonly kind: "connection-lost"; readonly message: string; readonly code: string | null }
  /** Our owner destroyed it. */
  | { readonly kind: "destroyed" };
