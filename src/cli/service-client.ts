import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { refuseForbidden } from "../app/forbidden.ts";
import type { Config } from "../config/config.ts";
import { CommandFailure } from "./command-failure.ts";

/** A service that commands ask by HTTP, as anyone else would. */
export interface ServiceClient {
  readonly url: string;
  /** Answers the body of a success; a refusal, or no answer within the time, ends the command. */
  call<Body>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    terms?: CallTerms,
  ): Promise<Body>;
  /** The same with the headers of the answer. */
  ask<Body>(method: "POST", path: string, body: unknown): Promise<ServiceAnswer<Body>>;
}

export interface CallTerms {
  /** How long to wait for the answer, if it is less than the usual time. */
  readonly timeoutMs?: number;
  /** Under the same key the same request is carried out once. */
  readonly idempotencyKey?: string | undefined;
}

interface ServiceAnswer<Body> {
  readonly body: Body;
  readonly headers: Headers;
}

/** The service answered, and not with what was asked for. */
export class ServiceRefusal extends CommandFailure {
  readonly status: number;

  constructor(status: number, line: string) {
    super("refused", line);
    this.status = status;
  }
}

/** Whether the same may be answered when it is asked again in a moment: the service is away, starts, or has too much to do. */
export function mayPass(error: unknown): error is CommandFailure {
  if (error instanceof ServiceRefusal)
    return error.status === TOO_MANY_REQUESTS || error.status >= SERVER_ERRORS;
  return error instanceof CommandFailure && error.kind === "unreachable";
}

const TOO_MANY_REQUESTS = 429;
const SERVER_ERRORS = 500;

/** An answer that takes longer than this is not coming. */
const ANSWER_TIMEOUT_MS = 30_000;
const LOCAL_CUSTOMER = "admin";
/** Long enough for any `send --wait`. */
const LOCAL_TOKEN_LIFE_MS = 24 * 3_600_000;

/** Finds the service that the settings name, else the one of the data directory, and a token for it. */
export async function openServiceClient(config: Config, signal: AbortSignal): Promise<ServiceClient> {
  const { url, token } = config.remote;
  if (url !== null && token === null) {
    throw new CommandFailure(
      "usage",
      "MSGBIN_TOKEN must say as whom to ask the service of MSGBIN_URL: a JWT or an access key",
    );
  }
  const address = url ?? readLocalAddress(config.dataDir);
  const credential = token ?? (await issueLocally(config));
  return createServiceClient(address, credential, signal);
}

function readLocalAddress(dataDir: string): string {
  const file = join(dataDir, "msgbin.url");
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    refuseForbidden(cause, file, "ask the service with MSGBIN_URL and MSGBIN_TOKEN");
    throw new CommandFailure(
      "unreachable",
      `no service runs on ${shown(dataDir)}: start one with \`npx msgbin serve\`, or name another with MSGBIN_URL and MSGBIN_TOKEN`,
      { cause },
    );
  }
}

async function issueLocally(config: Config): Promise<string> {
  // Loaded when needed only: it brings the whole service along, and most commands never need that.
  const { issueToken } = await import("../app/issue-token.ts");
  const token = await issueToken(config, LOCAL_CUSTOMER, LOCAL_TOKEN_LIFE_MS);
  if (token !== null) return token;
  const why = `there is no customer ${LOCAL_CUSTOMER} in ${shown(config.dataDir)}`;
  throw new CommandFailure("refused", `${why}: set MSGBIN_TOKEN to say as whom to ask`);
}

/** Talks to the service at an address with a JWT or an access key. */
export function createServiceClient(url: string, token: string, signal: AbortSignal): ServiceClient {
  return {
    url,
    ask,
    call: async <Body>(method: string, path: string, body?: unknown, terms?: CallTerms): Promise<Body> =>
      (await ask<Body>(method, path, body, terms)).body,
  };

  async function ask<Body>(
    method: string,
    path: string,
    body: unknown,
    { timeoutMs = ANSWER_TIMEOUT_MS, idempotencyKey }: CallTerms = {},
  ): Promise<ServiceAnswer<Body>> {
    const { answer, text } = await fetchText(path, {
      method,
      signal: AbortSignal.any([signal, AbortSignal.timeout(Math.min(timeoutMs, ANSWER_TIMEOUT_MS))]),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { ok, status, headers } = answer;
    const content = readJson(text, status, url);
    if (ok) return { body: content as Body, headers }; // what the service answers is described by its own API description
    throw new ServiceRefusal(status, refusalOf(status, content));
  }

  /** A connection may be lost in the midst of a body, too. */
  async function fetchText(
    path: string,
    request: RequestInit,
  ): Promise<{ readonly answer: Response; readonly text: string }> {
    try {
      const answer = await fetch(url + path, request);
      return { answer, text: await answer.text() };
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new CommandFailure(
        "unreachable",
        `no answer from ${url}: ${reasonOf(cause)}. Does \`msgbin serve\` run there?`,
        { cause },
      );
    }
  }
}

function readJson(text: string, status: number, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandFailure(
      "unreachable",
      `what answers at ${url} is not msgbin (status ${status}, no JSON)`,
      { cause },
    );
  }
}

function refusalOf(status: number, content: unknown): string {
  const { error } = content as { readonly error?: { readonly reason?: string; readonly message?: string } }; // every member is checked for below
  return `the service refused: ${error?.message ?? `status ${status}`} (${error?.reason ?? status})`;
}

/** fetch hides the reason of a failure in its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof AggregateError) return reasonOf(error.cause.errors[0]);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith("..") ? path : `./${near}`;
}
