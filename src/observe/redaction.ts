import { type LogFields, maskNumber } from "../domain/logger.ts";

const REDACTED = "[redacted]";

/** Fields that hold a secret or a text, whatever is in them. Compared in lower case without `_` and `-`. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  "accesskey",
  "authorization",
  "body",
  "cookie",
  "jwt",
  "jwtkey",
  "key",
  "password",
  "secret",
  "secretkey",
  "setcookie",
  "text",
  "token",
  "webhooksecret",
]);

/** Fields that hold a phone number: only its last digits are logged. */
const NUMBER_FIELDS: ReadonlySet<string> = new Set([
  "destination",
  "from",
  "number",
  "phonenumber",
  "source",
  "target",
  "to",
]);

/** Secrets by their look, wherever they stand in a text: query values, passwords in URLs, JWTs, access keys, signing secrets. */
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  [/([?&](?:token|accesskey|password|secret)=)[^&\s"']+/gi, `$1${REDACTED}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi, `$1${REDACTED}@`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\bvb_[A-Za-z0-9_-]{8,}/g, REDACTED],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, REDACTED],
];

/** Fields as they may be logged: the second line of defence, after every caller's care to log facts only. */
export function redactFields(fields: LogFields): LogFields {
  const redacted: Record<string, LogFields[string]> = {};
  for (const [name, value] of Object.entries(fields)) redacted[name] = redactField(name, value);
  return redacted;
}

function redactField(name: string, value: LogFields[string]): LogFields[string] {
  if (typeof value !== "string") return value;
  const plainName = name.toLowerCase().replaceAll(/[_-]/g, "");
  if (SECRET_FIELDS.has(plainName)) return REDACTED;
  if (NUMBER_FIELDS.has(plainName)) return maskNumber(value);
  return redactText(value);
}

/** Takes everything out of a text that looks like a secret. */
export function redactText(text: string): string {
  let redacted = text;
  for (const [form, replacement] of SECRET_FORMS) redacted = redacted.replaceAll(form, replacement);
  return redacted;
}
