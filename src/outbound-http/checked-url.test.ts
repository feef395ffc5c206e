import { describe, expect, it } from "vitest";
import { checkUrl, URL_MAX_CHARACTERS } from "./checked-url.ts";

const PUBLIC_ONLY = { allowPrivate: false };
const ANYWHERE = { allowPrivate: true };

describe("checkUrl", () => {
  it("takes a URL apart", () => {
    expect(checkUrl("https://Hooks.Example.com:8443/a/b?c=d#e", PUBLIC_ONLY)).toEqual({
      ok: true,
      url: {
        origin: "https://hooks.example.com:8443",
        hostname: "hooks.example.com",
        path: "/a/b?c=d",
      },
    });
  });

  it("takes a bare host to mean the root path", () => {
    expect(checkUrl("http://example.com", PUBLIC_ONLY)).toMatchObject({ ok: true, url: { path: "/" } });
  });

  it("strips the brackets of an IPv6 address", () => {
    expect(checkUrl("http://[2606:4700:4700::1111]:8080/", PUBLIC_ONLY)).toMatchObject({
      ok: true,
      url: { hostname: "2606:4700:4700::1111", origin: "http://[2606:4700:4700::1111]:8080" },
    });
  });

  it.each([
    "",
    "example.com",
    "//example.com",
    "/hook",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http:example.com",
    "https://",
    "http://exa mple.com/",
    "http://example.com/\r\nx: y",
    "http:\\\\example.com",
    "http://example.com:99999/",
    "http://ann@example.com/",
    "http://:secret@example.com/",
    "http://ann:secret@example.com/",
  ])("refuses %j", (text) => {
    expect(checkUrl(text, ANYWHERE).ok).toBe(false);
  });

  it.each([
    "http://localhost/",
    "http://localhost./",
    "http://web.localhost/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://2130706433/",
    "http://0/",
    "http://１２７.0.0.1/",
    "http://10.1.2.3/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
  ])("refuses the private %s unless private addresses are allowed", (text) => {
    expect(checkUrl(text, PUBLIC_ONLY).ok).toBe(false);
    expect(checkUrl(text, ANYWHERE).ok).toBe(true);
  });

  it.each([
    ["http://example.com:80/", true],
    ["http://example.com:443/", true],
    ["http://example.com:22/", false],
    ["http://example.com:25/", false],
    ["http://example.com:1023/", false],
    ["http://example.com:1024/", true],
    ["http://example.com:65535/", true],
  ])("holds %s to the ports that a web server may have", (text, ok) => {
    expect(checkUrl(text, PUBLIC_ONLY).ok).toBe(ok);
    expect(checkUrl(text, ANYWHERE).ok).toBe(true);
  });

  it("takes a URL of the greatest length and refuses one character more", () => {
    const longest = "https://example.com/".padEnd(URL_MAX_CHARACTERS, "x");
    expect(checkUrl(longest, PUBLIC_ONLY).ok).toBe(true);
    expect(checkUrl(`${longest}x`, PUBLIC_ONLY)).toEqual({
      ok: false,
      reason: "is longer than 2048 characters",
    });
  });
});
