import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Credential } from "./auth/credentials.ts";
import type { Principal } from "./auth/principals.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the guard of the route; null on routes without one. */
    principal: Principal | null;
    /** What it was proved by. */
    credential: Credential | null;
    /** The body as it came, kept only for requests with an idempotency key. */
    bodyBytes: Uint8Array | null;
  }
  interface FastifyContextConfig {
    /** Query parameters and headers for the API's description; the handler reads them itself. */
    readonly parameters?: readonly Parameter[];
  }
}

/** A query parameter or header as the API's description shows it. */
export interface Parameter {
  readonly in: "query" | "header";
  readonly name: string;
  readonly description: string;
  readonly isRequired?: true;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** The HTTP server as routes see it: bodies are typed by their schemas. */
export type Door = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** On whose behalf a guarded request is served. */
export function principalOf(request: { readonly principal: Principal | null }): Principal {
  if (request.principal === null) throw new Error("a route that needs a principal has no guard");
  return request.principal;
}
