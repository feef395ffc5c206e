import { CARRIER_NAME_PATTERN } from "./schemas/carrier.ts";
import { USERNAME_PATTERN } from "./schemas/customer.ts";

/** What fastify's validator (Ajv) says of the first thing it found wrong; the keys used here. */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer of the value at fault: `/destinations/3/target`. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Says in a client's words which field of a body is wrong and what it must be. */
export function describeInvalid(error: SchemaError): {
  readonly field: string | null;
  readonly message: string;
} {
  const missing = error.keyword === "required" ? String(error.params["missingProperty"]) : null;
  const field = fieldOf(missing === null ? error.instancePath : `${error.instancePath}/${missing}`);
  if (field === null) return { field, message: "the body must be a JSON object" };
  return { field, message: `${field} ${missing === null ? requirementOf(error) : "is required"}` };
}

function fieldOf(pointer: string): string | null {
  if (pointer === "") return null;
  const steps = pointer.slice(1).split("/").map(unescapePointer);
  return steps.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    return path === "" ? step : `${path}.${step}`;
  }, "");
}

/** RFC 6901 §4. */
function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function requirementOf({ keyword, params }: SchemaError): string {
  const limit = String(params["limit"]);
  switch (keyword) {
    case "type":
      return `must be ${withArticle(String(params["type"]))}`;
    case "maxLength":
      return `must have at most ${limit} characters`;
    case "minLength":
      return limit === "1" ? "must not be empty" : `must have at least ${limit} characters`;
    case "maximum":
      return `must be at most ${limit}`;
    case "minimum":
      return `must be at least ${limit}`;
    case "maxItems":
      return `must hold at most ${limit} items`;
    case "minItems":
      return `must hold at least ${limit} items`;
    case "enum":
      return `must be one of ${(params["allowedValues"] as readonly unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
    case "pattern":
      return patternWords(String(params["pattern"]));
    default:
      return "is not valid";
  }
}

/** What the patterns of our schemas ask for. */
const PATTERN_WORDS: Readonly<Record<string, string>> = {
  [CARRIER_NAME_PATTERN]: "must be of lower case letters and digits, with single hyphens between them",
  [USERNAME_PATTERN]: "must be of letters, digits and . _ @ + - alone",
};

function patternWords(pattern: string): string {
  return PATTERN_WORDS[pattern] ?? `must match ${pattern}`;
}

function withArticle(type: string): string {
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}
