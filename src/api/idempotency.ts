import { createHash } from "node:crypto";
import { Refusal } from "./errors.ts";

/** A request that may be sent again without being carried out again. */
export interface IdempotentRequest {
  readonly key: string;
  /** SHA-256, hex, of what makes two requests the same. */
  readonly fingerprint: string;
}

/** The parts of a request that its fingerprint covers. */
export interface FingerprintedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly body: Uint8Array;
}

const HEADER = "Idempotency-Key";
const KEY_FORM = /^[A-Za-z0-9_:.-]{1,255}$/;
const CREDENTIALS: ReadonlySet<string> = new Set(["token", "accesskey"]);

/** Reads the header, quoted as its draft standard says or bare as most clients send it; a key of another form is refused. */
export function readIdempotency(
  header: string | readonly string[],
  request: FingerprintedRequest,
): IdempotentRequest {
  const text = typeof header === "string" ? header : "";
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (!KEY_FORM.test(key)) {
    throw new Refusal(
      "INVALID_ARGUMENT",
      `${HEADER} must be 1–255 letters, digits or _ : . -, quoted or bare`,
      {
        field: HEADER,
      },
    );
  }
  return { key, fingerprint: fingerprint(request) };
}

/** Credentials do not count: the same request with a fresh token is the same request. */
function fingerprint({ method, url, body }: FingerprintedRequest): string {
  const [path = "", query = ""] = url.split("?", 2);
  const parameters = query
    .split("&")
    .filter((parameter) => !CREDENTIALS.has(parameter.split("=", 1)[0] ?? ""));
  return createHash("sha256")
    .update(`${method} ${path}?${parameters.join("&")}\n`)
    .update(body)
    .digest("hex");
}
