import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signatureHeaders, signingKeys } from "./signature.ts";

const NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY = Buffer.from('{"type":"message_created","data":{"text":"Größe 😀"}}', "utf8");
const ID = "019359a0-0000-7000-8000-000000000001";

function signed(
  secrets: readonly string[],
  seconds = Math.floor(Date.now() / 1_000),
): Record<string, string> {
  const headers = signatureHeaders(secrets.map(signingKeys), ID, seconds, BODY);
  return Object.fromEntries(
    headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ""]] : [])),
  );
}

describe("signatureHeaders", () => {
  it("are what the Standard Webhooks library verifies", () => {
    expect(new Webhook(NEW).verify(BODY, signed([NEW]))).toEqual(JSON.parse(BODY.toString()));
  });

  it("agree with the Standard Webhooks library to the letter", () => {
    const expected = new Webhook(NEW).sign(ID, new Date(1_700_000_000_000), BODY);
    expect(signed([NEW], 1_700_000_000)).toMatchObject({
      "webhook-id": ID,
      "webhook-timestamp": "1700000000",
      "webhook-signature": expected,
    });
  });

  it("verify with either secret while one replaces the other", () => {
    const headers = signed([NEW, OLD]);
    expect(() => new Webhook(NEW).verify(BODY, headers)).not.toThrow();
    expect(() => new Webhook(OLD).verify(BODY, headers)).not.toThrow();
    expect(() => new Webhook(NEW).verify(`${BODY.toString()} `, headers)).toThrow("No matching signature");
  });

  it("sign the raw body for VoIPBIN with the newest secret's text as it was shown", () => {
    const hex = createHmac("sha256", NEW).update(BODY).digest("hex");
    expect(signed([NEW, OLD])["X-VoIPBIN-Signature"]).toBe(`sha256=${hex}`);
  });

  it("take the text of a secret without the prefix as it is", () => {
    const headers = signed(["not base64!"]);
    const raw = new Webhook("not base64!", { format: "raw" });
    expect(() => raw.verify(BODY, headers)).not.toThrow();
  });

  it("carry id and time only when there is no secret", () => {
    expect(Object.keys(signed([]))).toEqual(["webhook-id", "webhook-timestamp"]);
  });
});
