import { describe, expect, it } from "vitest";
import { localUrl } from "./local-url.ts";

describe("a local URL", () => {
  it("leads to what listens on one address, or on all", () => {
    expect(localUrl({ address: "127.0.0.1", family: "IPv4", port: 80 })).toBe("http://127.0.0.1:80");
    expect(localUrl({ address: "0.0.0.0", family: "IPv4", port: 81 })).toBe("http://127.0.0.1:81");
    expect(localUrl({ address: "::", family: "IPv6", port: 82 })).toBe("http://[::1]:82");
    expect(localUrl({ address: "fe80::1", family: "IPv6", port: 83 })).toBe("http://[fe80::1]:83");
  });
});
