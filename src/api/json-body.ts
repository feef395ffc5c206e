import { Refusal } from "./errors.ts";

/** Cheap sign that a string may hold what only an escape can bring in: half a surrogate pair, or U+0000. */
const ESCAPE = "\\u";
/** Of a field's path in an error: nesting can make it as long as the body. */
const FIELD_MAX_CHARACTERS = 200;

/**
 * Reads a JSON body strictly: valid UTF-8, whole JSON, strings that everything behind the door can carry. An empty body is `undefined`, for the
 * methods that need none.
 */
export function readJsonBody(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined;
  const text = decode(bytes);
  const body = parse(text);
  if (text.includes(ESCAPE)) refuseUnsafeStrings(body);
  return body;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new Refusal("INVALID_JSON_BODY", "the body is not valid UTF-8", { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal("INVALID_JSON_BODY", `the body is not valid JSON${positionOf(cause)}`, { cause });
  }
}

/** Where V8 stopped reading; its own words are left out, for they quote the body. */
function positionOf(error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "" : `: it goes wrong at character ${position}`;
}

interface Place {
  readonly value: unknown;
  readonly path: string;
}

/** Walks with a list instead of recursion: a megabyte of `[` nests deeper than the stack. */
function refuseUnsafeStrings(body: unknown): void {
  const open: Place[] = [{ value: body, path: "" }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, path } = place;
    if (typeof value === "string") refuseUnsafeString(value, path);
    else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) open.push({ value: item, path: `${path}[${index}]` });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        open.push({ value: item, path: path === "" ? key : `${path}.${key}` });
      }
    }
  }
}

function refuseUnsafeString(text: string, path: string): void {
  const field = path === "" ? undefined : path.slice(0, FIELD_MAX_CHARACTERS);
  const name = field ?? "the body";
  if (!text.isWellFormed()) {
    throw new Refusal("INVALID_ARGUMENT", `${name} holds half of a surrogate pair, which is no character`, {
      field,
    });
  }
  if (text.includes("\0"))
    throw new Refusal("INVALID_ARGUMENT", `${name} must not contain U+0000`, { field });
}
