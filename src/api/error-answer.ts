import type { FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "../domain/logger.ts";
import { StoreUnavailable } from "../domain/store-unavailable.ts";
import { PasswordsBusy } from "./auth/password.ts";
import { REASONS, Refusal, renderEnvelope } from "./errors.ts";
import { PartDone } from "./in-turn.ts";
import { describeInvalid, type SchemaError } from "./invalid-field.ts";
import { BODY_MAX_BYTES } from "./limits.ts";

/** Seconds a client is asked to wait. Some things take an operator; all else may be over at once. */
const RETRY_AFTER_SECONDS = { operator: 10, else: 1 } as const;
const TAKES_OPERATOR: ReadonlySet<StoreUnavailable["reason"]> = new Set(["disk_full", "damaged"]);

/** Answers a failed request in the envelope. */
export type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Makes the one place where failures become answers. Only what is our fault is logged: by request id and route, never by URL,
 * for that may hold a token.
 */
export function createErrorAnswer(logger: Logger): AnswerError {
  return (error, request, reply) => {
    const refusal = asRefusal(error);
    if (refusal === null) {
      const facts = { request_id: request.id, method: request.method, route: request.routeOptions.url ?? "" };
      logger.error({ ...facts, error: describe(error) }, "request failed");
    }
    send(
      refusal ?? new Refusal("INTERNAL", "something broke here; the log has the request id"),
      request,
      reply,
    );
  };
}

function send(
  { reason, message, field, headers }: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.code(REASONS[reason].http).headers(headers).type("application/json; charset=utf-8");
  reply.send(renderEnvelope(reason, message, request.id, field));
}

/** Null when the error is nobody's fault but ours. */
function asRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailable) {
    const seconds = RETRY_AFTER_SECONDS[TAKES_OPERATOR.has(error.reason) ? "operator" : "else"];
    if (error instanceof PartDone) return unavailable(seconds, PART_DONE);
    return error.reason === "outcome_unknown" ? unavailable(seconds, UNKNOWN) : unavailable(seconds);
  }
  if (error instanceof PasswordsBusy) return unavailable(RETRY_AFTER_SECONDS.else);
  return fromFramework(error as FrameworkError); // what is thrown is an Error, with these keys if fastify made it
}

const UNCHANGED = "nothing was changed; try the same request again in a moment";
const PART_DONE = "a part of this was done, if not all of it; the same request again completes it";
const UNKNOWN =
  "the database went away before it said whether this was done; the same request under the same Idempotency-Key is safe";

function unavailable(seconds: number, message = UNCHANGED): Refusal {
  return new Refusal("SERVICE_UNAVAILABLE", message, { headers: { "retry-after": String(seconds) } });
}

interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly validation?: readonly SchemaError[];
}

function fromFramework({ code, statusCode = 500, validation }: FrameworkError): Refusal | null {
  const [invalid] = validation ?? [];
  if (invalid !== undefined) return fromValidation(invalid);
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new Refusal("BODY_TOO_LARGE", `the body is over ${BODY_MAX_BYTES.toLocaleString("en")} bytes`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new Refusal(
        "UNSUPPORTED_MEDIA_TYPE",
        "the body must be JSON: send Content-Type: application/json",
        {
          field: "Content-Type",
        },
      );
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new Refusal("INVALID_ARGUMENT", "the body is not as long as Content-Length says", {
        field: "Content-Length",
      });
    case "FST_ERR_BAD_URL":
      return new Refusal("INVALID_ARGUMENT", "the path is not valid percent-encoding");
    case undefined:
    default:
      return statusCode < 500 ? new Refusal("INVALID_ARGUMENT", "the request is not well formed") : null;
  }
}

function fromValidation(invalid: SchemaError): Refusal {
  const { field, message } = describeInvalid(invalid);
  if (field === null) return new Refusal("INVALID_JSON_BODY", message);
  return new Refusal("INVALID_ARGUMENT", message, { field });
}

/** An error with its stack and the chain of its causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describe(error.cause)}`;
}
