import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfigFile } from "./config-file.ts";
import { type ConfigSources, loadConfig } from "./config.ts";
import type { Setting } from "./setting.ts";
import { SETTINGS } from "./settings.ts";
import { findWeakSecrets } from "./weak-secrets.ts";

function load(sources: Partial<ConfigSources>) {
  return loadConfig({ flags: {}, environment: {}, file: null, workingDirectory: "/srv/msgbin", ...sources });
}

function configOf(sources: Partial<ConfigSources>) {
  const outcome = load(sources);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.config;
}

function problemOf(sources: Partial<ConfigSources>): string {
  const outcome = load(sources);
  return outcome.ok ? "no problem" : outcome.problem;
}

describe("a configuration", () => {
  it("is complete without any setting", () => {
    expect(configOf({})).toEqual({
      listen: { host: "127.0.0.1", port: 8080 },
      publicUrl: null,
      trustedProxies: [],
      dataDir: "/srv/msgbin/data",
      database: null,
      roles: ["api", "dispatch", "webhooks"],
      secrets: { jwtKey: null, secretKey: null, adminPassword: null },
      simulator: { isOn: true, port: 2775 },
      rateLimit: 500,
      retention: { days: null, contentDays: null, wholeMonths: false },
      logLevel: "info",
      allowPrivateWebhooks: false,
      remote: { url: null, token: null },
    });
  });

  it("takes days of retention from 1 to a hundred years, or off", () => {
    const environment = {
      MSGBIN_RETENTION_DAYS: "36500",
      MSGBIN_RETENTION_CONTENT_DAYS: "1",
      MSGBIN_RETENTION_WHOLE_MONTHS: "on",
    };
    const retention = { days: 36_500, contentDays: 1, wholeMonths: true };
    expect(configOf({ environment }).retention).toEqual(retention);
    expect(configOf({ environment: { MSGBIN_RETENTION_DAYS: "off" } }).retention.days).toBeNull();
    for (const wrong of ["0", "36501", "-1", "1.5", "ever"])
      expect(problemOf({ environment: { MSGBIN_RETENTION_DAYS: wrong } })).toMatch(
        /^MSGBIN_RETENTION_DAYS must be a whole number of days from 1 to 36500, or off/,
      );
  });

  it("leads to PostgreSQL, past a pooler where one is named, and then without the simulator", () => {
    const MSGBIN_DATABASE_URL = "postgres://u:p@pooler/msgbin";
    const config = configOf({ environment: { MSGBIN_DATABASE_URL } });
    expect(config.database).toEqual({ url: MSGBIN_DATABASE_URL, directUrl: MSGBIN_DATABASE_URL });
    expect(config.simulator.isOn).toBe(false);
    const MSGBIN_DATABASE_DIRECT_URL = "postgresql://u:p@host/msgbin";
    const { database } = configOf({ environment: { MSGBIN_DATABASE_URL, MSGBIN_DATABASE_DIRECT_URL } });
    expect(database).toEqual({ url: MSGBIN_DATABASE_URL, directUrl: MSGBIN_DATABASE_DIRECT_URL });
    expect(problemOf({ environment: { MSGBIN_DATABASE_URL: "mysql://u:secret@host/x" } })).toBe(
      "MSGBIN_DATABASE_URL must be a URL of the form postgres://user:password@host:port/database",
    );
  });

  it("splits the roles over processes that share a PostgreSQL, and only there", () => {
    const environment = { MSGBIN_DATABASE_URL: "postgres://u:p@host/msgbin" };
    expect(configOf({ environment }).roles).toEqual(["api", "dispatch", "webhooks"]);
    const MSGBIN_ROLES = "webhooks, dispatch";
    expect(configOf({ environment: { ...environment, MSGBIN_ROLES } }).roles).toEqual([
      "dispatch",
      "webhooks",
    ]);
    expect(problemOf({ environment: { MSGBIN_ROLES } })).toBe(
      "MSGBIN_ROLES must be all unless MSGBIN_DATABASE_URL names a PostgreSQL: the embedded database is for one process",
    );
    expect(problemOf({ environment: { ...environment, MSGBIN_ROLES: "api,smsc" } })).toBe(
      'MSGBIN_ROLES must be all, or some of api, dispatch, webhooks separated by commas, not "smsc" (it is "api,smsc")',
    );
  });

  it("takes a flag before a variable before the file", () => {
    const environment = { MSGBIN_PORT: "2000" };
    const file = { port: 3000 };
    expect(configOf({ flags: { port: "1000" }, environment, file }).listen.port).toBe(1000);
    expect(configOf({ environment, file }).listen.port).toBe(2000);
    expect(configOf({ file }).listen.port).toBe(3000);
  });

  it("takes an empty variable for one that is not set", () => {
    expect(configOf({ environment: { MSGBIN_PORT: "" } }).listen.port).toBe(8080);
  });

  it("reads numbers, switches and lists of the file as they stand in JSON", () => {
    const file = { port: 81, simulator: false, trustedProxies: ["10.0.0.0/8", "::1"], rateLimit: "off" };
    const config = configOf({ file });
    expect(config.listen.port).toBe(81);
    expect(config.simulator.isOn).toBe(false);
    expect(config.trustedProxies).toEqual(["10.0.0.0/8", "::1"]);
    expect(config.rateLimit).toBeNull();
  });

  it("leaves variables of the tests and of others alone", () => {
    expect(load({ environment: { MSGBIN_TEST_POSTGRES_URL: "x", HOME: "/root", XMSGBIN_X: "y" } }).ok).toBe(
      true,
    );
  });
});

describe("a wrong setting", () => {
  it("is named when nobody knows it", () => {
    expect(problemOf({ environment: { MSGBIN_PROT: "1" } })).toMatch(/^MSGBIN_PROT is not a setting/);
    expect(problemOf({ file: { prot: 1 } })).toMatch(/^msgbin\.json: prot is not a setting/);
  });

  it("is named as it was given, with what it should be", () => {
    expect(problemOf({ flags: { port: "http" } })).toBe(
      '--port must be a port from 0 (any free one) to 65535 (it is "http")',
    );
    expect(problemOf({ environment: { MSGBIN_SIMULATOR: "maybe" } })).toMatch(
      /^MSGBIN_SIMULATOR must be on or off/,
    );
    expect(problemOf({ file: { rateLimit: {} } })).toMatch(/^msgbin\.json: rateLimit must be a text/);
  });

  it("is not shown when it is a secret", () => {
    for (const variable of ["MSGBIN_JWT_KEY", "MSGBIN_SECRET_KEY"]) {
      const problem = problemOf({ environment: { [variable]: "hunter2" } });
      expect(problem).toContain(variable);
      expect(problem).not.toContain("hunter2");
    }
  });

  it.each([
    ["MSGBIN_PORT", "65535", "65536"],
    ["MSGBIN_PORT", "0", "-1"],
    ["MSGBIN_SIMULATOR_PORT", "2775", "27.75"],
    ["MSGBIN_RATE_LIMIT", "1", "0"],
    ["MSGBIN_RATE_LIMIT", "1000000", "1000001"],
    ["MSGBIN_JWT_KEY", "k".repeat(16), "k".repeat(15)],
    ["MSGBIN_SECRET_KEY", "k".repeat(16), "k".repeat(15)],
    ["MSGBIN_ADMIN_PASSWORD", "p".repeat(1_024), "p".repeat(1_025)],
    ["MSGBIN_PUBLIC_URL", "https://sms.example.com/", "sms.example.com"],
    ["MSGBIN_PUBLIC_URL", "http://localhost:8080/sms", "https://sms.example.com/?a=b"],
    ["MSGBIN_TRUSTED_PROXIES", "10.0.0.0/32, ::1/128,loopback", "10.0.0.0/33"],
    ["MSGBIN_TRUSTED_PROXIES", "192.0.2.1", "192.0.2.256"],
    ["MSGBIN_LOG_LEVEL", "debug", "verbose"],
    ["MSGBIN_ALLOW_PRIVATE_WEBHOOKS", "ON", "yes please"],
    ["MSGBIN_ROLES", "webhooks,api,dispatch", "everything"],
    ["MSGBIN_HOST", "::", "not a host"],
  ])("%s takes %s and refuses %s", (variable, right, wrong) => {
    expect(load({ environment: { [variable]: right } }).ok).toBe(true);
    expect(problemOf({ environment: { [variable]: wrong } })).toContain(`${variable} must`);
  });
});

describe("weak secrets", () => {
  it("are named, not shown", () => {
    const weak = {
      MSGBIN_JWT_KEY: "k".repeat(31),
      MSGBIN_SECRET_KEY: "s".repeat(31),
      MSGBIN_ADMIN_PASSWORD: "p".repeat(7),
    };
    const lines = findWeakSecrets(configOf({ environment: weak }));
    expect(lines).toHaveLength(3);
    for (const [index, [name, value]] of Object.entries(weak).entries()) {
      expect(lines[index]).toContain(name);
      expect(lines[index]).not.toContain(value);
    }
  });

  it("are not found where secrets are good or generated", () => {
    const good = {
      MSGBIN_JWT_KEY: "k".repeat(32),
      MSGBIN_SECRET_KEY: "s".repeat(32),
      MSGBIN_ADMIN_PASSWORD: "p".repeat(8),
    };
    expect(findWeakSecrets(configOf({ environment: good }))).toEqual([]);
    expect(findWeakSecrets(configOf({}))).toEqual([]);
  });
});

describe("the table of settings", () => {
  it("gives each the same name three times", () => {
    for (const [name, { key, flag, variable }] of Object.entries<Setting<unknown>>(SETTINGS)) {
      const words = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(key).toBe(name);
      expect(flag).toBe(`--${words}`);
      expect(variable).toBe(`MSGBIN_${words.replaceAll("-", "_").toUpperCase()}`);
    }
  });
});

describe("msgbin.json", () => {
  it("may be missing", () => {
    expect(reading(null)).toEqual({ ok: true, file: null });
  });

  it("is read as one object", () => {
    expect(reading('{"port": 1}')).toEqual({ ok: true, file: { port: 1 } });
  });

  it("is refused by name when it holds something else", () => {
    for (const content of ["[]", "3", "null", "{port: 1}", ""]) {
      expect(reading(content)).toEqual({ ok: false, problem: expect.stringMatching(/^msgbin\.json /) });
    }
  });
});

function reading(content: string | null) {
  const folder = mkdtempSync(join(tmpdir(), "msgbin-config-"));
  try {
    if (content !== null) writeFileSync(join(folder, "msgbin.json"), content);
    return readConfigFile(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
