import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runRefusedServe } from "./support/run-serve.ts";
import { prepareService, type Service } from "./support/service.ts";

describe("the first start without a terminal", () => {
  let service: Service;
  beforeAll(async () => {
    service = await prepareService({ MSGBIN_ADMIN_PASSWORD: "", MSGBIN_LOG_LEVEL: "debug" });
    await service.start();
  });
  afterAll(() => service.dispose());

  it("writes how to get in where only the owner can read it, and nowhere else", async () => {
    const file = join(service.dataDir, "first-run.txt");
    await untilThere(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, "utf8");
    const password = /password {2}(\S+)/.exec(text)?.[1] ?? "";
    const token = /token=([^']+)'/.exec(text)?.[1] ?? "";
    expect(text).toContain(service.url);
    expect(service.output()).toContain(file);
    expect(service.output()).not.toContain(password);
    expect(service.output()).not.toContain(token);
    expect((await login(service.url, password)).status).toBe(200);
    expect((await fetch(`${service.url}/v1.0/me?token=${token}`)).status).toBe(200);
  });

  it("shows a request that sends a message as it stands", async () => {
    const text = readFileSync(join(service.dataDir, "first-run.txt"), "utf8");
    const [, url = ""] = /curl --request POST '([^']+)'/.exec(text) ?? [];
    const [, body = ""] = /--data '([^']+)'/.exec(text) ?? [];
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(answer.status).toBe(200);
  });

  it("is not repeated by the next start", async () => {
    expect(await service.terminate()).toBe(0);
    rmSync(join(service.dataDir, "first-run.txt"));
    await service.start();
    expect(existsSync(join(service.dataDir, "first-run.txt"))).toBe(false);
  });
});

describe("a service that runs", () => {
  let service: Service;
  beforeAll(async () => {
    service = await prepareService();
    await service.start();
  });
  afterAll(() => service.dispose());

  it("says that it lives, that it is ready, and how it does", async () => {
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${service.url}/readyz`)).json()).toEqual({
      status: "ready",
      checks: { store: "ok" },
    });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('msgbin_carrier_window_size{carrier="simulator"} ');
    expect(metrics).toContain('msgbin_queue_waiting{carrier="simulator"} 0');
    expect(metrics).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  it("has the data directory to itself: a second one is told who has it", async () => {
    const pid = readFileSync(join(service.dataDir, "msgbin.pid"), "utf8").trim();
    const { code, output } = await runRefusedServe({ MSGBIN_DATA_DIR: service.dataDir });
    expect(code).toBe(1);
    expect(output).toBe(
      `msgbin: the data directory ${service.dataDir} is in use by another msgbin, process ${pid}: stop it, or choose another with MSGBIN_DATA_DIR\n`,
    );
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  });

  it("ends with 0 when it is told to, and leaves nothing that says that it runs", async () => {
    expect(await service.terminate()).toBe(0);
    expect(existsSync(join(service.dataDir, "msgbin.pid"))).toBe(false);
    expect(existsSync(join(service.dataDir, "msgbin.url"))).toBe(false);
  });

  it("starts again after it was killed", async () => {
    await service.start();
    await service.kill();
    expect(existsSync(join(service.dataDir, "msgbin.pid"))).toBe(true);
    await service.start();
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  });
});

describe("a start that cannot be", () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "msgbin-refused-"));
  });
  afterAll(() => rmSync(home, { recursive: true }));

  async function expectRefusal(
    line: RegExp,
    environment: Record<string, string>,
    exitCode = 1,
  ): Promise<void> {
    const dataDir = mkdtempSync(join(home, "data-"));
    const { code, output } = await runRefusedServe({ MSGBIN_DATA_DIR: dataDir, ...environment });
    expect(output).toMatch(line);
    expect(output.split("\n").filter((text) => text.startsWith("msgbin: "))).toHaveLength(1);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(exitCode);
  }

  it("names the port that is in use, and how to choose another", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const advice = "is in use: stop what listens there, or choose another with";
    await expectRefusal(new RegExp(`^msgbin: port ${port} on 127.0.0.1 ${advice} MSGBIN_PORT$`, "m"), {
      MSGBIN_PORT: port,
    });
    await expectRefusal(
      new RegExp(`^msgbin: port ${port} on 127.0.0.1 ${advice} MSGBIN_SIMULATOR_PORT$`, "m"),
      {
        MSGBIN_SIMULATOR: "on",
        MSGBIN_SIMULATOR_PORT: port,
      },
    );
    server.close();
  });

  it("names the data directory that cannot be written", async () => {
    writeFileSync(join(home, "file"), "");
    await expectRefusal(
      /^msgbin: the data directory .*file cannot be used: a file stands in its way; choose another/m,
      {
        MSGBIN_DATA_DIR: join(home, "file"),
      },
    );
  });

  it("says what to do with the database of a newer version, and with what is no database", async () => {
    const dataDir = mkdtempSync(join(home, "newer-"));
    const database = new DatabaseSync(join(dataDir, "msgbin.db"));
    database.exec("PRAGMA application_id = 0x6d736762; PRAGMA user_version = 9999");
    database.close();
    await expectRefusal(/^msgbin: the database has schema 9999 .*: start a newer msgbin$/m, {
      MSGBIN_DATA_DIR: dataDir,
    });
    writeFileSync(join(dataDir, "msgbin.db"), "no database at all".repeat(100));
    await expectRefusal(/^msgbin: .*msgbin\.db is damaged or no database: restore a backup$/m, {
      MSGBIN_DATA_DIR: dataDir,
    });
  });

  it("names the key that is not the one of the database", async () => {
    const service = await prepareService({ MSGBIN_SECRET_KEY: "first ".repeat(8) });
    await service.start();
    await service.terminate();
    await expectRefusal(
      /^msgbin: the secrets in the database were sealed with another key: set MSGBIN_SECRET_KEY/m,
      {
        MSGBIN_DATA_DIR: service.dataDir,
        MSGBIN_SECRET_KEY: "other ".repeat(8),
      },
    );
    await service.dispose();
  });

  it("names the setting that is unknown or wrong", async () => {
    await expectRefusal(/^msgbin: MSGBIN_PROT is not a setting/m, { MSGBIN_PROT: "1" }, 2);
    await expectRefusal(
      /^msgbin: MSGBIN_RATE_LIMIT must be a whole number/m,
      { MSGBIN_RATE_LIMIT: "fast" },
      2,
    );
  });
});

function login(url: string, password: string): Promise<Response> {
  return fetch(`${url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password }),
  });
}

/** The service is ready a moment before it has said how to get in. */
async function untilThere(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 10));
}
