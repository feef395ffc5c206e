import { BODY_MAX_BYTES } from "./limits.ts";

/** The envelope's statuses, each with the HTTP status it has unless a reason says otherwise. */
type EnvelopeStatus =
  | "INVALID_ARGUMENT"
  | "UNAUTHENTICATED"
  | "PERMISSION_DENIED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "FAILED_PRECONDITION"
  | "RESOURCE_EXHAUSTED"
  | "INTERNAL"
  | "UNAVAILABLE";

interface Meaning {
  readonly status: EnvelopeStatus;
  readonly http: number;
  /** One sentence for the documentation. */
  readonly about: string;
  /** The reason on the wire, where two of ours share one. */
  readonly wire?: string;
}

/** Every reason an answer of this API can give, its status on the wire and what it means: the one place that knows. */
export const REASONS = {
  INVALID_ARGUMENT: meaning(
    "INVALID_ARGUMENT",
    400,
    "A value is missing or wrong; `details` names the field.",
  ),
  INVALID_JSON_BODY: meaning("INVALID_ARGUMENT", 400, "The body is not the JSON object that is expected."),
  INVALID_ID: meaning("INVALID_ARGUMENT", 400, "The id in the path is not a UUID."),
  INVALID_REQUEST_PARAMETER: meaning("INVALID_ARGUMENT", 400, "A query parameter is wrong."),
  /** The contract: any failure of a login is 400. */
  LOGIN_REFUSED: {
    ...meaning("INVALID_ARGUMENT", 400, "The username or the password is wrong."),
    wire: "INVALID_CREDENTIALS",
  },
  AUTHENTICATION_REQUIRED: meaning("UNAUTHENTICATED", 401, "The request carries no credential."),
  INVALID_CREDENTIALS: meaning(
    "UNAUTHENTICATED",
    401,
    "The token or access key is wrong, expired or withdrawn.",
  ),
  PERMISSION_DENIED: meaning("PERMISSION_DENIED", 403, "The credential is good but does not allow this."),
  ROUTE_NOT_FOUND: meaning("NOT_FOUND", 404, "Nothing is served at this path."),
  MESSAGE_NOT_FOUND: meaning("NOT_FOUND", 404, "You have no message with this id."),
  RESOURCE_NOT_FOUND: meaning("NOT_FOUND", 404, "There is no such record, or it is not yours."),
  METHOD_NOT_ALLOWED: meaning("INVALID_ARGUMENT", 405, "The path exists; `Allow` lists its methods."),
  REQUEST_TIMEOUT: meaning("INVALID_ARGUMENT", 408, "The request did not arrive whole in time."),
  RESOURCE_ALREADY_EXISTS: meaning("ALREADY_EXISTS", 409, "The name is taken."),
  RESOURCE_IN_USE: meaning("FAILED_PRECONDITION", 409, "Something still depends on the record."),
  LIMIT_REACHED: meaning("FAILED_PRECONDITION", 409, "There may be no more records of this kind."),
  NO_ROUTE: meaning("FAILED_PRECONDITION", 409, "No carrier may take this message: add one."),
  WEBHOOK_OFF: meaning("FAILED_PRECONDITION", 409, "The webhook is switched off or has no address."),
  HANDSET_REFUSED: meaning("FAILED_PRECONDITION", 409, "The simulated handset cannot send this now."),
  IDEMPOTENCY_KEY_IN_USE: meaning(
    "FAILED_PRECONDITION",
    409,
    "The first request with this key is still running.",
  ),
  BODY_TOO_LARGE: meaning(
    "INVALID_ARGUMENT",
    413,
    `The body is over ${BODY_MAX_BYTES.toLocaleString("en")} bytes.`,
  ),
  UNSUPPORTED_MEDIA_TYPE: meaning(
    "INVALID_ARGUMENT",
    415,
    "A body must be `application/json`, not compressed.",
  ),
  UPGRADE_REQUIRED: meaning("INVALID_ARGUMENT", 426, "The path speaks WebSocket alone."),
  IDEMPOTENCY_KEY_REUSED: meaning("INVALID_ARGUMENT", 422, "The key was used with another request."),
  RATE_LIMIT_EXCEEDED: meaning(
    "RESOURCE_EXHAUSTED",
    429,
    "Too many requests; `Retry-After` says when to go on.",
  ),
  HEADERS_TOO_LARGE: meaning("INVALID_ARGUMENT", 431, "The request line and headers are over the limit."),
  INTERNAL: meaning("INTERNAL", 500, "Something broke here; the log has the request id."),
  SERVICE_UNAVAILABLE: meaning(
    "UNAVAILABLE",
    503,
    "Nothing was changed, unless the message says that a part was, or that nobody knows; the same request may succeed after `Retry-After`.",
  ),
} as const satisfies Readonly<Record<string, Meaning>>;

export type Reason = keyof typeof REASONS;

function meaning(status: EnvelopeStatus, http: number, about: string): Meaning {
  return { status, http, about };
}

interface RefusalExtras {
  /** The field, parameter or header at fault, as the client wrote its path: `destinations[3].target`. */
  readonly field?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Ends a request with an error answer; thrown by whatever serves the request and rendered at the door alone. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Reason;
  readonly field: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(reason: Reason, message: string, extras: RefusalExtras = {}) {
    super(message, { cause: extras.cause });
    this.reason = reason;
    this.field = extras.field ?? null;
    this.headers = extras.headers ?? {};
  }
}

/** Renders the error body that VoIPBIN's clients print. */
export function renderEnvelope(
  reason: Reason,
  message: string,
  requestId: string,
  field: string | null,
): string {
  const details = field === null ? [] : [{ field, message }];
  const { status, wire = reason }: Meaning = REASONS[reason];
  return JSON.stringify({ error: { status, reason: wire, message, request_id: requestId, details } });
}
