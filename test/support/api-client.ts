import type { ReceivedTarget } from "./receiver.ts";

export interface ApiMessage {
  readonly id: string;
  readonly text: string;
  readonly direction: string;
  readonly source: { readonly target: string };
  readonly targets: readonly (ReceivedTarget & {
    readonly tm_update: string;
    readonly error?: { readonly code: string };
  })[];
  readonly tm_create: string;
  readonly tm_update: string;
  readonly tm_delete: string;
}

/** An answer with its body read as JSON. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Calls the HTTP API as one customer. */
export interface ApiClient {
  call<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** The body of a success; anything else throws with what was answered. */
  succeed<Body>(method: string, path: string, body?: unknown): Promise<Body>;
  send(
    destinations: readonly string[],
    text: string,
    headers?: Record<string, string>,
  ): Promise<Answer<ApiMessage>>;
  message(id: string): Promise<ApiMessage>;
}

export function createApiClient(url: string, token: string): ApiClient {
  async function call<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
  }
  async function succeed<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await call<Body>(method, path, body);
    if (answer.status !== 200)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  return {
    call,
    send: (destinations, text, headers) =>
      call(
        "POST",
        "/v1.0/messages",
        {
          source: { type: "tel", target: "+821100000001" },
          destinations: destinations.map((target) => ({ type: "tel", target })),
          text,
        },
        headers,
      ),
    succeed,
    message: (id) => succeed("GET", `/v1.0/messages/${id}`),
  };
}
