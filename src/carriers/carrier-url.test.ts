import { describe, expect, it } from "vitest";

import { parseCarrierUrl, redactCarrierUrl } from "./carrier-url.ts";
import { TEST_CHAIN } from "../smpp/net/certificate-chain.fixture.ts";
import { TEST_KEY } from "../smpp/net/certificate.fixture.ts";
import { SMPP_URL_KEYS } from "./smpp/url-keys.ts";

describe("parseCarrierUrl", () => {
  it("reads the place, the credentials and the settings", () => {
    const { config } = parsed("smpp://id:s%40cret@smsc.example:2776?bind=txrx&binds=2&window=50&tps=100");
    expect(config).toMatchObject({
      kind: "smpp",
      host: "smsc.example",
      port: 2776,
      systemId: "id",
      password: "s@cret",
      bind: { mode: "txrx", slots: 2 },
      windowSize: 50,
      perSecond: 100,
    });
  });

  it("fills in what the URL leaves out", () => {
    const { config } = parsed("smpp://id:secret@127.0.0.1");
    expect(config).toMatchObject({
      port: 2775,
      bind: { mode: "trx", slots: 1, interfaceVersion: 0x34 },
      windowSize: 50,
      perSecond: null,
      responseTimeoutMs: 60_000,
      enquireLinkIntervalMs: 30_000,
      onUnknownOutcome: "resend",
      sending: { concatenation: "udh", receipts: "all", validity: "none", keepsPlus: false },
      receiving: { receiptId: "auto", sniffsReceipts: false },
      profile: { alphabet: "gsm7", packing: "unpacked", referenceBits: 8, maxParts: 10 },
    });
  });

  it("takes smpps with its own port and the settings of TLS", () => {
    const { config } = parsed("smpps://id:secret@[::1]?verify=off&server_name=smsc.example");
    expect(config).toMatchObject({
      kind: "smpps",
      host: "::1",
      port: 3550,
      tls: { isVerified: false, ca: null, serverName: "smsc.example" },
    });
  });

  it("reads lists and a zone whose plus was written as it is", () => {
    const { config } = parsed(
      "smpp://id@host?tlvs=1400:0102,1401:&temporary=0x45,1034&nationals=turkish,spanish&receipt_zone=+02:30",
    );
    expect(config.sending.tlvs).toEqual([
      { tag: 0x1400, value: Uint8Array.of(1, 2) },
      { tag: 0x1401, value: new Uint8Array(0) },
    ]);
    expect(config.temporaryStatuses).toEqual([0x45, 1034]);
    expect(config.profile.nationalLanguages.locking).toEqual(["turkish", "spanish"]);
    expect(config.receiving.receiptZoneMinutes).toBe(150);
  });

  it("asks for no receipts over a transmitter, which could not hear them", () => {
    expect(parsed("smpp://id@host?bind=tx").config.sending.receipts).toBe("none");
  });

  const refusals: readonly (readonly [url: string, reason: string | RegExp])[] = [
    ["hello", /^not a URL/],
    ["ftp://id:x@host", /^unknown scheme ftp:\/\/; known are smpp:\/\//],
    ["smpp://host", /system id is missing/],
    ["smpp://:secret@host", /system id is missing/],
    ["smpp:id", /host is missing/],
    ["smpp://id:x@ho%20st", /host is no name/],
    ["smpp://id:x@host:0", "port must be 1–65535, got 0"],
    ["smpp://id:x@host/path", "a path means nothing here: /path"],
    ["smpp://id:x@host#y", /a # means nothing here/],
    ["smpp://id:%E0%A4%A@host", "the password is not percent-encoded properly"],
    [`smpp://id:${"x".repeat(64)}@host`, "the password has 64 characters, at most 63 fit into a bind"],
    [`smpp://${"i".repeat(64)}:x@host`, "the system id has 64 characters, at most 63 fit into a bind"],
    ["smpp://id:%E2%82%AC@host", "the password has characters outside Latin-1"],
    ["smpp://id:x@host?window=9000", "window must be 1–5000, got 9000"],
    ["smpp://id:x@host?window=0", "window must be 1–5000, got 0"],
    ["smpp://id:x@host?window=1.5", "window must be 1–5000, got 1.5"],
    ["smpp://id:x@host?window=", "window must be 1–5000, got nothing"],
    ["smpp://id:x@host?binds=33", "binds must be 1–32, got 33"],
    ["smpp://id:x@host?tps=0", "tps must be 1–100000 or none, got 0"],
    ["smpp://id:x@host?bind=rx", "bind must be trx, txrx, tx, got rx"],
    ["smpp://id:x@host?window=5&window=6", "window is given twice"],
    ["smpp://id:x@host?colour=red", /^unknown key colour; known are bind, binds, window/],
    ["smpp://id:x@host?verify=off", "verify has a meaning with smpps:// only"],
    [
      "smpp://id:x@host?service_type=TOOLONG",
      "service_type must have at most 5 characters, has 7, got TOOLONG",
    ],
    ["smpp://id:x@host?nationals=klingon", /^nationals must name languages of turkish, .*, got klingon$/],
    [
      "smpp://id:x@host?receipt_zone=noon",
      "receipt_zone must be an offset from UTC such as +02:00, got noon",
    ],
    ["smpp://id:x@host?receipt_zone=%2B15:00", /^receipt_zone must be an offset/],
    ["smpps://id:x@host?ca=hello", "ca must be certificates in PEM, got hello"],
    ["smpps://id:x@host?ca=", "ca is empty: give certificates in PEM, or leave it out"],
    [
      "smpps://id:x@host?ca=-----BEGIN%20CERTIFICATE-----%0AAAAA%0A-----END%20CERTIFICATE-----",
      /^ca must be certificates in PEM.*; number 1 of 1 cannot be read, got -----BEGIN CERTIFICATE----- AAAA/,
    ],
    ["smpp://id:x@host?tlvs=14:0", /^tlvs must be parameters as hex tag:value/],
    ["smpp://id:x@host?temporary=zero", /^temporary must be error codes/],
  ];
  it.each(refusals)("refuses %s", (url, reason) => {
    const parse = parseCarrierUrl(url);
    if (parse.ok) throw new Error("was taken");
    expect(parse.reason).toMatch(reason);
  });

  it("takes a window of 5000 and a password of 63 characters", () => {
    expect(parsed(`smpp://id:${"x".repeat(63)}@host?window=5000`).config.windowSize).toBe(5_000);
  });

  it("takes 16 parameters and 64 codes, and not one more", () => {
    const tlvs = Array.from({ length: 16 }, (_, index) => `14${index.toString(16).padStart(2, "0")}:01`);
    const codes = Array.from({ length: 64 }, (_, index) => 1_024 + index);
    const { config } = parsed(`smpp://id@host?tlvs=${tlvs.join()}&temporary=${codes.join()}`);
    expect([config.sending.tlvs.length, config.temporaryStatuses.length]).toEqual([16, 64]);
    expect(parseCarrierUrl(`smpp://id@host?tlvs=${tlvs.join()},15ff:01`)).toEqual({
      ok: false,
      reason: "tlvs must have at most 16 parameters, got 1400:01,1401:01,1402:01,1403:01,1404:01,…",
    });
    expect(parseCarrierUrl(`smpp://id@host?temporary=${codes.join()},1`)).toMatchObject({ ok: false });
  });

  it("takes a URL of 32,768 characters, and not of one more", () => {
    const longest = "smpps://id@host?server_name=".padEnd(32_768, "x");
    const most = parseCarrierUrl(longest);
    expect(most.ok ? "" : most.reason).toMatch(/^server_name must have at most 253 characters/);
    const reason = "it has more than 32,768 characters";
    expect(parseCarrierUrl(`${longest}x`)).toEqual({ ok: false, reason });
  });

  it("takes a chain of certificates whole, and says what is wrong with one that is not", () => {
    const urlWith = "smpps://id:x@host?ca=";
    expect(parsed(urlWith + encodeURIComponent(TEST_CHAIN)).config.tls.ca).toBe(TEST_CHAIN);
    const [first = "", second = "", third = ""] = TEST_CHAIN.split(/(?<=-----END CERTIFICATE-----\n)/);
    const reasonOf = (pem: string) => {
      const parse = parseCarrierUrl(urlWith + encodeURIComponent(pem));
      return parse.ok ? "" : parse.reason;
    };
    const cutOff = "ca must hold whole certificates alone, which 2 of its 3 blocks are";
    expect(reasonOf(first + second + third.slice(0, 800))).toContain(cutOff);
    expect(reasonOf(first + TEST_KEY)).toContain("which 1 of its 2 blocks are");
    expect(reasonOf(first + second.replaceAll("+", " ") + third)).toContain("+ as %2B); number 2 of 3");
    const unencoded = parseCarrierUrl(urlWith + TEST_CHAIN);
    expect(unencoded.ok ? "" : unencoded.reason).toContain("line breaks as %0A, + as %2B); number 1 of 3");
  });

  it("repeats no more than the beginning of what it refuses", () => {
    const long = "x".repeat(10_000);
    for (const tail of [`?${long}=1`, `/${long}`, `?window=${long}`]) {
      const parse = parseCarrierUrl(`smpp://id:x@host${tail}`);
      expect(parse.ok ? "" : parse.reason).toMatch(/^.{1,999}$/);
    }
    const place = parseCarrierUrl(`smpp://id:x@${long}`);
    expect(place.ok ? "" : place.reason).toMatch(/^the host is no name.{1,99}$/);
  });

  it("never repeats the password in a reason", () => {
    const secret = "hunter2hunter2";
    for (const tail of ["?window=0", "/path", "?nope=1", ":0", "#x"]) {
      const parse = parseCarrierUrl(`smpp://id:${secret}@host${tail}`);
      expect(parse.ok ? "" : parse.reason).not.toContain(secret);
    }
  });
});

describe("redactCarrierUrl", () => {
  it("keeps everything but the password", () => {
    expect(redactCarrierUrl("smpp://id:secret@host:2775?window=5")).toBe("smpp://id:***@host:2775?window=5");
    expect(redactCarrierUrl("smpp://id@host")).toBe("smpp://id@host");
  });

  it("does not repeat what is no URL", () => {
    expect(redactCarrierUrl("secret")).toBe("(not a URL)");
  });
});

describe("SMPP_URL_KEYS", () => {
  it.each(Object.entries(SMPP_URL_KEYS))("%s takes its own default and says what it means", (_name, key) => {
    expect(key.read(key.default)).toMatchObject({ ok: true });
    expect(key.meaning.length).toBeGreaterThan(10);
    expect(key.allowed).not.toBe("");
  });
});

function parsed(url: string) {
  const parse = parseCarrierUrl(url);
  if (!parse.ok) throw new Error(parse.reason);
  return parse;
}
