import { describe, expect, it } from "vitest";
import { isFromOwnPage, type OriginFacts } from "./same-origin.ts";

const POST: OriginFacts = {
  method: "POST",
  secFetchSite: undefined,
  origin: undefined,
  host: "127.0.0.1:8080",
  publicUrl: null,
};

describe("a request on the word of a cookie", () => {
  it.each(["GET", "HEAD", "OPTIONS"])("may %s from anywhere", (method) => {
    expect(isFromOwnPage({ ...POST, method, secFetchSite: "cross-site" })).toBe(true);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH"])("may not %s without saying where it comes from", (method) => {
    expect(isFromOwnPage({ ...POST, method })).toBe(false);
  });

  it.each([
    ["same-origin", true],
    ["same-site", false],
    ["cross-site", false],
    ["none", false],
  ])("with Sec-Fetch-Site: %s is believed: %s", (secFetchSite, isAllowed) => {
    expect(isFromOwnPage({ ...POST, secFetchSite })).toBe(isAllowed);
    expect(isFromOwnPage({ ...POST, secFetchSite, origin: "http://127.0.0.1:8080" })).toBe(isAllowed);
  });

  it.each([
    ["http://127.0.0.1:8080", true],
    ["http://127.0.0.1:9090", false],
    ["http://evil.example", false],
    ["https://127.0.0.1:8080.evil.example", false],
    ["null", false],
    ["", false],
  ])("with Origin: %s alone is believed: %s", (origin, isAllowed) => {
    expect(isFromOwnPage({ ...POST, origin })).toBe(isAllowed);
  });

  it("knows the default port of a page, and the address the outside calls us by", () => {
    expect(isFromOwnPage({ ...POST, host: "sms.example.com", origin: "https://sms.example.com" })).toBe(true);
    expect(isFromOwnPage({ ...POST, host: "sms.example.com:443", origin: "https://sms.example.com" })).toBe(
      true,
    );
    const publicUrl = "https://sms.example.com";
    expect(isFromOwnPage({ ...POST, publicUrl, origin: "https://sms.example.com" })).toBe(true);
    expect(isFromOwnPage({ ...POST, publicUrl, origin: "https://other.example.com" })).toBe(false);
  });
});
