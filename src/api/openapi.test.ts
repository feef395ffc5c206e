import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiDescription, Operation } from "./docs/api-description.ts";
import { REASONS } from "./errors.ts";
import { createAnswerJudge } from "./fixtures/answer-judge.ts";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

const PATHS = {
  "/v1.0/messages": ["get", "post"],
  "/v1.0/messages/{id}": ["delete", "get"],
  "/v1.0/messages/{id}/cancel": ["post"],
  "/v1.0/messages/{id}/resend": ["post"],
  "/v1.0/messages/{id}/timeline": ["get"],
  "/v1.0/held": ["get"],
  "/v1.0/held/cancel": ["post"],
  "/v1.0/held/resend": ["post"],
  "/auth/login": ["post"],
  "/v1.0/me": ["get"],
  "/v1.0/customer": ["get", "put"],
  "/v1.0/customer/password": ["put"],
  "/v1.0/customer/webhook_secret": ["post"],
  "/v1.0/accesskeys": ["get", "post"],
  "/v1.0/accesskeys/{id}": ["delete", "get", "put"],
  "/v1.0/numbers": ["get", "post"],
  "/v1.0/numbers/{id}": ["delete", "get", "put"],
  "/v1.0/optouts": ["get", "post"],
  "/v1.0/optouts/{id}": ["delete"],
  "/v1.0/webhooks": ["get", "post"],
  "/v1.0/webhooks/{id}": ["delete", "get", "put"],
  "/v1.0/webhooks/{id}/rotate": ["post"],
  "/v1.0/webhooks/{id}/test": ["post"],
  "/v1.0/webhooks/{id}/attempts": ["get"],
  "/v1.0/webhooks/{id}/replay": ["post"],
  "/v1.0/customers": ["get", "post"],
  "/v1.0/customers/{id}": ["delete", "get", "put"],
  "/v1.0/customers/{id}/password": ["put"],
  "/v1.0/carriers": ["get", "post"],
  "/v1.0/carriers/{id}": ["delete", "put"],
  "/v1.0/ws": ["get"],
  "/v1.0/unowned": ["get"],
  "/v1.0/audit": ["get"],
  "/v1.0/erasures": ["post"],
  "/v1.0/simulator/handsets/{number}/messages": ["get", "post"],
  "/ping": ["get"],
  "/healthz": ["get"],
  "/readyz": ["get"],
  "/metrics": ["get"],
  "/openapi.json": ["get"],
  "/docs": ["get"],
} as const;

let open: OpenDoor;
let api: ApiDescription;
beforeAll(async () => {
  open = await openDoor();
  api = (await open.call("GET", "/openapi.json")).json as ApiDescription;
});
afterAll(async () => {
  await open.close();
});

function operations(): readonly (readonly [string, Operation])[] {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
}

describe("/openapi.json", () => {
  it("is OpenAPI 3.1 with a title, a version and where to call", () => {
    expect(api).toMatchObject({
      openapi: "3.1.0",
      info: { title: "msgbin", version: "0.0.0" },
      servers: [{ url: "/" }],
    });
  });

  it("holds every route and no other", () => {
    const methods = Object.entries(api.paths).map(([path, of]) => [
      path,
      Object.keys(of)
        .filter((name) => name !== "head")
        .toSorted(),
    ]);
    expect(Object.fromEntries(methods)).toEqual(PATHS);
  });

  it("describes each operation: its tag, a summary, the parameters in its path, its answers", () => {
    const tags = api.tags?.map(({ name }) => name) ?? [];
    const wrong = operations().filter(
      ([name, { summary = "", tags: own = [], responses = {}, parameters = [] }]) => {
        const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
        const described = parameters
          .filter((parameter) => parameter.in === "path")
          .map((parameter) => parameter.name);
        const isRight =
          /^[A-Z].+[^.]$/.test(summary) &&
          own.length === 1 &&
          own.every((tag) => tags.includes(tag)) &&
          "200" in responses &&
          Object.values(responses).every(({ description }) => typeof description === "string") &&
          described.join() === inPath.join() &&
          parameters.every(({ schema }) => schema !== undefined);
        return !isRight;
      },
    );
    expect(wrong).toEqual([]);
    expect(operations()).toHaveLength(Object.values(PATHS).flat().length);
  });

  it("tells which parameters must be given", () => {
    const wanted = operations().flatMap(([name, { parameters = [] }]) =>
      parameters
        .filter((parameter) => parameter.in !== "path" && parameter.required)
        .map((parameter) => `${name} ${parameter.name}`),
    );
    expect(wanted).toEqual(["post /v1.0/held/resend carrier", "post /v1.0/held/cancel carrier"]);
  });

  it("asks for JSON bodies, with an example of each that its own schema takes", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const bodies = operations().flatMap(([name, { requestBody }]) =>
      requestBody === undefined ? [] : [{ name, ...requestBody.content["application/json"] }],
    );
    expect(bodies.map(({ name }) => name).toSorted()).toEqual([
      "post /auth/login",
      "post /v1.0/accesskeys",
      "post /v1.0/carriers",
      "post /v1.0/customers",
      "post /v1.0/erasures",
      "post /v1.0/messages",
      "post /v1.0/numbers",
      "post /v1.0/optouts",
      "post /v1.0/simulator/handsets/{number}/messages",
      "post /v1.0/webhooks",
      "post /v1.0/webhooks/{id}/replay",
      "put /v1.0/accesskeys/{id}",
      "put /v1.0/carriers/{id}",
      "put /v1.0/customer",
      "put /v1.0/customer/password",
      "put /v1.0/customers/{id}",
      "put /v1.0/customers/{id}/password",
      "put /v1.0/numbers/{id}",
      "put /v1.0/webhooks/{id}",
    ]);
    const wrong = bodies.filter(
      ({ schema, example }) => example === undefined || !ajv.validate(schema ?? false, example),
    );
    expect(wrong).toEqual([]);
  });

  it("points at nothing that is not there, and describes nothing that nobody points at", () => {
    const text = JSON.stringify(api);
    const pointers = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer = ""]) => pointer));
    const there = Object.keys(api.components?.schemas ?? {}).map((name) => `#/components/schemas/${name}`);
    expect([...pointers].toSorted()).toEqual(there.toSorted());
  });

  it("names the ways of a credential in the contract's order, and which routes need none", () => {
    expect(Object.keys(api.components?.securitySchemes ?? {})).toEqual([
      "tokenCookie",
      "token",
      "bearer",
      "accesskeyCookie",
      "accesskey",
    ]);
    const free = operations()
      .filter(([, { security }]) => security?.length === 0)
      .map(([name]) => name.replace(/^head /, "get "));
    expect([...new Set(free)].toSorted()).toEqual(
      [
        "get /docs",
        "get /healthz",
        "get /metrics",
        "get /openapi.json",
        "get /ping",
        "get /readyz",
        "post /auth/login",
      ].toSorted(),
    );
  });

  it("describes answers to the last key, so that what calls here can be held against it", () => {
    const judge = createAnswerJudge(() => api);
    const page = { result: [], next_page_token: "" };
    expect(judge("GET", "/v1.0/carriers?a=b", 200, page)).toBeNull();
    expect(judge("GET", "/v1.0/carriers", 200, { ...page, more: 1 })).toContain("more");
    expect(judge("GET", "/v1.0/carriers", 200, { result: [] })).toContain("next_page_token");
    expect(judge("DELETE", "/v1.0/numbers/7", 404, { error: {} })).toContain("required");
  });

  it("says how large a body may be, how far ahead a schedule, and when to come again", () => {
    expect(api.info.description).toMatch(/1,048,576 bytes.*429 and 503.*`Retry-After`/s);
    expect(JSON.stringify(api.paths["/v1.0/messages"]?.["post"])).toContain("at most 366 days ahead");
  });

  it("tells with which key webhooks are signed, and what a rotation does to each signature", () => {
    const text = JSON.stringify(api.webhooks);
    expect(text).toContain("the whole text of the secret, `whsec_` included");
    expect(text).toContain("`X-VoIPBIN-Signature` is by the new secret alone");
  });

  it("describes the webhooks and every reason of an error", () => {
    expect(Object.keys(api.webhooks ?? {})).toEqual([
      "message_created",
      "message_updated",
      "message_deleted",
    ]);
    const text = JSON.stringify(api.components?.schemas?.["Error"]);
    for (const [reason, meaning] of Object.entries(REASONS))
      expect(text).toContain("wire" in meaning ? meaning.wire : reason);
  });
});

describe("/docs", () => {
  it("has commands call the public URL, or else the address that it listens on", async () => {
    expect((await open.call("GET", "/docs")).text).toContain(`export MSGBIN_URL=${open.url}\n`);
    const publicUrl = "https://sms.example.com/at?a=1&b=2";
    const behindProxy = await openDoor({ publicUrl });
    const { text } = await behindProxy.call("GET", "/docs");
    await behindProxy.close();
    expect(text).toContain(`export MSGBIN_URL=${publicUrl.replace("&", "&amp;")}\n`);
  });

  it("is one page of HTML that loads nothing and runs nothing", async () => {
    const { headers, text } = await open.call("GET", "/docs");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|src=|@import|url\(/);
    for (const [, address] of text.matchAll(/href="([^"]+)"/g))
      expect(address).toMatch(/^(?:#|\/openapi\.json$|data:,$)/);
  });

  it("shows every operation with a command to paste, and every link leads somewhere", async () => {
    const { text } = await open.call("GET", "/docs");
    for (const path of Object.keys(PATHS)) expect(text).toContain(`<code>${path}</code>`);
    expect(text.match(/<pre>curl /g)).toHaveLength(Object.values(PATHS).flat().length);
    const anchors = new Set([...text.matchAll(/id="([^"]+)"/g)].map(([, anchor]) => anchor));
    for (const [, anchor] of text.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(anchor);
  });
});
