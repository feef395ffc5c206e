import { describe, expect, it } from "vitest";
import { checkUrl, type CheckedUrl } from "./checked-url.ts";
import type { GuardedRequest } from "./guarded-client.ts";
import type { Outcome } from "./outcome.ts";
import { redirectOf } from "./redirect.ts";

const HEADERS = ["accept", "image/*", "Authorization", "Bearer x", "cookie", "a=b"];

describe("redirectOf", () => {
  it("follows none unless asked to", () => {
    const request = { url: urlOf("https://a.example/x"), method: "GET" } as const;
    expect(redirectOf(request, answer(302, "https://b.example/"), false)).toBeNull();
  });

  it("follows with one redirect less to go", () => {
    const next = redirectOf(fetchOf(2), answer(301, "https://b.example/y?z"), false);
    expect(next).toMatchObject({
      request: { redirects: 1, url: { origin: "https://b.example", path: "/y?z" } },
    });
  });

  it("follows a relative location", () => {
    const next = redirectOf(fetchOf(1), answer(308, "../y"), false);
    expect(next).toMatchObject({
      request: { redirects: 0, url: { origin: "https://a.example", path: "/y" } },
    });
  });

  it("leaves credentials behind when the origin changes", () => {
    const away = redirectOf(fetchOf(1), answer(302, "https://b.example/"), false);
    expect(away).toMatchObject({ request: { headers: ["accept", "image/*"] } });
    const home = redirectOf(fetchOf(1), answer(302, "/home"), false);
    expect(home).toMatchObject({ request: { headers: HEADERS } });
  });

  it.each([
    "http://127.0.0.1/",
    "http://169.254.169.254/latest",
    "http://[::1]/",
    "http://localhost/",
    "file:///etc/passwd",
    "http://b.example:22/",
    "http://[broken",
  ])("refuses to follow to %s", (location) => {
    expect(redirectOf(fetchOf(1), answer(302, location), false)).toMatchObject({ kind: "refused" });
  });

  it.each([
    ["a status that is no redirect", answer(200, "https://b.example/")],
    ["not modified", answer(304, "https://b.example/")],
    ["no location", answer(302)],
  ])("takes %s as the answer", (_, outcome) => {
    expect(redirectOf(fetchOf(1), outcome, false)).toBeNull();
  });

  it("takes the redirect past the last as the answer, and every redirect of a POST", () => {
    expect(redirectOf(fetchOf(0), answer(302, "https://b.example/"), false)).toBeNull();
    const post = { ...fetchOf(1), method: "POST" } as const;
    expect(redirectOf(post, answer(307, "https://b.example/"), false)).toBeNull();
  });
});

function fetchOf(redirects: number): GuardedRequest {
  return { url: urlOf("https://a.example/dir/x"), method: "GET", headers: HEADERS, redirects };
}

function answer(status: number, location?: string): Outcome {
  return { kind: "answered", status, headers: { location }, body: Buffer.alloc(0) };
}

function urlOf(text: string): CheckedUrl {
  const check = checkUrl(text, { allowPrivate: false });
  if (!check.ok) throw new Error(check.reason);
  return check.url;
}
