import cookie from "@fastify/cookie";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify from "fastify";
import { createGuard } from "./auth/guard.ts";
import { createPrincipals } from "./auth/principals.ts";
import { createClientErrorAnswer } from "./client-error.ts";
import { endConnectionsOnClose } from "./connections.ts";
import type { Door } from "./door.ts";
import { createErrorAnswer } from "./error-answer.ts";
import { Refusal } from "./errors.ts";
import { FIXED_HEADERS } from "./fixed-headers.ts";
import { readJsonBody } from "./json-body.ts";
import {
  BODY_MAX_BYTES,
  CONNECTIONS_MAX,
  HEADERS_MAX_BYTES,
  KEEP_ALIVE_MS,
  PATH_SEGMENT_MAX_CHARACTERS,
  REQUEST_ARRIVAL_MAX_MS,
} from "./limits.ts";
import { asksForWebSocket } from "./live/asks-for-web-socket.ts";
import { describeApi } from "./openapi.ts";
import { createBuckets } from "./rate-limit.ts";
import { createRequestIds } from "./request-id.ts";
import { createRouteTable } from "./route-table.ts";
import { addRoutes } from "./routes.ts";
import type { ServerDeps } from "./server-deps.ts";

/** Makes the HTTP server, ready to listen. Closing it lets requests under way finish. */
export async function createServer(deps: ServerDeps): Promise<Door> {
  const door = openDoor(deps);
  readBodies(door);
  countRequests(door, deps);
  endConnectionsOnClose(door);
  const routeTable = createRouteTable(door);
  await door.register(cookie, { hook: false }); // cookies are read by the guard alone, when there are any
  await describeApi(door, deps);

  const principals = createPrincipals(deps);
  const stopListening = deps.store.onWake((wake) => {
    if (wake.kind === "directory") principals.forget();
  });
  door.addHook("onClose", async () => stopListening());

  const rate = deps.requestsPerSecond;
  const bucketRate = rate === null ? null : { perSecond: rate, burst: rate * 2 };
  const guard = createGuard({
    principals,
    customerBuckets: createBuckets(bucketRate, deps.monotonicMs),
    addressBuckets: createBuckets(bucketRate, deps.monotonicMs),
    parseCookies: (header) => door.parseCookie(header),
    publicUrl: deps.publicUrl,
  });
  await addRoutes(door, deps, { guard, principals });

  door.setNotFoundHandler({ preHandler: guard.anyone }, (request, reply) => {
    const methods = routeTable.methodsAt(request.url.split("?", 1)[0] ?? "");
    if (methods.length === 0 && !deps.servesApi)
      throw new Refusal("ROUTE_NOT_FOUND", "this node does not have the role api; ask one that has");
    if (methods.length === 0)
      throw new Refusal("ROUTE_NOT_FOUND", "nothing is served at this path; see /docs");
    const allow = methods.join(", ");
    reply.header("allow", allow); // RFC 9110 §15.5.6
    throw new Refusal("METHOD_NOT_ALLOWED", `this path takes ${allow}`);
  });
  await door.ready();
  return door;
}

function openDoor({ fillRandom, logger, trustedProxies, servesApi }: ServerDeps): Door {
  const nameRequest = createRequestIds(fillRandom);
  const answerError = createErrorAnswer(logger);
  const door = Fastify({
    logger: false,
    genReqId: (request) => nameRequest(request.headers["x-request-id"]),
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: REQUEST_ARRIVAL_MAX_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: false, // see connections.ts
    return503OnClosing: false, // who comes on an open connection while we close is still served, then told to go
    http: {
      maxHeaderSize: HEADERS_MAX_BYTES,
      requireHostHeader: false, // Node's own refusal has no body
      shouldUpgradeCallback: (request) => servesApi && asksForWebSocket(request),
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PATH_SEGMENT_MAX_CHARACTERS },
    clientErrorHandler: createClientErrorAnswer(nameRequest),
    frameworkErrors: (error, request, reply) => {
      reply.headers(FIXED_HEADERS).header("x-request-id", request.id);
      answerError(error, request, reply);
    },
    // What a schema calls wrong is refused, never coerced, filled in or stripped.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false },
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  door.server.maxConnections = CONNECTIONS_MAX;
  // Answers are described by schemas, not filtered through them: a key that is missing there would be lost without a word.
  door.setSerializerCompiler(() => JSON.stringify);
  door.setErrorHandler(answerError);
  door.addHook("onRequest", ({ id, raw }, reply, done) => {
    reply.headers(FIXED_HEADERS).header("x-request-id", id);
    const lacksHost = raw.headers.host === undefined && raw.httpVersion === "1.1"; // RFC 9112 §3.2
    done(
      lacksHost
        ? new Refusal("INVALID_ARGUMENT", "the Host header is missing", { field: "Host" })
        : undefined,
    );
  });
  return door;
}

function readBodies(door: Door): void {
  door.decorateRequest("principal", null);
  door.decorateRequest("credential", null);
  door.decorateRequest("bodyBytes", null);
  door.removeAllContentTypeParsers();
  door.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    try {
      if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
        throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "the body must not be compressed", {
          field: "Content-Encoding",
        });
      }
      const body = bytes as Buffer; // parseAs: "buffer" gives a Buffer
      if (request.headers["idempotency-key"] !== undefined) request.bodyBytes = body;
      done(null, readJsonBody(body));
    } catch (error) {
      done(error as Error, undefined); // only Refusals are thrown above
    }
  });
}

function countRequests(door: Door, { metrics }: ServerDeps): void {
  door.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    const { method } = request;
    metrics.count("msgbin_http_requests_total", { method, route, status: String(reply.statusCode) });
    metrics.observe("msgbin_http_request_seconds", reply.elapsedTime / 1_000, { method, route });
    done();
  });
}
