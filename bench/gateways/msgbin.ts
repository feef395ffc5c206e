import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { familyOf } from "../tools/processes.ts";
import { type Gateway, type Setting, TEXT } from "./gateway.ts";
import { run, type Running, until } from "./running.ts";

/** Another checkout's launcher may be named instead: so two versions are measured by one bench. */
const LAUNCHER =
  process.env["MSGBIN_BENCH_LAUNCHER"] ?? new URL("../../bin/msgbin.js", import.meta.url).pathname;
const PASSWORD = "bench bench bench";
const FINAL_STATUSES = ["delivered", "failed", "dlr_timeout", "gw_timeout"];
/** The number that the inbound measurement writes to. */
export const OWN_NUMBER = "+821100000001";

export interface MsgbinGateway extends Gateway {
  readonly url: string;
  readonly dataDir: string;
  readonly token: string;
}

export interface MsgbinOptions {
  /** An existing data directory, kept when the gateway stops; null for a new one that goes with it. */
  readonly dataDir?: string | null;
  readonly databaseUrl?: string;
  /** What the nodes on one database share. */
  readonly secretKey?: string;
}

/** msgbin with its defaults for durability, the rate limit off, its callbacks signed and filtered to final statuses. */
export async function startMsgbin(setting: Setting, options: MsgbinOptions = {}): Promise<MsgbinGateway> {
  const kept = options.dataDir ?? null;
  const dataDir = kept ?? (await mkdtemp(join(tmpdir(), "msgbin-bench-")));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    MSGBIN_DATA_DIR: dataDir,
    MSGBIN_PORT: String(port),
    MSGBIN_SIMULATOR: "off",
    MSGBIN_ADMIN_PASSWORD: PASSWORD,
    MSGBIN_RATE_LIMIT: "off",
    MSGBIN_ALLOW_PRIVATE_WEBHOOKS: "on",
    MSGBIN_LOG_LEVEL: "warn",
    ...(options.databaseUrl !== undefined && { MSGBIN_DATABASE_URL: options.databaseUrl }),
    ...(options.secretKey !== undefined && { MSGBIN_SECRET_KEY: options.secretKey }),
  };
  let serving: Running = run(process.execPath, [LAUNCHER, "serve"], environment);
  const token = await prepare(url, setting).catch(async (error: unknown) => {
    await serving.end("SIGKILL");
    throw error;
  });
  return {
    name: "msgbin",
    url,
    dataDir,
    token,
    pids: () => familyOf(serving.pid),
    submission: () => ({
      port,
      method: "POST",
      path: "/v1.0/messages",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: JSON.stringify({
        source: { type: "tel", target: "+12345678901" },
        destinations: [{ type: "tel", target: "+{to}" }],
        text: TEXT,
      }),
    }),
    kill: () => serving.end("SIGKILL"),
    async restart() {
      serving = run(process.execPath, [LAUNCHER, "serve"], environment);
      await untilReady(url);
    },
    async stop() {
      await serving.end("SIGTERM");
      if (kept === null) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function prepare(url: string, setting: Setting): Promise<string> {
  await untilReady(url);
  const token = await login(url);
  await setUp(url, token, setting);
  return token;
}

async function setUp(
  url: string,
  token: string,
  { smscPort, sinkPort, callbacks, window, binds = 1 }: Setting,
): Promise<void> {
  const call = (method: string, path: string, body?: unknown): Promise<unknown> =>
    request(url, token, method, path, body);
  const receipts = callbacks ? "all" : "none";
  const carriers = (await call("GET", "/v1.0/carriers")) as { result: readonly { name: string }[] };
  if (!carriers.result.some(({ name }) => name === "bench")) {
    const address = `smpp://bench:bench@127.0.0.1:${smscPort}?bind=trx&binds=${binds}&window=${window}&receipts=${receipts}`;
    await call("POST", "/v1.0/carriers", { name: "bench", url: address });
    await call("POST", "/v1.0/numbers", { number: OWN_NUMBER, name: "bench", detail: "" });
  }
  if (!callbacks) return;
  const customer = (await call("GET", "/v1.0/customer")) as Record<string, unknown>;
  const uri = `http://127.0.0.1:${sinkPort}/hook`;
  await call("PUT", "/v1.0/customer", { ...customer, webhook_method: "POST", webhook_uri: uri });
  const endpoints = (await call("GET", "/v1.0/webhooks")) as { result: readonly { id: string }[] };
  await call("PUT", `/v1.0/webhooks/${endpoints.result[0]?.id}`, {
    events: ["message_updated"],
    statuses: FINAL_STATUSES,
  });
}

async function request(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: PASSWORD }),
  });
  const { token } = (await answer.json()) as { token: string };
  return token;
}

async function untilReady(url: string): Promise<void> {
  const ask = async (): Promise<true | null> =>
    (await fetch(`${url}/readyz`).catch(() => null))?.ok === true ? true : null;
  await until(ask, 60_000, "msgbin to be ready");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
