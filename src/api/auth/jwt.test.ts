import { createHmac } from "node:crypto";
import { createDecoder, createSigner, createVerifier } from "fast-jwt";
import { describe, expect, it } from "vitest";
import { ADMIN_PERMISSION, type Customer } from "../../domain/customer.ts";
import type { CustomerId } from "../../domain/ids.ts";
import { type Micros, micros } from "../../domain/micros.ts";
import { createTokens, TOKEN_LIFE_MS } from "./jwt.ts";

const KEY = "a key of at least thirty-two characters";
const NOW = micros(1_700_000_000_123_456);
const ID = "018bcfe5-6800-7000-8000-000000000001" as CustomerId;

const CUSTOMER: Customer = {
  id: ID,
  username: "acme",
  passwordHash: "$scrypt$secret",
  name: "Acme",
  detail: "d",
  email: "e@example.com",
  phoneNumber: "+1",
  address: "",
  permissionIds: [ADMIN_PERMISSION],
  tmCredentials: NOW,
  tmCreate: NOW,
  tmUpdate: null,
  tmDelete: null,
  retentionDays: null,
  retentionContentDays: null,
};

function tokensAt(now: Micros, key = KEY) {
  return createTokens(key, { now: () => now });
}

function forge(header: object, payload: object, sign: (input: string) => string): string {
  const input = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${input}.${sign(input)}`;
}

const hmac = (algorithm: string, key: string) => (input: string) =>
  createHmac(algorithm, key).update(input).digest("base64url");
const HS256 = { alg: "HS256", typ: "JWT" };
const CLAIMS = { customer: JSON.stringify({ id: ID }), iat: 1_700_000_000, exp: 1_700_000_100 };

describe("an issued token", () => {
  const token = tokensAt(NOW).issue(CUSTOMER, { method: "POST", uri: "https://example.com/hook" });

  it("holds the contract's claims and no secret", () => {
    const payload = createDecoder()(token) as {
      readonly customer: string;
      readonly exp: number;
      readonly iat: number;
    };
    expect(JSON.parse(payload.customer)).toEqual({
      id: ID,
      username: "acme",
      name: "Acme",
      detail: "d",
      webhook_method: "POST",
      webhook_uri: "https://example.com/hook",
      permission_ids: [ADMIN_PERMISSION],
      tm_create: "2023-11-14 22:13:20.123456",
      tm_update: "9999-01-01 00:00:00.000000",
      tm_delete: "9999-01-01 00:00:00.000000",
    });
    expect(payload.exp).toBe(Math.ceil((NOW + TOKEN_LIFE_MS * 1_000) / 1_000_000));
    expect(token).not.toContain("scrypt");
  });

  it("is one that a JWT library verifies", () => {
    const verify = createVerifier({ key: KEY, algorithms: ["HS256"], clockTimestamp: NOW / 1_000 });
    expect(verify(token)).toHaveProperty("customer");
  });

  it("tells who it is of and when it was issued, to the microsecond", () => {
    expect(tokensAt(NOW).read(token)).toMatchObject({ customerId: ID, issuedBy: NOW });
  });

  it("is good until it expires and not a moment longer", () => {
    const short = tokensAt(NOW).issue(CUSTOMER, { method: "", uri: "" }, 1_000);
    const expiry = micros(1_700_000_002_000_000);
    expect(tokensAt(micros(expiry - 1)).read(short)).not.toBeNull();
    expect(tokensAt(expiry).read(short)).toBeNull();
  });
});

describe("reading a token", () => {
  it("takes one that another library signed with our key", () => {
    const signed = createSigner({ key: KEY, algorithm: "HS256", noTimestamp: true })({
      customer: CLAIMS.customer,
      exp: CLAIMS.exp,
    });
    const issuedBy = micros((CLAIMS.exp - TOKEN_LIFE_MS / 1_000 + 1) * 1_000_000);
    expect(tokensAt(NOW).read(signed)).toEqual({
      customerId: ID,
      issuedBy,
      expiresAt: micros(CLAIMS.exp * 1_000_000),
    });
  });

  it("takes a whole second of issue as any moment in that second", () => {
    const signed = forge(HS256, CLAIMS, hmac("sha256", KEY));
    expect(tokensAt(NOW).read(signed)?.issuedBy).toBe(1_700_000_001_000_000);
  });

  it.each([
    ["another key", forge(HS256, CLAIMS, hmac("sha256", "another key"))],
    ["alg none without a signature", forge({ alg: "none" }, CLAIMS, () => "")],
    ["alg none with one", forge({ alg: "none" }, CLAIMS, hmac("sha256", KEY))],
    ["HS256 without a signature", forge(HS256, CLAIMS, () => "")],
    ["HS384", forge({ alg: "HS384", typ: "JWT" }, CLAIMS, hmac("sha384", KEY))],
    ["HS512", forge({ alg: "HS512", typ: "JWT" }, CLAIMS, hmac("sha512", KEY))],
    ["RS256 signed with our secret", forge({ alg: "RS256", typ: "JWT" }, CLAIMS, hmac("sha256", KEY))],
    ["no expiry", forge(HS256, { customer: CLAIMS.customer }, hmac("sha256", KEY))],
    ["an expiry that is no number", forge(HS256, { ...CLAIMS, exp: "2099" }, hmac("sha256", KEY))],
    ["an issue time that is no number", forge(HS256, { ...CLAIMS, iat: "now" }, hmac("sha256", KEY))],
    ["no customer", forge(HS256, { exp: CLAIMS.exp }, hmac("sha256", KEY))],
    ["a customer that is an object", forge(HS256, { ...CLAIMS, customer: { id: ID } }, hmac("sha256", KEY))],
    ["a customer that is no JSON", forge(HS256, { ...CLAIMS, customer: "{" }, hmac("sha256", KEY))],
    ["a customer that is null", forge(HS256, { ...CLAIMS, customer: "null" }, hmac("sha256", KEY))],
    ["a customer without an id", forge(HS256, { ...CLAIMS, customer: "{}" }, hmac("sha256", KEY))],
    ["a customer whose id is none", forge(HS256, { ...CLAIMS, customer: '{"id":"x"}' }, hmac("sha256", KEY))],
    ["two parts", "a.b"],
    ["nothing", ""],
    ["noise", "!!!.???.###"],
  ])("refuses one with %s", (_name, token) => {
    expect(tokensAt(NOW).read(token)).toBeNull();
  });

  it("refuses one of which any character was changed", () => {
    const token = forge(HS256, CLAIMS, hmac("sha256", KEY));
    for (let at = 0; at < token.length - 1; at++) {
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      expect(tokensAt(NOW).read(changed)).toBeNull();
    }
  });
});
