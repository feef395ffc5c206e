import { describe, expect, it } from "vitest";
import { renderCurl } from "./curl.ts";

const WITH_BODY = { requestBody: { content: { "application/json": { example: { a: "b" } } } } };

describe("a command to paste", () => {
  it("reads by default and sends the credential", () => {
    expect(renderCurl("get", "/v1.0/messages/{id}", {})).toBe(
      'curl "$MSGBIN_URL/v1.0/messages/${id}" \\\n  --header "Authorization: Bearer $MSGBIN_TOKEN"',
    );
  });

  it("posts a body by default, and says so where there is none", () => {
    expect(renderCurl("post", "/a", WITH_BODY)).toMatch(/^curl "\$MSGBIN_URL\/a".*--data '\{"a":"b"\}'$/s);
    expect(renderCurl("post", "/a", {})).toMatch(/^curl --request POST /);
    expect(renderCurl("put", "/a", WITH_BODY)).toMatch(/^curl --request PUT /);
  });

  it("gives what must stand in the query, and nothing that may", () => {
    const [where, whose] = [
      { in: "query", name: "where", required: true },
      { in: "query", name: "whose" },
    ];
    expect(renderCurl("get", "/a", { parameters: [where, whose], security: [] })).toBe(
      'curl "$MSGBIN_URL/a?where=$where"',
    );
  });

  it("sends no credential where none is asked for", () => {
    expect(renderCurl("get", "/ping", { security: [] })).toBe('curl "$MSGBIN_URL/ping"');
  });
});
